import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { testApp } from 'battuta/testing'
import app from './app.ts'
import { answerTo, texts } from './answers.ts'

let bank: Awaited<ReturnType<typeof testApp>>
before(async () => {
  bank = await testApp(app, { models: new URL('./models/', import.meta.url) })
})
after(() => bank.close())

test('a card that was just declined is explained from what the bank sees', async () => {
  const customer = 'user:declined'
  const declined = { merchant: 'Corner Bakery', amount: 12.5, reason: 'limit' }
  await bank.send('cardDeclined', declined, { customer })
  await bank.send('cardDeclined', declined, { customer })
  const decision = await bank.say(customer, 'Why was my card payment declined?')
  assert.equal(decision.outcome.name, 'declined')
  assert.match(
    decision.effects[0]?.text ?? '',
    /declined twice in the last five minutes, most recently at Corner Bakery\. It would have gone over the card’s limit/,
  )
})

test('without a declined card the same words get the general answer', async () => {
  const decision = await bank.say('user:fine', 'Why was my card payment declined?')
  assert.equal(decision.outcome.name, 'declined')
  assert.match(decision.effects[0]?.text ?? '', /I see no declined payment in the last five minutes/)
})

test('a lost card comes before a declined one', async () => {
  const customer = 'user:lost'
  await bank.send('cardDeclined', { merchant: 'Copper Kettle', amount: 80, reason: 'blocked' }, { customer })
  const decision = await bank.say(customer, 'My card was stolen, please block it')
  assert.equal(decision.outcome.name, 'lostCard')
})

test('what cannot be told is asked back', async () => {
  const decision = await bank.say('user:vague', 'hmm')
  assert.equal(decision.outcome.name, 'askBack')
})

test('a failed top-up is explained from what the bank sees', async () => {
  const customer = 'user:topup'
  await bank.send('topUpFailed', { amount: 100, currency: 'EUR', method: 'wallet' }, { customer })
  const decision = await bank.say(customer, 'Why did my top-up fail?')
  assert.equal(decision.outcome.name, 'topUpTrouble')
  assert.match(decision.effects[0]?.text ?? '', /top-up by wallet failed once in the last hour/)
})

test('every intent has an answer, and every text is used', () => {
  const used = new Set<string>([...Object.values(answerTo), 'askBack'])
  for (const name of used) assert.ok(Object.hasOwn(app.answers, name), name)
  assert.deepEqual(
    Object.keys(texts).filter((name) => !used.has(name)),
    [],
  )
})
