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
    assert.deepEqual(
      second.effects.map((effect) => effect.kind === 'deliver' && effect.text),
      ['Declined 2 times'],
    )
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

test('an identity that is linked speaks for the customer from then on', async () => {
  const shopApp = await testApp(app)
  try {
    await shopApp.say('cookie:7', 'hi')
    await shopApp.send('identity.linked', { identity: 'cookie:7' }, { customer: 'user:1' })
    await shopApp.say('user:1', 'the link is committed before this answer')
    await shopApp.send('cardDeclined', { merchant: 'x', amount: 1 }, { customer: 'cookie:7' })
    const decision = await shopApp.say('cookie:7', 'again')
    assert.equal(decision.customer, 'user:1')
    assert.equal(decision.outcome.name, 'declined')
    const known = await shopApp.runtime.customer('cookie:7')
    assert.deepEqual([known.id, known.identities], ['user:1', ['user:1', 'cookie:7']])
    assert.equal((await shopApp.features('cookie:7', 'declines5m'))['declines5m']?.value, 1)
  } finally {
    await shopApp.close()
  }
})

test('a decision that is asked for is made as of now, kept, and says nothing to the customer', async () => {
  const shopApp = await testApp(app)
  try {
    const { runtime } = shopApp
    const decision = await runtime.decide('inbound', { customer: 'user:1', input: { text: 'what would you say' }, budgetMs: 50 })
    assert.deepEqual([decision.outcome.name, decision.budgetMs, decision.effects, decision.conversation], ['hello', 50, [], null])
    assert.equal((await runtime.decision(decision.id)).decision.id, decision.id)
    assert.deepEqual(shopApp.deliveries, [])
    await assert.rejects(runtime.decide('inbund', { customer: 'user:1', input: {} }), { code: 'POLICY_UNKNOWN' })
    await assert.rejects(runtime.decide('inbound', { customer: 'user:1', input: { txt: 'x' } }), { code: 'EVENT_PAYLOAD_INVALID' })
    await assert.rejects(runtime.decide('inbound', { customer: 'user:1', input: { text: 'x' }, budgetMs: 0 }), { code: 'REQUEST_INVALID' })
  } finally {
    await shopApp.close()
  }
})

test('one bad event refuses its batch whole, names index and field, and appends nothing', async () => {
  const shopApp = await testApp(app)
  try {
    const good = { specversion: '1.0', id: 'a', source: 's', type: 'cardDeclined', subject: 'user:1', data: { merchant: 'x', amount: 1 } }
    const service = { role: 'service' } as const
    const cases: readonly (readonly [Record<string, unknown>, string, string])[] = [
      [{ ...good, type: 'cardDeclnd' }, 'EVENT_TYPE_UNKNOWN', 'cardDeclnd'],
      [{ ...good, data: { merchant: 'x', amount: 'much' } }, 'EVENT_PAYLOAD_INVALID', 'data.amount'],
      [{ ...good, specversion: '0.3' }, 'EVENT_INVALID', 'specversion'],
      [{ ...good, id: '' }, 'EVENT_INVALID', 'id'],
      [{ ...good, id: 'x'.repeat(300) }, 'EVENT_INVALID', 'id'],
      [{ ...good, time: 'yesterday' }, 'EVENT_INVALID', 'time'],
      [{ ...good, time: '2100-01-01T00:00:00Z' }, 'EVENT_IN_FUTURE', '2100'],
      [{ ...good, type: 'message.sent' }, 'FORBIDDEN', 'message.sent'],
    ]
    for (const [bad, code, said] of cases) {
      await assert.rejects(shopApp.runtime.accept([good, bad], service), (error: Error & { code?: string; details?: { index?: number } }) => {
        assert.equal(error.code, code)
        assert.ok(error.message.includes(said) && error.message.includes('event 1'), error.message)
        return error.details?.index === 1
      })
    }
    await assert.rejects(shopApp.runtime.accept([], service), { code: 'BATCH_INVALID' })
    await assert.rejects(
      shopApp.runtime.accept(
        Array.from({ length: 1_001 }, () => good),
        service,
      ),
      { code: 'BATCH_INVALID' },
    )
    await assert.rejects(shopApp.runtime.accept([good], { role: 'customer', customer: 'user:1' }), { code: 'FORBIDDEN' })
    await assert.rejects(shopApp.runtime.customer('user:1'), { code: 'CUSTOMER_UNKNOWN' })
  } finally {
    await shopApp.close()
  }
})
