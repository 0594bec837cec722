import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { LiveSecond } from '../../../src/client/index.ts'
import { actShares, bands, minutesDecided } from './shares.ts'

const minutes = fc.array(fc.tuple(fc.nat(50), fc.nat(50), fc.nat(50)), { maxLength: 60 })

test('stacked bands start at zero, meet each other and sum to the whole', () => {
  fc.assert(
    fc.property(minutes, (hour) => {
      const stacks = [0, 1, 2].map((act) => bands(hour, act).flatMap(({ from, edges }) => edges.map((edge, index) => [from + index, ...edge] as const)))
      const alive = hour.flatMap((counts, index) => (counts.some((part) => part > 0) ? [index] : []))
      for (const [position, minute] of alive.entries()) {
        const [low, middle, high] = stacks.map((stack) => stack[position])
        assert.equal(low?.[0], minute)
        assert.equal(low?.[1], 0)
        assert.equal(low?.[2], middle?.[1])
        assert.equal(middle?.[2], high?.[1])
        assert.ok(Math.abs((high?.[2] ?? 0) - 1) < 1e-12)
      }
    }),
  )
})

test('a minute in which nothing was decided breaks the band', () => {
  assert.deepEqual(bands([[1], [0], [2]], 0), [
    { from: 0, edges: [[0, 1]] },
    { from: 2, edges: [[0, 1]] },
  ])
})

test('shares are of the hour, and of nothing when nothing was decided', () => {
  const second = {
    shareActs: ['bot', 'nothing'],
    sharesLastHour: [
      [3, 1],
      [0, 0],
    ],
    actsPerS: { bot: 2.5 },
    conversationsOpen: { bot: 7 },
  } as unknown as LiveSecond
  assert.deepEqual(actShares(second), [
    { act: 'bot', decisions: 3, share: 0.75, perS: 2.5, open: 7 },
    { act: 'nothing', decisions: 1, share: 0.25, perS: 0, open: 0 },
  ])
  assert.deepEqual(
    actShares({ ...second, sharesLastHour: [] }).map(({ share }) => share),
    [0, 0],
  )
})

test('the picture begins with the first minute in which something was decided', () => {
  const second = {
    sharesLastHour: [
      [0, 0],
      [0, 0],
      [1, 2],
      [0, 0],
      [3, 0],
    ],
  } as unknown as LiveSecond
  assert.deepEqual(minutesDecided(second), [
    [1, 2],
    [0, 0],
    [3, 0],
  ])
  assert.deepEqual(minutesDecided({ sharesLastHour: [[0], [0]] } as unknown as LiveSecond), [])
})
