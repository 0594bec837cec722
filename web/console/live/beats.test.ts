import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LiveBeat } from '../../../src/client/index.ts'
import { decades, peakAfter, placed, steadiness } from './beats.ts'

const stage = (p50: number | null, steady = true) => ({ p50, p99: p50 === null ? null : p50 * 3, p999: null, count: 200, steady })
const beat = (at: number, p50: number | null, steady = true): LiveBeat => ({ at, stages: [stage(p50, steady)] })

test('a missing beat leaves its place empty, and so does a beat in which nothing happened', () => {
  const beats = [beat(5_000, 1), beat(10_000, 2), beat(20_000, 3), beat(25_000, null), beat(30_000, 4)]
  assert.deepEqual(
    placed(beats, 0, 5_000, 24).map(({ place, beat: { p50 } }) => [place, p50]),
    [
      [18, 1],
      [19, 2],
      [21, 3],
      [23, 4],
    ],
  )
  assert.deepEqual(
    placed(beats, 0, 5_000, 3).map(({ place }) => place),
    [0, 2],
  )
  assert.deepEqual(placed([], 0, 5_000, 24), [])
  assert.deepEqual(placed(beats, 3, 5_000, 24), [])
})

test('steadiness counts only beats in which something happened', () => {
  assert.deepEqual(steadiness(placed([beat(0, 1), beat(5_000, 9, false), beat(10_000, null, false)], 0, 5_000, 24)), { steady: 1, off: 1 })
})

test('an axis keeps its range ten minutes after a peak, and then lets it go', () => {
  const high = peakAfter(null, beat(0, 500))
  assert.equal(high?.ms, 1_500)
  assert.equal(peakAfter(high, beat(599_000, 1)), high)
  assert.equal(peakAfter(high, beat(601_000, 1))?.ms, 3)
  assert.equal(peakAfter(null, beat(0, null)), null)
})

test('the stave has five lines and gains one for each decade that was needed', () => {
  assert.deepEqual(decades(0), [0.01, 0.1, 1, 10, 100])
  assert.deepEqual(decades(1_000), [0.01, 0.1, 1, 10, 100])
  assert.deepEqual(decades(1_001), [0.01, 0.1, 1, 10, 100, 1_000])
})
