/**
 * The lanes: thousands at once, each one event at a time. Loads a lane on its first event, runs steps in slices so that the
 * event loop never waits long, and lets idle lanes go.
 *
 * Owns: which lanes are in memory, their queues, the slices. Does not own: what a step does (step.ts) or what leaves (outbox.ts).
 *
 * N1 Events of one lane are stepped in the order of their offsets, one at a time.
 * N2 A slice runs steps for at most sliceMsMax before the event loop turns.
 * N3 A lane with anything under way is never let go.
 */
import { assert } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { readLaneState } from '../context/index.ts'
import type { FeatureEngine, Slot } from '../features/index.ts'
import type { LaneRow, Records } from '../records/index.ts'
import { restoreRouting } from '../route/index.ts'
import type { RoutingState } from '../route/index.ts'
import type { Arrival } from './arrival.ts'
import { newLane, slotOf } from './lane.ts'
import type { Lane } from './lane.ts'
import { conversationOf } from './message.ts'
import { isRouting } from './routing-step.ts'

export const lanesMax = 100_000
/** Conversations that a lane keeps in memory when nothing is under way. */
export const conversationsMax = 8
/** Longest a slice of steps may hold the event loop. */
export const sliceMsMax = 3

export interface LanesParts {
  readonly world: World
  readonly features: FeatureEngine
  readonly records: Records
  readonly run: (lane: Lane, arrival: Arrival) => void
  /** Folds the lane's events below `before` again from the log. */
  readonly refold: (lane: Lane, before: number) => Promise<void>
  /** Whether an event needs the lane's conversation. */
  readonly needsConversation: (arrival: Arrival) => boolean
  readonly fatal: (error: unknown) => void
}

export class Lanes {
  readonly #parts: LanesParts
  /** Their conversation was asked for; where it is not held since, there is none. */
  readonly #looked = new WeakSet<Arrival>()
  readonly #lanes = new Map<string, Lane>()
  #ready: Lane[] = []
  #readyHead = 0
  #pumping = false
  #deferred = false
  #sliceEnd = 0
  #pending = 0
  #stopped = false

  constructor(parts: LanesParts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#lanes.size
  }

  /** Events that wait for their step. */
  get pending(): number {
    return this.#pending
  }

  /** Runs no further step: what waits is in the log, and recovery's. */
  stop(): void {
    this.#stopped = true
  }

  push(arrival: Arrival): void {
    this.#pending++
    const key = arrival.event.customer
    let lane = this.#lanes.get(key)
    if (!lane) {
      if (this.#lanes.size >= lanesMax) this.#letGo()
      lane = newLane(key, arrival.partition)
      this.#lanes.set(key, lane)
      lane.queue.push(arrival)
      this.#load(lane, arrival.offset)
      return
    }
    lane.used = true
    lane.queue.push(arrival)
    if (lane.phase === 'idle') this.#makeReady(lane)
  }

  /** The lane in memory, if it is there. */
  get(key: string): Lane | undefined {
    return this.#lanes.get(key)
  }

  /** Resolves once the lane is in memory and whole; loads it without an event when nobody needed it yet. */
  async whole(key: string, partition: number): Promise<void> {
    let lane = this.#lanes.get(key)
    if (!lane) {
      lane = newLane(key, partition)
      this.#lanes.set(key, lane)
      this.#load(lane, Number.MAX_SAFE_INTEGER)
    }
    while (lane.phase === 'loading') await new Promise<void>((resolve) => this.#parts.world.defer(resolve))
  }

  async #routing(lane: Lane): Promise<RoutingState> {
    const { records } = this.#parts
    const [rows, timers] = await Promise.all([records.desk.routing(lane.key), records.desk.timers(lane.partition)])
    return restoreRouting(
      rows,
      timers.filter((timer) => timer.lane === lane.key),
    )
  }

  /** `before`: offset of the event it is loaded for, which with all after it will be stepped. */
  #load(lane: Lane, before: number): void {
    const { features, records, fatal } = this.#parts
    const slot = features.acquire(lane.key, lane.partition)
    const row = records.lane(lane.key)
    if (isRouting(lane.key)) {
      Promise.all([slot, row, this.#routing(lane)]).then(([held, laneRow, routing]) => {
        lane.routing = routing
        this.#loaded(lane, held, laneRow, before)
      }, fatal)
      return
    }
    if (slot instanceof Promise || row instanceof Promise) {
      Promise.all([slot, row]).then(([held, laneRow]) => this.#loaded(lane, held, laneRow, before), fatal)
    } else this.#loaded(lane, slot, row, before)
  }

  #loaded(lane: Lane, slot: Slot, row: LaneRow | undefined, before: number): void {
    lane.slot = slot
    lane.lastOffset = row?.lastOffset ?? -1
    lane.state = readLaneState(row?.state)
    const { features, refold, fatal } = this.#parts
    // A row ahead of the records, or one from before a feature was declared, is folded again from the log.
    if (features.offsets(slot).decidedOffset > lane.lastOffset || features.incomplete(slot)) {
      features.discard(slot)
      refold(lane, before).then(() => this.#awake(lane), fatal)
    } else this.#awake(lane)
  }

  #awake(lane: Lane): void {
    const { features } = this.#parts
    const slot = slotOf(lane)
    // The row must know the newest decision that its folding goes by: beside older records it is dropped for it, and folded again.
    if (features.offsets(slot).decidedOffset < lane.lastOffset) {
      features.hold(slot)
      features.settle(slot, lane.lastOffset)
    }
    if (lane.queue.length > 0) this.#makeReady(lane)
    else lane.phase = 'idle'
  }

  #makeReady(lane: Lane): void {
    lane.phase = 'ready'
    this.#ready.push(lane)
    this.#pump()
  }

  /** Runs ready lanes until the slice is used up; the rest waits for the next turn of the event loop. */
  #pump(): void {
    if (this.#stopped || this.#pumping || this.#deferred || this.#readyHead === this.#ready.length) return
    const { world } = this.#parts
    this.#pumping = true
    if (this.#sliceEnd === 0) {
      this.#sliceEnd = world.monotonicMs() + sliceMsMax
      world.defer(() => {
        this.#sliceEnd = 0
        this.#deferred = false
        this.#pump()
      })
    }
    try {
      while (this.#readyHead < this.#ready.length) {
        if (world.monotonicMs() > this.#sliceEnd) {
          this.#deferred = true
          break
        }
        this.#runLane(this.#ready[this.#readyHead++] as Lane)
      }
    } finally {
      this.#pumping = false
    }
    if (this.#readyHead === this.#ready.length || this.#readyHead > 4096) {
      this.#ready = this.#ready.slice(this.#readyHead)
      this.#readyHead = 0
    }
  }

  #runLane(lane: Lane): void {
    const arrival = lane.queue[0]
    assert(arrival, 'a ready lane has an event')
    const needed = this.#missing(lane, arrival)
    if (needed) {
      lane.phase = 'waiting'
      needed.then(() => this.#makeReady(lane), this.#parts.fatal)
      return
    }
    lane.queue.shift()
    this.#pending--
    this.#parts.run(lane, arrival)
    if (lane.queue.length > 0) this.#ready.push(lane)
    else lane.phase = 'idle'
  }

  /** Reads the conversation a step needs; a promise when it has to be waited for. */
  #missing(lane: Lane, arrival: Arrival): Promise<void> | null {
    if (isRouting(lane.key) || !this.#parts.needsConversation(arrival)) return null
    const id = conversationOf(lane, arrival)
    if (id === null || lane.conversations.has(id) || this.#looked.has(arrival)) return null
    // What records hold is as new as the lane's memory once nothing is in flight.
    if (lane.conversations.size >= conversationsMax && lane.inFlight === 0) lane.conversations.clear()
    const row = this.#parts.records.conversation(id)
    if (row instanceof Promise) {
      this.#looked.add(arrival)
      return row.then((held) => void (held && lane.conversations.set(id, held)))
    }
    if (row) lane.conversations.set(id, row)
    return null
  }

  /** Lets go of the idle lanes that were not used since the last look, a quarter at most. */
  #letGo(): void {
    let left = lanesMax / 4
    for (const [key, lane] of this.#lanes) {
      if (left <= 0) return
      if (lane.phase !== 'idle' || lane.queue.length > 0 || lane.inFlight > 0 || lane.leaving > 0) continue
      if (lane.used) {
        lane.used = false
        continue
      }
      this.#lanes.delete(key)
      this.#parts.features.release(slotOf(lane))
      left--
    }
  }
}
