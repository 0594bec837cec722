/**
 * `npm run soak`: the same seeded simulations and kills as `npm test`, for hours instead of seconds. `npm run soak -- floor` runs the
 * files whose name holds the word. Longer or shorter by BATTUTA_SOAK_FLOORS, BATTUTA_SOAK_SEEDS, BATTUTA_SOAK_KILLS. Runs on Node 20.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { nodeFlags, root, run } from '../bin/runtime.js'
import { ensureAll } from './ensure.js'

const counts = { BATTUTA_SOAK: '1', BATTUTA_SOAK_FLOORS: '1000', BATTUTA_SOAK_SEEDS: '2000', BATTUTA_SOAK_KILLS: '50' }
const testMsMax = 6 * 3_600_000
const wanted = process.argv.slice(2)

const files = ['test/simulation', 'test/system', 'test/services']
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(root, folder, name)))
  .filter((file) => file.endsWith('.test.ts') && (wanted.length === 0 || wanted.some((word) => file.includes(word))))
if (files.length === 0) {
  console.error(`no simulation is called ${wanted.join(' or ')}`)
  process.exitCode = 2
} else {
  const node = ensureAll()
  const flags = ['--test', '--test-concurrency=1', `--test-timeout=${testMsMax}`]
  process.exitCode = await run(node, [...nodeFlags, ...flags, ...files], { cwd: root, env: { ...counts, ...process.env } })
}
