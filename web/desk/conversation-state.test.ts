import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ConversationReply, EntryReply } from '../../src/client/index.ts'
import { opening, withContext, withEntry, withNote, withOwner, withReply, withSeen } from './conversation-state.ts'

const entry = (seq: number): EntryReply => ({ seq, epoch: 1, at: seq, from: 'customer', by: null, text: `m${seq}`, notice: null, attachments: [] })
const reply = (more: Partial<ConversationReply> = {}): ConversationReply => ({
  conversation: 'c1',
  customer: 'user:current-1',
  channel: 'chat',
  status: 'open',
  owner: 'bot',
  worker: null,
  queue: null,
  task: null,
  epoch: 6,
  seq: 0,
  waitingSince: null,
  priority: 0,
  goal: '',
  because: null,
  last: null,
  updatedAt: 0,
  openedAt: 0,
  messages: 0,
  entries: [],
  notes: [],
  packet: null,
  emotion: [],
  flow: null,
  wrapUpCodes: [],
  ...more,
})

test('T1 whatever is read or delivered and in what order, each entry stands once, by its number', () => {
  const bunch = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 8 })
  fc.assert(
    fc.property(fc.array(fc.record({ read: fc.boolean(), seqs: bunch }), { maxLength: 8 }), (steps) => {
      let opened = opening('c1', null)
      for (const { read, seqs } of steps)
        opened = read ? withReply(opened, reply({ entries: [...new Set(seqs)].sort((a, b) => a - b).map(entry) })) : seqs.map(entry).reduce(withEntry, opened)
      const wanted = [...new Set(steps.flatMap(({ seqs }) => seqs))].sort((a, b) => a - b)
      assert.deepEqual(
        opened.entries.map(({ seq }) => seq),
        wanted,
      )
    }),
  )
})

test('T2 an owner of an older epoch changes nothing, and an older reply does not undo a newer owner', () => {
  const opened = withReply(opening('c1', null), reply())
  const mine = withOwner(opened, { epoch: 8, role: 'human', worker: 'w1', queue: null })
  assert.equal(mine.head?.owner, 'human')
  assert.equal(withOwner(mine, { epoch: 7, role: null, worker: null, queue: 'cards' }), mine)
  const again = withReply(mine, reply({ epoch: 6, goal: 'read late' }))
  assert.deepEqual([again.head?.owner, again.head?.epoch, again.head?.goal], ['human', 8, 'read late'])
  assert.equal(withOwner(opening('c1', null), { epoch: 8, role: 'bot', worker: null, queue: null }).head, null)
})

test('notes stand after their entry, seen only rises, and the longer course of emotion wins', () => {
  let opened = withReply(opening('c1', null), reply({ notes: [{ id: 'n2', at: 9, by: 'w1', text: 'b', afterSeq: 4 }] }))
  opened = withNote(opened, { id: 'n1', at: 5, by: 'w1', text: 'a', afterSeq: 2 })
  opened = withNote(opened, { id: 'n1', at: 5, by: 'w1', text: 'a', afterSeq: 2 })
  assert.deepEqual(
    opened.notes.map(({ id }) => id),
    ['n1', 'n2'],
  )
  opened = withSeen(withSeen(opened, 5), 3)
  assert.equal(opened.seenSeq, 5)
  const point = (seq: number) => ({ seq, at: seq, level: 0.5 })
  opened = withContext(opened, null, [point(1), point(4)], 10)
  opened = withContext(opened, { a: { value: 1, status: 'PRESENT', at: 0, ageMs: 1, version: 'v' } }, [point(1)], 20)
  assert.equal(opened.emotion.length, 2)
  assert.deepEqual([Object.keys(opened.features ?? {}), opened.featuresAt], [['a'], 20])
})
