import assert from 'node:assert/strict'
import { test } from 'node:test'
import { realWorld } from './index.ts'

test('the real world: clocks go forward, chance is in [0, 1), bytes are as many as asked for', () => {
  const world = realWorld()
  const from = world.monotonicMs()
  assert.ok(world.monotonicMs() >= from)
  assert.ok(Number.isSafeInteger(world.now()))
  const draw = world.random()
  assert.ok(draw >= 0 && draw < 1)
  assert.equal(world.randomBytes(16).length, 16)
})

test('deferred work runs after this turn; a timer runs once, unless it is cancelled', async () => {
  const world = realWorld()
  const ran: string[] = []
  // A timer of the World alone does not keep the process alive.
  const alive = setInterval(() => {}, 1_000)
  try {
    await new Promise<void>((resolve) => {
      world.defer(() => (ran.push('deferred'), resolve()))
      ran.push('now')
    })
    await new Promise<void>((resolve) => {
      world.setTimer(1, () => ran.push('cancelled')).cancel()
      world.setTimer(2, () => (ran.push('timer'), resolve()))
    })
  } finally {
    clearInterval(alive)
  }
  assert.deepEqual(ran, ['now', 'deferred', 'timer'])
})
