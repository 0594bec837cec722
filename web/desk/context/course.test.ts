import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { courseOf, levelWords, turnsMax } from './course.ts'

const points = fc
  .array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 })
  .map((list) => list.map((level, index) => ({ seq: index * 2 + 1, at: index, level })))

test('at most ten turns, from left to right, inside the plot, higher where angrier', () => {
  fc.assert(
    fc.property(points, (emotion) => {
      const { points: drawn } = courseOf(emotion, null, 240, 80)
      assert.equal(drawn.length, Math.min(turnsMax, emotion.length))
      const shown = emotion.slice(-turnsMax)
      drawn.forEach(({ x, y }, index) => {
        assert.ok(x >= 0 && x <= 240 && y >= 0 && y <= 80)
        if (index > 0) assert.ok(x > (drawn[index - 1]?.x ?? 0))
        for (const [other, point] of drawn.entries()) if ((shown[index]?.level ?? 0) > (shown[other]?.level ?? 0) + 0.01) assert.ok(y < point.y)
      })
    }),
  )
})

test('the bar line stands between the turns before and after joining', () => {
  const emotion = [1, 3, 5, 7].map((seq) => ({ seq, at: seq, level: 0.5 }))
  const { points: drawn, joinedX } = courseOf(emotion, 4, 240, 80)
  assert.ok(joinedX !== null && joinedX > (drawn[1]?.x ?? 0) && joinedX < (drawn[2]?.x ?? 0))
  assert.equal(courseOf(emotion, 0, 240, 80).joinedX, null)
  assert.ok((courseOf(emotion, 9, 240, 80).joinedX ?? 0) > (drawn[3]?.x ?? 0))
})

test('every level has its words', () => {
  assert.deepEqual([1, 0.7, 0.5, 0.2, 0].map(levelWords), ['angry', 'between worried and angry', 'worried', 'between calm and worried', 'calm'])
})
