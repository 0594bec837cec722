import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatAuthor, EntryReply, NoteReply, Notice } from '../../src/client/index.ts'
import { joinedAt, threadLines } from './thread-lines.ts'

let seq = 0
const said = (from: ChatAuthor, by: string | null = null, epoch = 6): EntryReply => ({
  seq: ++seq,
  epoch,
  at: seq * 10,
  from,
  by,
  text: `t${seq}`,
  notice: null,
  attachments: [],
})
const notice = (kind: Notice['kind'], by: string | null, epoch: number, team: string | null = null): EntryReply => ({
  ...said('system', by, epoch),
  notice: { kind, team },
})
const current = { epoch: 12, worker: null }
const readers = { me: 'w1', nameOf: (id: string) => `Cards desk ${id.slice(1)}`, current }
const shown = (entries: readonly EntryReply[], notes: readonly NoteReply[] = []) =>
  threadLines(entries, notes, readers).map((line) =>
    line.kind === 'said'
      ? line.entry.text
      : line.kind === 'note'
        ? `note ${line.note.id}`
        : `${line.sentence}${line.epoch === null ? '' : `, epoch ${line.epoch}`}`,
  )

test('a change of owner is a bar line that says who took over from whom, and the epoch', () => {
  seq = 0
  const entries = [
    said('customer'),
    said('bot', 'unblockCard'),
    notice('waiting', null, 6, 'Cards team'),
    notice('joined', 'w1', 7, 'Cards team'),
    said('human', 'w1', 7),
    notice('transferred', 'w1', 8, 'Disputes team'),
    notice('joined', 'w2', 9, 'Disputes team'),
    said('human', 'w2', 9),
    notice('joined', 'w1', 11, 'Cards team'),
    notice('returned', 'w1', 12),
    notice('resolved', null, 12),
  ]
  assert.deepEqual(shown(entries), [
    't1',
    't2',
    'Waits for Cards team, epoch 6',
    'You took over from the bot, epoch 7',
    't5',
    'You handed it over to Disputes team, epoch 8',
    'Cards desk 2 took over from you, epoch 9',
    't8',
    'You took over from Cards desk 2, epoch 11',
    'You gave it back to the bot, epoch 12',
    'Resolved',
  ])
  assert.equal(joinedAt(entries, 'w1', current), 9)
  assert.equal(joinedAt(entries, 'w3', current), null)
})

test('a note stands after the entry it was written at', () => {
  seq = 0
  const entries = [said('customer'), said('bot'), said('customer')]
  const note = (id: string, afterSeq: number): NoteReply => ({ id, at: 0, by: 'w1', text: '', afterSeq })
  assert.deepEqual(shown(entries, [note('a', 0), note('b', 2), note('c', 2), note('d', 3)]), ['note a', 't1', 't2', 'note b', 'note c', 't3', 'note d'])
})

test('a lost connection and a wait that nobody ended are told as what they are', () => {
  seq = 0
  assert.deepEqual(shown([notice('joined', 'w2', 3), notice('lost', 'w2', 4, 'Cards team'), notice('unanswered', null, 5)]), [
    'Cards desk 2 took over, epoch 3',
    'Cards desk 2 lost the connection; it waits for Cards team, epoch 4',
    'Nobody took it in time; back with the bot, epoch 5',
  ])
})

test('who joined is found by what they say under that epoch, or by having it now', () => {
  seq = 0
  const entries = [said('bot'), notice('joined', null, 7), said('human', 'w2', 7), notice('transferred', null, 8, 'Cards team'), notice('joined', null, 9)]
  const lines = threadLines(entries, [], { ...readers, current: { epoch: 9, worker: 'w1' } }).flatMap((line) => (line.kind === 'bar' ? [line.sentence] : []))
  assert.deepEqual(lines, ['Cards desk 2 took over from the bot', 'Handed over to Cards team', 'You took over from Cards desk 2'])
  assert.equal(joinedAt(entries, 'w1', { epoch: 9, worker: 'w1' }), 5)
  assert.equal(joinedAt(entries, 'w1', { epoch: 9, worker: null }), null)
})
