import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sentenceOf } from './sentence.ts'

const outcome = { word: 'answer', act: 'bot', name: 'declined', because: 'a card declined twice in 5 min.' } as const

test('a decision is headed by what was done and because of what', () => {
  assert.deepEqual(sentenceOf({ outcome, failure: null }), { what: 'Answered with declined:', because: 'a card declined twice in 5 min.' })
  assert.deepEqual(sentenceOf({ outcome: { ...outcome, because: null }, failure: null }), { what: 'Answered with declined.', because: null })
  assert.deepEqual(sentenceOf({ outcome: { word: 'nothing', act: 'nothing', name: null, because: 'no rule came first' }, failure: null }), {
    what: 'Nothing was done:',
    because: 'no rule came first.',
  })
})

test('a failed policy is said to have failed, whatever it meant to do', () => {
  assert.match(sentenceOf({ outcome, failure: { code: 'POLICY_FAILED', message: 'x' } }).because ?? '', /failed/)
})
