import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isCount, sparkPoints, sparkSentence, summaryOf } from './summary.ts'

const event = (type: string, data: unknown) => ({ event: { id: '1', source: 's', type, data } })

test('a message is what was said and by whom, without the outbox’s bookkeeping', () => {
  assert.deepEqual(summaryOf(event('message.received', { text: 'Hello', conversation: 'con_1', channel: 'chat' })), {
    by: 'customer',
    said: 'Hello',
    fields: [],
  })
  assert.deepEqual(summaryOf(event('message.sent', { text: 'Hi', author: 'bot', key: '1:2:0', seq: 2, epoch: 1, hash: 'x', conversation: 'c' })), {
    by: 'bot',
    said: 'Hi',
    fields: [],
  })
})

test('anything else is its fields, sealed ones included', () => {
  const sealed = { pii: 'IBAN_CODE' }
  assert.deepEqual(summaryOf(event('payment', { amount: 12, iban: sealed })).fields, [
    { name: 'amount', held: 12 },
    { name: 'iban', held: sealed },
  ])
  assert.deepEqual(summaryOf(event('ping', null)).fields, [])
})

test('a spark ends at the value shown, and a constant runs through the middle', () => {
  assert.deepEqual(sparkPoints([1, 3, 2]), [
    [0, 0],
    [0.5, 1],
    [1, 0.5],
  ])
  assert.deepEqual(sparkPoints([4]), [[1, 0.5]])
  assert.equal(sparkSentence([]), 'no value since this page opened')
  assert.equal(sparkSentence([1, 3]), 'from 1 to 3 since this page opened')
  assert.deepEqual(['count', 'sum', 'distinct'].map(isCount), [true, false, true])
})
