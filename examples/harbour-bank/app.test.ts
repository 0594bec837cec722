import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { testApp } from 'battuta/testing'
import app from './app.ts'
import { answerTo, texts } from './answers.ts'
import { bank as backEnd, closeBank, useBank } from './back-end/index.ts'
import { flowFor } from './intents.ts'

let bank: Awaited<ReturnType<typeof testApp>>
before(async () => {
  bank = await testApp(app, { models: new URL('./models/', import.meta.url) })
})
after(async () => {
  await bank.close()
  closeBank()
})

type Decision = Awaited<ReturnType<typeof bank.say>>

/** What a customer read because of a decision. */
function said({ effects }: Decision): string {
  return effects.flatMap((effect) => (effect.kind === 'deliver' ? [effect.text] : [])).join('\n')
}

function outcomeOf({ outcome: { word, name, because } }: Decision): unknown {
  return { word, name, because }
}

test('a card that was just declined is explained from what the bank sees', async () => {
  const customer = 'user:declined'
  const declined = { merchant: 'Corner Bakery', amount: 12.5, reason: 'limit' }
  await bank.send('cardDeclined', declined, { customer })
  await bank.send('cardDeclined', declined, { customer })
  const decision = await bank.say(customer, 'Why was my card payment declined?')
  assert.equal(decision.outcome.name, 'declined')
  assert.match(said(decision), /declined twice in the last five minutes, most recently at Corner Bakery\. It would have gone over the card’s limit/)
})

test('without a declined card the same words get the general answer', async () => {
  const decision = await bank.say('user:fine', 'Why was my card payment declined?')
  assert.equal(decision.outcome.name, 'declined')
  assert.match(said(decision), /I see no declined payment in the last five minutes/)
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

test('a pending top-up is explained from what the bank sees', async () => {
  const customer = 'user:topup'
  await bank.send('topUpFailed', { amount: 100, currency: 'EUR', method: 'wallet' }, { customer })
  const decision = await bank.say(customer, 'Why is my top-up still pending?')
  assert.equal(decision.outcome.name, 'topUpTrouble')
  assert.match(said(decision), /top-up by wallet failed once in the last hour/)
})

test('what a bot can resolve goes to its flow', async () => {
  useBank(':memory:')
  const asked = async (customer: string, text: string): Promise<unknown> => outcomeOf(await bank.say(customer, text))
  assert.deepEqual(await asked('user:f1', 'My card is blocked'), { word: 'bot', name: 'unblockCard', because: 'a card is blocked' })
  assert.deepEqual(await asked('user:f2', 'My transfer has not arrived'), { word: 'bot', name: 'traceTransfer', because: 'a transfer has not arrived' })
  assert.deepEqual(await asked('user:f3', 'Why did my top-up fail?'), { word: 'bot', name: 'fixTopUp', because: 'a top-up failed' })
  await bank.send('cardDeclined', { merchant: 'Copper Kettle', amount: 80, reason: 'blocked' }, { customer: 'user:f4' })
  const because = 'the card was declined because it is blocked'
  assert.deepEqual(await asked('user:f4', 'Why was my card payment declined?'), { word: 'bot', name: 'unblockCard', because })
})

/** What was sent to a conversation, once it has come to something that fits. */
async function told(conversation: string | null, pattern: RegExp): Promise<string> {
  for (;;) {
    const found = bank.deliveries.find((delivery) => delivery.conversation === conversation && delivery.from !== 'customer' && pattern.test(delivery.text))
    if (found !== undefined) return found.text
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('a bot unblocks a card: it asks which, says why it is blocked, asks, acts and says so', async () => {
  const customer = 'user:whole'
  useBank(':memory:')
  const card = backEnd().cards(customer)[0]
  assert.equal(card?.state, 'blocked')
  const { conversation } = await bank.say(customer, 'My card is blocked')
  if (backEnd().cards(customer).length > 1) {
    await told(conversation, /^Which card is it\?/)
    await bank.say(customer, card.last4)
  }
  assert.match(await told(conversation, /Shall I unblock it now\?$/), new RegExp(`··${card.last4} is blocked, because`))
  assert.equal(backEnd().cards(customer)[0]?.state, 'blocked')
  const { outcome } = await bank.say(customer, 'yes, please')
  assert.deepEqual([outcome.word, outcome.name], ['flow', 'unblockCard'])
  await told(conversation, /^Done: your debit card/)
  assert.equal(backEnd().cards(customer)[0]?.state, 'active')
})

test('asked for a person in the middle of a flow, the colleague reads what is known and what is open', async () => {
  const customer = 'user:handed'
  useBank(':memory:')
  const { conversation } = await bank.say(customer, 'My top-up failed')
  const question = await told(conversation, /\?$|The amount will do\.$/)
  assert.equal((await bank.say(customer, 'A person, please')).outcome.word, 'human')
  await told(conversation, /Cards team/)
  const packet = await bank.runtime.view.packet(String(conversation))
  assert.match(packet?.goal ?? '', /have the money on the account/)
  assert.equal(packet?.question, question)
  for (const fact of packet.facts) assert.equal(fact.status, 'verified')
})

test('thanks begin no flow, whatever they are for, and neither does a guess', async () => {
  assert.equal((await bank.say('user:thanks', 'Thank you, that worked')).outcome.word, 'nothing')
  const { outcome } = await bank.say('user:guess', 'My card does not work any more, nothing happens when I hold it to the reader')
  assert.notEqual(outcome.word, 'bot')
})

test('two intents that lead to one flow are sure together where neither is alone', async () => {
  useBank(':memory:')
  const { outcome, predictions } = await bank.say('user:together', 'transfer to my landlord is still pending')
  assert.ok((predictions.find(({ model }) => model === 'intent')?.confidence ?? 1) < 0.55)
  assert.deepEqual([outcome.word, outcome.name], ['bot', 'traceTransfer'])
})

test('an angry customer of value goes to a person of the right team, before anybody else', async () => {
  for (const [text, queue] of [
    ['This is ridiculous, I hate this bank! My card does not work!', 'cards'],
    ['This is ridiculous, I hate this bank! My transfer has not arrived!', 'payments'],
  ] as const) {
    const customer = `user:valued-${queue}`
    await bank.send('payment', { amount: 2_400, currency: 'EUR' }, { customer })
    const { outcome } = await bank.say(customer, text)
    assert.deepEqual([outcome.word, outcome.name, outcome.priority, outcome.because], ['human', queue, 9, 'an angry customer of value'])
  }
})

test('events say what a colleague should know, and no more', () => {
  const fact = (name: string, data: unknown): string | null | undefined => app.events[name]?.fact?.(data as never)
  assert.equal(fact('cardDeclined', { merchant: 'Copper Kettle', amount: 80, reason: 'limit' }), 'Declined at Copper Kettle: over its limit')
  assert.equal(fact('transferSent', { amount: 80, currency: 'EUR', state: 'pending', iban: 'DE02 1203 0000 0000 2020 51' }), 'Transfer of €80.00 is pending')
  assert.equal(fact('transferSent', { amount: 80, currency: 'EUR', state: 'arrived' }), null)
  assert.equal(fact('topUpFailed', { amount: 80, currency: 'EUR', method: 'bank' }), 'Top-up of €80.00 by bank transfer failed')
  assert.equal(fact('cashWithdrawn', { amount: 80, currency: 'EUR', country: 'Japan' }), 'Took out €80.00 in Japan')
  assert.equal(fact('payment', { amount: 80, currency: 'EUR' }), undefined)
})

test('every intent has an answer or a flow, and every text is used', () => {
  const used = new Set<string>([...Object.values(answerTo), 'askBack', 'pardon'])
  for (const name of used) assert.ok(Object.hasOwn(app.answers, name), name)
  for (const { flow } of Object.values(flowFor)) assert.ok(Object.hasOwn(app.flows, flow), flow)
  assert.equal(Object.keys(answerTo).length + Object.keys(flowFor).length, 77)
  assert.deepEqual(
    Object.keys(texts).filter((name) => !used.has(name)),
    [],
  )
})
