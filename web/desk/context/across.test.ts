import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TimelineItem } from '../../../src/client/index.ts'
import { acrossRows } from './across.ts'

let offset = 100
const item = (type: string, data: unknown): TimelineItem => ({
  at: 1_000 - --offset,
  partition: 5,
  offset,
  event: { id: String(offset), type, source: 's', data },
  decision: null,
})

test('a conversation is one line where it was last heard of, and one’s own is named', () => {
  const rows = acrossRows(
    [
      item('message.received', { text: 'now?', conversation: 'c2' }),
      item('task.queued', { task: 't' }),
      item('cardDeclined', { amount: 64.2, reason: 'limit', iban: { pii: 'IBAN_CODE' } }),
      item('message.sent', { text: 'hello', conversation: 'c2' }),
      item('message.received', { text: 'travel?', conversation: 'c1', channel: 'email' }),
    ],
    'c2',
  )
  assert.deepEqual(
    rows.map(({ text, glyph, conversation, sealed }) => [text, glyph, conversation, ...sealed]),
    [
      ['This conversation, 2 messages', 'chat', null],
      ['Card declined, 64.2, limit', 'card', null, 'IBAN_CODE'],
      ['A conversation, 1 message', 'mail', 'c1'],
    ],
  )
})

test('the same thing twice in a row is told once, with its count', () => {
  const declined = () => item('cardDeclined', { amount: 64.2 })
  assert.deepEqual(
    acrossRows([declined(), declined(), declined(), item('appOpened', { screen: 'home' }), declined()], 'c1').map(({ text }) => text),
    ['Card declined, 64.2, 3 times', 'App opened, home', 'Card declined, 64.2'],
  )
})
