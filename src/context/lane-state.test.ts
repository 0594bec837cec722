import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { LoggedEvent } from '../definition/index.ts'
import { conversationIdAt, openConversation, readLaneState, withMessage } from './index.ts'

const firstOwner = Object.freeze({ owner: 'bot' as const, epoch: 1 })

function said(id: string, received: number): LoggedEvent {
  return Object.freeze({
    id,
    source: 'chat:conv_3_17',
    type: 'message.received',
    customer: 'user:1',
    time: received - 5,
    received,
    from: 'customer' as const,
    data: Object.freeze({ text: id }),
  })
}

test('a conversation opens empty, with its first owner, at the moment its first message was received', () => {
  const row = openConversation('conv_3_17', said('m1', 1_000), 'web', firstOwner)
  assert.deepEqual(row, {
    id: 'conv_3_17',
    customer: 'user:1',
    channel: 'web',
    owner: 'bot',
    worker: null,
    queue: null,
    task: null,
    memory: '{}',
    epoch: 1,
    seq: 0,
    messages: 0,
    status: 'open',
    openedAt: 1_000,
    updatedAt: 1_000,
  })
})

test('every message takes the next place, and neither the row nor the event before it is changed', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string({ maxLength: 20 }), fc.nat(10_000)), { maxLength: 20 }), (messages) => {
      let row = Object.freeze(openConversation('conv_3_17', said('m0', 1), 'web', firstOwner))
      messages.forEach(([text, received], index) => {
        const event = said(`m${index}`, received)
        const next = withMessage(row, event, text, [])
        assert.deepEqual(next.entry, {
          conversation: row.id,
          seq: index + 1,
          epoch: row.epoch,
          author: 'customer',
          text,
          key: null,
          messageId: event.id,
          at: received,
          extra: null,
        })
        assert.deepEqual(next.row, { ...row, seq: index + 1, messages: index + 1, updatedAt: received })
        row = Object.freeze(next.row)
      })
    }),
  )
})

test('a message counts from where the sequence is, not from how many messages there were', () => {
  const row = { ...openConversation('conv_3_17', said('m1', 1), 'web', firstOwner), seq: 8, messages: 3, epoch: 4, owner: 'human' as const }
  const { row: next, entry } = withMessage(row, said('m4', 2), 'and now?', [])
  assert.deepEqual([next.seq, next.messages, next.owner, entry.seq, entry.epoch], [9, 4, 'human', 9, 4])
})

test('a conversation’s id is fixed by its place in the log, so recovery finds the same', () => {
  const ids = fc.sample(fc.tuple(fc.nat(63), fc.nat(1_000_000)), 200)
  assert.equal(new Set(ids.map(([partition, offset]) => conversationIdAt(partition, offset))).size, new Set(ids.map(String)).size)
  assert.equal(conversationIdAt(3, 17), 'conv_3_17')
})

test('a lane’s state is read as it was written; a lane that was never written has none', () => {
  for (const state of [
    { conversation: 'conv_3_17', since: 1_000 },
    { conversation: null, since: 0 },
  ])
    assert.deepEqual(readLaneState(JSON.stringify(state)), state)
  assert.equal(readLaneState(undefined), null)
})
