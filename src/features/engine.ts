/**
 * The embedded feature engine: live values per lane, folded from its events in log order, read as of an event's time.
 *
 * Owns: lanes' cells and duplicate windows in memory, loading and eviction, the flush. Does not own: the log, the
 * decision to refold, which offsets are durable.
 *
 * F10 Every event given to `fold` comes out exactly once as applied, duplicate or already folded.
 * F11 Flushing, evicting and loading at any point changes no read.
 * F12 A lane that is in use, or not wholly in the store, is never evicted.
 */
import { assert, hash53 } from '../base/index.ts'
import type { World } from '../base/index.ts'
import type { FeatureDefinition, FeatureRead } from '../definition/index.ts'
import { BlockPool } from './blocks.ts'
import { Flusher } from './flush.ts'
import { foldInto, foldLate, foldTooLate } from './fold.ts'
import { IdBlocks } from './id-window.ts'
import { Lane } from './lane.ts'
import type { Slot } from './lane.ts'
import { layoutOf, planOf } from './layout.ts'
import type { FeaturePlan } from './layout.ts'
import type { FeatureStore } from './port.ts'
import { readFrom } from './read.ts'
import { decodeRow, encodeRow } from './row.ts'

/** Lanes kept in memory. Lanes in use, or not yet flushed, stay beyond it. */
export const lanesMaxDefault = 100_000

export interface FeatureEngineOptions {
  readonly world: World
  readonly definitions: readonly FeatureDefinition[]
  readonly store: FeatureStore
  readonly laneMax?: number
  /** The log's durable end: no row that has folded this offset or a later one is flushed. */
  readonly durableEnd: (partition: number) => number
}

export interface FoldEvent {
  readonly type: string
  readonly id: string
  readonly source: string
  /** Event time, milliseconds since the epoch. */
  readonly time: number
  readonly data: unknown
}

/** `already` an offset the lane has folded before: recovery rereads more than it needs. */
export type FoldResult = 'applied' | 'duplicate' | 'already'

/** `applied`, `duplicates` and `already` add up to the events given; `lateApplied` and `tooLate` are parts of `applied`. */
export interface FeatureCounters {
  applied: number
  duplicates: number
  already: number
  /** Behind the newest event of an aggregation, and folded into its own tile. */
  lateApplied: number
  /** Older than the ring of at least one aggregation, which did not fold it. */
  tooLate: number
  /** Applied, but perhaps a duplicate of an id that is no longer known. */
  beyondWindow: number
}

export interface FeatureStats extends Readonly<FeatureCounters> {
  readonly lanes: number
  readonly dirty: number
  /** Bytes of tiles and duplicate windows; a lane's own object and name come on top. */
  readonly bytes: number
  readonly rowsFlushed: number
  readonly flushFailures: number
  /** Why the last flush failed; null when it did not. */
  readonly flushFailure: string | null
  readonly evicted: number
}

export interface FeatureEngine {
  /** Loads the lane and pins it; give it back with `release`. Synchronous when the store is, or the lane is in memory. */
  acquire(entity: string, partition: number): Slot | Promise<Slot>
  release(slot: Slot): void
  /** Whether the duplicate window knows the id. Changes nothing. */
  seen(slot: Slot, source: string, id: string): boolean
  /** Folds an event of the lane. Offsets of a lane ascend. */
  fold(slot: Slot, offset: number, event: FoldEvent): FoldResult
  /** Log entries [offset, end) that fold nothing (marks, foreign entries, what the log no longer keeps): positions wait for every offset otherwise. */
  skip(partition: number, offset: number, end?: number): void
  /** Throws FEATURE_UNKNOWN. */
  plan(names: readonly string[]): FeaturePlan
  /** One read per name of the plan, in its order. */
  read(slot: Slot, plan: FeaturePlan, asOf: number): FeatureRead[]
  /** -1 when nothing was folded or decided. */
  offsets(slot: Slot): { readonly featuresOffset: number; readonly decidedOffset: number }
  /** A commit of the lane is in flight. */
  hold(slot: Slot): void
  /** The commit of `decidedOffset` is on disk. */
  settle(slot: Slot, decidedOffset: number): void
  /** Empties the lane so that its events can be folded again from the first; the row on disk stays until then. */
  discard(slot: Slot): void
  /** Whether the row lacked a feature of today's app: it reads NOT_FOUND until the lane is discarded and folded again. */
  incomplete(slot: Slot): boolean
  /** Offsets of the entity's events below `before`, newest first. */
  timeline(entity: string, before: number, limit: number): Promise<readonly number[]>
  /** Flushes everything that may be flushed. */
  checkpoint(): Promise<void>
  stats(): FeatureStats
  /** Stops flushing; what is not flushed is folded again from the log. Does not close the store. */
  close(): Promise<void>
}

const noData: Readonly<Record<string, unknown>> = Object.freeze({})

/**
 * @example
 * const features = openFeatureEngine({ world, definitions: Object.values(app.features), store, durableEnd: (partition) => log.end(partition) })
 * const slot = await features.acquire('user:42', 3)
 * features.fold(slot, 17, event) // 'applied'
 * features.read(slot, features.plan(['declines5m']), event.time) // [{ value: 1, status: 'PRESENT', … }]
 * features.release(slot)
 */
export function openFeatureEngine(options: FeatureEngineOptions): FeatureEngine {
  const { store } = options
  const laneMax = options.laneMax ?? lanesMaxDefault
  const layout = layoutOf(options.definitions)
  const slabs = new BlockPool(layout.cells)
  const idBlocks = new IdBlocks()
  const lanes = new Map<string, Lane>()
  const loading = new Map<string, Promise<Lane>>()
  /** Clean and unused, least recently used first. */
  const idle = new Set<Lane>()
  const counters: FeatureCounters = { applied: 0, duplicates: 0, already: 0, lateApplied: 0, tooLate: 0, beyondWindow: 0 }
  let evicted = 0
  const flusher = new Flusher({ world: options.world, store, durableEnd: options.durableEnd, encode: (lane) => encodeRow(lane, layout), onClean: rest })

  /** Lets the lane be evicted, once nobody uses it and the store has all of it: a row on its way may yet be refused. */
  function rest(lane: Lane): void {
    if (lane.pins > 0 || lane.holds > 0 || lane.dirty || lane.flushing !== null) return
    idle.add(lane)
    evict()
  }

  function evict(): void {
    for (const lane of idle) {
      if (lanes.size <= laneMax) return
      idle.delete(lane)
      lanes.delete(lane.entity)
      lane.ids.clear()
      slabs.give(lane.block)
      evicted++
    }
    if (lanes.size > laneMax && flusher.dirty > 0) flusher.hurry()
  }

  function place(entity: string, partition: number, bytes: Uint8Array | undefined): Lane {
    const lane = new Lane(entity, partition, layout, slabs, idBlocks)
    if (bytes) decodeRow(bytes, lane, layout)
    lanes.set(entity, lane)
    return lane
  }

  function pin(lane: Lane, partition: number): Lane {
    assert(lane.partition === partition, `lane “${lane.entity}” lives in partition ${lane.partition}, not ${partition}`)
    lane.pins++
    idle.delete(lane)
    if (lanes.size > laneMax) evict()
    return lane
  }

  function acquire(entity: string, partition: number): Slot | Promise<Slot> {
    const held = lanes.get(entity)
    if (held) return pin(held, partition)
    const running = loading.get(entity)
    if (running) return running.then((lane) => pin(lane, partition))
    const row = store.load(entity)
    if (!(row instanceof Promise)) return pin(place(entity, partition, row), partition)
    const load = row.then((bytes) => place(entity, partition, bytes)).finally(() => loading.delete(entity))
    loading.set(entity, load)
    return load.then((lane) => pin(lane, partition))
  }

  function release(slot: Slot): void {
    const lane = laneOf(slot)
    lane.pins--
    rest(lane)
  }

  function fold(slot: Slot, offset: number, event: FoldEvent): FoldResult {
    const lane = laneOf(slot)
    assert(Number.isFinite(event.time), 'an event has a time')
    flusher.progress(lane.partition).done(offset)
    if (offset <= lane.featuresOffset) {
      counters.already++
      flusher.touch(null)
      return 'already'
    }
    lane.featuresOffset = offset
    // What the discarded row had folded is on disk until the lane has caught up with it.
    if (lane.unflushed < 0 && offset > lane.refoldTo) lane.unflushed = offset
    flusher.touch(lane)
    const hash = hash53(`${event.source}\n${event.id}`)
    if (lane.ids.has(hash)) {
      counters.duplicates++
      return 'duplicate'
    }
    counters.applied++
    lane.appliedOffset = offset
    if (lane.ids.isBeyond(event.time)) counters.beyondWindow++
    lane.ids.add(hash, event.time)
    if (offset > lane.refoldTo) lane.timeline.push(offset)
    foldAll(lane, event)
    return 'applied'
  }

  function foldAll(lane: Lane, event: FoldEvent): void {
    const aggregations = layout.byEvent.get(event.type)
    if (!aggregations) return
    const data = typeof event.data === 'object' && event.data !== null ? (event.data as Record<string, unknown>) : noData
    const { cells, base } = lane.block
    let late = false
    let tooLate = false
    for (let i = 0; i < aggregations.length; i++) {
      const verdict = foldInto(aggregations[i] as never, cells, base, lane.texts, event.time, data)
      if (verdict === foldLate) late = true
      else if (verdict === foldTooLate) tooLate = true
    }
    if (tooLate) counters.tooLate++
    else if (late) counters.lateApplied++
  }

  function discard(slot: Slot): void {
    const lane = laneOf(slot)
    // Not `featuresOffset`: a refold that follows the timeline meets no duplicates.
    lane.refoldTo = Math.max(lane.refoldTo, lane.appliedOffset)
    lane.featuresOffset = -1
    lane.appliedOffset = -1
    lane.decidedOffset = -1
    lane.incomplete = false
    lane.block.cells.set(layout.template, lane.block.base)
    lane.texts.fill(null)
    lane.ids.clear()
    flusher.touch(lane)
  }

  async function timeline(entity: string, before: number, limit: number): Promise<readonly number[]> {
    const lane = lanes.get(entity)
    const recent = lane ? [...(lane.flushing ?? []), ...lane.timeline] : []
    const found = recent
      .filter((offset) => offset < before)
      .reverse()
      .slice(0, limit)
    if (found.length === limit) return found
    // A flush may land meanwhile: the store is asked only for what lies below what memory gave.
    const older = await store.timeline(entity, Math.min(before, recent[0] ?? before), limit - found.length)
    return [...found, ...older]
  }

  return {
    acquire,
    release,
    seen: (slot, source, id) => laneOf(slot).ids.has(hash53(`${source}\n${id}`)),
    fold,
    skip: (partition, offset, end = offset + 1) => {
      flusher.progress(partition).doneRange(offset, end)
      flusher.touch(null)
    },
    plan: (names) => planOf(layout, names),
    read: (slot, plan, asOf) => {
      const { block, texts } = laneOf(slot)
      return plan.aggregations.map((aggregation) => readFrom(aggregation, block.cells, block.base, texts, asOf))
    },
    offsets: (slot) => {
      const { featuresOffset, decidedOffset } = slot as Lane
      return { featuresOffset, decidedOffset }
    },
    hold: (slot) => {
      laneOf(slot).holds++
    },
    settle: (slot, decidedOffset) => {
      // The commit may come back after the step let go of the lane; the hold kept it in memory.
      const lane = slot as Lane
      assert(lane.holds > 0, 'a commit that settles was held')
      lane.holds--
      if (decidedOffset > lane.decidedOffset) {
        lane.decidedOffset = decidedOffset
        flusher.touch(lane)
      }
      rest(lane)
    },
    discard,
    incomplete: (slot) => laneOf(slot).incomplete,
    timeline,
    checkpoint: () => flusher.checkpoint(),
    stats: () => ({
      ...counters,
      lanes: lanes.size,
      dirty: flusher.dirty,
      bytes: slabs.bytes + idBlocks.bytes,
      rowsFlushed: flusher.rows,
      flushFailures: flusher.failures,
      flushFailure: flusher.failure === null ? null : String(flusher.failure),
      evicted,
    }),
    close: () => flusher.close(),
  }
}

function laneOf(slot: Slot): Lane {
  assert(slot instanceof Lane && slot.pins > 0, `lane “${slot.entity}” is used after it was released`)
  return slot
}
