import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BattutaClientError } from '../../src/client/index.ts'
import type { ChatDelivery } from '../../src/client/index.ts'
import { accepted, discarded, lastSeq, refused, told, unreadAfter, written } from './entries.ts'
import type { Entry } from './entries.ts'
import { linesOf } from './lines.ts'

const from = (author: ChatDelivery['from'], seq: number, text: string, more: Partial<ChatDelivery> = {}): ChatDelivery => ({
  seq,
  epoch: 1,
  from: author,
  text,
  at: seq * 1_000,
  ...more,
})
/** Every line in a word or two: who is named, and how far it got. */
const seen = (entries: readonly Entry[], readSeq = 0) =>
  linesOf(entries, readSeq).map((line) => {
    if (line.kind === 'mine') return `${line.entry.text} ${line.says ? line.progress : '·'}`
    if (line.kind === 'notice') return `[${line.notice?.kind ?? line.entry.text}]`
    return line.speaker ? `${line.speaker.from}${line.speaker.team ? ` of ${line.speaker.team}` : ''}: ${line.entry.text}` : line.entry.text
  })
const none: readonly Entry[] = []

test('K1 a message goes from sending to sent to delivered to seen', () => {
  const one = written(none, { id: 'm1', text: 'hello' }, 0)
  assert.deepEqual(seen(one), ['hello sending'])
  const two = accepted(one, 'm1', 1)
  assert.deepEqual(seen(two), ['hello sent'])
  const three = told(two, from('bot', 2, 'hi'))
  assert.deepEqual(seen(three), ['hello delivered', 'bot: hi'])
  assert.deepEqual(seen(three, 1), ['hello seen', 'bot: hi'])
})

test('K1 a notice answers nobody: a message before it is sent, not delivered', () => {
  const waiting = told(accepted(written(none, { id: 'm1', text: 'a person, please' }, 0), 'm1', 1), from('system', 2, 'A person takes over'))
  assert.equal(seen(waiting)[0], 'a person, please sent')
})

test('K1 an answer that arrives before the acknowledgement still stands after its question', () => {
  const early = told(written(none, { id: 'm1', text: 'hello' }, 0), from('bot', 2, 'hi'))
  assert.deepEqual(seen(accepted(early, 'm1', 1)), ['hello delivered', 'bot: hi'])
})

test('K1 what waits stays at the end, behind everything that is part of the conversation', () => {
  const waiting = ['first', 'second'].reduce((list, text) => written(list, { id: text, text }, 0), none)
  assert.deepEqual(seen(told(waiting, from('bot', 4, 'meanwhile'))), ['bot: meanwhile', 'first ·', 'second sending'])
})

test('K1 messages that got equally far say so once, under the last of them', () => {
  const all = ['one', 'two', 'three'].reduce((list, text) => written(list, { id: text, text }, 0), none)
  assert.deepEqual(seen(accepted(accepted(all, 'one', 1), 'two', 2)), ['one ·', 'two sent', 'three sending'])
  assert.deepEqual(seen(accepted(accepted(all, 'one', 1), 'two', 2), 1), ['one seen', 'two sent', 'three sending'])
})

test('K2 what is told again is not shown again, and all of it stands in order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 6 })), { maxLength: 30 }), (frames) => {
      const entries = frames.reduce((list, [mine, half]) => {
        const seq = half * 2 + (mine ? 0 : 1)
        return told(list, mine ? from('customer', seq, `m${seq}`, { id: `id${seq}` }) : from('bot', seq, `b${seq}`))
      }, none)
      const places = [...new Set(frames.map(([mine, half]) => half * 2 + (mine ? 0 : 1)))].toSorted((a, b) => a - b)
      assert.deepEqual(
        entries.map(({ seq }) => seq),
        places,
      )
    }),
  )
})

test('K2 a message from another tab becomes one with what this tab kept of it', () => {
  const kept = written(none, { id: 'm1', text: 'hello' }, 5)
  const entries = told(kept, from('customer', 1, 'hello', { id: 'm1' }))
  assert.deepEqual(seen(entries), ['hello sent'])
  assert.equal(entries[0]?.at, 1_000, 'and takes the server’s time')
})

test('a person is named with the team that the last notice said, and again after somebody else spoke', () => {
  const joined = (seq: number, team: string) => from('system', seq, 'joined', { notice: { kind: 'joined', team } })
  const course = [
    from('bot', 1, 'a'),
    from('bot', 2, 'b'),
    joined(3, 'Cards team'),
    from('human', 4, 'c'),
    from('customer', 5, 'd', { id: 'm' }),
    from('human', 6, 'e'),
    joined(7, 'Fraud team'),
    from('human', 8, 'f'),
  ]
  assert.deepEqual(seen(course.reduce(told, none)), [
    'bot: a',
    'b',
    '[joined]',
    'human of Cards team: c',
    'd delivered',
    'human of Cards team: e',
    '[joined]',
    'human of Fraud team: f',
  ])
})

test('a refusal keeps the words and says why, until they are sent after all or discarded', () => {
  const entries = refused(written(none, { id: 'm1', text: 'long' }, 0), 'm1', new BattutaClientError('MESSAGE_INVALID', 'too long'))
  assert.deepEqual(seen(entries), ['long refused'])
  assert.equal(entries[0]?.error?.detail, 'too long')
  assert.deepEqual(seen(accepted(entries, 'm1', 1)), ['long sent'])
  assert.deepEqual(discarded(entries, 'm1'), [])
})

test('unread is what others said after the place that was read', () => {
  const entries = [from('bot', 1, 'a'), from('customer', 2, 'b', { id: 'm' }), from('human', 3, 'c'), from('system', 4, 'd')].reduce(told, none)
  assert.deepEqual(
    [0, 1, 3, 4].map((seq) => unreadAfter(entries, seq)),
    [3, 2, 1, 0],
  )
  assert.equal(lastSeq(entries), 4)
  assert.equal(lastSeq(none), 0)
})
