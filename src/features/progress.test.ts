import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { offsetsAheadMax, Progress } from './progress.ts'

test('P1 every offset below next was done, and next itself was not', () => {
  const step = fc.tuple(fc.nat(40), fc.option(fc.integer({ min: 1, max: 12 })))
  fc.assert(
    fc.property(fc.nat(20), fc.array(step, { maxLength: 60 }), (position, steps) => {
      const progress = new Progress(0, position)
      const done = new Set<number>()
      for (const [offset, length] of steps) {
        if (length === null) progress.done(offset)
        else progress.doneRange(offset, offset + length)
        for (let each = offset; each < offset + (length ?? 1); each++) done.add(each)
        let next = position
        while (done.has(next)) next++
        assert.equal(progress.next, next)
      }
    }),
  )
})

test('an entry that nobody folds or skips is found out', () => {
  const progress = new Progress(3, 0)
  progress.doneRange(1, offsetsAheadMax + 1)
  assert.throws(() => progress.done(offsetsAheadMax + 1), /partition 3 waits at offset 0/)
})
