/** A made-up bank in the real wire types: what the fixture server serves. Seeded, so a failure can be seen twice. */
import { seededChance } from '../../src/base/index.ts'
import type {
  Act,
  DecisionBrief,
  DecisionRecord,
  DecisionReply,
  FeatureReply,
  LiveBeat,
  LiveHello,
  LiveSecond,
  Quantiles,
  RecordedFeature,
  TimelineItem,
  Watch,
} from '../../src/client/index.ts'
import { stageNames } from '../../src/definition/index.ts'

export const beatMs = 5_000
export const budgetMs = 300
const version = '3f9c1e7a52d04b18'
const acts: readonly Act[] = ['bot', 'agent', 'human', 'reachOut', 'nothing']

const chance = seededChance('fixture')
const jitter = (value: number, spread: number) => value * Math.exp((chance.next() - 0.5) * spread)

/** p50, p99, p99.9 and slice of each stage, in ms. */
const stages = [
  { p: [1.9, 4.6, 7.8], sliceMs: 20 },
  { p: [0.021, 0.058, 0.14], sliceMs: 5 },
  { p: [3.4, 41, 118], sliceMs: 220 },
  { p: [0.06, 0.19, 0.48], sliceMs: 5 },
  { p: [0.03, 0.09, 0.3], sliceMs: 5 },
  { p: [2.3, 5.1, 9.6], sliceMs: 45 },
] as const

/** One beat; the stage `predictions` may be slow in it. */
export function beat(at: number, slow: boolean): LiveBeat {
  return {
    at,
    stages: stages.map(({ p: [p50, p99, p999] }, index) => {
      const late = slow && index === 2
      return {
        p50: jitter(p50, 0.1),
        p99: late ? jitter(205, 0.1) : jitter(p99, 0.22),
        p999: late ? jitter(250, 0.05) : jitter(p999, 0.08),
        count: 6_000,
        steady: !late,
      }
    }),
  }
}

interface Sort {
  readonly act: Act
  readonly name: string | null
  readonly because: string | null
  readonly event: string
  readonly elapsedMs: number
  readonly status: DecisionBrief['status']
}

const sorts: readonly Sort[] = [
  { act: 'bot', name: 'cardDeclined', because: 'an angry customer of value', event: 'message.received', elapsedMs: 17.2, status: 'on-beat' },
  { act: 'bot', name: 'cardNotWorking', because: 'card not working after a decline', event: 'message.received', elapsedMs: 9.1, status: 'on-beat' },
  { act: 'agent', name: 'disputes', because: 'no rule came first', event: 'message.received', elapsedMs: 46.8, status: 'on-beat' },
  { act: 'reachOut', name: 'cardDeclined', because: 'third decline in 5 min', event: 'cardDeclined', elapsedMs: 7.9, status: 'on-beat' },
  { act: 'human', name: 'cards', because: 'a person owns this conversation', event: 'message.received', elapsedMs: 6.2, status: 'on-beat' },
  { act: 'bot', name: 'balanceToday', because: 'balance asked, identity verified', event: 'message.received', elapsedMs: 8.8, status: 'on-beat' },
  { act: 'agent', name: 'disputes', because: 'intent kept from tier small: large was late', event: 'message.received', elapsedMs: 221, status: 'on-beat' },
  { act: 'nothing', name: null, because: 'holdout of declinedAgain', event: 'payment', elapsedMs: 5.4, status: 'on-beat' },
  { act: 'bot', name: 'travelNotice', because: 'travel mentioned, no notice on file', event: 'message.received', elapsedMs: 11.3, status: 'on-beat' },
  { act: 'bot', name: 'cardOnTheWay', because: 'card_arrival at 0.97', event: 'message.received', elapsedMs: 316, status: 'late' },
  { act: 'nothing', name: null, because: null, event: 'message.received', elapsedMs: 4.1, status: 'failed' },
]
const customers = ['current-4821', 'joint-2210', 'savings-7754', 'current-0188', 'business-0937', 'current-6412', 'student-1120', 'current-5568'].map(
  (name) => `user:${name}`,
)

export function brief(number: number, at: number): DecisionBrief {
  const sort = sorts[number % sorts.length] as Sort
  return {
    id: `dec_01JD4M7${String(number).padStart(4, '0')}`,
    at,
    policy: 'inbound',
    customer: customers[number % customers.length] as string,
    budgetMs,
    ...sort,
  }
}

function feature(name: string, value: unknown, ageMs: number | null, status: RecordedFeature['status'], read: boolean, hash: string): RecordedFeature {
  return { name, value, status, at: ageMs === null ? null : Date.now() - ageMs, ageMs, version: hash, read }
}

export function features(): readonly RecordedFeature[] {
  return [
    feature('spend30d', 2846.1, 11_520_000, 'PRESENT', true, 'a91e04c2'),
    feature('declines5m', 3, 42_000, 'PRESENT', false, '07bc5d11'),
    feature('handoffs7d', 1, 187_200_000, 'PRESENT', false, 'c2d11890'),
    feature('balanceBand', null, 93_600_000, 'OUTSIDE_MAX_AGE', false, 'e0417a55'),
    feature('lastTravelNotice', null, null, 'NOT_FOUND', false, '5b90f3aa'),
    feature('paymentMean1h', null, 4_000_000, 'NULL_VALUE', false, '99aa03bb'),
  ]
}

export function featureReplies(): Record<string, FeatureReply> {
  return Object.fromEntries(
    features().map(({ name, value, status, at, ageMs, version: hash }) => [
      name,
      { value: name === 'declines5m' ? chance.below(5) : value, status, at, ageMs, version: hash },
    ]),
  )
}

function predictions(elapsed: number): DecisionRecord['predictions'] {
  return [
    {
      model: 'tone',
      version: '8d1f20ce',
      tier: 'linear',
      status: 'on-time',
      label: 'anger',
      confidence: 0.87,
      scores: { anger: 0.87, disappointment: 0.08, neutral: 0.03 },
      latencyMs: 0.4,
      read: true,
    },
    {
      model: 'intent',
      version: '77a0c42e',
      tier: 'linear',
      status: elapsed > 200 ? 'late' : 'on-time',
      label: elapsed > 200 ? null : 'card_not_working',
      confidence: elapsed > 200 ? null : 0.94,
      scores: elapsed > 200 ? null : { card_not_working: 0.94, declined_card_payment: 0.04 },
      latencyMs: elapsed * 0.72,
      read: false,
    },
  ]
}

export function record(of: DecisionBrief): DecisionRecord {
  const elapsed = of.elapsedMs ?? 10
  const failed = of.status === 'failed'
  return {
    id: of.id,
    policy: of.policy,
    app: { name: 'harbour-bank', version },
    customer: of.customer,
    conversation: 'con_01JD4M6ZZ0',
    partition: 5,
    offset: 48_211,
    event: {
      id: `evt_${of.id.slice(4)}`,
      type: of.event,
      source: 'chat',
      time: of.at - 412,
      data:
        of.event === 'message.received'
          ? { text: 'My card was declined again at the till, third time this morning, and I have had enough.' }
          : { merchant: 'Grocer', amount: 64.2, iban: { pii: 'IBAN_CODE' } },
    },
    receivedAt: of.at,
    budgetMs,
    features: features(),
    predictions: predictions(elapsed),
    messages: 4,
    outcome: { word: of.act === 'nothing' ? 'nothing' : 'answer', act: of.act, name: of.name, because: of.because },
    rule: failed ? null : { file: 'examples/harbour-bank/app.ts', line: 44, column: 7, index: 1, count: 3 },
    failure: failed
      ? { code: 'POLICY_FAILED', message: "Cannot read properties of null (reading 'amount'). The event is kept; mend the policy and replay it." }
      : null,
    degraded: elapsed > 200 ? ['intent late'] : [],
    owner: {
      before: { owner: null, epoch: 6 },
      after: of.act === 'nothing' || of.act === 'reachOut' ? { owner: null, epoch: 6 } : { owner: of.act, epoch: 7 },
    },
    effects:
      of.act === 'nothing'
        ? []
        : [
            {
              key: '5:48211:0',
              kind: 'deliver',
              conversation: 'con_01JD4M6ZZ0',
              seq: 12,
              epoch: 7,
              text: 'I see three declines this morning. Your card is active; the daily limit stopped the payment.',
              hash: '9f2ab7c01d44e853',
            },
          ],
    stages: { event: elapsed * 0.11, features: elapsed * 0.116, predictions: elapsed * 0.837, decision: elapsed * 0.841, owner: elapsed * 0.843 },
    elapsedMs: of.elapsedMs,
    reconciled: null,
  }
}

export function reply(of: DecisionBrief): DecisionReply {
  const source = {
    file: 'examples/harbour-bank/app.ts',
    firstLine: 41,
    line: 44,
    lines: [
      "    policy({ on: 'message.received', budget: '300ms' }, ({ features, models, answer, nothing }) => {",
      '      if ((models.tone.scores?.anger ?? 0) > 0.8',
      '        && (features.spend30d.value ?? 0) > 2_000)',
      "        return answer('cardDeclined', { because: 'an angry customer of value' })",
      "      if (models.intent.label === 'card_not_working' && (features.declines5m.value ?? 0) > 0)",
      "        return answer('cardNotWorking', { because: 'card not working after a decline' })",
    ],
  }
  const decision = record(of)
  return { decision, source: decision.rule ? source : null }
}

export function timeline(from: number, count: number, newest: number): TimelineItem[] {
  return Array.from({ length: count }, (_, index) => {
    const number = from + index
    const at = newest - number * 47_000
    const kinds: TimelineItem['event'][] = [
      {
        id: `evt_${number}`,
        type: 'message.sent',
        source: 'battuta',
        data: {
          text: 'Your card is active; the daily limit stopped the payment.',
          author: 'bot',
          key: `5:${number}:0`,
          hash: 'ab',
          conversation: 'con_1',
          seq: number,
          epoch: 7,
        },
      },
      { id: `evt_${number}`, type: 'message.received', source: 'chat', data: { text: 'Third time this morning, and I have had enough.' } },
      { id: `evt_${number}`, type: 'cardDeclined', source: 'core', data: { merchant: 'Grocer', amount: 64.2, reason: 'limit' } },
      { id: `evt_${number}`, type: 'payment', source: 'core', data: { amount: 6.8, currency: 'EUR', iban: { pii: 'IBAN_CODE' } } },
    ]
    const decided = number % 4 === 1
    return { at, partition: 5, offset: 48_211 - number, event: kinds[number % 4] as TimelineItem['event'], decision: decided ? brief(number, at) : null }
  })
}

const watches: readonly Watch[] = [
  { name: 'disk', state: 'steady', title: 'Group commit', sentence: 'p99 4.1 of 20 ms over the last minute.' },
  { name: 'predictions', state: 'strained', title: 'intent is slow', sentence: 'p99 212 of 220 ms for 15 s.' },
  { name: 'beat', state: 'broken', title: 'On the beat: 96.1 %', sentence: 'Promise 99 % over 5 min. 491 of 12,611 decisions were late.' },
  { name: 'late', state: 'steady', title: 'Late events add up', sentence: '19 = 12 applied + 6 corrected + 1 dead-lettered, last hour.' },
]

function shares(minutes: number): number[][] {
  return Array.from({ length: minutes }, (_, minute) => {
    const bump = 6 * Math.exp(-((minute - 41) ** 2) / 30)
    return [jitter(55.7, 0.08), jitter(27.9, 0.08), jitter(6.9, 0.1) + bump, 0.7, jitter(8.8, 0.1)].map((part) => Math.round(part * 25))
  })
}
const hour = shares(60)
const perAct = (values: readonly number[]) => Object.fromEntries(acts.map((act, index) => [act, values[index] ?? 0])) as Record<Act, number>
const quantiles: Quantiles = { p50: 8.4, p99: 52.3, p999: 198, count: 5_040 }

export function second(at: number, empty: boolean): LiveSecond {
  if (empty) {
    return {
      at,
      eventsPerS: 0,
      foldOnlyPerS: 0,
      decisionsPerS: 0,
      actsPerS: perAct([]),
      stagePerS: [0, 0, 0, 0, 0, 0],
      onBeat: { total: 0, late: 0 },
      endToEndMs: { p50: null, p99: null, p999: null, count: 0 },
      conversationsOpen: perAct([]),
      sharesLastHour: [],
      shareActs: acts,
      watches: [],
      arrivals: [],
      refused: 0,
      loopStallMs: 0.4,
    }
  }
  return {
    at,
    eventsPerS: Math.round(jitter(1_284, 0.05)),
    foldOnlyPerS: 1_242,
    decisionsPerS: 42,
    actsPerS: perAct([23.4, 11.7, 2.9, 0.3, 3.7]),
    stagePerS: [1_284, 1_284, 84, 42, 38.3, 61],
    onBeat: { total: 12_611, late: 4 },
    endToEndMs: quantiles,
    conversationsOpen: perAct([702, 352, 86]),
    sharesLastHour: hour,
    shareActs: acts,
    watches,
    arrivals: Array.from({ length: 26 }, () => chance.next()),
    refused: 0,
    loopStallMs: 3.2,
  }
}

export function hello(at: number, empty: boolean): LiveHello {
  const first = Math.floor(at / beatMs) * beatMs
  return {
    app: { name: 'harbour-bank', version },
    deployment: 'embedded, one node',
    budgetMs,
    beatMs,
    stages: stageNames.map((name, index) => ({ name, sliceMs: stages[index]?.sliceMs ?? 0 })),
    models: [
      { name: 'intent', version: '77a0c42e', labels: 77 },
      { name: 'tone', version: '8d1f20ce', labels: 28 },
    ],
    features: features().map(({ name, version: hash }) => ({
      name,
      operator: name.startsWith('spend') ? 'sum' : 'count',
      event: 'payment',
      window: '30d',
      version: hash,
    })),
    startedAt: at - 3_600_000,
    at,
    beats: empty ? [] : Array.from({ length: 24 }, (_, index) => beat(first - (23 - index) * beatMs, index >= 14 && index <= 16)),
    decisions: empty ? [] : Array.from({ length: 14 }, (_, index) => brief(index, at - index * 23)),
  }
}
