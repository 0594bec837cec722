/**
 * The orchestrator: the path of one event (DESIGN section 1), from the door to the outbox.
 *
 * Owns: lanes, the order of their steps and commits, back-pressure, recovery. Does not own: storage, models, policies,
 * sockets; they are rooms of their own, handed in by the composer.
 *
 * I1 Nothing lost, nothing twice: an event is acknowledged once durable; its commit is sent only after that; what leaves has
 *    left after its commit and its mark.
 * I2 One owner: every commit carries the owner's epoch, and records refuse a delivery under another.
 * I3 On the beat: the budget runs from receipt; what would be late is refused at the door or degraded in the step.
 * B1 Compute ahead, commit behind: a step may run before its event is flushed, its commit is sent after.
 */
import { assert, BattutaError, fnv1a32, limits, newId } from '../base/index.ts'
import type { World } from '../base/index.ts'
import type { Channel } from '../channels/index.ts'
import { briefOf, round, statusOf } from '../decide/index.ts'
import { builtinEvents } from '../definition/index.ts'
import type { AppDefinition, DecisionRecord, LoggedEvent, RecordedEffect } from '../definition/index.ts'
import type { FeatureEngine, FeatureStore } from '../features/index.ts'
import type { Log } from '../log/index.ts'
import type { Models } from '../models/index.ts'
import type { OutboxRow, Records } from '../records/index.ts'
import type { Arrival, Done } from './arrival.ts'
import * as told from './channels.ts'
import { openConductor, policyNamed } from './conductor.ts'
import type { Conductor } from './conductor.ts'
import { openDoor } from './door.ts'
import { slotOf } from './lane.ts'
import type { Lane } from './lane.ts'
import { Lanes } from './lanes.ts'
import { markEvent } from './marks.ts'
import type { Mark } from './marks.ts'
import { openOutbox } from './outbox.ts'
import { Positions } from './positions.ts'
import { openReads } from './reads.ts'
import { decodeEvent, recover } from './recovery.ts'
import type { Again } from './recovery.ts'
import type { Caller, Runtime } from './runtime.ts'
import { seal, step } from './step.ts'

export interface OrchestratorParts {
  readonly world: World
  readonly app: AppDefinition
  readonly appVersion: string
  readonly sources: Readonly<Record<string, string>>
  readonly folderUrl: string
  readonly log: Log
  readonly records: Records
  readonly store: FeatureStore
  readonly features: FeatureEngine
  readonly models: Models
  readonly channel: Channel
  /** A broken invariant or a failed disk: the process must stop, and recovery will make it whole. */
  readonly onFatal: (error: unknown) => void
}

/** Decisions under way at once; beyond it the doors refuse, since they could not be on time. */
export const decisionsUnderWayMax = 2_000
/** Bytes appended and not yet durable; beyond it the doors refuse. */
export const pendingBytesMax = 32 * 1024 * 1024
/** How long a refused sender is asked to wait. */
const retryAfterMs = 200
const advanceEveryMs = 1_000

/** Opens the path. Resolves at once; `recovery.done` says when the doors take events, `ready` resolves then. */
export async function openOrchestrator(parts: OrchestratorParts): Promise<Runtime & { readonly ready: Promise<void> }> {
  const orchestrator = new Orchestrator(parts)
  await orchestrator.takeOver()
  return orchestrator
}

class Orchestrator implements Runtime {
  readonly ready: Promise<void>
  readonly #parts: OrchestratorParts
  readonly #conductor: Conductor
  readonly #lanes: Lanes
  readonly #positions: Positions
  readonly #generations: number[] = []
  readonly #door
  readonly #outbox
  readonly #reads
  #recovery = { done: false, events: 0, total: 0 }
  #recovering = 0
  #deciding = 0
  #closed = false
  #begin!: () => void
  /** Marks appended while recovery reads: their lanes get them after everything that stands before them in the log. */
  #afterRecovery: Arrival[] = []
  /** Marks and unreleased effects of events that recovery gave to their lanes. */
  readonly #recovered = new Map<Arrival, Again>()

  readonly decision: Runtime['decision']
  readonly decisions: Runtime['decisions']
  readonly replay: Runtime['replay']
  readonly features: Runtime['features']
  readonly customer: Runtime['customer']
  readonly timeline: Runtime['timeline']

  constructor(parts: OrchestratorParts) {
    this.#parts = parts
    const { world, app, log, records, features, channel } = parts
    this.#conductor = openConductor({ ...parts, generation: (partition) => this.#generations[partition] ?? 0 })
    this.#positions = new Positions(log.partitions)
    this.#door = openDoor(app)
    this.#lanes = new Lanes({
      world,
      features,
      records,
      run: (lane, arrival) => this.#run(lane, arrival),
      refold: (lane, before) => this.#refold(lane, before),
      needsConversation: (type) => this.#conductor.steps(type),
      fatal: (error) => this.#fatal(error),
    })
    this.#outbox = openOutbox({
      world,
      mark: (lane, marks) => this.#mark(lane, marks),
      deliver: (delivery) => channel.deliver(delivery),
      fatal: (error) => this.#fatal(error),
    })
    this.#reads = openReads({
      ...parts,
      replayApp: this.#conductor.replayApp,
      customerOf: (identity) => this.#customerOf(identity),
      partitionOf: (key) => this.#partitionOf(key),
      laneOf: (key) => this.#lanes.get(key),
      left: (key) => this.left(key),
      whole: (key, partition) => this.#lanes.whole(key, partition),
    })
    this.decision = this.#reads.decision
    this.decisions = this.#reads.decisions
    this.replay = this.#reads.replay
    this.features = this.#reads.features
    this.customer = this.#reads.customer
    this.timeline = this.#reads.timeline
    this.ready = new Promise<void>((resolve) => (this.#begin = resolve)).then(() => this.#recover())
    this.ready.catch((error: unknown) => this.#fatal(error))
  }

  get recovery(): { done: boolean; events: number; total: number } {
    return this.#recovery
  }

  async takeOver(): Promise<void> {
    const { log, records } = this.#parts
    for (let partition = 0; partition < log.partitions; partition++) this.#generations.push(await records.takeOver(partition))
    this.#begin()
  }

  async accept(events: readonly unknown[], caller: Caller): Promise<{ accepted: number }> {
    const receivedMono = this.#parts.world.monotonicMs()
    if (!Array.isArray(events) || events.length === 0) throw new BattutaError('BATCH_INVALID', 'a batch is a JSON array with at least one event')
    if (events.length > limits.batchEventsMax)
      throw new BattutaError('BATCH_INVALID', `a batch of ${events.length} events is too long; send at most ${limits.batchEventsMax}`)
    const receivedAt = this.#parts.world.now()
    const logged: LoggedEvent[] = []
    for (let index = 0; index < events.length; index++) {
      const event = this.#door.read(events[index], events.length === 1 ? null : index, caller, receivedAt)
      const known = this.#customerOf(event.customer)
      const customer = known instanceof Promise ? await known : known
      logged.push(customer === event.customer ? event : { ...event, customer, subject: event.customer })
    }
    const deciding = logged.reduce((count, event) => count + (this.#conductor.steps(event.type) ? 1 : 0), 0)
    this.#admit(deciding, logged.length)
    await this.#append(logged, receivedMono, null)
    told.accepted.publish({ events: logged.length, deciding, durableMs: this.#parts.world.monotonicMs() - receivedMono } satisfies told.AcceptedMessage)
    return { accepted: logged.length }
  }

  async say({ customer, conversation, id, text, channel }: Parameters<Runtime['say']>[0]): ReturnType<Runtime['say']> {
    const data = { text, channel, ...(conversation === null ? {} : { conversation }) }
    const source = conversation === null ? `chat:${customer}` : `chat:${conversation}`
    const done = await this.#through({ id, source, type: 'message.received', subject: customer, data }, { role: 'customer', customer })
    if (done.entry) return { seq: done.entry.seq, conversation: done.entry.conversation, duplicate: false, decision: done.record }
    return this.#reads.saidBefore(customer, conversation, id)
  }

  async decide(name: string, { customer, input, budgetMs }: Parameters<Runtime['decide']>[1]): Promise<DecisionRecord> {
    const policy = policyNamed(this.#parts.app, name)
    if (budgetMs !== undefined && !(budgetMs >= 1 && budgetMs <= limits.budgetMsMax))
      throw new BattutaError('REQUEST_INVALID', `budgetMs ${String(budgetMs)} must be from 1 to ${limits.budgetMsMax}`)
    const definition = builtinEvents[policy.on] ?? this.#parts.app.events[policy.on]
    assert(definition, 'a policy is asked by an event that exists')
    const data = { policy: name, input: this.#door.payload(definition, input, 'input: '), ...(budgetMs === undefined ? {} : { budgetMs }) }
    const done = await this.#through(
      { id: newId(this.#parts.world, 'req'), source: 'battuta:decide', type: 'decision.requested', subject: customer, data },
      { role: 'battuta' },
    )
    assert(done.record, 'a decision that was asked for is made')
    return done.record
  }

  async left(customer: string): Promise<void> {
    const lane = this.#lanes.get(customer)
    if (lane && (lane.inFlight > 0 || lane.leaving > 0)) await new Promise<void>((resolve) => lane.waiters.push(resolve))
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const { world, features } = this.#parts
    while (this.#positions.open > 0 || this.#lanes.pending > 0) await new Promise<void>((resolve) => world.defer(resolve))
    this.#lanes.stop()
    await features.checkpoint()
    this.#advance()
  }

  /** One event through its whole step, for a caller that waits for what came of it. */
  async #through(input: unknown, caller: Caller): Promise<Done> {
    const { world } = this.#parts
    if (input && typeof (input as { id?: unknown }).id === 'string') input = { specversion: '1.0', ...input }
    const receivedMono = world.monotonicMs()
    const event = this.#door.read(input, null, caller, world.now())
    const known = this.#customerOf(event.customer)
    const customer = known instanceof Promise ? await known : known
    this.#admit(1, 1)
    const logged = customer === event.customer ? event : { ...event, customer, subject: event.customer }
    return new Promise<Done>((done, failed) => {
      this.#append([logged], receivedMono, { done, failed }).then(
        () => told.accepted.publish({ events: 1, deciding: 1, durableMs: world.monotonicMs() - receivedMono } satisfies told.AcceptedMessage),
        failed,
      )
    })
  }

  /** Back-pressure before anything is appended (I3). */
  #admit(deciding: number, events: number): void {
    if (this.#closed) throw new BattutaError('NOT_READY', 'this node is closing; send to another, or again in a moment', { retryAfterMs: 1_000 })
    if (!this.#recovery.done) {
      const { events: done, total } = this.#recovery
      throw new BattutaError('NOT_READY', `recovery has read ${done} of ${total} events; try again in a moment`, { retryAfterMs: 500 })
    }
    const full = deciding > 0 && this.#deciding + deciding > decisionsUnderWayMax
    if (!full && this.#parts.log.pendingBytes <= pendingBytesMax) return
    told.refused.publish({ code: 'OVERLOADED', events } satisfies told.RefusedMessage)
    const why = full
      ? `${this.#deciding} decisions are under way, of at most ${decisionsUnderWayMax}`
      : `${this.#parts.log.pendingBytes} bytes wait for the disk, of at most ${pendingBytesMax}`
    throw new BattutaError('OVERLOADED', `${why}; nothing was appended: send it again in ${retryAfterMs} ms`, { retryAfterMs })
  }

  /** Appends by partition; events go to their lanes as soon as they have an offset. Resolves once all are durable. */
  async #append(
    events: readonly LoggedEvent[],
    receivedMono: number,
    waiter: { done: (done: Done) => void; failed: (error: unknown) => void } | null,
  ): Promise<void> {
    const flushed: Promise<unknown>[] = []
    for (const [partition, own] of this.#byPartition(events)) {
      const append = this.#parts.log.append(
        partition,
        own.map((event) => Buffer.from(JSON.stringify(event))),
      )
      const arrive = (first: number, durableMono: number | null): void => {
        own.forEach((event, index) =>
          this.#arrive({
            event,
            partition,
            offset: first + index,
            receivedMono,
            durable: append.durable,
            durableMono,
            recovered: false,
            done: waiter?.done ?? null,
            failed: waiter?.failed ?? null,
          }),
        )
      }
      if (append.first === null) flushed.push(append.durable.then((first) => arrive(first, this.#parts.world.monotonicMs())))
      else {
        flushed.push(append.durable)
        arrive(append.first, null)
      }
    }
    if (flushed.length === 1) await flushed[0]
    else await Promise.all(flushed)
  }

  #byPartition(events: readonly LoggedEvent[]): Iterable<readonly [number, readonly LoggedEvent[]]> {
    const [only] = events
    if (only && events.length === 1) return [[this.#partitionOf(only.customer), events]]
    const byPartition = new Map<number, LoggedEvent[]>()
    for (const event of events) {
      const partition = this.#partitionOf(event.customer)
      const held = byPartition.get(partition)
      if (held) held.push(event)
      else byPartition.set(partition, [event])
    }
    return byPartition
  }

  #arrive(arrival: Arrival): void {
    if (!this.#recovery.done && !arrival.recovered) {
      this.#afterRecovery.push(arrival)
      return
    }
    if (this.#conductor.steps(arrival.event.type)) this.#under(arrival)
    this.#lanes.push(arrival)
  }

  #under(arrival: Arrival): void {
    this.#positions.begin(arrival.partition, arrival.offset)
    this.#deciding++
  }

  #over(arrival: Arrival): void {
    this.#positions.finish(arrival.partition, arrival.offset)
    this.#deciding--
    if (arrival.recovered) this.#recovering--
  }

  /** One event's turn in its lane. */
  #run(lane: Lane, arrival: Arrival): void {
    const { features } = this.#parts
    const { event, offset } = arrival
    const startedMono = this.#parts.world.monotonicMs()
    const folded = features.fold(slotOf(lane), offset, event)
    const steps = this.#conductor.steps(event.type)
    const again = this.#recovered.get(arrival)
    if (again) this.#recovered.delete(arrival)
    if (folded === 'duplicate') {
      told.dropped.publish({ reason: 'duplicate' } satisfies told.DroppedMessage)
      if (steps) this.#over(arrival)
      else if (arrival.recovered) this.#recovering--
      this.#afterDurable(arrival, () => arrival.done?.({ duplicate: true, record: null, entry: null }))
      return
    }
    if (!steps) {
      if (arrival.recovered) this.#recovering--
      return
    }
    if (arrival.recovered && (offset <= lane.lastOffset || folded === 'already')) {
      this.#settleOld(lane, arrival, again?.unreleased ?? [], again?.sent ?? [])
      return
    }
    const stepped = step(this.#conductor, lane, arrival, again && (again.sent.length > 0 || offset < again.lastSent) ? again.sent : null)
    features.hold(slotOf(lane))
    lane.inFlight++
    this.#afterDurable(arrival, () => {
      arrival.durableMono ??= this.#parts.world.monotonicMs()
      const { commit, record } = seal(stepped, arrival)
      const sentMono = this.#parts.world.monotonicMs()
      this.#parts.records.commit(commit).then(
        () => {
          lane.inFlight--
          features.settle(slotOf(lane), offset)
          this.#committed(lane, arrival, { ...stepped, record }, { startedMono, sentMono })
        },
        (error: unknown) => {
          arrival.failed?.(error)
          this.#fatal(error)
        },
      )
    })
  }

  #afterDurable(arrival: Arrival, work: () => void): void {
    if (arrival.durableMono !== null) work()
    else
      arrival.durable.then(work, (error: unknown) => {
        arrival.failed?.(error)
        this.#fatal(error)
      })
  }

  #committed(lane: Lane, arrival: Arrival, stepped: ReturnType<typeof step>, { startedMono, sentMono }: { startedMono: number; sentMono: number }): void {
    const { world, records, channel } = this.#parts
    const { record, entry } = stepped
    const syncedMono = world.monotonicMs()
    const elapsedMs = round(syncedMono - arrival.receivedMono)
    // A place in the sequence is told only once everything before it is marked: a restore could else decide that differently,
    // and move it (X1).
    const tell = (): void => arrival.done?.({ duplicate: false, record: record ? { ...record, elapsedMs } : null, entry })
    if (lane.leaving === 0) tell()
    else void lane.tail.then(tell)
    if (record) tellDecided(record, elapsedMs, [startedMono, ...stepped.marksMono], syncedMono - sentMono)
    const own = entry && { conversation: entry.conversation, seq: entry.seq, epoch: entry.epoch, from: entry.author, text: entry.text, id: entry.messageId }
    this.#outbox.leave(lane, {
      own,
      effects: stepped.leaving,
      left: () => {
        if (stepped.ownerChanged && record?.conversation) channel.owner(record.conversation, stepped.ownerChanged.epoch, stepped.ownerChanged.owner)
        records.settle({
          released: stepped.leaving.map((effect) => effect.key),
          decision: record ? { id: record.id, elapsedMs, status: statusOf(record, elapsedMs) } : null,
        })
        if (stepped.leaving.length > 0)
          told.released.publish({ effects: stepped.leaving.length, outboxMs: world.monotonicMs() - sentMono } satisfies told.ReleasedMessage)
        this.#over(arrival)
      },
    })
  }

  /** An event that was decided before the restart: only what it had not sent yet leaves. */
  #settleOld(lane: Lane, arrival: Arrival, unreleased: readonly OutboxRow[], sent: readonly Mark[]): void {
    const marked = new Set(sent.map((mark) => mark.key))
    const effects = unreleased.filter((row) => !marked.has(row.key)).map((row) => JSON.parse(row.content) as RecordedEffect)
    this.#outbox.leave(lane, {
      own: null,
      effects,
      left: () => {
        if (unreleased.length > 0) this.#parts.records.settle({ released: unreleased.map((row) => row.key), decision: null })
        this.#over(arrival)
      },
    })
  }

  #mark(lane: Lane, marks: readonly Mark[]): Promise<unknown> {
    const now = this.#parts.world.now()
    return this.#append(
      marks.map((mark) => markEvent(mark, lane.key, now)),
      this.#parts.world.monotonicMs(),
      null,
    )
  }

  async #recover(): Promise<void> {
    const { world, log, records, store, features } = this.#parts
    await recover({
      world,
      log,
      records,
      store,
      features,
      push: (arrival, again) => {
        this.#recovering++
        this.#recovered.set(arrival, again)
        this.#arrive(arrival)
      },
      underWay: () => this.#recovering,
      progress: (events, total) => (this.#recovery = { done: false, events, total }),
    })
    assert(this.#recovered.size === 0, 'recovery leaves nothing behind')
    this.#recovery = { ...this.#recovery, done: true }
    for (const arrival of this.#afterRecovery.splice(0)) this.#arrive(arrival)
    this.#tick()
  }

  /** Folds a lane again from the log, up to `before`: its row was ahead of the records (DESIGN, "Features follow, never lead"). */
  async #refold(lane: Lane, before: number): Promise<void> {
    const { features, store, log } = this.#parts
    const pages: (readonly number[])[] = []
    for (let below = before; ;) {
      const page = await store.timeline(lane.key, below, 512)
      if (page.length === 0) break
      pages.push(page)
      below = page.at(-1) as number
    }
    for (const offset of pages.flat().reverse()) {
      const [record] = await log.read(lane.partition, offset, 1)
      if (record && record.offset === offset) features.fold(slotOf(lane), offset, decodeEvent(record.bytes))
    }
  }

  #tick(): void {
    this.#parts.world.setTimer(advanceEveryMs, () => {
      if (this.#closed) return
      this.#advance()
      this.#tick()
    })
  }

  #advance(): void {
    const { log, records } = this.#parts
    for (let partition = 0; partition < log.partitions; partition++) records.advance(partition, this.#positions.position(partition, log.end(partition)))
  }

  #customerOf(identity: string): string | Promise<string> {
    const known = this.#parts.records.alias(identity)
    return known instanceof Promise ? known.then((customer) => customer ?? identity) : (known ?? identity)
  }

  #partitionOf(key: string): number {
    return fnv1a32(key) % this.#parts.log.partitions
  }

  #fatal(error: unknown): void {
    this.#closed = true
    this.#lanes.stop()
    this.#parts.onFatal(error)
  }
}

/** `at`: when the step began, then the end of features, predictions, decision and owner. */
function tellDecided(record: DecisionRecord, elapsedMs: number, at: readonly [number, number, number, number, number], commitMs: number): void {
  const stagesMs = [record.stages.event, at[1] - at[0], at[2] - at[1], at[3] - at[2], at[4] - at[3]] as const
  told.decided.publish({ brief: briefOf(record, elapsedMs), stagesMs, commitMs } satisfies told.DecidedMessage)
}
