/**
 * `npm test`: what is missing is installed, then everything that can run here runs, quick things first. What needs something that
 * is not configured is skipped, with one line that says how to enable it. `npm test -- lint unit` runs those phases only.
 * Runs on Node 20.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeFlags, root, run } from '../bin/runtime.js'
import { buildWeb } from './build.js'
import { ensureAll } from './ensure.js'

const formatted = ['src', 'test', 'bench', 'examples', 'web', 'bin', 'scripts']

/** Checks run a program of a package; tests run files, in one process or one each. */
const phases = [
  { name: 'types', program: ['typescript', 'bin/tsc'], args: ['--noEmit', '-p', '.'] },
  { name: 'lint', program: ['oxlint', 'bin/oxlint'], args: ['--quiet'] },
  { name: 'format', program: ['oxfmt', 'bin/oxfmt'], args: ['--check', ...formatted] },
  { name: 'unused', program: ['knip', 'bin/knip.js'], args: ['--no-progress'] },
  { name: 'unit', folders: ['src', 'examples', 'web', 'test/tidy'], isolation: 'none' },
  { name: 'system', folders: ['test/system', 'test/simulation', 'test/services'], isolation: 'process' },
  { name: 'compiler', folders: ['test/types'], isolation: 'process' },
  { name: 'browser', folders: ['test/browser'], isolation: 'process' },
]

const nothing = { passed: 0, failed: 0, skipped: 0, reasons: [] }

/** A test file that hangs is a failure of its own, not of the whole run. */
const testMsMax = 180_000

const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => !phases.some((phase) => phase.name === name))
if (unknown) {
  console.error(`there is no phase “${unknown}”: ${phases.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}
const totals = { passed: 0, failed: 0, skipped: 0, reasons: [] }
const scratch = mkdtempSync(join(tmpdir(), 'battuta-test-'))
try {
  const node = ensureAll()
  if (wanted.length === 0 || wanted.some((name) => name === 'system' || name === 'browser')) await buildWeb(node)
  for (const phase of phases) {
    if (wanted.length > 0 && !wanted.includes(phase.name)) continue
    const from = performance.now()
    console.log(`\n── ${phase.name}`)
    const result = phase.program ? await check(node, phase) : await tests(node, phase)
    totals.passed += result.passed
    totals.failed += result.failed
    totals.skipped += result.skipped
    totals.reasons.push(...result.reasons)
    console.log(`── ${phase.name}: ${result.failed > 0 ? 'FAILED' : 'ok'} in ${((performance.now() - from) / 1000).toFixed(1)} s`)
  }
} catch (error) {
  console.error(`npm test failed: ${error.message}`)
  totals.failed++
} finally {
  rmSync(scratch, { recursive: true })
}
for (const reason of new Set(totals.reasons)) console.log(`skipped: ${reason}`)
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exitCode = totals.failed > 0 ? 1 : 0

async function check(node, { program: [name, entry], args }) {
  const code = await run(node, [join(root, 'node_modules', name, entry), ...args], { cwd: root })
  return code === 0 ? { passed: 1, failed: 0, skipped: 0, reasons: [] } : { passed: 0, failed: 1, skipped: 0, reasons: [] }
}

async function tests(node, { name, folders, isolation }) {
  const files = folders.flatMap(testFiles)
  if (files.length === 0) return nothing
  if (isolation === 'process') return testRun(node, name, files, isolation)
  // Quick tests share a process; one for each of two cores, dealt out in turn so that no room's slow ones meet.
  const halves = [0, 1].map((half) => files.filter((_, index) => index % 2 === half))
  return added(await Promise.all(halves.map((half, index) => testRun(node, `${name}-${index}`, half, isolation))))
}

function added(results) {
  return results.reduce((sum, { passed, failed, skipped, reasons }) => ({
    passed: sum.passed + passed,
    failed: sum.failed + failed,
    skipped: sum.skipped + skipped,
    reasons: [...sum.reasons, ...reasons],
  }))
}

async function testRun(node, name, files, isolation) {
  const file = join(scratch, `${name}.json`)
  const flags = [
    '--test',
    `--test-isolation=${isolation}`,
    `--test-timeout=${testMsMax}`,
    '--test-reporter=./scripts/report.js',
    '--test-reporter-destination=stdout',
  ]
  if (isolation === 'process') flags.push('--test-concurrency=1')
  const code = await run(node, [...nodeFlags, ...flags, ...files], { cwd: root, env: { ...process.env, BATTUTA_TEST_TOTALS: file } })
  const result = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : nothing
  // A process that dies, or a file that does not load, is a failure even where no test could say so.
  return code !== 0 && result.failed === 0 ? { ...result, failed: 1 } : result
}

function testFiles(folder) {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}
