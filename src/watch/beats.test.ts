import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Beats, beatsKept } from './beats.ts'

/** Ends a beat in which stage 0 took `ms`, `count` times. */
function beatOf(beats: Beats, ms: number, count = 100): { p99: number | null; steady: boolean } {
  for (let n = 0; n < count; n++) beats.record(0, ms)
  const [stage] = beats.end(0).stages
  assert.ok(stage)
  return { p99: stage.p99, steady: stage.steady }
}

test('W1 p99 is given from 100 values on, p99.9 from 1,000 over two minutes, p50 from one', () => {
  const beats = new Beats([1_000])
  const given = (count: number): (number | null)[] => {
    for (let n = 0; n < count; n++) beats.record(0, 10)
    const stage = beats.end(0).stages[0]!
    return [stage.p50, stage.p99, stage.p999].map((value) => (value === null ? null : Math.round(value)))
  }
  assert.deepEqual(given(0), [null, null, null])
  assert.deepEqual(given(1), [10, null, null])
  assert.deepEqual(given(99), [10, null, null])
  assert.deepEqual(given(100), [10, 10, null])
  assert.deepEqual(given(799), [10, 10, null], '999 in the trailing two minutes')
  assert.deepEqual(given(1), [10, null, 10], 'p99.9 is of two minutes, p99 of this beat')
})

test('W1 quantiles are those of what was recorded, within 1 %', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.01, max: 5_000, noNaN: true }), { minLength: 100, maxLength: 300 }), (values) => {
      const beats = new Beats([1_000])
      for (const value of values) beats.record(0, value)
      const { p50, p99, count } = beats.end(7).stages[0]!
      const sorted = values.toSorted((a, b) => a - b)
      assert.equal(count, values.length)
      for (const [q, given] of [
        [0.5, p50],
        [0.99, p99],
      ] as const) {
        const exact = sorted[Math.ceil(q * sorted.length) - 1]!
        assert.ok(Math.abs(given! - exact) <= exact * 0.01 + 0.001, `${q}: ${given} for ${exact}`)
      }
    }),
    { numRuns: 30 },
  )
})

test('W1 the trailing two minutes hold 24 beats, the running one included, and forget the one before', () => {
  const beats = new Beats([1_000])
  for (let beat = 0; beat < beatsKept; beat++) {
    beats.record(0, 5)
    assert.equal(beats.trailing(0).count, beat + 1)
    beats.end(beat)
  }
  assert.equal(beats.trailing(0).count, beatsKept - 1, 'the oldest beat made room for the running one')
  assert.deepEqual(
    beats.history.map(({ at }) => at),
    Array.from({ length: beatsKept }, (_, beat) => beat),
  )
  beats.end(99)
  assert.deepEqual([beats.history.length, beats.history.at(-1)?.at, beats.history[0]?.at], [beatsKept, 99, 1])
})

test('W2 a beat over its slice of the budget is unsteady at once', () => {
  const beats = new Beats([20])
  assert.equal(beatOf(beats, 19).steady, true)
  assert.equal(beatOf(beats, 22).steady, false)
  assert.equal(beatOf(beats, 500, 99).steady, true, 'too few values say nothing')
})

test('W2 what stays under a quarter of its slice is steady, however it jumps', () => {
  const beats = new Beats([1_000])
  for (let beat = 0; beat < 10; beat++) beatOf(beats, 1)
  assert.equal(beatOf(beats, 240).steady, true)
  assert.equal(beatOf(beats, 260).steady, false)
})

test('W2 a beat over 1.25 × the median of the hour is unsteady, once six p99s make a median', () => {
  const beats = new Beats([44])
  for (let beat = 0; beat < 5; beat++) assert.equal(beatOf(beats, beat === 0 ? 10 : 40).steady, true, 'five are no yardstick')
  assert.equal(beatOf(beats, 10).steady, true)
  for (let beat = 0; beat < 5; beat++) beatOf(beats, 10)
  assert.equal(beatOf(beats, 12.3).steady, true)
  assert.equal(beatOf(beats, 12.8).steady, false)
  assert.equal(beatOf(beats, 10).steady, true)
})

test('W2 the yardstick is of the last hour: what a quiet hour forgot is no measure', () => {
  const beats = new Beats([120])
  for (let beat = 0; beat < 6; beat++) beatOf(beats, 10)
  assert.equal(beatOf(beats, 100).steady, false)
  for (let beat = 0; beat < 720; beat++) beats.end(beat)
  assert.equal(beatOf(beats, 100).steady, true)
})

test('stages are kept apart, and one that does not exist is let be', () => {
  const beats = new Beats([20, 20])
  beats.record(1, 5)
  beats.record(7, 5)
  assert.deepEqual(
    beats.end(0).stages.map(({ count }) => count),
    [0, 1],
  )
  assert.equal(beats.trailing(7).count, 0)
})
