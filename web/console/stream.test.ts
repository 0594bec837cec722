import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { DecisionBrief } from '../../src/client/index.ts'
import { emptyStream, paused, rowsMax, taken } from './stream.ts'
import type { Stream } from './stream.ts'

const brief = (at: number): DecisionBrief => ({
  id: `dec_${at}`,
  at,
  policy: 'inbound',
  customer: 'user:1',
  event: 'message.received',
  act: 'bot',
  name: null,
  because: null,
  budgetMs: 300,
  elapsedMs: 4,
  status: 'on-beat',
})
const step = fc.oneof(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 4 }), fc.boolean())

/** Runs frames (arrays of times) and pauses (booleans). */
function run(steps: readonly (number[] | boolean)[]): Stream {
  return steps.reduce<Stream>(
    (stream, what) => (typeof what === 'boolean' ? paused(stream, what) : taken(stream, { rows: what.map(brief), notShown: 0 })),
    emptyStream,
  )
}

test('S1 rows are newest first and never twice, whatever comes in whatever order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { rows } = paused(run(steps), false)
      const came = [...new Set(steps.flatMap((what) => (typeof what === 'boolean' ? [] : what)))].toSorted((a, b) => b - a)
      assert.deepEqual(
        rows.map(({ at }) => at),
        came.slice(0, rowsMax).slice(0, rows.length),
      )
      assert.equal(rows.length, Math.min(rowsMax, came.length))
    }),
  )
})

test('S2 while paused nothing moves, and what cannot be held is counted', () => {
  const before = paused(run([[1, 2, 3]]), true)
  const after = Array.from({ length: rowsMax + 5 }, (_, index) => index + 10).reduce((stream, at) => taken(stream, { rows: [brief(at)], notShown: 2 }), before)
  assert.equal(after.rows, before.rows)
  assert.equal(after.held.length, rowsMax)
  assert.equal(after.notShown, 2 * (rowsMax + 5) + 5)
  assert.equal(paused(after, false).rows[0]?.at, rowsMax + 14)
})
