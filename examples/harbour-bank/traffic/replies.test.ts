import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountsOf } from '../back-end/index.ts'
import { harbourReplies } from './index.ts'
import type { Heard } from './index.ts'

const customer = 'user:current-1000'
const heard = (from: Heard['from'], text: string, conversation = 'c'): Heard => ({ customer, conversation, from, text })

test('a colleague gets a short sentence, then thanks, then nothing', () => {
  for (let seed = 0; seed < 50; seed++) {
    const replies = harbourReplies(`seed ${seed}`)
    const first = replies(heard('human', 'I have read all of it. Were the last payments yours?'))
    const second = replies(heard('human', 'Then I lift the block.'))
    assert.ok(first && second)
    assert.ok(first.text.length < 40 && first.afterMs >= 2_500)
    assert.match(second.text, /thank/i)
    assert.equal(replies(heard('human', 'You are welcome.')), null)
    assert.equal(replies(heard('bot', 'Shall I unblock it now?')), null, 'whoever said goodbye stays away')
  }
})

test('what is said to nobody in particular, or asks nothing, is left unanswered', () => {
  const replies = harbourReplies('quiet')
  assert.equal(replies(heard('system', 'A person from Cards team takes over. Shall we go on?')), null)
  assert.equal(replies(heard('customer', 'Shall I?')), null)
  assert.equal(replies(heard('bot', 'Your card works wherever its brand is shown.')), null)
})

test('a customer knows the last digits and the amounts that the bank has', () => {
  const replies = harbourReplies('knows')
  const { cards, transfers, topUps } = accountsOf(customer, '2030-06-01')
  assert.equal(replies(heard('bot', 'Which card is it? You have … The last four digits will do.'))?.text, cards[0]?.last4)
  assert.equal(replies(heard('bot', 'Which transfer is it? Under way: …'))?.text, String(transfers[0]?.amount))
  assert.equal(replies(heard('bot', 'Which top-up is it? These failed: …'))?.text, String(topUps[0]?.amount))
})

test('nobody goes on for ever, and one seed gives one conversation', () => {
  const talk = (seed: string): (string | undefined)[] => {
    const replies = harbourReplies(seed)
    return Array.from({ length: 20 }, () => replies(heard('bot', 'Shall I unblock it now?'))?.text)
  }
  assert.deepEqual(talk('one'), talk('one'))
  assert.ok(talk('one').filter((text) => text !== undefined).length <= 6)
})

test('a conversation that is long over is forgotten, so that the crowd stays small', () => {
  const replies = harbourReplies('many')
  for (let index = 0; index < 2_001; index++) {
    for (let said = 0; said < 2; said++) replies(heard('human', 'Hello.', `c${index}`))
  }
  assert.notEqual(replies(heard('human', 'Hello.', 'c0')), null)
  assert.equal(replies(heard('human', 'Hello.', 'c2000')), null)
})
