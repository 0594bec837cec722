import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { simulatedWorld } from '../testing/simulated-world.ts'
import { Leading, retryMs } from './leading.ts'

test('L1 whatever fails, the last value that was set is the last that was told, one call at a time', async () => {
  const step = fc.oneof(fc.record({ want: fc.constantFrom('on', 'off'), name: fc.constantFrom('a', 'b') }), fc.record({ wait: fc.nat(3_000) }))
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.array(fc.boolean(), { maxLength: 30 }), fc.string(), async (steps, fails, seed) => {
      const world = simulatedWorld(seed)
      const told = new Map<string, string>()
      const busy = new Set<string>()
      const wanted = new Map<string, string>()
      const leading = new Leading<string>(world, 'off', async (name, value) => {
        assert.ok(!busy.has(name), 'one at a time')
        busy.add(name)
        await new Promise<void>((resolve) => world.setTimer(world.random() * 100, resolve))
        busy.delete(name)
        if (fails.shift()) throw new Error('not now')
        told.set(name, value)
      })
      for (const now of steps) {
        if ('wait' in now) await world.advance(now.wait)
        else {
          wanted.set(now.name, now.want)
          leading.want(now.name, now.want)
        }
      }
      await world.advance(40 * (retryMs + 100))
      for (const [name, value] of wanted) assert.equal(told.get(name) ?? 'off', value)
    }),
    { numRuns: 60 },
  )
})

test('closed, it tells nothing more', async () => {
  const world = simulatedWorld('closed')
  let calls = 0
  const leading = new Leading<boolean>(world, false, async () => {
    calls++
    throw new Error('no')
  })
  leading.want('a', true)
  await world.advance(1)
  leading.close()
  leading.want('b', true)
  await world.advance(10_000)
  assert.equal(calls, 1)
})
