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
import { builtinEvents } from '../definition/index.ts'
import type { AppDefinition, DecisionRecord, LoggedEvent } from '../definition/index.ts'
import type { FeatureEngine, FeatureStore } from '../features/index.ts'
import type { ToolRunner } from '../flows/index.ts'
import type { Log } from '../log/index.ts'
import type { Models } from '../models/index.ts'
import type { Records } from '../records/index.ts'
import { routingLane } from '../route/index.ts'
import type { RoutingState } from '../route/index.ts'
import { nothingDone } from './arrival.ts'
import type { Arrival, Done } from './arrival.ts'
import * as told from './channels.ts'
import { openConductor, policyNamed } from './conductor.ts'
import type { Conductor } from './conductor.ts'
import { seal } from './decision.ts'
import { openDeskCommands } from './desk-commands.ts'
import { openDeskViews } from './desk-views.ts'
import { openDoor } from './door.ts'
import { slotOf } from './lane.ts'
import type { Lane } from './lane.ts'
import { Lanes } from './lanes.ts'
import { Positions } from './positions.ts'
import { openReads } from './reads.ts'
import { Release } from './release.ts'
import { decodeEvent, recover } from './recovery.ts'
import type { Again } from './recovery.ts'
import { isRouting, stepRouting } from './routing-step.ts'
import type { Caller, Runtime } from './runtime.ts'
import { step } from './step.ts'
import { openTimekeeper } from './timekeeper.ts'
import { openTyping } from './typing.ts'

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
  readonly tools: ToolRunner
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
  readonly #release
  readonly #reads
  readonly #timers
  readonly #typing
  readonly #commands
  #recovery = { done: false, events: 0, total: 0 }
  #recovering = 0
  #deciding = 0
  /** Events that will step and whose offsets only the broker knows so far: not under way yet, and not to be forgotten. */
  #unplaced = 0
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
  readonly desk: Runtime['desk']
  readonly view: Runtime['view']

  constructor(parts: OrchestratorParts) {
    this.#parts = parts
    const { world, app, log, records, features } = parts
    this.#conductor = openConductor({ ...parts, generation: (partition) => this.#generations[partition] ?? 0 })
    this.#positions = new Positions(log.partitions)
    this.#door = openDoor(app)
    this.#lanes = new Lanes({
      world,
      features,
      records,
      run: (lane, arrival) => this.#run(lane, arrival),
      refold: (lane, before) => this.#refold(lane, before),
      needsConversation: (arrival) => this.#steps(arrival),
      fatal: (error) => this.#fatal(error),
    })
    this.#reads = openReads({
      ...parts,
      replayApp: this.#conductor.replayApp,
      customerOf: (identity) => this.#customerOf(identity),
      partitionOf: (key) => this.#partitionOf(key),
      laneOf: (key) => this.#lanes.get(key),
      left: (key) => this.left(key),
      whole: (key, partition) => this.#whole(key, partition),
    })
    this.#typing = openTyping(world)
    this.#timers = openTimekeeper({
      world,
      due: (event) => void this.#append([event], world.monotonicMs(), null).catch((error: unknown) => this.#fatal(error)),
      putOff: (timer, overdueMs) => timer.kind === 'turn' && this.#typing.holds(timer, overdueMs),
    })
    this.#commands = openDeskCommands({ world, app, records, through: (event) => this.#step(event), saidBefore: this.#reads.saidBefore })
    this.desk = this.#commands
    this.#release = new Release({
      ...parts,
      timers: this.#timers,
      commands: this.#commands,
      append: (events) => this.#append(events, world.monotonicMs(), null),
      over: (arrival) => this.#over(arrival),
      caughtUp: (arrival) => this.#caughtUp(arrival),
      recovered: () => this.#recovery.done,
      closed: () => this.#closed,
      fatal: (error) => this.#fatal(error),
    })
    this.view = openDeskViews({
      world,
      app,
      records,
      routing: () => this.#routing(),
      left: (customer) => this.left(customer),
      recent: (customer, limit) => this.#reads.recent(customer, limit),
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
      const known = this.#laneOf(event)
      const customer = known instanceof Promise ? await known : known
      logged.push(customer === event.customer ? event : { ...event, customer, subject: event.customer })
    }
    const deciding = logged.reduce((count, event) => count + (this.#conductor.steps(event.type) ? 1 : 0), 0)
    this.#admit(deciding, logged.length)
    await this.#append(logged, receivedMono, null)
    told.accepted.publish({ events: logged.length, deciding, durableMs: this.#parts.world.monotonicMs() - receivedMono } satisfies told.AcceptedMessage)
    return { accepted: logged.length }
  }

  async say({ customer, conversation, id, text, channel, attachments = [] }: Parameters<Runtime['say']>[0]): ReturnType<Runtime['say']> {
    const data = { text, channel, ...(conversation === null ? {} : { conversation }), ...(attachments.length === 0 ? {} : { attachments }) }
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

  typing(conversation: string, on: boolean): void {
    this.#typing.set(conversation, on)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const { world, features, tools } = this.#parts
    this.#timers.close()
    // What is cut off is run again after the next start, under the same key.
    tools.close()
    // Recovery ends first: a position that is taken before it would pass events that nobody has read yet.
    await this.ready.catch(() => undefined)
    while (this.#parts.log.pendingBytes > 0 || this.#positions.open > 0 || this.#lanes.pending > 0) await new Promise<void>((resolve) => world.defer(resolve))
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
    const known = this.#laneOf(event)
    const customer = known instanceof Promise ? await known : known
    return this.#step(customer === event.customer ? event : { ...event, customer, subject: event.customer }, receivedMono)
  }

  /** An event that was checked, through the step of its lane. */
  async #step(event: LoggedEvent, receivedMono: number = this.#parts.world.monotonicMs()): Promise<Done> {
    const { world } = this.#parts
    this.#admit(1, 1)
    return new Promise<Done>((done, failed) => {
      this.#append([event], receivedMono, { done, failed }).then(
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
    const underWay = this.#deciding + this.#unplaced
    const full = deciding > 0 && underWay + deciding > decisionsUnderWayMax
    if (!full && this.#parts.log.pendingBytes <= pendingBytesMax) return
    told.refused.publish({ code: 'OVERLOADED', events } satisfies told.RefusedMessage)
    const why = full
      ? `${underWay} decisions are under way, of at most ${decisionsUnderWayMax}`
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
      if (append.first === null) {
        const stepping = own.reduce((count, event) => count + (this.#conductor.steps(event.type) ? 1 : 0), 0)
        this.#unplaced += stepping
        flushed.push(append.durable.finally(() => (this.#unplaced -= stepping)).then((first) => arrive(first, this.#parts.world.monotonicMs())))
      } else {
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
    if (this.#steps(arrival)) this.#under(arrival)
    this.#lanes.push(arrival)
  }

  /** Whether it takes a full step. What another version of the app decided does, too: its effects are history, or have to leave still. */
  #steps(arrival: Arrival): boolean {
    if (this.#conductor.steps(arrival.event.type)) return true
    const again = this.#recovered.get(arrival)
    return again !== undefined && again.sent.length + again.unreleased.length > 0
  }

  #under(arrival: Arrival): void {
    this.#positions.begin(arrival.partition, arrival.offset)
    this.#deciding++
  }

  #over(arrival: Arrival): void {
    this.#positions.finish(arrival.partition, arrival.offset)
    this.#deciding--
  }

  /** What records hold of a recovered event is whole, and what customers see of it has left; its tools may still be at work. */
  #caughtUp(arrival: Arrival): void {
    if (arrival.recovered) this.#recovering--
  }

  /** One event's turn in its lane. */
  #run(lane: Lane, arrival: Arrival): void {
    const { features } = this.#parts
    const { event, offset } = arrival
    const startedMono = this.#parts.world.monotonicMs()
    const folded = features.fold(slotOf(lane), offset, event)
    const steps = this.#steps(arrival)
    const again = this.#recovered.get(arrival)
    if (again) this.#recovered.delete(arrival)
    if (folded === 'duplicate') {
      told.dropped.publish({ reason: 'duplicate' } satisfies told.DroppedMessage)
      if (steps) this.#over(arrival)
      this.#caughtUp(arrival)
      this.#afterDurable(arrival, () => arrival.done?.({ ...nothingDone, duplicate: true }))
      return
    }
    if (!steps) {
      this.#caughtUp(arrival)
      return
    }
    if (arrival.recovered && (offset <= lane.lastOffset || folded === 'already')) {
      this.#release.settleOld(lane, arrival, again?.unreleased ?? [], again ?? null)
      return
    }
    const history = again && (again.sent.length > 0 || offset < again.lastSent) ? again : null
    const stepped = isRouting(lane.key) ? stepRouting(this.#conductor, lane, arrival, history) : step(this.#conductor, lane, arrival, history)
    const { commit } = stepped
    if (commit === null) {
      this.#afterDurable(arrival, () => this.#release.nothingChanged(lane, arrival, stepped))
      return
    }
    features.hold(slotOf(lane))
    lane.inFlight++
    this.#afterDurable(arrival, () => {
      arrival.durableMono ??= this.#parts.world.monotonicMs()
      const sealed = seal({ ...stepped, commit }, arrival)
      const sentMono = this.#parts.world.monotonicMs()
      this.#parts.records.commit(sealed.commit).then(
        () => {
          lane.inFlight--
          features.settle(slotOf(lane), offset)
          this.#release.committed(lane, arrival, { ...stepped, record: sealed.record }, { startedMono, sentMono })
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
    for (let partition = 0; partition < log.partitions; partition++) for (const timer of await records.desk.timers(partition)) this.#timers.set(timer)
    if (Object.keys(this.#parts.app.queues).length > 0) await this.#append([startedEvent(world)], world.monotonicMs(), null)
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

  /** Not before recovery is over: a lane that is folded as far as its row goes would take what was not decided for decided. */
  async #whole(key: string, partition: number): Promise<void> {
    await this.ready
    await this.#lanes.whole(key, partition)
  }

  /** The routing lane's state, loaded where it is not in memory. */
  async #routing(): Promise<RoutingState> {
    await this.#whole(routingLane, this.#partitionOf(routingLane))
    const routing = this.#lanes.get(routingLane)?.routing
    assert(routing, 'a routing lane that is loaded has its state')
    return routing
  }

  #customerOf(identity: string): string | Promise<string> {
    const known = this.#parts.records.alias(identity)
    return known instanceof Promise ? known.then((customer) => customer ?? identity) : (known ?? identity)
  }

  /** The lane of an event: its customer's, but a conversation stays in the lane it was opened in when its customer is linked to another. */
  #laneOf({ type, customer: subject, data }: LoggedEvent): string | Promise<string> {
    const customer = this.#customerOf(subject)
    const conversation = type === 'message.received' ? (data as { conversation?: string }).conversation : undefined
    if (customer === subject || conversation === undefined) return customer
    return Promise.all([customer, this.#parts.records.conversation(conversation)]).then(async ([linked, row]) =>
      row !== undefined && (await this.#customerOf(row.customer)) === linked ? row.customer : linked,
    )
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

function startedEvent(world: World): LoggedEvent {
  const now = world.now()
  return {
    id: newId(world, 'start'),
    source: 'battuta:node',
    type: 'routing.started',
    customer: routingLane,
    time: now,
    received: now,
    from: 'battuta',
    data: {},
  }
}
