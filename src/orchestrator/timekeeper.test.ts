import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoggedEvent } from '../definition/index.ts'
import type { TimerRow } from '../records/index.ts'
import { simulatedWorld } from '../testing/index.ts'
import { openTimekeeper } from './timekeeper.ts'
import { openTyping } from './typing.ts'

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

test('a turn is put off while its customer types, and is told for how long', async () => {
  const world = simulatedWorld('timers')
  let typing = true
  const overdue: number[] = []
  const events: LoggedEvent[] = []
  const keeper = openTimekeeper({ world, due: (event) => void events.push(event), putOff: (_timer, overdueMs) => (overdue.push(overdueMs), typing) })
  keeper.set(timer('a', world.now() + 10))
  await world.advance(1_000)
  assert.equal(events.length, 0)
  typing = false
  await world.advance(200)
  assert.equal(events.length, 1)
  assert.deepEqual(overdue, [0, 150, 300, 450, 600, 750, 900, 1_050])
})

test('Y3 a wall clock that was put back by an hour let everybody wait an hour longer', async () => {
  const world = simulatedWorld('timers')
  const events: LoggedEvent[] = []
  const keeper = openTimekeeper({ world, due: (event) => void events.push(event), putOff: () => false })
  keeper.set(timer('a', world.now() + 1_000))
  world.jump(-3_600_000)
  await world.advance(999)
  assert.equal(events.length, 0, 'nor does it ring early')
  await world.advance(2)
  assert.equal(events.length, 1)
})

test('a page that only says it is typing holds a turn no longer than it may last, whatever the wall clock does', async () => {
  const world = simulatedWorld('typing')
  const typing = openTyping(world)
  const dueAt = world.now() + 400
  const turn = { ...timer('a', dueAt), data: JSON.stringify({ conversation: 'conv_1', longestAt: dueAt + 5_600 }) }
  typing.set('conv_1', true)
  assert.equal(typing.holds(turn, 0), true)
  world.jump(-3_600_000)
  assert.equal(typing.holds(turn, 5_600), false, 'the turn has lasted long enough')
  await world.advance(5_999)
  assert.equal(typing.holds(turn, 0), true)
  await world.advance(1)
  assert.equal(typing.holds(turn, 0), false, 'nothing more was heard of it')
  typing.set('conv_1', true)
  typing.set('conv_1', false)
  assert.equal(typing.holds(turn, 0), false)
})
