import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Act, DecisionBrief, LiveBeat, LiveDecisions, LiveSecond } from '../definition/index.ts'
import { accepted, decided, dropped, refused, released } from '../orchestrator/index.ts'
import type { AcceptedMessage, DecidedMessage, RefusedMessage, ReleasedMessage } from '../orchestrator/index.ts'
import { simulatedWorld } from '../testing/index.ts'
import type { SimulatedWorld } from '../testing/index.ts'
import { openWatch } from './index.ts'
import type { WatchParts, Watcher } from './index.ts'

interface Frames {
  readonly second: LiveSecond[]
  readonly beat: LiveBeat[]
  readonly decisions: LiveDecisions[]
}

function collect(watch: Watcher): Frames & { stop: () => void } {
  const frames: Frames = { second: [], beat: [], decisions: [] }
  return { ...frames, stop: watch.subscribe((event, data) => void (frames[event] as unknown[]).push(data)) }
}

/** Runs `work` with a watch that is closed in the end. */
async function watching(work: (watch: Watcher, world: SimulatedWorld) => Promise<void>, parts: Partial<WatchParts> = {}): Promise<void> {
  const world = simulatedWorld('watch')
  const watch = openWatch({
    world,
    app: { name: 'shop', version: 'v1' },
    deployment: 'embedded, one node',
    models: [],
    features: [],
    acts: ['bot', 'human', 'nothing'],
    conversationsOpen: async () => ({ bot: 3, human: 1, nobody: 2 }),
    beyondWindow: () => 0,
    loopStallMs: () => 0,
    ...parts,
  })
  try {
    await work(watch, world)
  } finally {
    watch.close()
  }
}

let made = 0
function decide(more: Partial<DecisionBrief> = {}, stagesMs: DecidedMessage['stagesMs'] = [1, 0.1, 2, 0.3, 0.1]): string {
  const id = `dec_${made++}`
  const brief: DecisionBrief = {
    id,
    at: made,
    policy: 'inbound',
    customer: 'user:1',
    event: 'message.received',
    act: 'bot',
    name: 'hello',
    because: null,
    budgetMs: 300,
    elapsedMs: 6,
    status: 'on-beat',
    ...more,
  }
  decided.publish({ brief, stagesMs, commitMs: 2 } satisfies DecidedMessage)
  return id
}
const accept = (events: number, deciding: number): void => accepted.publish({ events, deciding, durableMs: 1 } satisfies AcceptedMessage)
const release = (effects: number): void => released.publish({ effects, outboxMs: 3 } satisfies ReleasedMessage)
const refuse = (events: number): void => refused.publish({ code: 'OVERLOADED', events } satisfies RefusedMessage)

const told = fc.oneof(
  fc.record({ kind: fc.constant('accept' as const), events: fc.integer({ min: 1, max: 50 }), deciding: fc.nat(1) }),
  fc.record({
    kind: fc.constant('decide' as const),
    act: fc.constantFrom<Act>('bot', 'agent', 'human', 'nothing'),
    status: fc.constantFrom<DecisionBrief['status']>('on-beat', 'late', 'failed'),
  }),
  fc.record({ kind: fc.constant('release' as const), effects: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('drop' as const) }),
  fc.record({ kind: fc.constant('refuse' as const), events: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 900 }) }),
)

test('W3 frames add up: what was told is in exactly one second, and rows and what is not shown are all decisions', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(told, { maxLength: 60 }), (messages) =>
      watching(async (watch, world) => {
        const frames = collect(watch)
        const sums = { events: 0, deciding: 0, decisions: 0, effects: 0, refused: 0, late: 0, nothing: 0 }
        for (const message of messages) {
          if (message.kind === 'wait') await world.advance(message.ms)
          else if (message.kind === 'accept') accept(message.events, message.deciding)
          else if (message.kind === 'release') release(message.effects)
          else if (message.kind === 'drop') dropped.publish({ reason: 'duplicate' })
          else if (message.kind === 'refuse') refuse(message.events)
          else decide({ act: message.act, status: message.status })
          if (message.kind === 'accept') [sums.events, sums.deciding] = [sums.events + message.events, sums.deciding + message.deciding]
          if (message.kind === 'release') sums.effects += message.effects
          if (message.kind === 'refuse') sums.refused += message.events
          if (message.kind === 'decide')
            [sums.decisions, sums.late, sums.nothing] = [
              sums.decisions + 1,
              sums.late + Number(message.status === 'late'),
              sums.nothing + Number(message.act === 'nothing'),
            ]
        }
        await world.advance(1_000)
        const sum = (of: (second: LiveSecond) => number): number => frames.second.reduce((held, second) => held + of(second), 0)
        assert.equal(
          sum((second) => second.eventsPerS),
          sums.events,
        )
        assert.equal(
          sum((second) => second.foldOnlyPerS),
          sums.events - sums.deciding,
        )
        assert.equal(
          sum((second) => second.decisionsPerS),
          sums.decisions,
        )
        assert.equal(
          sum((second) => Object.values(second.actsPerS).reduce((held, count) => held + count, 0)),
          sums.decisions,
        )
        assert.equal(
          sum((second) => second.stagePerS[4] ?? 0),
          sums.decisions - sums.nothing,
          'ownership is a stage of decisions that act',
        )
        assert.equal(
          sum((second) => second.stagePerS[5] ?? 0),
          sums.effects,
        )
        assert.equal(
          sum((second) => second.refused),
          sums.refused,
        )
        assert.deepEqual(frames.second.at(-1)?.onBeat, { total: sums.decisions, late: sums.late })
        assert.equal(
          frames.decisions.reduce((held, { rows, notShown }) => held + rows.length + notShown, 0),
          sums.decisions,
        )
        assert.ok(frames.decisions.every(({ rows }) => rows.length <= 4))
      }),
    ),
    { numRuns: 40 },
  )
})

test('W3 at most four rows a second, newest first, and the surplus is counted', () =>
  watching(async (watch, world) => {
    const frames = collect(watch)
    const ids = Array.from({ length: 7 }, () => decide())
    await world.advance(1_000)
    decide()
    await world.advance(2_000)
    assert.deepEqual(
      frames.decisions.map(({ rows, notShown }) => [rows.length, notShown]),
      [
        [4, 3],
        [1, 0],
      ],
      'a second without a decision has no frame',
    )
    assert.deepEqual(
      frames.decisions[0]?.rows.map(({ id }) => id),
      ids.slice(0, 4).toReversed(),
    )
  }))

test('a page that opens late is told the last 50 decisions and the last beats', () =>
  watching(async (watch, world) => {
    const ids = Array.from({ length: 60 }, () => decide())
    await world.advance(11_000)
    const hello = watch.hello()
    assert.deepEqual(
      hello.decisions.map(({ id }) => id),
      ids.slice(-50).toReversed(),
    )
    assert.equal(hello.beats.length, 2)
    assert.deepEqual(
      hello.beats.map(({ stages }) => stages.length),
      [6, 6],
      'end to end is no stage of the path',
    )
    assert.equal(
      hello.stages.reduce((sum, { sliceMs }) => sum + sliceMs, 0),
      hello.budgetMs,
      'the slices make up the budget',
    )
    assert.deepEqual([hello.at - hello.startedAt, hello.beatMs], [11_000, 5_000])
  }))

test('each second stands for itself, the five minutes and the hour behind it move on', () =>
  watching(async (watch, world) => {
    const frames = collect(watch)
    accept(5, 2)
    decide({ status: 'late', elapsedMs: 400 })
    decide({ act: 'human' })
    await world.advance(1_000)
    await world.advance(299_000)
    const [first] = frames.second
    assert.deepEqual([first?.eventsPerS, first?.foldOnlyPerS, first?.decisionsPerS, first?.actsPerS.human], [5, 3, 2, 1])
    assert.deepEqual([frames.second[1]?.eventsPerS, frames.second[1]?.decisionsPerS], [0, 0])
    assert.deepEqual(frames.second.at(-1)?.onBeat, { total: 2, late: 1 }, 'for 300 seconds it counts')
    await world.advance(1_000)
    assert.deepEqual(frames.second.at(-1)?.onBeat, { total: 0, late: 0 }, 'and no longer')
    const shares = frames.second.at(-1)?.sharesLastHour ?? []
    assert.equal(shares.length, 60)
    assert.deepEqual(
      shares.filter((row) => row.some((count) => count > 0)),
      [[1, 1, 0]],
      'of the acts that this app has, in their order',
    )
    assert.deepEqual(frames.second.at(-1)?.shareActs, ['bot', 'human', 'nothing'])
  }))

test('arrivals are fractions of the second, 26 at most', () =>
  watching(async (watch, world) => {
    const frames = collect(watch)
    await world.advance(250)
    accept(1, 0)
    await world.advance(500)
    for (let n = 0; n < 40; n++) accept(1, 0)
    await world.advance(250)
    const arrivals = frames.second[0]?.arrivals ?? []
    assert.deepEqual([arrivals.length, arrivals[0], arrivals[1]], [26, 0.25, 0.75])
    await world.advance(1_000)
    assert.deepEqual(frames.second[1]?.arrivals, [])
  }))

test('stage times are those that were told; a decision for nothing ends with its commit', () =>
  watching(async (watch, world) => {
    const frames = collect(watch)
    accept(1, 1)
    decide({ act: 'nothing', elapsedMs: 6 }, [9, 0.5, 2, 0.25, 0.125])
    release(1)
    await world.advance(5_000)
    const p50s = frames.beat[0]?.stages.map(({ p50, count }) => [p50 && Math.round(p50 * 8) / 8, count])
    assert.deepEqual(p50s, [
      [1, 1],
      [0.5, 1],
      [2, 1],
      [0.25, 1],
      [0.125, 1],
      [2, 2],
    ])
    assert.equal(frames.second[0]?.endToEndMs.count, 1)
  }))

test('trouble is told in sentences: failures, refusals, stalls', () => {
  let stallMs = 0
  return watching(
    async (watch, world) => {
      const frames = collect(watch)
      decide({ status: 'failed', because: 'boom' })
      refuse(3)
      stallMs = 120
      await world.advance(1_000)
      stallMs = 0
      await world.advance(59_000)
      const said = (index: number): Record<string, string> =>
        Object.fromEntries((frames.second.at(index)?.watches ?? []).map(({ name, state, sentence }) => [name, `${state}: ${sentence}`]))
      assert.match(said(0)['policies'] ?? '', /^broken: inbound: boom/)
      assert.match(said(0)['refused'] ?? '', /^strained/)
      assert.match(said(-1)['loop'] ?? '', /^strained: Longest hold 120 ms/)
      assert.match(said(-1)['duplicates'] ?? '', /; 4 older than the window/)
      await world.advance(1_000)
      assert.match(said(-1)['loop'] ?? '', /^steady: Longest hold 0 ms/)
    },
    { loopStallMs: () => stallMs, beyondWindow: () => 4 },
  )
})

test('open conversations are asked for every five seconds; an answer that fails leaves the last', () => {
  let fails = false
  return watching(
    async (watch, world) => {
      const frames = collect(watch)
      await world.advance(6_000)
      fails = true
      await world.advance(6_000)
      assert.deepEqual(
        [frames.second[4]?.conversationsOpen['bot'], frames.second[5]?.conversationsOpen['bot'], frames.second[11]?.conversationsOpen['human']],
        [0, 3, 1],
      )
    },
    { conversationsOpen: () => (fails ? Promise.reject(new Error('disk')) : Promise.resolve({ bot: 3, human: 1, nobody: 2 })) },
  )
})

test('metrics count from the start, in Prometheus’ text', () =>
  watching(async (watch, world) => {
    accept(5, 2)
    decide()
    decide({ status: 'late' })
    release(2)
    dropped.publish({ reason: 'duplicate' })
    await world.advance(400_000)
    const text = watch.metrics()
    for (const line of [
      'battuta_info{app="shop",version="v1"} 1',
      'battuta_uptime_seconds 400',
      'battuta_events_total 5',
      'battuta_decisions_total 2',
      'battuta_late_total 1',
      'battuta_effects_total 2',
      'battuta_duplicates_total 1',
      'battuta_refused_total 0',
    ]) {
      assert.ok(text.includes(`\n${line}\n`), line)
    }
    for (const line of text.trim().split('\n'))
      assert.match(line, /^(?:# TYPE [a-z_]+ (?:gauge|counter)|[a-z_]+(?:\{[a-z]+="[^"\\]*"(?:,[a-z]+="[^"\\]*")*\})? -?[0-9.]+)$/)
    assert.ok(!text.includes('battuta_stage_ms{'), 'two minutes without a decision have no quantiles')
    decide()
    assert.match(watch.metrics(), /battuta_stage_ms\{stage="end_to_end",quantile="0.5"\} \d/)
  }))

test('nobody who stopped listening is told anything, and after close nobody is', () =>
  watching(async (watch, world) => {
    const left = collect(watch)
    const stayed = collect(watch)
    left.stop()
    decide()
    await world.advance(5_000)
    assert.deepEqual([left.second.length, left.decisions.length, left.beat.length], [0, 0, 0])
    assert.deepEqual([stayed.second.length, stayed.decisions.length, stayed.beat.length], [5, 1, 1])
    watch.close()
    accept(3, 1)
    decide()
    await world.advance(20_000)
    assert.deepEqual([stayed.second.length, stayed.decisions.length, stayed.beat.length], [5, 1, 1])
    assert.match(watch.metrics(), /battuta_decisions_total 1\n/, 'it listens no more')
    assert.equal(accepted.hasSubscribers, false)
  }))

test('a listener may close the watch', () =>
  watching(async (watch, world) => {
    let frames = 0
    watch.subscribe(() => {
      frames++
      watch.close()
    })
    decide()
    await world.advance(10_000)
    assert.equal(frames, 1)
    await assert.rejects(
      world.until(() => false, 60_000),
      /stood still/,
      'no timer is left',
    )
  }))
