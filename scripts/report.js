/**
 * A reporter for node:test that keeps quiet about what passed: failures in full, then the closing lines. The totals, and why
 * tests were skipped, go to the file named in BATTUTA_TEST_TOTALS.
 */
import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { inspect } from 'node:util'

export default async function* report(source) {
  const totals = { passed: 0, failed: 0, skipped: 0, reasons: [] }
  let closing = ''
  for await (const { type, data } of source) {
    // A suite fails when a test of it does; the test is what is told.
    if (type === 'test:fail' && data.details?.error?.failureType !== 'subtestsFailed') yield failure(data)
    if (type === 'test:pass' && data.skip) totals.reasons.push(typeof data.skip === 'string' ? data.skip : `${data.name}: no reason given`)
    if (type === 'test:stderr' && !/ExperimentalWarning|--trace-warnings/.test(data.message)) yield data.message
    if (type === 'test:summary' && data.file === undefined) {
      const { tests, passed, failed, skipped, cancelled, todo } = data.counts
      Object.assign(totals, { passed, failed: failed + cancelled, skipped: skipped + todo })
      closing = Object.entries({ tests, pass: passed, fail: failed, cancelled, skipped, todo, duration_ms: data.duration_ms })
        .map(([name, value]) => `ℹ ${name} ${value}\n`)
        .join('')
    }
  }
  const file = process.env['BATTUTA_TEST_TOTALS']
  if (file) writeFileSync(file, JSON.stringify(totals))
  yield closing
}

function failure({ name, file, line, details }) {
  const error = details?.error?.cause ?? details?.error
  const place = file ? ` (${relative(process.cwd(), file)}:${line})` : ''
  return `✖ ${name}${place}\n${indent(error instanceof Error ? (error.stack ?? error.message) : inspect(error))}\n\n`
}

function indent(text) {
  return text.replace(/^/gm, '  ')
}
