import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bestThreshold, expectedCalibrationError, f1, macroF1, wilson } from './measure.ts'

const near = (actual: number, expected: number, error = 5e-5): void =>
  assert.ok(Math.abs(actual - expected) <= error, `${actual} is not within ${error} of ${expected}`)

test('the Wilson interval has the published values', () => {
  // Newcombe (1998), table I, method 3: 81 of 263 and 15 of 148.
  near(wilson(81, 263).low, 0.2553)
  near(wilson(81, 263).high, 0.3662)
  near(wilson(15, 148).low, 0.0624)
  near(wilson(15, 148).high, 0.1605)
  near(wilson(0, 20).low, 0)
  near(wilson(0, 20).high, 0.1611)
})

test('a Wilson interval holds its share and shrinks with more texts', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true }), (total, share) => {
      const hits = Math.round(total * share)
      const one = wilson(hits, total)
      const ten = wilson(hits * 10, total * 10)
      assert.ok(one.low <= one.value + 1e-12 && one.value <= one.high + 1e-12)
      assert.ok(ten.high - ten.low < one.high - one.low)
    }),
  )
})

test('the calibration error of a worked example', () => {
  // Bin [0.9, 1]: two at 0.95, one right: |0.95 - 0.5| · 2/4. Bin [0.6, 0.7): two at 0.6, both right: 0.4 · 2/4.
  near(expectedCalibrationError([0.95, 0.95, 0.6, 0.6], [true, false, true, true]), 0.425, 1e-12)
  near(expectedCalibrationError([1, 1], [true, true]), 0, 1e-12)
})

test('macro-F1 of a worked example', () => {
  near(f1(2, 1, 1), 2 / 3, 1e-12)
  // label 0: F1 2/3 (1 hit, 1 wrong, 0 missed); label 1: F1 2/3 (1 hit, 0 wrong, 1 missed); label 2 never occurs.
  near(macroF1([0, 0, 1], [0, 1, 1], 3), 2 / 3, 1e-12)
})

test('no threshold has a better F1 than the best one', () => {
  const row = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.boolean())
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (rows) => {
      const stated = rows.map(([p]) => p / 20)
      const truth = rows.map(([, holds]) => holds)
      const best = bestThreshold(stated, truth)
      for (let step = 0; step <= 20; step++) {
        const said = stated.map((p) => p >= step / 20)
        const hits = said.filter((yes, i) => yes && truth[i]).length
        const score = f1(hits, said.filter(Boolean).length - hits, truth.filter(Boolean).length - hits)
        assert.ok(score <= best.f1 + 1e-12)
      }
    }),
  )
})
