import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InboxItem } from '../../src/client/index.ts'
import { person, queues } from './floor.ts'
import { fits, mine, take, takeAll, unreadOf, waiting } from './inbox.ts'

const item = (conversation: string, more: Partial<InboxItem> = {}): InboxItem => ({
  conversation,
  customer: `user:${conversation}`,
  channel: 'chat',
  status: 'open',
  owner: 'human',
  worker: 'w1',
  queue: 'cards',
  task: null,
  epoch: 7,
  seq: 4,
  waitingSince: null,
  priority: 0,
  goal: 'use the card again',
  because: null,
  last: { from: 'customer', text: 'Can you make it start now?', at: 100 },
  updatedAt: 100,
  ...more,
})
const waits = (conversation: string, queue: string, waitingSince: number) => item(conversation, { owner: null, worker: null, queue, waitingSince })
const ids = (list: readonly InboxItem[]) => list.map(({ conversation }) => conversation)

test('N1 one’s own keep their places, whatever is said in them; newcomers stand first', () => {
  person.value = { id: 'w1', name: 'Cards desk 1', role: 'desk', skills: [], capacity: 3 }
  takeAll([
    item('b', { last: { from: 'customer', text: '', at: 50 } }),
    item('a', { last: { from: 'customer', text: '', at: 20 } }),
    item('x', { worker: 'w2' }),
  ])
  assert.deepEqual(ids(mine.value), ['a', 'b'])
  take(item('a', { last: { from: 'human', text: 'done', at: 300 }, updatedAt: 300 }))
  take(item('b', { last: { from: 'customer', text: 'hm', at: 400 }, updatedAt: 400 }))
  assert.deepEqual(ids(mine.value), ['a', 'b'])
  take(item('c'))
  assert.deepEqual(ids(mine.value), ['c', 'a', 'b'])
  take(item('a', { status: 'resolved', owner: null, worker: null }))
  assert.deepEqual(ids(mine.value), ['c', 'b'])
})

test('N1 what waits stands by its queue, oldest first', () => {
  queues.value = []
  takeAll([waits('q2', 'cards', 200), waits('q1', 'cards', 100), waits('d1', 'disputes', 50), item('a')])
  assert.deepEqual(
    waiting.value.map(({ queue, items }) => [queue, ids(items)]),
    [
      ['disputes', ['d1']],
      ['cards', ['q1', 'q2']],
    ],
  )
})

test('unread is what the customer said since the conversation was on screen', () => {
  assert.equal(unreadOf(item('a', { seq: 9 }), { a: 7 }), 2)
  assert.equal(unreadOf(item('a', { seq: 9 }), {}), 1)
  assert.equal(unreadOf(item('a', { seq: 9 }), { a: 9 }), 0)
  assert.equal(unreadOf(item('a', { seq: 9, last: { from: 'human', text: '', at: 1 } }), {}), 0)
})

test('a search finds by name, by goal and by the last words', () => {
  const held = item('con_1', { customer: 'user:current-4821' })
  for (const search of ['', '4821', 'current ··4821', 'CARD again', 'start now']) assert.ok(fits(held, 'current ··4821', search), search)
  assert.ok(!fits(held, 'current ··4821', 'savings'))
})
