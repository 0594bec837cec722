import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoggedEvent } from '../definition/index.ts'
import type { TimerRow } from '../records/index.ts'
import { simulatedWorld } from '../testing/index.ts'
import { openTimekeeper } from './timekeeper.ts'

function timer(id: string, dueAt: number): TimerRow {
  return { id, partition: 0, lane: 'user:1', dueAt, kind: 'turn', data: JSON.stringify({ conversation: 'conv_1' }) }
}

test('Y1 a timer comes back once, at its time and not before, to the lane that set it', async () => {
  const world = simulatedWorld('timers')
  const events: LoggedEvent[] = []
  const keeper = openTimekeeper({ world, due: (event) => void events.push(event), putOff: () => false })
  keeper.set(timer('a', world.now() + 1_000))
  keeper.set(timer('a', world.now() + 1_000))
  keeper.set(timer('b', world.now() - 5))
  await world.advance(999)
  assert.deepEqual(
    events.map((event) => event.id),
    ['b'],
  )
  await world.advance(2)
  assert.deepEqual(
    events.map((event) => [event.id, event.customer, event.type]),
    [
      ['b', 'user:1', 'timer.due'],
      ['a', 'user:1', 'timer.due'],
    ],
  )
  await world.advance(100_000)
  assert.equal(events.length, 2)
  assert.equal(keeper.size, 0)
})

test('Y2 a timer that was cleared, or whose keeper closed, rings no more', async () => {
  const world = simulatedWorld('timers')
  const events: LoggedEvent[] = []
  const keeper = openTimekeeper({ world, due: (event) => void events.push(event), putOff: () => false })
  keeper.set(timer('a', world.now() + 10))
  keeper.set(timer('b', world.now() + 20))
  keeper.clear('a')
  await world.advance(15)
  keeper.close()
  await world.advance(100)
  assert.deepEqual(events, [])
})

test('a turn is put off while its customer types, and a wall clock set back only makes it later', async () => {
  const world = simulatedWorld('timers')
  let typing = true
  const events: LoggedEvent[] = []
  const keeper = openTimekeeper({ world, due: (event) => void events.push(event), putOff: () => typing })
  keeper.set(timer('a', world.now() + 10))
  await world.advance(1_000)
  assert.equal(events.length, 0)
  typing = false
  await world.advance(200)
  assert.equal(events.length, 1)
  keeper.set(timer('b', world.now() + 1_000))
  world.jump(-5_000)
  await world.advance(2_000)
  assert.equal(events.length, 1)
  await world.advance(5_000)
  assert.equal(events.length, 2)
})
