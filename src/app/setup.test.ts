import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { BattutaError } from '../base/index.ts'
import { validateApp, windows } from '../definition/index.ts'
import type { AppDefinition, Window } from '../definition/index.ts'
import { answer, count, distinct, event, ewma, last, linear, max, mean, messageReceived, min, setup, sum } from './index.ts'

function refusal(build: () => unknown): string {
  try {
    build()
  } catch (error) {
    assert.ok(error instanceof BattutaError && error.code === 'APP_INVALID', String(error))
    return error.message
  }
  return assert.fail('it was not refused')
}

/** Every object of an app but schemas and functions. */
function* parts(value: unknown): Generator<object> {
  if (typeof value !== 'object' || value === null) return
  yield value
  for (const [key, inner] of Object.entries(value)) if (key !== 'schema') yield* parts(inner)
}

const payment = event({ amount: z.number(), currency: z.string() })

test('names are the keys, and everything becomes plain frozen data', () => {
  const shop = setup({
    events: { payment },
    features: { spend: sum(payment, 'amount', { where: { currency: 'EUR' } }).over('30d'), messages: count(messageReceived).over('1h') },
    models: { intent: linear('intent-2') },
    answers: { plain: 'We are open.', wrapped: answer('We are closed.'), live: ({ features }) => String(features.spend?.value) },
  })
  const app = shop.app({
    name: 'shop',
    policies: { inbound: shop.policy({ on: 'message.received', features: ['spend'], models: ['intent'] }, ({ nothing }) => nothing()) },
  })
  assert.equal(validateApp(app), app)
  const { version, ...spend } = app.features['spend'] ?? assert.fail()
  assert.match(version, /^[0-9a-f]{12}$/)
  assert.deepEqual(spend, {
    kind: 'feature',
    name: 'spend',
    operator: 'sum',
    event: 'payment',
    field: 'amount',
    where: { currency: 'EUR' },
    window: '30d',
    windowMs: 2_592_000_000,
    hopMs: 86_400_000,
    valueType: 'number',
  })
  assert.equal(app.features['messages']?.event, 'message.received')
  assert.deepEqual(app.models['intent'], { kind: 'model', name: 'intent', backend: 'linear', file: 'intent-2' })
  assert.deepEqual(app.answers['plain'], { kind: 'answer', name: 'plain', text: 'We are open.' })
  const live = app.answers['live']?.text
  assert.ok(typeof live === 'function')
  assert.equal(live({ features: { spend: { value: 5 } } } as never), '5')
  const { decide, ...inbound } = app.policies['inbound'] ?? assert.fail()
  assert.equal(typeof decide, 'function')
  assert.deepEqual(inbound, { kind: 'policy', name: 'inbound', on: 'message.received', budgetMs: 300, features: ['spend'], models: ['intent'] })
})

test('a version is the hash of the definition without its name', () => {
  const version = (features: Parameters<typeof setup>[0]['features']): string =>
    Object.values(setup({ events: { payment }, features: features ?? {} }).app({ name: 'x', policies: {} }).features)[0]?.version ?? ''
  const first = version({ a: sum(payment, 'amount').over('1h') })
  assert.equal(version({ other: sum(payment, 'amount').over('1h') }), first)
  const others = [
    sum(payment, 'amount').over('1d'),
    mean(payment, 'amount').over('1h'),
    count(payment).over('1h'),
    sum(payment, 'amount', { where: { currency: 'EUR' } }).over('1h'),
  ]
  assert.equal(new Set([first, ...others.map((feature) => version({ a: feature }))]).size, 5)
})

test('budgets are read as durations', () => {
  const shop = setup({ events: { payment } })
  assert.equal(shop.policy({ on: 'payment', budget: '1.5s' }, ({ nothing }) => nothing()).budgetMs, 1_500)
  assert.match(
    refusal(() => shop.policy({ on: 'payment', budget: 'soon' as never }, ({ nothing }) => nothing())),
    /budget: “soon” is not a duration/,
  )
})

test('what a JavaScript file misspells is refused by name, not ignored', () => {
  assert.match(
    refusal(() => setup({ events: { payment }, anwsers: {} } as never)),
    /setup\(…\) has no option “anwsers”; did you mean “answers”\?/,
  )
  assert.match(
    refusal(() => count(payment, { were: { currency: 'EUR' } } as never)),
    /count\(…\) has no option “were”; did you mean “where”\?/,
  )
  assert.match(
    refusal(() => setup({ events: { payment } }).policy({ on: 'payment', feature: [] } as never, ({ nothing }) => nothing())),
    /policy\(…\) has no option “feature”; did you mean “features”\?/,
  )
  assert.match(
    refusal(() => setup({ events: { payment } }).app({ name: 'x', policy: {} } as never)),
    /app\(…\) has no option “policy”/,
  )
  assert.match(
    refusal(() => setup(undefined as never)),
    /setup\(…\) takes an object of events, features, models, answers, queues, flows, and was given none/,
  )
})

test('one event under two keys would leave its features without a home, and is refused', () => {
  assert.match(
    refusal(() => setup({ events: { payment, again: payment } })),
    /events\.again: is the same event as events\.payment/,
  )
})

test('an event that is not declared is found when the app is validated, with the mend', () => {
  const app = setup({ events: {}, features: { spend: sum(payment, 'amount').over('1h') } }).app({ name: 'x', policies: {} })
  assert.match(
    refusal(() => validateApp(app)),
    /^features\.spend\.event: is not among the app’s events: add it to setup\(\{ events \}\)$/,
  )
})

test('a feature without a window is found when the app is validated, with the mend', () => {
  const app = setup({ events: { payment }, features: { spend: sum(payment, 'amount') as never } }).app({ name: 'x', policies: {} })
  assert.match(
    refusal(() => validateApp(app)),
    /^features\.spend: has no window: end it with \.over\('5m'\)/,
  )
})

test('no builder changes what it was given, and nothing built can be changed later', () => {
  const where = { currency: 'EUR' }
  const listed: 'spend'[] = ['spend']
  const shop = setup({ events: { payment }, features: { spend: sum(payment, 'amount', { where }).over('1h') } })
  const app = shop.app({ name: 'x', policies: { p: shop.policy({ on: 'payment', features: listed }, ({ nothing }) => nothing()) } })
  where.currency = 'GBP'
  listed.push('spend')
  assert.deepEqual(app.features['spend']?.where, { currency: 'EUR' })
  assert.deepEqual(app.policies['p']?.features, ['spend'])
  assert.throws(() => ((app.features['spend'] as { window: string }).window = '1d'), TypeError)
})

const name = fc.stringMatching(/^[a-z][A-Za-z0-9]{0,12}$/).filter((text) => !(text in Object.prototype))
const names = (most: number): fc.Arbitrary<string[]> => fc.uniqueArray(name, { minLength: 1, maxLength: most, selector: (text) => text.toLowerCase() })
const operators = [
  count,
  (from: typeof payment) => sum(from, 'amount'),
  (from: typeof payment) => mean(from, 'amount'),
  (from: typeof payment) => min(from, 'amount'),
  (from: typeof payment) => max(from, 'amount'),
  (from: typeof payment) => last(from, 'currency'),
  (from: typeof payment) => distinct(from, 'currency'),
  (from: typeof payment) => ewma(from, 'amount'),
] as const

test('any app that the builders make is valid, frozen to its leaves, and the same when it is made again', () => {
  const plan = fc.record({
    events: names(5),
    features: names(12),
    models: names(3),
    answers: names(5),
    texts: fc.stringMatching(/^[A-Z][a-z ]{1,20}\.$/),
    picks: fc.array(fc.nat(1_000), { minLength: 40, maxLength: 40 }),
    budget: fc.integer({ min: 1, max: 60_000 }),
  })
  fc.assert(
    fc.property(plan, ({ events, features, models, answers, texts, picks, budget }) => {
      const build = (): AppDefinition => {
        const drafts = events.map(() => event({ amount: z.number(), currency: z.string() }))
        const allWindows = Object.keys(windows) as Window[]
        const pick = <Item>(items: readonly Item[], at: number): Item => items[(picks[at % picks.length] ?? 0) % items.length] as Item
        const entries = features.map((feature, at) => [feature, pick(operators, at)(pick(drafts, at + 1)).over(pick(allWindows, at + 2))] as const)
        const shop = setup({
          events: Object.fromEntries(events.map((key, at) => [key, drafts[at] ?? assert.fail()])),
          features: Object.fromEntries(entries),
          models: Object.fromEntries(models.map((key) => [key, linear(key)])),
          answers: Object.fromEntries(answers.map((key, at) => [key, at % 2 ? texts : () => texts])),
        })
        const policies = {
          inbound: shop.policy({ on: 'message.received', budget: `${budget}ms`, features, models }, ({ nothing }) => nothing()),
          other: shop.policy({ on: pick(events, 3) }, ({ nothing }) => nothing()),
        }
        return shop.app({ name: 'made', policies })
      }
      const app = build()
      assert.equal(validateApp(app), app)
      for (const part of parts(app)) assert.ok(Object.isFrozen(part))
      for (const kind of ['events', 'features', 'models', 'answers', 'policies'] as const)
        for (const [key, part] of Object.entries(app[kind])) assert.equal(part.name, key)
      assert.equal(JSON.stringify(build()), JSON.stringify(app))
    }),
    { numRuns: 100 },
  )
})
