import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { BattutaError } from '../base/index.ts'
import { validateApp } from '../definition/index.ts'
import type { AppDefinition } from '../definition/index.ts'
import { event, flow, linear, queue, setup, slot, tool } from './index.ts'
import type { FlowDraft, ToolDraft } from './index.ts'

const input = z.object({ last4: z.string() })
const status = tool({ input, output: z.object({ state: z.string() }), run: async () => ({ state: 'blocked' }) })
const unblock = tool({ input, output: z.object({}), changes: true, timeout: '2s', attempts: 5, run: async () => ({}), compensate: async () => undefined })

function body(label = 'card number', tools: Readonly<Record<string, ToolDraft>> = { status, unblock }, goal = 'use the card again'): FlowDraft {
  return flow({ goal, slots: { last4: slot.digits(4, { label }) }, tools }, function* ({ ask }) {
    yield* ask('last4', 'Which card?')
    return { resolved: true }
  })
}

function appWith(flows: Readonly<Record<string, FlowDraft>>): AppDefinition {
  return setup({ events: {}, flows }).app({ name: 'bank', policies: {} })
}

function refusal(build: () => unknown): string {
  try {
    build()
  } catch (error) {
    assert.ok(error instanceof BattutaError && error.code === 'APP_INVALID', String(error))
    return error.message
  }
  return assert.fail('it was not refused')
}

test('queues, tools, slots and flows become named, frozen data with their defaults', () => {
  const bank = setup({
    events: { paid: event({ amount: z.number() }, { fact: ({ amount }) => `Paid ${amount}` }) },
    models: { tone: linear<'anger' | 'fear' | 'joy'>('tone') },
    queues: { lostCards: queue({ skills: ['cards'] }), all: queue({ skills: ['any'], team: 'Everybody', patience: '10m' }) },
    flows: { unblockCard: body() },
  })
  const app = bank.app({ name: 'bank', policies: {}, personTo: 'all', emotion: { model: 'tone', angry: ['anger'] }, turn: { settle: '0ms' } })
  assert.equal(validateApp(app), app)
  assert.deepEqual(app.queues['lostCards'], {
    kind: 'queue',
    name: 'lostCards',
    skills: ['cards'],
    team: 'Lost cards team',
    serviceLevel: { share: 0.8, withinMs: 20_000 },
    offerMs: 20_000,
    patienceMs: null,
    wrapUpMs: 30_000,
    wrapUpCodes: ['solved', 'follow-up', 'not solved'],
  })
  assert.deepEqual([app.queues['all']?.team, app.queues['all']?.patienceMs], ['Everybody', 600_000])
  const { unblockCard } = app.flows
  assert.deepEqual(unblockCard?.slots['last4'], {
    kind: 'slot',
    name: 'last4',
    label: 'card number',
    type: 'digits',
    options: [],
    length: 4,
    read: null,
    validate: null,
  })
  assert.deepEqual([unblockCard?.name, unblockCard?.goal, unblockCard?.tools], ['unblockCard', 'use the card again', ['status', 'unblock']])
  const { status: read, unblock: change } = app.tools
  assert.deepEqual([read?.name, read?.changes, read?.timeoutMs, read?.attemptsMax, read?.compensate], ['status', false, 5_000, 3, null])
  assert.deepEqual([change?.changes, change?.timeoutMs, change?.attemptsMax], [true, 2_000, 5])
  assert.deepEqual([app.personTo, app.emotion, app.turn], ['all', { model: 'tone', angry: ['anger'], worried: [] }, { settleMs: 0, longestMs: 6_000 }])
  assert.equal(app.events['paid']?.fact?.({ amount: 5 } as never), 'Paid 5')
  const last4 = unblockCard?.slots['last4'] ?? assert.fail()
  assert.throws(() => ((last4 as { label: string }).label = 'x'), TypeError)
})

test('what an app does not say of people is nothing, or its first queue', () => {
  const plain = setup({ events: {} }).app({ name: 'bank', policies: {} })
  assert.deepEqual(
    [plain.queues, plain.tools, plain.flows, plain.personTo, plain.emotion, plain.turn],
    [{}, {}, {}, null, null, { settleMs: 400, longestMs: 6_000 }],
  )
  const first = setup({ events: {}, queues: { one: queue({ skills: ['a'] }), two: queue({ skills: ['b'] }) } }).app({ name: 'bank', policies: {} })
  assert.equal(first.personTo, 'one')
})

test('a flow’s body yields plain operations and is given what it may know', () => {
  const made = flow({ goal: 'x', slots: { sure: slot.yesNo({ label: 'go-ahead' }) }, tools: { status } }, function* (bot) {
    yield* bot.say(`${bot.customer} ${bot.startedAt} ${bot.agreed.join()}`)
    yield* bot.fact('F', 'status')
    yield* bot.tried('T')
    yield* bot.promise('P')
    yield* bot.question('Q')
    yield* bot.handOff('cards', { because: 'B' })
    yield* bot.call('status', { last4: '1234' })
    return (yield* bot.ask('sure', 'Sure?')) ? { resolved: true } : yield* bot.again('sure', 'Really?')
  })
  const run = made.run({ customer: 'user:1', startedAt: 5, agreed: ['a', 'b'] })
  const ops: unknown[] = []
  let turn = run.next()
  for (; turn.done !== true; turn = run.next((turn.value.op === 'ask' && turn.value.again !== true ? false : undefined) as never)) ops.push(turn.value)
  assert.deepEqual(ops, [
    { op: 'say', text: 'user:1 5 a,b' },
    { op: 'note', kind: 'fact', text: 'F', source: 'status' },
    { op: 'note', kind: 'tried', text: 'T', source: null },
    { op: 'note', kind: 'promised', text: 'P', source: null },
    { op: 'note', kind: 'question', text: 'Q', source: null },
    { op: 'handOff', queue: 'cards', because: 'B', question: null, priority: 0 },
    { op: 'call', tool: 'status', input: { last4: '1234' } },
    { op: 'ask', slot: 'sure', prompt: 'Sure?' },
    { op: 'ask', slot: 'sure', prompt: 'Really?', again: true },
  ])
})

test('a flow’s version is the hash of its slots, its tools and its body’s source', () => {
  const [first, ...others] = [
    body(),
    body('number of the card'),
    body('card number', { status }),
    body('card number', { status, unblock: tool({ input, output: z.object({}), run: async () => ({}) }) }),
    flow({ goal: 'use the card again', slots: { last4: slot.digits(4, { label: 'card number' }) }, tools: { status, unblock } }, function* ({ say }) {
      yield* say('Good morning.')
      return { resolved: true }
    }),
  ].map(({ version }) => version)
  assert.equal(body('card number', { status, unblock }, 'something else').version, first, 'what the customer gets by it changes no step')
  assert.equal(new Set([first, ...others]).size, 5)
})

test('one name is one tool, whatever flow it comes with', () => {
  assert.deepEqual(Object.keys(appWith({ a: body(), b: body('card number', { status }) }).tools), ['status', 'unblock'])
  const other = tool({ input, output: z.object({}), run: async () => ({}) })
  assert.equal(
    refusal(() => appWith({ a: body(), b: body('card number', { status: other }) })),
    'flows.b.tools.status: is another tool than the “status” of flows.a: rename one, or give both the same tool(…)',
  )
})

test('what a JavaScript file gets wrong is refused with its place and the mend', () => {
  const cases: readonly (readonly [build: () => unknown, said: RegExp])[] = [
    [() => queue({ skill: ['cards'] } as never), /queue\(…\) has no option “skill”; did you mean “skills”\?/],
    [() => queue({ skills: ['a'], offer: 'soon' } as never), /queue\(…\) cannot use its offer: “soon” is not a duration/],
    [() => tool({ inputs: input } as never), /tool\(…\) has no option “inputs”; did you mean “input”\?/],
    [() => slot.amount({ lable: 'x' } as never), /slot\.amount\(…\) has no option “lable”; did you mean “label”\?/],
    [() => slot.text(undefined as never), /slot\.text\(…\) takes an object of label, read, validate, and was given none/],
    [() => flow({ goal: 'x' }, (() => ({ resolved: true })) as never), /flow\(…\) needs a generator function as its second argument/],
    [() => flow({ goal: 'x' }, async function* () {} as never), /flow\(…\) needs a generator function as its second argument/],
    [
      () => setup({ events: {} }).app({ name: 'x', policies: {}, turn: { setle: '1s' } } as never),
      /app\(…\)\.turn has no option “setle”; did you mean “settle”\?/,
    ],
    [() => validateApp(setup({ events: {}, flows: { f: 5 as never } }).app({ name: 'x', policies: {} })), /^flows\.f: is 5 and no flow$/],
    [() => validateApp(appWith({ f: body('', {}) })), /^flows\.f\.slots\.last4\.label: must be a text that is not empty/],
    [() => validateApp(appWith({ f: body('x', { status: 5 } as never) })), /tools\.status: is 5 and no tool/],
    [
      () => validateApp(setup({ events: {}, queues: { q: queue({} as never) } }).app({ name: 'x', policies: {} })),
      /^queues\.q\.skills: must be a list of texts/,
    ],
    [
      () => validateApp(setup({ events: {}, queues: { q: queue({ skills: ['a'] }) } }).app({ name: 'x', policies: {}, personTo: 'p' as never })),
      /^personTo: no queue “p” is declared; did you mean “q”\?$/,
    ],
  ]
  for (const [build, said] of cases) assert.match(refusal(build), said)
})
