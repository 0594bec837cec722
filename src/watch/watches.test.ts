import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LiveBeat, Quantiles, StageName, Watch } from '../definition/index.ts'
import { watchesOf } from './watches.ts'
import type { Seen } from './watches.ts'

const none: Quantiles = { p50: null, p99: null, p999: null, count: 0 }
const calm: Seen = {
  budgetMs: 300,
  total: 0,
  late: 0,
  failed: 0,
  refused: 0,
  duplicates: 0,
  beyondWindow: 0,
  failure: null,
  endToEnd: none,
  loopStallMs: 0,
  beats: [],
  stages: (['event', 'features'] as StageName[]).map((name, index) => ({ name, sliceMs: index === 0 ? 20 : 5 })),
}

function beat(...stages: readonly { readonly p99: number | null; readonly steady: boolean }[]): LiveBeat {
  return { at: 0, stages: stages.map((stage) => ({ ...none, ...stage })) }
}

function one(name: string, seen: Partial<Seen>): Watch {
  const watch = watchesOf({ ...calm, ...seen }).find((held) => held.name === name)
  assert.ok(watch, `there is a watch on ${name}`)
  return watch
}

const cases: readonly (readonly [string, Partial<Seen>, Watch['state'], string, string])[] = [
  ['on-beat', {}, 'steady', 'Every decision within its budget', 'No decision in the last 5 min. The budget is 300 ms.'],
  ['on-beat', { total: 40 }, 'steady', 'Every decision within its budget', '0 of 40 over their budget in the last 5 min; none was waited for.'],
  ['on-beat', { total: 100, late: 1 }, 'strained', '1 decision late', '1 of 100 over their budget in the last 5 min; none was waited for.'],
  ['on-beat', { total: 100, late: 2 }, 'broken', '2 decisions late', '2 of 100 over their budget in the last 5 min; none was waited for.'],
  ['policies', {}, 'steady', 'Policies decide', 'No policy threw or read outside its moment in the last 5 min.'],
  ['policies', { failed: 1, failure: 'inbound: boom' }, 'broken', '1 decision failed', 'inbound: boom. Last 5 min.'],
  ['policies', { failed: 3 }, 'broken', '3 decisions failed', 'A policy threw. Last 5 min.'],
  ['refused', {}, 'steady', 'Nothing refused', 'Every event that fits its schema was taken in the last 5 min.'],
  ['refused', { refused: 12 }, 'strained', '12 events refused', 'More arrived than could be on time; refused before anything was appended. Last 5 min.'],
  ['loop', { loopStallMs: 50 }, 'steady', 'Event loop', 'Longest hold 50 ms in the last minute; strained from 50 ms.'],
  ['loop', { loopStallMs: 51.4 }, 'strained', 'Event loop', 'Longest hold 51 ms in the last minute; strained from 50 ms.'],
  ['loop', { loopStallMs: 201 }, 'broken', 'Event loop', 'Longest hold 201 ms in the last minute; strained from 50 ms.'],
  ['duplicates', { duplicates: 3, beyondWindow: 2 }, 'steady', 'Duplicates', '3 removed in the last 5 min; 2 older than the window since the start, applied.'],
  [
    'steady-features',
    { beats: [beat({ p99: 3, steady: true }, { p99: 9, steady: false })] },
    'broken',
    'features is not steady',
    '1 of the last 1 beats off; p99 now 9.0 of 5 ms.',
  ],
  [
    'steady-event',
    { beats: [beat({ p99: 10, steady: false }), beat({ p99: 9, steady: true })] },
    'strained',
    'event is not steady',
    '1 of the last 2 beats off; p99 now 9.0 of 20 ms.',
  ],
  ['steady-event', { beats: [beat({ p99: 10, steady: false })] }, 'strained', 'event is not steady', '1 of the last 1 beats off; p99 now 10 of 20 ms.'],
  [
    'steady-event',
    { beats: [beat({ p99: 30, steady: false }), beat({ p99: null, steady: true })] },
    'strained',
    'event is not steady',
    '1 of the last 2 beats off; p99 now too few to say.',
  ],
]

for (const [name, seen, state, title, sentence] of cases) {
  test(`${name}: ${sentence}`, () => {
    assert.deepEqual(one(name, seen), { name, state, title, sentence })
  })
}

test('a stage that kept steady is not mentioned; the worst comes first', () => {
  assert.deepEqual(
    watchesOf(calm).map(({ name }) => name),
    ['on-beat', 'policies', 'refused', 'loop', 'duplicates'],
  )
  const troubled = watchesOf({ ...calm, refused: 1, failed: 1, beats: [beat({ p99: 1, steady: true }, { p99: 9, steady: false })] })
  assert.deepEqual(
    troubled.map(({ name, state }) => `${name} ${state}`),
    ['steady-features broken', 'policies broken', 'refused strained', 'on-beat steady', 'loop steady', 'duplicates steady'],
  )
})
