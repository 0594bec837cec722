import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LaneUnderTest, queueOf } from './fixture.ts'
import { offersOf, queueReplies, workerReplies } from './views.ts'

function desk(): LaneUnderTest {
  const lane = new LaneUnderTest([queueOf('transfers', ['transfers']), queueOf('cards', ['cards'])])
  lane.person('ben', ['cards', 'transfers'])
  lane.person('ada', ['cards'], { capacity: 2 })
  for (const task of ['a', 'b', 'c', 'd']) {
    lane.queued(task, 'cards', { priority: 1, because: 'asked for a person' })
    lane.at += 1_000
  }
  lane.accept('a')
  return lane
}

test('queues: who is offered still waits, who has somebody does not; the longest wait is as of now', () => {
  const lane = desk()
  const measured = { cards: { within: 3, count: 4 } }
  const [transfers, cards] = queueReplies(lane.state, lane.queues, lane.at, measured)
  assert.deepEqual([transfers?.name, transfers?.waiting, transfers?.longestWaitMs, transfers?.serviceLevel.measured], ['transfers', 0, 0, null])
  assert.deepEqual([cards?.name, cards?.team, cards?.waiting, cards?.longestWaitMs], ['cards', 'cards team', 3, 3_000])
  assert.deepEqual(cards?.serviceLevel, { share: 0.8, withinMs: 20_000, measured: 0.75, count: 4 })
  assert.equal(queueReplies(lane.state, lane.queues, 0, {})[1]?.longestWaitMs, 0, 'a clock that went back makes no negative wait')
})

test('queues: available is who could be offered something now, in a restored lane too', () => {
  const lane = desk()
  const available = (): unknown[] =>
    [lane.state, lane.shelf.restored()].map((state) => queueReplies(state, lane.queues, lane.at, {}).map((queue) => queue.workersAvailable))
  assert.deepEqual(available(), [
    [0, 0],
    [0, 0],
  ])
  lane.person('cem', ['cards', 'transfers'], { capacity: 3 })
  assert.deepEqual(available(), [
    [1, 1],
    [1, 1],
  ])
  lane.send('worker.disconnected', { worker: 'cem' })
  assert.deepEqual(available(), [
    [0, 0],
    [0, 0],
  ])
})

test('workers: by id, with the places that are taken', () => {
  const lane = desk()
  const [ada, ben] = workerReplies(lane.state)
  assert.deepEqual(ada, {
    id: 'ada',
    name: 'ada',
    kind: 'human',
    presence: 'available',
    connected: true,
    skills: ['cards'],
    capacity: 2,
    taken: 2,
    since: 1_000_000,
  })
  assert.deepEqual([ben?.id, ben?.taken, ben?.skills], ['ben', 1, ['cards', 'transfers']])
})

test('offers: those that wait for an answer, the first to expire first', () => {
  const lane = desk()
  const [offer, none] = offersOf(lane.state, 'ada')
  const reservation = lane.reservation('c')
  assert.equal(none, undefined)
  assert.deepEqual(offer, {
    reservation: reservation?.id,
    conversation: 'conv-c',
    customer: 'user:c',
    channel: 'chat',
    queue: 'cards',
    priority: 1,
    goal: 'help',
    because: 'asked for a person',
    offeredAt: reservation?.offeredAt,
    expiresAt: reservation?.expiresAt,
  })
  lane.accept('c')
  assert.deepEqual([offersOf(lane.state, 'ada'), offersOf(lane.state, 'nobody')], [[], []])
})
