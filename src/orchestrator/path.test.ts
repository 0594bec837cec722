/** Conversations of one customer and of several, over the whole path on memory drivers: each test is something that went wrong once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answer, flow, queue, setup, slot } from '../app/index.ts'
import { testApp } from '../testing/index.ts'
import type { TestApp } from '../testing/index.ts'

const cards = queue({ skills: ['cards'], team: 'Cards team', offer: '8s', wrapUp: '5s', wrapUpCodes: ['solved'] })
const ask = flow({ goal: 'keep a secret', slots: { secret: slot.text({ label: 'secret' }), more: slot.text({ label: 'rest' }) }, tools: {} }, function* (of) {
  yield* of.fact(`The secret is ${yield* of.ask('secret', 'What is the secret?')}`)
  yield* of.ask('more', 'And the rest?')
  return { resolved: true, summary: null }
})
const vocabulary = setup({ events: {}, queues: { cards }, flows: { ask }, answers: { told: answer('I see.') } })
const app = vocabulary.app({
  name: 'path',
  policies: {
    inbound: vocabulary.policy({ on: 'message.received' }, ({ event: { data }, answer: tell, bot }) => (/secret/.test(data.text) ? bot('ask') : tell('told'))),
  },
})

async function withShop(
  work: (shop: TestApp, say: (customer: string, conversation: string | null, text: string) => Promise<string>) => Promise<void>,
): Promise<void> {
  const shop = await testApp(app)
  let count = 0
  try {
    await work(
      shop,
      async (customer, conversation, text) => (await shop.runtime.say({ customer, conversation, id: `m${count++}`, text, channel: 'web' })).conversation,
    )
  } finally {
    await shop.close()
  }
}

test('I2 whoever named another customer’s conversation was given its memory', () =>
  withShop(async (shop, say) => {
    await say('user:1', 'conv_a', 'a secret')
    await say('user:1', 'conv_a', 'swordfish')
    const other = await say('user:2', 'conv_a', 'hello')
    assert.notEqual(other, 'conv_a')
    await shop.runtime.left('user:2')
    assert.deepEqual(
      shop.deliveries.filter(({ conversation, from }) => conversation === other && from === 'bot').map(({ text }) => text),
      ['I see.'],
    )
    const view = await shop.runtime.view.conversation(other)
    assert.deepEqual([view.customer, view.flow, view.goal], ['user:2', null, 'hello'])
    assert.equal((await shop.runtime.view.conversation('conv_a')).messages, 2)
  }))

test('a note on a conversation of the past drew the customer’s next message into it', () =>
  withShop(async (shop, say) => {
    await say('user:1', 'conv_old', 'hello')
    await say('user:1', 'conv_new', 'hello')
    await shop.runtime.desk.note({ conversation: 'conv_old', id: 'n1', text: 'a note', worker: 'person:a' })
    assert.equal(await say('user:1', null, 'and now?'), 'conv_new')
  }))

test('a customer who was linked to another in the middle of a conversation was heard by nobody in it', () =>
  withShop(async (shop, say) => {
    assert.equal(await say('cookie:9', 'conv_page', 'a person, please'), 'conv_page')
    await shop.send('identity.linked', { identity: 'cookie:9' }, { customer: 'user:1' })
    await shop.runtime.left('user:1')
    assert.equal(await say('cookie:9', 'conv_page', 'are you there?'), 'conv_page')
    const view = await shop.runtime.view.conversation('conv_page')
    assert.deepEqual([view.messages, view.queue], [2, 'cards'])
    const again = await shop.runtime.say({ customer: 'cookie:9', conversation: 'conv_page', id: 'm1', text: 'are you there?', channel: 'web' })
    assert.deepEqual([again.conversation, again.duplicate], ['conv_page', true])
    assert.notEqual(await say('cookie:9', null, 'hello'), 'conv_page', 'what names no conversation is the known customer’s')
  }))

test('N3 a customer of many conversations keeps few of them in memory, and all of them on record', () =>
  withShop(async (shop, say) => {
    for (let n = 0; n < 40; n++) await say('user:1', `conv_${n}`, 'hello')
    for (let n = 0; n < 40; n++) await say('user:1', `conv_${n}`, 'again')
    for (let n = 0; n < 40; n++) assert.equal((await shop.runtime.view.conversation(`conv_${n}`)).messages, 2)
  }))
