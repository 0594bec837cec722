import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BattutaError } from '../base/index.ts'
import { appLimits, builtinEvents, partLimits, validateApp } from './index.ts'

type Loose = Record<string, any>

function app(): Loose {
  const schema = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } }
  const field = (type: string): Loose => ({ type, optional: false, pii: null })
  return {
    kind: 'app',
    name: 'shop',
    events: {
      cardDeclined: {
        kind: 'event',
        name: 'cardDeclined',
        from: 'service',
        fields: { merchant: field('string'), amount: field('number'), lines: field('other') },
        schema,
        fact: null,
        version: 'e1',
      },
      note: { kind: 'event', name: 'note', from: 'customer', fields: { text: field('string') }, schema, fact: () => 'noted', version: 'e2' },
    },
    features: {
      declines5m: {
        kind: 'feature',
        name: 'declines5m',
        operator: 'count',
        event: 'cardDeclined',
        field: null,
        where: { merchant: 'x' },
        windowMs: 300_000,
        window: '5m',
        hopMs: 25_000,
        valueType: 'number',
        version: 'f1',
      },
      merchant: {
        kind: 'feature',
        name: 'merchant',
        operator: 'last',
        event: 'cardDeclined',
        field: 'merchant',
        where: null,
        windowMs: 3_600_000,
        window: '1h',
        hopMs: 300_000,
        valueType: 'string',
        version: 'f2',
      },
    },
    models: { intent: { kind: 'model', name: 'intent', backend: 'linear', file: 'intent' } },
    answers: { plain: { kind: 'answer', name: 'plain', text: 'We are open.' } },
    policies: {
      inbound: {
        kind: 'policy',
        name: 'inbound',
        on: 'message.received',
        budgetMs: 300,
        features: ['declines5m', 'merchant'],
        models: ['intent'],
        decide: () => undefined,
      },
    },
    ...talking(schema),
    personTo: 'cards',
    emotion: { model: 'intent', angry: ['anger'], worried: ['fear'] },
    turn: { settleMs: 400, longestMs: 6_000 },
  }
}

/** Queues, tools and flows. */
function talking(schema: Loose): Loose {
  return {
    queues: {
      cards: {
        kind: 'queue',
        name: 'cards',
        skills: ['cards'],
        team: 'Cards team',
        serviceLevel: { share: 0.8, withinMs: 20_000 },
        offerMs: 20_000,
        patienceMs: null,
        wrapUpMs: 30_000,
        wrapUpCodes: ['solved', 'not solved'],
      },
    },
    tools: {
      unblock: {
        kind: 'tool',
        name: 'unblock',
        input: schema,
        output: schema,
        run: async () => undefined,
        changes: true,
        compensate: async () => undefined,
        timeoutMs: 5_000,
        attemptsMax: 3,
      },
    },
    flows: {
      unblockCard: {
        kind: 'flow',
        name: 'unblockCard',
        goal: 'use the card again',
        slots: {
          last4: slot('last4', { type: 'digits', length: 4, validate: () => true }),
          which: slot('which', { type: 'choice', options: ['debit', 'credit'] }),
        },
        tools: ['unblock'],
        run: () => undefined,
        version: 'b1',
      },
    },
  }
}

function at(app: Loose, path: string): Loose {
  return path.split('.').reduce((held, key) => held[key], app)
}

function slot(name: string, more: Loose): Loose {
  return { kind: 'slot', name, label: `the ${name}`, type: 'text', options: [], length: null, read: null, validate: null, ...more }
}

function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  for (const [key, inner] of Object.entries(value)) if (!['schema', 'input', 'output'].includes(key)) freeze(inner)
  return Object.freeze(value)
}

function mistakesOf(value: unknown): readonly string[] {
  try {
    validateApp(value)
    return []
  } catch (error) {
    assert.ok(error instanceof BattutaError && error.code === 'APP_INVALID', String(error))
    const mistakes = error.details['mistakes'] as string[]
    for (const mistake of mistakes.slice(0, appLimits.mistakesListedMax)) assert.ok(error.message.includes(mistake))
    return mistakes
  }
}

function mistakesAfter(change: (app: Loose) => void): readonly string[] {
  const changed = app()
  change(changed)
  return mistakesOf(freeze(changed))
}

test('a right app passes as it is', () => {
  const right = freeze(app())
  assert.equal(validateApp(right), right)
})

const cases: readonly (readonly [change: (app: Loose) => void, mistake: string])[] = [
  [(a) => (a['name'] = 'My Shop'), 'name: “My Shop” cannot name an app: use a small letter, then small letters, digits and hyphens, 64 at most'],
  [(a) => (a['agents'] = {}), 'agents: this release knows no such part of an app; did you mean “events”?'],
  [(a) => delete a['queues'].cards.name, 'queues.cards.name: is “undefined”, but its key is “cards”: let setup(…) name it'],
  [(a) => (a['queues'].cards.skills = []), 'queues.cards.skills: has 0 entries, 1 at least: name what a worker of this queue must be able to do'],
  [(a) => (a['queues'].cards.skills = ['cards', 'Cards ']), 'queues.cards.skills[1]: “Cards ” is there twice: leave one out'],
  [(a) => (a['queues'].cards.skills = 'cards'), 'queues.cards.skills: must be a list of texts: name what a worker of this queue must be able to do'],
  [(a) => (a['queues'].cards.team = ' '), 'queues.cards.team: must be a text that is not empty: say what a customer reads, such as “Cards team”'],
  [(a) => (a['queues'].cards.serviceLevel.share = 80), 'queues.cards.serviceLevel.share: 80 is out of range: above 0, and 1 at most'],
  [(a) => (a['queues'].cards.serviceLevel.withinMs = 0), 'queues.cards.serviceLevel.withinMs: 0 ms is out of range: from 1 ms to 1 d'],
  [(a) => (a['queues'].cards.serviceLevel = undefined), "queues.cards.serviceLevel: must say a share and a time: { share: 0.8, within: '20s' }"],
  [(a) => (a['queues'].cards.offerMs = 700_000), 'queues.cards.offerMs: 700000 ms is out of range: from 1 s to 10 m'],
  [(a) => (a['queues'].cards.patienceMs = 10), 'queues.cards.patienceMs: 10 ms is out of range: from 1 s to 7 d'],
  [(a) => (a['queues'].cards.wrapUpMs = -1), 'queues.cards.wrapUpMs: -1 ms is out of range: from 0 ms to 1 h'],
  [(a) => (a['queues'].cards.wrapUpCodes = []), 'queues.cards.wrapUpCodes: has 0 entries, 1 at least: name how a conversation can have ended'],
  [(a) => (a['personTo'] = 'card'), 'personTo: no queue “card” is declared; did you mean “cards”?'],
  [(a) => (a['personTo'] = null), 'personTo: names no queue, though there are some: say where whoever asks for a person goes'],
  [(a) => (a['emotion'].model = 'tone'), 'emotion.model: no model “tone” is declared'],
  [(a) => (a['emotion'].angry = [5]), 'emotion.angry[0]: is 5 and must be a text that is not empty'],
  [(a) => (a['emotion'].worried = ['anger']), 'emotion.worried[0]: “anger” means angry already: a label means one thing'],
  [
    (a) => (a['emotion'] = { model: 'intent', angry: [], worried: [] }),
    'emotion: names no label, so nobody would ever be angry or worried: name some, or leave emotion out',
  ],
  [(a) => (a['turn'].settleMs = -1), 'turn.settleMs: -1 ms is out of range: from 0 ms to 10 s'],
  [(a) => (a['turn'].longestMs = 300), 'turn.longestMs: 300 ms is less than the 400 ms of quiet that end a turn: make it longer'],
  [(a) => delete a['turn'], 'turn: is missing: the app was built by another release of battuta, build it again'],
  [(a) => (a['tools'].unblock.output = {}), 'tools.unblock.output: is no Standard Schema: give tool(…) a schema of what it comes back with'],
  [(a) => delete a['tools'].unblock.run, 'tools.unblock.run: is no function: give tool(…) an async function that acts'],
  [(a) => (a['tools'].unblock.changes = false), 'tools.unblock.compensate: undoes what is said to change nothing: say changes: true, or leave it out'],
  [(a) => (a['tools'].unblock.timeoutMs = 0), 'tools.unblock.timeoutMs: 0 ms is out of range: from 1 ms to 10 m'],
  [(a) => (a['tools'].unblock.attemptsMax = 0.5), 'tools.unblock.attemptsMax: 0.5 is out of range: a call is tried 1 to 10 times'],
  [
    (a) => (a['flows'].unblockCard.goal = ''),
    'flows.unblockCard.goal: must be a text that is not empty: say what the customer gets by it, as half a sentence, such as “use the card again”',
  ],
  [(a) => (a['flows'].unblockCard.tools = ['unblok']), 'flows.unblockCard.tools[0]: no tool “unblok” is declared; did you mean “unblock”?'],
  [
    (a) => (a['flows'].unblockCard.run = async () => undefined),
    'flows.unblockCard.run: must be a generator function: it is run again at every step, so it cannot wait; what takes time is a tool',
  ],
  [(a) => delete a['flows'].unblockCard.version, 'flows.unblockCard.version: is missing: the app was built by another release of battuta, build it again'],
  [(a) => (a['flows'].unblockCard.slots.last4.length = 0), 'flows.unblockCard.slots.last4.length: 0 is out of range: from 1 to 32 digits'],
  [(a) => (a['flows'].unblockCard.slots.which.length = 4), 'flows.unblockCard.slots.which.length: belongs to slot.digits(…): leave it out'],
  [
    (a) => (a['flows'].unblockCard.slots.which.options = ['debit']),
    'flows.unblockCard.slots.which.options: has 1 entries, 2 at least: a choice is between two things or more',
  ],
  [(a) => (a['flows'].unblockCard.slots.which.options = ['debit', 'Debit']), 'flows.unblockCard.slots.which.options[1]: “Debit” is there twice: leave one out'],
  [(a) => (a['flows'].unblockCard.slots.last4.options = ['x']), 'flows.unblockCard.slots.last4.options: belong to slot.choice([…]): leave them out'],
  [
    (a) => (a['flows'].unblockCard.slots.last4.type = 'number'),
    'flows.unblockCard.slots.last4.type: “number” is no type of a slot: text, choice, amount, yesNo, digits are',
  ],
  [
    (a) => (a['flows'].unblockCard.slots.last4.label = ''),
    'flows.unblockCard.slots.last4.label: must be a text that is not empty: say what people call it, such as “card number”',
  ],
  [
    (a) => (a['flows'].unblockCard.slots.last4.read = async () => undefined),
    'flows.unblockCard.slots.last4.read: must be a plain function: what it returns is needed at once, so it can neither be async nor yield',
  ],
  [
    (a) => (a['flows'].unblockCard.slots['the-card'] = slot('the-card', {})),
    'flows.unblockCard.slots.the-card: “the-card” cannot be a name: use a small letter, then letters and digits, 64 at most',
  ],
  [
    (a) => (a['flows'].unblockCard.slots.other = { kind: 'text' }),
    'flows.unblockCard.slots.other: is no slot: declare it with slot.text(…), slot.choice(…), slot.amount(…), slot.yesNo(…) or slot.digits(…)',
  ],
  [(a) => delete a['events'].note.fact, 'events.note.fact: is missing: the app was built by another release of battuta, build it again'],
  [
    (a) => (a['events'].note.fact = async () => ''),
    'events.note.fact: must be a plain function: what it returns is needed at once, so it can neither be async nor yield',
  ],
  [
    (a) => Object.assign(a['policies'].inbound, { on: 'tool.finished', models: [] }),
    'policies.inbound.on: “tool.finished” is what Battuta says itself, so a policy that waited for it would answer itself',
  ],
  [(a) => delete a['answers'], 'answers: is missing: the app was built by another release of battuta, build it again'],
  [
    (a) => (a['events']['card-declined'] = { ...a['events'].note, name: 'card-declined' }),
    'events.card-declined: “card-declined” cannot be a name: use a small letter, then letters and digits, 64 at most',
  ],
  [
    (a) => (a['events']['card.declined'] = { ...a['events'].note, name: 'card.declined' }),
    'events.card.declined: names with a dot are kept for events of Battuta’s own: leave the dot out',
  ],
  [
    (a) => (a['events']['message.received'] = { ...a['events'].note, name: 'message.received' }),
    'events.message.received: every app has the event “message.received”: do not declare it, import it',
  ],
  [
    (a) => (a['answers']['constructor'] = { kind: 'answer', name: 'constructor', text: 'x' }),
    'answers.constructor: every JavaScript object has a “constructor” already: choose another name',
  ],
  [(a) => (a['answers']['plainX'] = 5), 'answers.plainX: is 5 and no answer'],
  [
    (a) => (a['answers']['pLain'] = { kind: 'answer', name: 'pLain', text: 'x' }),
    'answers.pLain: differs from “plain” in letter case only: files and tables do not tell them apart, rename one',
  ],
  [(a) => (a['features']['intent'] = { ...a['models'].intent }), 'features.intent: is of the kind “model” and no feature'],
  [(a) => (a['models'].intent.name = 'tone'), 'models.intent.name: is “tone”, but its key is “intent”: let setup(…) name it'],
  [(a) => (a['events'].note.from = 'battuta'), "events.note.from: “battuta” is no sender: write 'service' or 'customer'"],
  [(a) => (a['events'].note.schema = {}), 'events.note.schema: is no Standard Schema: declare the event with event(…)'],
  [(a) => (a['events'].note.fields.text.type = 'text'), 'events.note.fields.text.type: “text” is no type of a field: string, number, boolean, other are'],
  [
    (a) => (a['events'].note.fields.text.pii = 'e-mail'),
    'events.note.fields.text.pii: “e-mail” is no kind of personal data: write capitals, digits and underscores, such as IBAN_CODE, or leave pii() out',
  ],
  [(a) => delete a['events'].note.version, 'events.note.version: is missing: the app was built by another release of battuta, build it again'],
  [(a) => (a['features'].merchant.operator = 'lsat'), 'features.merchant.operator: “lsat” is no operator; did you mean “last”?'],
  [(a) => (a['features'].merchant.event = 'cardDeclind'), 'features.merchant.event: no event “cardDeclind” is declared; did you mean “cardDeclined”?'],
  [(a) => (a['features'].merchant.event = ''), 'features.merchant.event: is not among the app’s events: add it to setup({ events })'],
  [(a) => (a['features'].merchant.field = 'mechant'), 'features.merchant.field: the event “cardDeclined” has no field “mechant”; did you mean “merchant”?'],
  [(a) => (a['features'].merchant.field = 'lines'), 'features.merchant.field: “lines” is neither text nor number nor boolean: choose a field that is'],
  [(a) => (a['features'].merchant.operator = 'sum'), 'features.merchant.field: “sum” calculates, and “merchant” is no number field: “amount” is'],
  [(a) => (a['features'].merchant.field = null), 'features.merchant.field: “last” needs the name of a field'],
  [(a) => (a['features'].merchant.valueType = 'number'), 'features.merchant.valueType: is “number” and must be “string”: let the builder say it'],
  [(a) => (a['features'].declines5m.field = 'amount'), 'features.declines5m.field: “count” reads no field: leave “amount” out'],
  [(a) => (a['features'].declines5m.where = { merchnt: 'x' }), 'features.declines5m.where.merchnt: the event has no such field; did you mean “merchant”?'],
  [(a) => (a['features'].declines5m.where = { amount: '5' }), 'features.declines5m.where.amount: holds “5”, and the field is a number'],
  [
    (a) => (a['features'].declines5m.where = { lines: 'x' }),
    'features.declines5m.where.lines: is neither text nor number nor boolean, so nothing equals it: choose another field',
  ],
  [(a) => (a['features'].declines5m.window = '7m'), 'features.declines5m.window: “7m” is no window: 5m, 1h, 1d, 30d are'],
  [(a) => (a['features'].declines5m.hopMs = 60_000), "features.declines5m.windowMs: a window of 5m is 300000 ms in hops of 25000 ms: let .over('5m') say it"],
  [(a) => (a['models'].intent.backend = 'onnx'), 'models.intent.backend: “onnx” is no backend of this release: linear is'],
  [
    (a) => (a['models'].intent.file = '../intent'),
    "models.intent.file: “../intent” is no model file: name it without folder and ending, 'intent' is models/intent.model",
  ],
  [(a) => (a['answers'].plain.text = ' '), 'answers.plain.text: must be a text that is not empty, or a function that returns one'],
  [(a) => (a['answers'].plain.text = 'x'.repeat(4_001)), 'answers.plain.text: has 4001 characters, 4000 at most'],
  [
    (a) => (a['answers'].plain.text = async () => 'x'),
    'answers.plain.text: must be a plain function: what it returns is needed at once, so it can neither be async nor yield',
  ],
  [(a) => (a['policies'].inbound.on = 'mesage.received'), 'policies.inbound.on: no event “mesage.received” is declared; did you mean “message.received”?'],
  [
    (a) => (a['policies'].inbound.on = 'message.sent'),
    'policies.inbound.on: “message.sent” is what Battuta says itself, so a policy that waited for it would answer itself',
  ],
  [(a) => (a['policies'].inbound.budgetMs = 0.5), 'policies.inbound.budgetMs: 0.5 ms is out of range: a budget is 1 ms to 60 s'],
  [(a) => (a['policies'].inbound.budgetMs = 60_001), 'policies.inbound.budgetMs: 60001 ms is out of range: a budget is 1 ms to 60 s'],
  [(a) => (a['policies'].inbound.budgetMs = Number.NaN), 'policies.inbound.budgetMs: NaN ms is out of range: a budget is 1 ms to 60 s'],
  [(a) => (a['policies'].inbound.features[1] = 'declines5'), 'policies.inbound.features[1]: no feature “declines5” is declared; did you mean “declines5m”?'],
  [(a) => (a['policies'].inbound.features[1] = 'declines5m'), 'policies.inbound.features[1]: “declines5m” is listed twice: leave one out'],
  [(a) => (a['policies'].inbound.features = undefined), 'policies.inbound.features: must be a list of feature names'],
  [(a) => (a['policies'].inbound.models = ['intnt']), 'policies.inbound.models[0]: no model “intnt” is declared; did you mean “intent”?'],
  [
    (a) => (a['policies'].inbound.on = 'cardDeclined'),
    'policies.inbound.models: models read the field “text”, and “cardDeclined” has no such text field: leave them out, or add the field',
  ],
  [(a) => delete a['policies'].inbound.decide, 'policies.inbound.decide: is no function: give policy(…) a function of the moment as its second argument'],
  [
    (a) => (a['policies'].inbound.decide = async () => undefined),
    'policies.inbound.decide: must be a plain function: what it returns is needed at once, so it can neither be async nor yield',
  ],
  [
    (a) => (a['policies'].second = { ...a['policies'].inbound, name: 'second' }),
    'policies.second.on: “message.received” asks “inbound” already, and one event makes one decision: join the two',
  ],
]

for (const [change, mistake] of cases) {
  test(`refused: ${mistake.slice(0, 96)}`, () => assert.deepEqual(mistakesAfter(change), [mistake]))
}

test('what is no app at all is told apart', () => {
  const said = [undefined, null, 5, {}, { app: () => undefined, policy: () => undefined }, Promise.resolve({})].map((value) => mistakesOf(value)[0] ?? '')
  assert.match(said[0] ?? '', /no default export: end it with export default/)
  for (const index of [1, 2, 3]) assert.match(said[index] ?? '', /and no app: export what \.app\(/)
  assert.match(said[4] ?? '', /is what setup\(…\) returned: export its \.app\(/)
  assert.match(said[5] ?? '', /is a promise: await it/)
})

test('all mistakes are listed at once, each on its line', () => {
  const changed = app()
  const picked = ['name: ', 'features.merchant.operator', 'models.intent.file'].map((place) => cases.find(([, mistake]) => mistake.startsWith(place)))
  for (const [change] of picked as typeof cases) change(changed)
  assert.throws(
    () => validateApp(freeze(changed)),
    (error: Error) => /^the app has 3 mistakes:\n- name: .*\n- features\.merchant\.operator: .*\n- models\.intent\.file: /.test(error.message),
  )
})

test('a very long list of mistakes is cut and counted', () => {
  const changed = app()
  for (let index = 0; index < 80; index++) changed['answers'][`empty${index}`] = { kind: 'answer', name: `empty${index}`, text: '' }
  assert.throws(
    () => validateApp(freeze(changed)),
    (error: Error) => error.message.endsWith('\n- and 30 more') && error.message.split('\n').length === appLimits.mistakesListedMax + 2,
  )
})

test('an app that could still change is refused with the place', () => {
  assert.deepEqual(mistakesOf(app()), ['app: is not frozen, so it could change while it runs: build it with setup({ … }).app({ … })'])
  const shallow = freeze({ ...app(), policies: undefined })
  const half = Object.freeze({ ...shallow, policies: Object.freeze({ inbound: Object.freeze({ ...app()['policies'].inbound }) }) })
  assert.deepEqual(mistakesOf(half), ['policies.inbound.features: is not frozen, so it could change while it runs: build it with setup({ … }).app({ … })'])
})

test('more than the named maxima is refused', () => {
  const many = (count: number, entry: (name: string) => unknown): Loose =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, entry(`n${index}`)]))
  const { note } = app()['events']
  assert.deepEqual(
    mistakesAfter((a) =>
      Object.assign(
        a['events'],
        many(appLimits.eventsMax, (name) => ({ ...note, name })),
      ),
    ),
    [`events: has ${appLimits.eventsMax + 2} entries, ${appLimits.eventsMax} at most`],
  )
  assert.deepEqual(
    mistakesAfter((a) =>
      Object.assign(
        a['answers'],
        many(appLimits.answersMax, (name) => ({ kind: 'answer', name, text: 'x' })),
      ),
    ),
    [`answers: has ${appLimits.answersMax + 1} entries, ${appLimits.answersMax} at most`],
  )
  assert.deepEqual(
    mistakesAfter((a) =>
      Object.assign(
        a['events'].note.fields,
        many(partLimits.fieldsMax, () => ({ type: 'string', optional: true, pii: null })),
      ),
    ),
    [`events.note.fields: has ${partLimits.fieldsMax + 1} entries, ${partLimits.fieldsMax} at most`],
  )
})

test('features may fold Battuta’s own events, policies may wait for those that customers cause', () => {
  for (const name of Object.keys(builtinEvents))
    assert.deepEqual(
      mistakesAfter((a) => Object.assign(a['features'].declines5m, { event: name, where: null })),
      [],
    )
  assert.deepEqual(
    mistakesAfter((a) => Object.assign(a['policies'].inbound, { on: 'identity.linked', models: [] })),
    [],
  )
})

test('whatever is thrown at it, it answers with mistakes and never with another error', () => {
  const nonsense = fc.anything({ withNullPrototype: true, maxDepth: 3 })
  const path = fc.constantFrom('events', 'features', 'models', 'answers', 'policies', 'queues', 'tools', 'flows', 'name', 'personTo', 'emotion', 'turn')
  fc.assert(
    fc.property(nonsense, (value) => assert.ok(mistakesOf(value).length > 0)),
    { numRuns: 100 },
  )
  fc.assert(
    fc.property(path, nonsense, (key, value) => void mistakesAfter((a) => (a[key] = value))),
    { numRuns: 200 },
  )
  fc.assert(
    fc.property(
      path,
      fc.constantFrom('cardDeclined', 'declines5m', 'intent', 'plain', 'inbound', 'cards', 'unblock', 'unblockCard', 'model', 'angry', 'settleMs'),
      nonsense,
      (kind, key, value) => void mistakesAfter((a) => typeof a[kind] === 'object' && (a[kind][key] = value)),
    ),
    { numRuns: 200 },
  )
  fc.assert(
    fc.property(
      fc.constantFrom(
        ...['features.merchant', 'policies.inbound', 'queues.cards', 'tools.unblock', 'flows.unblockCard'].flatMap((path) => Object.keys(at(app(), path))),
        'fields',
        'schema',
        'from',
        'text',
        'file',
        'fact',
      ),
      nonsense,
      (key, value) =>
        void mistakesAfter((a) => {
          for (const kind of ['events', 'features', 'models', 'answers', 'policies', 'queues', 'tools', 'flows'])
            for (const part of Object.values<Loose>(a[kind])) part[key] = value
        }),
    ),
    { numRuns: 300 },
  )
})
