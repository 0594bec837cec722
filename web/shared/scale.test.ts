import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { linear, logarithmic, roundAbove, ticks } from './scale.ts'

const positive = fc.double({ min: 1e-3, max: 1e6, noNaN: true })

test('a logarithmic axis gives every decade the same length and clamps at its ends', () => {
  const at = logarithmic({ from: 0.01, to: 100 }, 400)
  assert.deepEqual(
    [0.01, 0.1, 1, 10, 100].map((ms) => Math.round(at(ms))),
    [0, 100, 200, 300, 400],
  )
  assert.deepEqual([at(0), at(1e9)], [0, 400])
  fc.assert(fc.property(positive, positive, (a, b) => a > b || at(a) <= at(b)))
})

test('a linear axis runs past its end, so that what is late is seen to be late', () => {
  assert.equal(linear({ from: 0, to: 300 }, 600)(330), 660)
})

test('a round number above leaves room and is never more than three times too large', () => {
  assert.deepEqual([17.2, 9.1, 4.2, 46.8, 0.06].map(roundAbove), [20, 20, 5, 100, 0.1])
  fc.assert(fc.property(positive, (value) => roundAbove(value) > value && roundAbove(value) <= value * 3))
  assert.deepEqual(ticks(20), [0, 5, 10, 15, 20])
  assert.deepEqual(ticks(50), [0, 10, 20, 30, 40, 50])
})
