import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { didYouMean, editDistance, nearest } from './nearest.ts'

/** Optimal string alignment by its recurrence, without a table. */
function oracle(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length
  const [aHead, bHead] = [a.slice(0, -1), b.slice(0, -1)]
  const swap =
    a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1) ? oracle(a.slice(0, -2), b.slice(0, -2)) + 1 : Number.POSITIVE_INFINITY
  return Math.min(oracle(aHead, bHead) + (a.at(-1) === b.at(-1) ? 0 : 1), oracle(aHead, b) + 1, oracle(a, bHead) + 1, swap)
}

test('the edit distance is that of its recurrence', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 })
  fc.assert(
    fc.property(word, word, (a, b) => assert.equal(editDistance(a, b), oracle(a, b))),
    { numRuns: 150 },
  )
})

test('a slip is understood, another word is not', () => {
  const known = ['declines5m', 'spend30d', 'message.received']
  assert.equal(nearest('declines5', known), 'declines5m')
  assert.equal(nearest('Declines5M', known), 'declines5m')
  assert.equal(nearest('mesage.recieved', known), 'message.received')
  assert.equal(nearest('payments', known), undefined)
  assert.equal(didYouMean('spned30d', known), '; did you mean “spend30d”?')
  assert.equal(didYouMean('payments', known), '')
})
