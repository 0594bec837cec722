/**
 * Watches the path: listens to what the orchestrator tells, stops nothing, and feeds the live picture.
 *
 * Owns: trailing counts, beats, the stream of decisions for the console. Does not own: the records of decisions.
 *
 * W3 Listening costs the path a few counters a decision; frames are built once a second, and only while somebody looks.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { World, Timer } from '../base/index.ts'
import type { Act, DecisionBrief, LiveBeat, LiveDecisions, LiveHello, LiveSecond } from '../definition/index.ts'
import { stageNames } from '../definition/index.ts'
import type { AcceptedMessage, DecidedMessage, RefusedMessage, ReleasedMessage } from '../orchestrator/index.ts'
import { Beats, beatMs } from './beats.ts'
import { Tally } from './tally.ts'
import { watchesOf } from './watches.ts'

/** The slices of a 300 ms budget, in the order of the stages. */
const slicesMs = [20, 5, 220, 5, 5, 45]
const budgetMs = 300
const rowsPerSecondMax = 4
const recentMax = 50
const arrivalsMax = 26
const acts: readonly Act[] = ['bot', 'agent', 'human', 'reachOut', 'nothing']

export type LiveListener = (event: 'second' | 'beat' | 'decisions', data: LiveSecond | LiveBeat | LiveDecisions) => void

export interface Live {
  hello(): LiveHello
  /** Gives frames until the returned function is called. */
  subscribe(listener: LiveListener): () => void
}

export interface WatchParts {
  readonly world: World
  readonly app: LiveHello['app']
  readonly deployment: string
  readonly models: LiveHello['models']
  readonly features: LiveHello['features']
  /** Who can act in this app. */
  readonly acts: readonly Act[]
  /** Open conversations by owner. Asked every five seconds. */
  readonly conversationsOpen: () => Promise<Readonly<Record<string, number>>>
  readonly beyondWindow: () => number
  /** Longest hold of the event loop since the last call. */
  readonly loopStallMs: () => number
}

export interface Watcher extends Live {
  /** Prometheus text. */
  metrics(): string
  close(): void
}

const counters = { events: 0, deciding: 1, decisions: 2, late: 3, failed: 4, refused: 5, duplicates: 6, effects: 7, owned: 8, acts: 9 } as const
const counterCount = counters.acts + acts.length
const stage = { event: 0, features: 1, predictions: 2, decision: 3, owner: 4, outbox: 5, endToEnd: 6 } as const

export function openWatch(parts: WatchParts): Watcher {
  return new PathWatch(parts)
}

class PathWatch implements Watcher {
  readonly #parts: WatchParts
  readonly #startedAt: number
  readonly #beats = new Beats([...slicesMs, budgetMs])
  readonly #seconds = new Tally(300, counterCount)
  readonly #minutes = new Tally(60, acts.length)
  readonly #totals = new Float64Array(counterCount)
  readonly #listeners = new Set<LiveListener>()
  readonly #recent: DecisionBrief[] = []
  readonly #stalls: number[] = []
  #rows: DecisionBrief[] = []
  #notShown = 0
  #arrivals: number[] = []
  #secondStart: number
  #open: Record<Act, number> = { bot: 0, agent: 0, human: 0, reachOut: 0, nothing: 0 }
  #failure: string | null = null
  #second = 0
  #timer: Timer | null = null
  #closed = false
  readonly #handlers: readonly (readonly [string, (message: unknown) => void])[]

  constructor(parts: WatchParts) {
    this.#parts = parts
    this.#startedAt = parts.world.now()
    this.#secondStart = parts.world.monotonicMs()
    this.#handlers = [
      ['battuta:accepted', (message) => this.#accepted(message as AcceptedMessage)],
      ['battuta:decided', (message) => this.#decided(message as DecidedMessage)],
      ['battuta:released', (message) => this.#released(message as ReleasedMessage)],
      ['battuta:dropped', () => this.#count(counters.duplicates)],
      ['battuta:refused', (message) => this.#count(counters.refused, (message as RefusedMessage).events)],
    ]
    for (const [name, handler] of this.#handlers) subscribe(name, handler)
    this.#arm()
  }

  hello(): LiveHello {
    const { app, deployment, models, features, world } = this.#parts
    return {
      app,
      deployment,
      budgetMs,
      beatMs,
      models,
      features,
      stages: stageNames.map((name, index) => ({ name, sliceMs: slicesMs[index] as number })),
      startedAt: this.#startedAt,
      at: world.now(),
      beats: this.#beats.history.map(pathOnly),
      decisions: this.#recent.toReversed(),
    }
  }

  subscribe(listener: LiveListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#listeners.clear()
    for (const [name, handler] of this.#handlers) unsubscribe(name, handler)
  }

  metrics(): string {
    const { app, world } = this.#parts
    const total = (name: keyof typeof counters): number => this.#totals[counters[name]] ?? 0
    const lines = [
      '# TYPE battuta_info gauge',
      `battuta_info{app="${app.name}",version="${app.version}"} 1`,
      '# TYPE battuta_uptime_seconds gauge',
      `battuta_uptime_seconds ${((world.now() - this.#startedAt) / 1000).toFixed(0)}`,
    ]
    for (const name of ['events', 'decisions', 'late', 'failed', 'refused', 'duplicates', 'effects'] as const) {
      lines.push(`# TYPE battuta_${name}_total counter`, `battuta_${name}_total ${total(name)}`)
    }
    lines.push('# TYPE battuta_stage_ms gauge')
    ;[...stageNames, 'end_to_end'].forEach((name, index) => {
      const { p50, p99, p999 } = this.#beats.trailing(index)
      for (const [q, value] of [
        ['0.5', p50],
        ['0.99', p99],
        ['0.999', p999],
      ] as const)
        if (value !== null) lines.push(`battuta_stage_ms{stage="${name}",quantile="${q}"} ${value}`)
    })
    return `${lines.join('\n')}\n`
  }

  #arm(): void {
    this.#timer = this.#parts.world.setTimer(1_000, () => {
      this.#tick()
      // A listener may have closed the watch.
      if (!this.#closed) this.#arm()
    })
  }

  #count(counter: number, value = 1): void {
    this.#seconds.add(counter, value)
    this.#totals[counter] = (this.#totals[counter] ?? 0) + value
  }

  #accepted({ events, deciding, durableMs }: AcceptedMessage): void {
    this.#count(counters.events, events)
    this.#count(counters.deciding, deciding)
    this.#beats.record(stage.event, durableMs)
    if (this.#arrivals.length < arrivalsMax) this.#arrivals.push(Math.min(1, (this.#parts.world.monotonicMs() - this.#secondStart) / 1_000))
  }

  #decided({ brief, stagesMs, commitMs }: DecidedMessage): void {
    const act = acts.indexOf(brief.act)
    this.#count(counters.decisions)
    this.#count(counters.acts + act)
    this.#minutes.add(act)
    if (brief.status === 'late') this.#count(counters.late)
    if (brief.status === 'failed') {
      this.#count(counters.failed)
      this.#failure = `${brief.policy}: ${brief.because ?? 'failed'}`
    }
    for (let index = 1; index < stagesMs.length; index++) this.#beats.record(index, stagesMs[index] as number)
    if (brief.act === 'nothing') this.#beats.record(stage.outbox, commitMs)
    else this.#count(counters.owned)
    this.#beats.record(stage.endToEnd, brief.elapsedMs ?? 0)
    this.#recent.push(brief)
    if (this.#recent.length > recentMax) this.#recent.shift()
    if (this.#rows.length < rowsPerSecondMax) this.#rows.push(brief)
    else this.#notShown++
  }

  #released({ effects, outboxMs }: ReleasedMessage): void {
    this.#count(counters.effects, effects)
    this.#beats.record(stage.outbox, outboxMs)
  }

  #tick(): void {
    const stall = this.#parts.loopStallMs()
    this.#stalls.push(stall)
    if (this.#stalls.length > 60) this.#stalls.shift()
    this.#second++
    if (this.#listeners.size > 0) this.#tell('second', this.#frame(stall))
    if (this.#rows.length > 0) this.#tell('decisions', { rows: this.#rows.toReversed(), notShown: this.#notShown })
    this.#rows = []
    this.#notShown = 0
    this.#arrivals = []
    this.#secondStart = this.#parts.world.monotonicMs()
    this.#seconds.next()
    if (this.#second % 60 === 0) this.#minutes.next()
    if (this.#second % (beatMs / 1_000) !== 0) return
    this.#tell('beat', pathOnly(this.#beats.end(this.#parts.world.now())))
    this.#parts.conversationsOpen().then(
      (open) => {
        this.#open = { ...this.#open, bot: open['bot'] ?? 0, agent: open['agent'] ?? 0, human: open['human'] ?? 0 }
      },
      () => undefined,
    )
  }

  #tell(event: 'second' | 'beat' | 'decisions', data: LiveSecond | LiveBeat | LiveDecisions): void {
    for (const listener of this.#listeners) listener(event, data)
  }

  #frame(loopStallMs: number): LiveSecond {
    const now = (counter: number): number => this.#seconds.current(counter)
    const events = now(counters.events)
    const decisions = now(counters.decisions)
    const endToEndMs = this.#beats.trailing(stage.endToEnd)
    const total = this.#seconds.sum(counters.decisions)
    const late = this.#seconds.sum(counters.late)
    return {
      at: this.#parts.world.now(),
      eventsPerS: events,
      foldOnlyPerS: Math.max(0, events - now(counters.deciding)),
      decisionsPerS: decisions,
      actsPerS: Object.fromEntries(acts.map((act, index) => [act, now(counters.acts + index)])) as Record<Act, number>,
      stagePerS: [events, events, decisions, decisions, now(counters.owned), now(counters.effects)],
      onBeat: { total, late },
      endToEndMs,
      conversationsOpen: this.#open,
      sharesLastHour: this.#minutes.steps().map((minute) => this.#parts.acts.map((act) => minute[acts.indexOf(act)] ?? 0)),
      shareActs: this.#parts.acts,
      watches: watchesOf({
        budgetMs,
        total,
        late,
        endToEnd: endToEndMs,
        failure: this.#failure,
        failed: this.#seconds.sum(counters.failed),
        refused: this.#seconds.sum(counters.refused),
        duplicates: this.#seconds.sum(counters.duplicates),
        beyondWindow: this.#parts.beyondWindow(),
        loopStallMs: Math.max(0, ...this.#stalls),
        beats: this.#beats.history,
        stages: stageNames.map((name, index) => ({ name, sliceMs: slicesMs[index] as number })),
      }),
      arrivals: this.#arrivals,
      refused: now(counters.refused),
      loopStallMs,
    }
  }
}

/** Without the end-to-end line, which is no stage of the path. */
function pathOnly(beat: LiveBeat): LiveBeat {
  return { at: beat.at, stages: beat.stages.slice(0, stageNames.length) }
}
