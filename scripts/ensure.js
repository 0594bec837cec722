/** What every script needs first: the packages of the lock file, and a Node that runs the code. Runs on Node 20. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ensureNode, npm, root } from '../bin/runtime.js'

const stampFile = join(root, 'node_modules', '.battuta-lock')

/** Installs the packages when the lock file is not the one they were installed from. */
export function ensurePackages() {
  const lock = readFileSync(join(root, 'package-lock.json'))
  const stamp = createHash('sha256').update(lock).update(`${process.platform} ${process.arch}`).digest('hex')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return
  if (isInstalled(JSON.parse(lock.toString('utf8')))) {
    console.log('packages  present')
  } else {
    console.log('packages  installing what package-lock.json lists …')
    npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'])
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
