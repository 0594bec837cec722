/**
 * Finds a Node that runs Battuta, or fetches one. Plain JavaScript for Node 20, since it runs before the right one is there.
 *
 * The one that runs this comes first; then `node-<platform>-<arch>` from npm under `.runtime` in the package's folder.
 * Nothing outside that folder is touched.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The package's own folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

export const nodeMajorMin = 24

const runtimePackage = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`

/** Whether this is a checkout with sources, and not the published package. */
export const isCheckout = existsSync(join(root, 'src', 'cli', 'main.ts')) && !root.split(/[\\/]/).includes('node_modules')

/** Flags with which Node runs our code: in a checkout `battuta` is the source itself. */
export const nodeFlags = isCheckout ? ['--conditions=battuta-source', '--disable-warning=ExperimentalWarning'] : ['--disable-warning=ExperimentalWarning']

/** Path of a Node that is new enough; fetches one when there is none. `say` is given lines about that. */
export function ensureNode(say = (line) => console.error(line)) {
  if (isNewEnough(process.versions.node)) return process.execPath
  const folder = join(root, '.runtime')
  const held = nodeIn(folder)
  if (held) return held
  say(`Node ${process.versions.node} is too old to run Battuta; fetching Node ${nodeMajorMin} into ${folder} (about 60 MB, once)`)
  mkdirSync(folder, { recursive: true })
  npm(['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--loglevel=error', `${runtimePackage}@${nodeMajorMin}`])
  const fetched = nodeIn(folder)
  if (!fetched)
    throw new Error(`npm installed ${runtimePackage}, but it holds no Node ${nodeMajorMin} or newer; install Node ${nodeMajorMin} yourself and try again`)
  return fetched
}

function nodeIn(folder) {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  let file
  try {
    file = join(dirname(createRequire(join(folder, 'x.js')).resolve(`${runtimePackage}/package.json`)), 'bin', name)
  } catch {
    return undefined
  }
  if (!existsSync(file)) return undefined
  const version = spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout?.trim().slice(1) ?? ''
  return isNewEnough(version) ? file : undefined
}

function isNewEnough(version) {
  return Number(version.split('.')[0]) >= nodeMajorMin
}

/** Runs npm in the package's folder and lets it be seen. Throws when it fails. */
export function npm(args) {
  // On Windows npm is a script, which only a shell runs.
  const { status, error } = spawnSync('npm', args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' })
  if (error || status !== 0) throw new Error(`npm ${args.join(' ')} failed${error ? `: ${error.message}` : ` with exit code ${status}`}`)
}

/** Runs a program to its end and resolves with its exit code. Signals are passed on, so that it can close in order. */
export function run(file, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'inherit', ...options })
    // A terminal sends SIGINT to both of us; a second copy from here would end the child at once.
    const ignore = () => {}
    const pass = (signal) => child.kill(signal)
    process.on('SIGINT', ignore)
    process.on('SIGTERM', pass)
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      process.off('SIGINT', ignore)
      process.off('SIGTERM', pass)
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143))
    })
  })
}
