import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { IdBlocks, idsKeptMs, idsPerLaneMax, idsPerLaneMin, IdWindow } from './id-window.ts'

/** The rule, by brute force: what is kept of `[hash, time]` pairs added in order. */
function oracle(added: readonly (readonly [number, number])[]): { kept: (readonly [number, number])[]; dropped: number } {
  const kept: (readonly [number, number])[] = []
  let newest = -Infinity
  let dropped = -Infinity
  for (const pair of added) {
    newest = Math.max(newest, pair[1])
    while (kept.length >= idsPerLaneMax || (kept.length >= idsPerLaneMin && (kept[0] as readonly [number, number])[1] < newest - idsKeptMs)) {
      dropped = Math.max(dropped, (kept.shift() as readonly [number, number])[1])
    }
    kept.push(pair)
  }
  return { kept, dropped }
}

function content(window: IdWindow): [number, number][] {
  const pairs: [number, number][] = []
  window.each((hash, time) => pairs.push([hash, time]))
  return pairs
}

test('D1 D2 the last 256 ids, an hour, at most 4,096 are known; what may have been dropped is told apart', () => {
  const bursts = fc.array(
    fc.record({ events: fc.integer({ min: 1, max: 1_500 }), stepMs: fc.constantFrom(1, 900, 20_000), jitterMs: fc.constantFrom(0, 5_000, 5_000_000) }),
    { minLength: 1, maxLength: 6 },
  )
  fc.assert(
    fc.property(bursts, (plan) => {
      const window = new IdWindow(new IdBlocks())
      const added: [number, number][] = []
      let time = 1_800_000_000_000
      for (const { events, stepMs, jitterMs } of plan) {
        for (let i = 0; i < events; i++) {
          time += stepMs
          const pair: [number, number] = [added.length + 1, time - (i % 7 === 0 ? jitterMs : 0)]
          added.push(pair)
          window.add(...pair)
        }
      }
      const { kept, dropped } = oracle(added)
      assert.deepEqual(content(window), kept)
      assert.equal(window.droppedAt, dropped)
      for (let i = 0; i < added.length; i += 97) {
        const [hash, at] = added[i] as [number, number]
        const known = kept.some((pair) => pair[0] === hash)
        assert.equal(window.has(hash), known)
        if (!known) assert.ok(window.isBeyond(at), 'an id that was dropped may come again as a duplicate')
      }
      assert.equal(window.isBeyond(Math.max(0, dropped + 1)), false)
      const again = new IdWindow(new IdBlocks())
      again.restore(window.droppedAt)
      for (const pair of kept) again.add(...pair)
      assert.deepEqual(content(again), kept)
    }),
    { numRuns: 30 },
  )
})

test('a cleared window knows nothing, and its block serves the next', () => {
  const blocks = new IdBlocks()
  const window = new IdWindow(blocks)
  for (let i = 1; i <= 300; i++) window.add(i, i)
  const bytes = blocks.bytes
  window.clear()
  assert.equal(window.has(300), false)
  const next = new IdWindow(blocks)
  for (let i = 1_001; i <= 1_300; i++) next.add(i, i)
  assert.equal(next.has(300), false)
  assert.equal(next.has(1_300), true)
  assert.equal(blocks.bytes, bytes)
})
