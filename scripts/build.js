/**
 * `npm run build`: the pages into `dist/web`, and with `-- --package` the compiled package into `dist` for publishing.
 * What was built from equal inputs is not built again. Runs on Node 20.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root, run } from '../bin/runtime.js'
import { ensureAll } from './ensure.js'

/** Builds the pages. Throws when that fails. */
export async function buildWeb(node) {
  // The pages import the client, the types and the browser-safe models, so all of `src` counts.
  await once('web', ['web', 'src', 'package-lock.json'], join(root, 'dist', 'web', 'index.html'), () =>
    execute(node, [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--config', join(root, 'web', 'vite.config.ts'), '--logLevel', 'warn']),
  )
}

/** Compiles what is published. Throws when that fails. */
export async function buildPackage(node) {
  await once('package', ['src', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'], join(root, 'dist', 'src', 'app', 'index.js'), () => {
    rmSync(join(root, 'dist', 'src'), { recursive: true, force: true })
    return execute(node, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', join(root, 'tsconfig.build.json')])
  })
}

/** Runs `build` unless `result` exists and was made from the same inputs. */
async function once(name, inputs, result, build) {
  const stampFile = join(root, 'dist', `.${name}-inputs`)
  const stamp = hashOf(inputs)
  if (existsSync(result) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
    console.log(`build     ${name} is up to date`)
    return
  }
  const from = performance.now()
  await build()
  mkdirSync(dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, stamp)
  console.log(`build     ${name} in ${((performance.now() - from) / 1000).toFixed(1)} s`)
}

async function execute(node, args) {
  const code = await run(node, args, { cwd: root })
  if (code !== 0) throw new Error(`${args[0]} ended with exit code ${code}`)
}

function hashOf(inputs) {
  const hash = createHash('sha256')
  for (const file of inputs.flatMap(filesUnder))
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

/** Files under a path of the checkout, sorted; tests are no input of any build. */
function filesUnder(path) {
  const full = join(root, path)
  if (!existsSync(full)) return []
  if (!statSync(full).isDirectory()) return [path]
  return readdirSync(full)
    .sort()
    .flatMap((name) => (/\.test\.tsx?$/.test(name) ? [] : filesUnder(`${path}/${name}`)))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const node = ensureAll()
    await buildWeb(node)
    if (process.argv.includes('--package')) await buildPackage(node)
  } catch (error) {
    console.error(`build failed: ${error.message}`)
    process.exitCode = 1
  }
}
