/** The path of one event on memory drivers, from the door to the delivery. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { answer, count, event, setup } from '../../src/app/index.ts'
import { testApp } from '../../src/testing/index.ts'

const cardDeclined = event({ merchant: z.string(), amount: z.number() })
const shop = setup({
  events: { cardDeclined },
  features: { declines5m: count(cardDeclined).over('5m') },
  answers: { declined: answer(({ features }) => `Declined ${String(features['declines5m']?.value ?? 0)} times`), hello: answer('Hello') },
})
const app = shop.app({
  name: 'shop',
  policies: {
    inbound: shop.policy({ on: 'message.received', features: ['declines5m'] }, ({ features, event: { data }, answer: say, nothing }) => {
      if (data.text === 'throw') throw new Error('on purpose')
      if (data.text === 'quiet') return nothing({ because: 'nobody asked' })
      return (features.declines5m.value ?? 0) > 0 ? say('declined', { because: 'a decline' }) : say('hello')
    }),
  },
})

test('an event is folded, a message is decided as of it, and the answer leaves in order', async () => {
  const shopApp = await testApp(app)
  try {
    const first = await shopApp.say('user:1', 'hi')
    assert.equal(first.outcome.name, 'hello')
    await shopApp.send('cardDeclined', { merchant: 'x', amount: 1 }, { customer: 'user:1', id: 'a' })
    await shopApp.send('cardDeclined', { merchant: 'x', amount: 1 }, { customer: 'user:1', id: 'a' })
    await shopApp.send('cardDeclined', { merchant: 'x', amount: 1 }, { customer: 'user:1', id: 'b' })
    const second = await shopApp.say('user:1', 'again')
    assert.equal(second.outcome.name, 'declined')
    assert.equal(second.features[0]?.value, 2)
    assert.equal(second.effects[0]?.text, 'Declined 2 times')
    assert.equal((await shopApp.runtime.replay(second.id, null)).equal, true)
    const failed = await shopApp.say('user:1', 'throw')
    assert.equal(failed.failure?.code, 'POLICY_FAILED')
    assert.equal(failed.outcome.act, 'nothing')
    await shopApp.say('user:1', 'quiet')
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(
      shopApp.deliveries.map((d) => [d.seq, d.from]),
      [
        [1, 'customer'],
        [2, 'bot'],
        [3, 'customer'],
        [4, 'bot'],
        [5, 'customer'],
        [6, 'customer'],
      ],
    )
    const timeline = await shopApp.runtime.timeline('user:1', 50, null)
    assert.deepEqual(
      timeline.items
        .map((item) => item.event.type)
        .reverse()
        .slice(0, 4),
      ['message.received', 'message.sent', 'cardDeclined', 'cardDeclined'],
    )
  } finally {
    await shopApp.close()
  }
})
