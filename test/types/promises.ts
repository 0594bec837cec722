/** What the builders promise about types. Checked by the compiler; `types.test.ts` runs it, nothing here runs. */
import { answer, count, distinct, event, ewma, last, linear, max, mean, messageReceived, min, pii, setup, sum } from 'battuta'
import type { AppDefinition, FeatureRead, Outcome, PredictionRead } from 'battuta'
import { expectTypeOf } from 'expect-type'
import { z } from 'zod'

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
// @ts-expect-error outcomes of kinds that cannot be declared are not there
quiet.policy({ on: 'cardDeclined' }, (moment) => moment.human('cards'))
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
