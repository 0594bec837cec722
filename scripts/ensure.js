/** What every script needs first: the packages of the lock file, and a Node that runs the code. Runs on Node 20. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ensureNode, npm, root } from '../bin/runtime.js'

const lockFile = join(root, 'package-lock.json')
const stampFile = join(root, 'node_modules', '.battuta-lock')

/** Installs the packages when the lock file is not the one they were installed from. */
export function ensurePackages() {
  const lock = readFileSync(lockFile)
  const stamp = createHash('sha256').update(lock).update(`${process.platform} ${process.arch}`).digest('hex')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return
  if (isInstalled(JSON.parse(lock.toString('utf8')))) {
    console.log('packages  present')
  } else {
    console.log('packages  installing what package-lock.json lists (a minute or two, once) …')
    // Not `npm ci`: it refuses a lock file that lacks the optional packages of a platform other than the one it was made on.
    // The versions are the lock's all the same, and the file is put back as it was.
    npm(['install', '--no-audit', '--no-fund', '--loglevel=error'])
    if (!readFileSync(lockFile).equals(lock)) writeFileSync(lockFile, lock)
    console.log('packages  installed')
  }
  mkdirSync(dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, stamp)
}

/** Whether every package that is not optional is there in its locked version: somebody ran npm themself. */
function isInstalled({ packages }) {
  return Object.entries(packages).every(([path, { version, optional, peer }]) => {
    if (path === '' || optional || peer) return true
    const file = join(root, path, 'package.json')
    return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version === version
  })
}

/** Both, in order; the path of the Node to use. */
export function ensureAll() {
  ensurePackages()
  return ensureNode((line) => console.log(`node      ${line}`))
}
