/** `npm start`: what is missing is installed and built, then the demo company runs. `npm start -- …` passes flags on. Runs on Node 20. */
import { join } from 'node:path'
import { nodeFlags, root, run } from '../bin/runtime.js'
import { buildWeb } from './build.js'
import { ensureAll } from './ensure.js'

const args = process.argv.slice(2)
const isApp = (word) => /\.[cm]?[jt]s$/.test(word)
try {
  const node = ensureAll()
  await buildWeb(node)
  const app = args.some(isApp) ? [] : [join('examples', 'harbour-bank', 'app.ts')]
  process.exitCode = await run(node, [...nodeFlags, join('src', 'cli', 'bin.ts'), 'start', ...app, ...args], { cwd: root })
} catch (error) {
  console.error(`npm start failed: ${error.message}`)
  process.exitCode = 1
}
