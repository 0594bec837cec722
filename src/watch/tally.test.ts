import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Tally } from './tally.ts'

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ counter: fc.nat(2), value: fc.integer({ min: 1, max: 1_000 }) }) },
  { weight: 2, arbitrary: fc.constant('next' as const) },
)

test('a tally is the sum over its last steps, whatever was added when', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), fc.array(step, { maxLength: 120 }), (length, steps) => {
      const tally = new Tally(length, 3)
      /** Every step ever, the running one last. */
      const all: number[][] = [[0, 0, 0]]
      for (const one of steps) {
        if (one === 'next') {
          tally.next()
          all.push([0, 0, 0])
        } else {
          tally.add(one.counter, one.value)
          all.at(-1)![one.counter]! += one.value
        }
        const kept = [...Array.from({ length }, () => [0, 0, 0]), ...all].slice(-length)
        assert.deepEqual(tally.steps(), kept)
        for (let counter = 0; counter < 3; counter++) {
          assert.equal(
            tally.sum(counter),
            kept.reduce((sum, row) => sum + row[counter]!, 0),
          )
          assert.equal(tally.current(counter), all.at(-1)![counter])
        }
      }
    }),
  )
})

test('one is added when no value is given, and a counter that is not there counts nothing', () => {
  const tally = new Tally(2, 1)
  tally.add(0)
  assert.deepEqual([tally.sum(0), tally.sum(1), tally.current(1)], [1, 0, 0])
})
