/** What the builders promise about types. Checked by the compiler; `types.test.ts` runs it, nothing here runs. */
import { answer, count, distinct, event, ewma, flow, last, linear, max, mean, messageReceived, min, pii, queue, setup, slot, sum, tool } from 'battuta'
import type { AppDefinition, FeatureRead, FlowOp, Outcome, PredictionRead, ToolResult } from 'battuta'
import { expectTypeOf } from 'expect-type'
import { z } from 'zod'
import { returnOrder } from './return-order.ts'

type Intent = 'card_arrival' | 'card_not_working'

const cardDeclined = event({ merchant: z.string(), amount: z.number(), reason: z.enum(['limit', 'blocked']) })
const payment = event(
  z.object({ amount: z.number(), currency: z.string(), tip: z.number().optional(), iban: pii(z.string().optional(), 'IBAN_CODE'), lines: z.array(z.string()) }),
)
const note = event({ text: z.string() }, { from: 'customer' })

const shop = setup({
  events: { cardDeclined, payment, note },
  features: {
    declines5m: count(cardDeclined, { where: { reason: 'limit' } }).over('5m'),
    spend30d: sum(payment, 'amount', { where: { currency: 'EUR' } }).over('30d'),
    tips: mean(payment, 'tip').over('1d'),
    reason: last(cardDeclined, 'reason').over('1h'),
    merchants: distinct(cardDeclined, 'merchant').over('1d'),
    usual: ewma(payment, 'amount').over('1h'),
    least: min(payment, 'amount').over('1h'),
    most: max(payment, 'amount').over('1h'),
    messages: count(messageReceived).over('1h'),
  },
  models: { intent: linear<Intent>('intent'), any: linear('any') },
  answers: {
    plain: 'We are open.',
    wrapped: answer('We are closed.'),
    elsewhere: answer(({ features }) => String(features['anything']?.value ?? '')),
    live: ({ features, models, event: asked }) => {
      expectTypeOf(features.declines5m).toEqualTypeOf<FeatureRead<number> | undefined>()
      expectTypeOf(features.reason).toEqualTypeOf<FeatureRead<'limit' | 'blocked'> | undefined>()
      expectTypeOf(models.intent).toEqualTypeOf<PredictionRead<Intent> | undefined>()
      expectTypeOf(asked.data).toEqualTypeOf<unknown>()
      return `${features.declines5m?.value ?? 0}`
    },
  },
})

const inbound = shop.policy({ on: 'message.received', budget: '300ms', features: ['declines5m', 'reason'], models: ['intent'] }, (moment) => {
  expectTypeOf(moment.event.type).toEqualTypeOf<'message.received'>()
  expectTypeOf(moment.event.data).toEqualTypeOf<{ text: string; conversation?: string; channel?: string }>()
  expectTypeOf<keyof typeof moment.features>().toEqualTypeOf<'declines5m' | 'reason'>()
  expectTypeOf<keyof typeof moment.models>().toEqualTypeOf<'intent'>()
  expectTypeOf(moment.features.declines5m.value).toEqualTypeOf<number | null>()
  expectTypeOf(moment.features.reason.value).toEqualTypeOf<'limit' | 'blocked' | null>()
  expectTypeOf(moment.models.intent.label).toEqualTypeOf<Intent | null>()
  expectTypeOf(moment.models.intent.scores).toEqualTypeOf<Readonly<Partial<Record<Intent, number>>> | null>()
  expectTypeOf(moment.answer('live', { because: 'it is so' })).toEqualTypeOf<Outcome>()
  // @ts-expect-error a value may be missing
  if (moment.features.declines5m.value > 0) return moment.nothing()
  // @ts-expect-error no such label
  if (moment.models.intent.label === 'card_arival') return moment.nothing()
  // @ts-expect-error a feature that the policy did not list
  if (moment.features.spend30d) return moment.nothing()
  // @ts-expect-error a model that the policy did not list
  if (moment.models.any) return moment.nothing()
  // @ts-expect-error a moment does not change
  moment.now = 0
  // @ts-expect-error a moment does not change
  moment.features.declines5m = moment.features.reason as never
  return moment.answer('plain')
})

const declined = shop.policy({ on: 'cardDeclined' }, ({ event: asked, features, answer: say }) => {
  expectTypeOf(asked.data).toEqualTypeOf<{ merchant: string; amount: number; reason: 'limit' | 'blocked' }>()
  expectTypeOf<keyof typeof features>().toEqualTypeOf<never>()
  const name: 'plain' | 'live' = asked.data.amount > 5 ? 'plain' : 'live'
  return say(name)
})
const paid = shop.policy({ on: 'payment' }, ({ event: asked, nothing }) => {
  expectTypeOf(asked.data.iban).toEqualTypeOf<string | undefined>()
  return nothing()
})
const listed = ['spend30d', 'usual'] as const
shop.policy({ on: 'payment', features: listed, models: [] }, ({ features, models, nothing }) => {
  expectTypeOf<keyof typeof features>().toEqualTypeOf<'spend30d' | 'usual'>()
  expectTypeOf<keyof typeof models>().toEqualTypeOf<never>()
  return nothing()
})
const noted = shop.policy({ on: 'note', models: ['intent'] }, ({ nothing }) => nothing({ because: 'a note waits' }))
expectTypeOf(shop.app({ name: 'shop', policies: { inbound, declined, paid, noted } })).toEqualTypeOf<AppDefinition>()

const quiet = setup({ events: { cardDeclined } })
quiet.policy({ on: 'cardDeclined' }, ({ nothing }) => nothing())
// @ts-expect-error nothing but an outcome may be returned
quiet.policy({ on: 'cardDeclined' }, () => 'declined')
// @ts-expect-error a policy does not wait
quiet.policy({ on: 'cardDeclined' }, async ({ nothing }) => nothing())
// @ts-expect-error an app without queues has nobody to hand over to
quiet.policy({ on: 'cardDeclined' }, (moment) => moment.human('cards'))
// @ts-expect-error an app without flows has none to start
quiet.policy({ on: 'cardDeclined' }, (moment) => moment.bot('unblock'))
// @ts-expect-error outcomes of kinds that cannot be declared are not there
quiet.policy({ on: 'cardDeclined' }, (moment) => moment.agent('disputes'))
// @ts-expect-error a budget is in milliseconds or seconds
quiet.policy({ on: 'cardDeclined', budget: '5m' }, ({ nothing }) => nothing())
// @ts-expect-error what Battuta says itself asks for no decision
quiet.policy({ on: 'message.sent' }, ({ nothing }) => nothing())

// @ts-expect-error no such window
count(cardDeclined).over('7m')
// @ts-expect-error a filter on a field that the event does not have
count(cardDeclined, { where: { shop: 'x' } })
// @ts-expect-error a filter on a value that the field never has
count(cardDeclined, { where: { reason: 'funds' } })
// @ts-expect-error a filter on a list
count(payment, { where: { lines: ['x'] } })
// @ts-expect-error a list has no last value
last(payment, 'lines')
// @ts-expect-error a feature without a window
setup({ events: { cardDeclined }, features: { declines: count(cardDeclined) } })
// @ts-expect-error a model is no feature
setup({ events: { cardDeclined }, features: { intent: linear('intent') } })
// @ts-expect-error an answer is a text
setup({ events: { cardDeclined }, answers: { number: 5 } })
// @ts-expect-error an answer returns a text
setup({ events: { cardDeclined }, answers: { number: () => 5 } })
// @ts-expect-error a misspelt feature in an answer
setup({ events: { cardDeclined }, features: { declines: count(cardDeclined).over('5m') }, answers: { live: ({ features }) => `${features.decline?.value}` } })
// @ts-expect-error no such part of an app
setup({ events: { cardDeclined }, anwsers: { plain: 'x' } })

const foreign = { '~standard': { version: 1, vendor: 'other', validate: (value: unknown) => ({ value: value as { amount: number; iban?: string } }) } } as const
expectTypeOf(
  sum(event(foreign, { fields: { amount: { type: 'number' }, iban: { type: 'string', optional: true, pii: 'IBAN_CODE' } } }), 'amount').over('1h').window,
).toEqualTypeOf<'5m' | '1h' | '1d' | '30d'>()
// @ts-expect-error another library's schema needs its fields
event(foreign)
// @ts-expect-error another library's schema needs all its fields
event(foreign, { fields: { amount: { type: 'number' } } })

// What happened, for whoever takes a conversation over.
event({ amount: z.number(), note: z.string().optional() }, { fact: ({ amount, note: said }) => (said === undefined ? null : `${amount}: ${said}`) })
// @ts-expect-error a fact of a field that the event does not have
event({ amount: z.number() }, { fact: ({ amuont }) => `${amuont}` })
// @ts-expect-error a fact is a text, or null
event({ amount: z.number() }, { fact: ({ amount }) => amount })

// Tools: what goes in and comes out is that of their schemas, as each side of them sees it.
const pay = tool({
  input: z.object({ amount: z.string().transform(Number), note: z.string().default('') }),
  output: z.object({ reference: z.string() }),
  changes: true,
  run: async (input, { idempotencyKey, customer, signal }) => {
    expectTypeOf(input).toEqualTypeOf<{ amount: number; note: string }>()
    expectTypeOf([idempotencyKey, customer]).toEqualTypeOf<string[]>()
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
    return { reference: 'r' }
  },
  compensate: async ({ input, output }) => {
    expectTypeOf(input).toEqualTypeOf<{ amount: number; note: string }>()
    expectTypeOf(output).toEqualTypeOf<{ reference: string }>()
  },
})
// @ts-expect-error a tool comes back with what its output says
tool({ input: z.object({}), output: z.object({ n: z.number() }), run: async () => ({ n: 'one' }) })
// @ts-expect-error a tool takes its time
tool({ input: z.object({}), output: z.object({}), run: () => ({}) })
// @ts-expect-error no such option
tool({ input: z.object({}), output: z.object({}), run: async () => ({}), retries: 3 })
// @ts-expect-error a time is a number and a unit
tool({ input: z.object({}), output: z.object({}), run: async () => ({}), timeout: 'soon' })

const sendMoney = flow(
  {
    goal: 'have the money sent',
    slots: {
      amount: slot.amount({ label: 'amount', validate: (amount) => amount < 500 || 'Up to 500.' }),
      last4: slot.digits(4, { label: 'card number' }),
      kind: slot.choice(['debit', 'credit'], { label: 'kind', read: (text) => (text === 'd' ? 'debit' : undefined) }),
      sure: slot.yesNo({ label: 'go-ahead' }),
      why: slot.text({ label: 'reason' }),
    },
    tools: { pay },
  },
  function* ({ ask, again, call, fact, handOff, customer, startedAt, agreed }) {
    expectTypeOf(yield* ask('amount', 'How much?')).toEqualTypeOf<number>()
    expectTypeOf(yield* ask('last4', 'Which card?')).toEqualTypeOf<string>()
    expectTypeOf(yield* ask('kind', 'Which kind?')).toEqualTypeOf<'debit' | 'credit'>()
    expectTypeOf(yield* ask('sure', 'Sure?')).toEqualTypeOf<boolean>()
    expectTypeOf(yield* ask('why', 'Why?')).toEqualTypeOf<string>()
    const paid = yield* call('pay', { amount: '5' })
    expectTypeOf(paid).toEqualTypeOf<ToolResult<{ reference: string }>>()
    // @ts-expect-error what a tool came to may be a failure
    yield* fact(paid.output.reference, 'pay')
    // @ts-expect-error a tool is given what it takes
    yield* call('pay', { amount: 5 })
    // @ts-expect-error a fact comes from a tool of the flow
    yield* fact('Paid', 'payment')
    expectTypeOf(yield* handOff('cards', { because: 'it is much' })).toEqualTypeOf<readonly string[]>()
    expectTypeOf([customer, ...agreed]).toEqualTypeOf<string[]>()
    expectTypeOf(startedAt).toEqualTypeOf<number>()
    return paid.ok ? { resolved: true, summary: paid.output.reference } : yield* again('amount', 'How much, then?')
  },
)
// @ts-expect-error a body is a generator function
flow({ goal: 'x' }, () => ({ resolved: true }))
// @ts-expect-error a body says whether the matter is done
flow({ goal: 'x' }, function* ({ say }) {
  yield* say('x')
})
// @ts-expect-error a body does not wait
flow({ goal: 'x' }, async function* ({ say }) {
  yield* say('x')
  return { resolved: true }
})
// @ts-expect-error a flow says what the customer gets by it
flow({ slots: {} }, function* ({ say }) {
  yield* say('x')
  return { resolved: true }
})
// @ts-expect-error a slot has a label
slot.text({})
// @ts-expect-error a slot reads what it holds
slot.amount({ label: 'amount', read: (text) => text })
// @ts-expect-error a slot that does not do says so in a sentence
slot.amount({ label: 'amount', validate: (amount) => amount > 5 })

/** A part of a body may stand by itself. */
function* greeted(say: (text: string) => Generator<FlowOp, void, unknown>): Generator<FlowOp, void, unknown> {
  yield* say('Good morning.')
}
const greet = flow({ goal: 'be greeted' }, function* ({ say }) {
  yield* greeted(say)
  return { resolved: true }
})

const desk = setup({
  events: { note },
  models: { tone: linear<'anger' | 'fear'>('tone') },
  queues: { cards: queue({ skills: ['cards'], patience: '10m' }), all: queue({ skills: ['any'] }) },
  flows: { sendMoney, greet, returnOrder },
})
const talk = desk.policy({ on: 'message.received' }, ({ asks, conversation, bot, human }) => {
  expectTypeOf(asks.person).toEqualTypeOf<boolean>()
  expectTypeOf(conversation?.waitsIn).toEqualTypeOf<string | null | undefined>()
  if (conversation?.messages === 1) return bot('sendMoney', { because: 'it is said', slots: { amount: 5, kind: 'debit' } })
  // @ts-expect-error a slot holds what it holds
  if (conversation?.messages === 2) return bot('sendMoney', { slots: { amount: '5' } })
  // @ts-expect-error no such slot
  if (conversation?.messages === 3) return bot('sendMoney', { slots: { amuont: 5 } })
  return human('cards', { because: 'asked for', priority: 9 })
})
expectTypeOf(
  desk.app({
    name: 'desk',
    policies: { talk },
    personTo: 'all',
    emotion: { model: 'tone', angry: ['anger'], worried: ['fear'] },
    turn: { settle: '300ms', longest: '4s' },
  }),
).toEqualTypeOf<AppDefinition>()
// @ts-expect-error a label that the model does not have
desk.app({ name: 'desk', policies: {}, emotion: { model: 'tone', angry: ['rage'] } })
