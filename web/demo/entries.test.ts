import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BattutaClientError } from '../../src/client/index.ts'
import type { ChatDelivery } from '../../src/client/index.ts'
import { accepted, progressOf, refused, told, written } from './entries.ts'
import type { Entry } from './entries.ts'

const from = (author: ChatDelivery['from'], seq: number, text: string, id?: string): ChatDelivery => ({
  seq,
  epoch: 1,
  from: author,
  text,
  ...(id === undefined ? {} : { id }),
})
const seen = (entries: readonly Entry[]) => entries.map((entry) => `${entry.text} ${progressOf(entries, entry)}`)
const none: readonly Entry[] = []

test('K1 a message goes from sending to sent to delivered', () => {
  const one = written(none, { id: 'm1', text: 'hello' })
  assert.deepEqual(seen(one), ['hello sending'])
  const two = accepted(one, 'm1', 1)
  assert.deepEqual(seen(two), ['hello sent'])
  assert.deepEqual(seen(told(two, from('bot', 2, 'hi'))), ['hello delivered', 'hi sent'])
})

test('K1 an answer that arrives before the acknowledgement still stands after its question', () => {
  const early = told(written(none, { id: 'm1', text: 'hello' }), from('bot', 2, 'hi'))
  assert.deepEqual(seen(accepted(early, 'm1', 1)), ['hello delivered', 'hi sent'])
})

test('K1 what waits stays at the end, behind everything that is part of the conversation', () => {
  const waiting = [
    { id: 'm1', text: 'first' },
    { id: 'm2', text: 'second' },
  ].reduce(written, none)
  assert.deepEqual(seen(told(waiting, from('bot', 4, 'meanwhile'))), ['meanwhile sent', 'first sending', 'second sending'])
})

test('K2 what is told again is not shown again, and all of it stands in order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 6 })), { maxLength: 30 }), (frames) => {
      const entries = frames.reduce((list, [mine, half]) => {
        const seq = half * 2 + (mine ? 0 : 1)
        return told(list, mine ? from('customer', seq, `m${seq}`, `id${seq}`) : from('bot', seq, `b${seq}`))
      }, none)
      const places = [...new Set(frames.map(([mine, half]) => half * 2 + (mine ? 0 : 1)))].toSorted((a, b) => a - b)
      assert.deepEqual(
        entries.map(({ seq }) => seq),
        places,
      )
    }),
  )
})

test('a refusal keeps the words and says why', () => {
  const entries = refused(written(none, { id: 'm1', text: 'long' }), 'm1', new BattutaClientError('MESSAGE_INVALID', 'too long'))
  assert.deepEqual(seen(entries), ['long refused'])
  assert.equal(entries[0]?.error?.detail, 'too long')
})
