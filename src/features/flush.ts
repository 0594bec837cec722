/**
 * The flush: dirty lanes go to the store in small turns, spread over about a second, so that a burst never meets the
 * log's syncs on the disk. One turn runs at a time and is awaited.
 *
 * Owns: which lanes are dirty, the turns, the positions. Does not own: lanes' content, the store.
 *
 * F7 A row is flushed only while its lane has no commit in flight, and only up to the log's durable end: never ahead.
 * F8 A position never passes an event that is in no flushed row.
 * F9 A flush that failed changes nothing: its lanes are dirty as before, and the next turn carries them.
 */
import type { Timer, World } from '../base/index.ts'
import type { Lane } from './lane.ts'
import type { FeatureRowFlush, FeatureStore } from './port.ts'
import { Progress } from './progress.ts'

/** Rows of one turn, and so of one transaction. */
export const flushRowsMax = 64
/** Lanes a turn looks at, when most of them may not be flushed. */
const lanesLookedAtMax = 4_096
/** A lane waits about this long before it is flushed, and so does a position. */
export const flushIntervalMs = 1_000

export interface FlushOptions {
  readonly world: World
  readonly store: FeatureStore
  readonly durableEnd: (partition: number) => number
  readonly encode: (lane: Lane) => Uint8Array
  /** The lane's row is on disk and nothing came since. */
  readonly onClean: (lane: Lane) => void
}

interface Turn {
  readonly rows: FeatureRowFlush[]
  readonly lanes: Lane[]
  readonly firsts: number[]
  readonly positions: Map<number, number>
}

export class Flusher {
  readonly #options: FlushOptions
  readonly #dirty = new Set<Lane>()
  readonly #progress = new Map<number, Progress>()
  #timer: Timer | null = null
  #running: Promise<void> | null = null
  #positionsAt: number
  #closed = false
  /** The last turn's failure; null once a turn succeeded. */
  failure: unknown = null
  rows = 0
  failures = 0

  constructor(options: FlushOptions) {
    this.#options = options
    this.#positionsAt = options.world.monotonicMs()
  }

  get dirty(): number {
    return this.#dirty.size
  }

  progress(partition: number): Progress {
    let progress = this.#progress.get(partition)
    if (!progress) {
      progress = new Progress(partition, this.#options.store.position(partition))
      this.#progress.set(partition, progress)
    }
    return progress
  }

  /** The lane's row, or its partition's position, differs from what is on disk. */
  touch(lane: Lane | null): void {
    if (lane && !lane.dirty) {
      lane.dirty = true
      this.#dirty.add(lane)
    }
    if (!this.#timer && !this.#running) this.#arm(flushIntervalMs)
  }

  /** Flushes as soon as the event loop is free: somebody needs room. */
  hurry(): void {
    if (this.#closed || this.#running) return
    this.#timer?.cancel()
    this.#arm(0)
  }

  /** Flushes everything that may be flushed now, and the positions. Rejects as the store does. */
  async checkpoint(): Promise<void> {
    for (;;) {
      while (this.#running) await this.#running
      this.failure = null
      const flushed = await this.#run(true)
      if (this.failure !== null) throw this.failure
      if (flushed === 0) return
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    this.#timer = null
    await this.#running
  }

  #arm(delayMs: number): void {
    if (this.#closed) return
    this.#timer = this.#options.world.setTimer(delayMs, () => {
      this.#timer = null
      if (!this.#running) void this.#run(false)
    })
  }

  /** One turn; gives the number of rows it flushed. */
  async #run(everything: boolean): Promise<number> {
    const startedAt = this.#options.world.monotonicMs()
    const turn = this.#collect(everything ? Infinity : lanesLookedAtMax)
    // Positions look at every dirty lane: not in each turn of many.
    if (everything ? turn.rows.length < flushRowsMax : startedAt - this.#positionsAt >= flushIntervalMs / 2) {
      this.#positionsAt = startedAt
      this.#collectPositions(turn.positions)
    }
    if (turn.rows.length > 0 || turn.positions.size > 0) {
      this.#running = this.#write(turn)
      await this.#running
      this.#running = null
    }
    if (!this.#timer && (this.#dirty.size > 0 || this.#positionsLag())) {
      const turns = Math.max(1, Math.ceil(this.#dirty.size / flushRowsMax))
      const progressed = turn.rows.length > 0 && this.failure === null
      const tookMs = this.#options.world.monotonicMs() - startedAt
      this.#arm(progressed ? Math.max(0, flushIntervalMs / turns - tookMs) : flushIntervalMs)
    }
    return this.failure === null ? turn.rows.length : 0
  }

  #collect(lookMax: number): Turn {
    const turn: Turn = { rows: [], lanes: [], firsts: [], positions: new Map() }
    let looks = Math.min(lookMax, this.#dirty.size)
    for (const lane of this.#dirty) {
      if (turn.rows.length === flushRowsMax || looks-- === 0) break
      // One that may not be flushed now goes behind the others.
      this.#dirty.delete(lane)
      if (!this.#flushable(lane)) {
        this.#dirty.add(lane)
        continue
      }
      turn.rows.push({ entity: lane.entity, bytes: this.#options.encode(lane), timeline: lane.timeline })
      turn.lanes.push(lane)
      turn.firsts.push(lane.unflushed)
      lane.flushing = lane.timeline
      lane.timeline = []
      lane.unflushed = -1
      lane.dirty = false
    }
    return turn
  }

  #flushable(lane: Lane): boolean {
    return lane.holds === 0 && lane.featuresOffset >= lane.refoldTo && lane.featuresOffset < this.#options.durableEnd(lane.partition)
  }

  /** What the positions are once this turn has landed: its lanes already count as flushed. */
  #collectPositions(positions: Map<number, number>): void {
    for (const progress of this.#progress.values()) positions.set(progress.partition, Math.min(progress.next, this.#options.durableEnd(progress.partition)))
    for (const lane of this.#dirty) {
      if (lane.unflushed >= 0 && lane.unflushed < (positions.get(lane.partition) as number)) positions.set(lane.partition, lane.unflushed)
    }
    for (const progress of this.#progress.values()) {
      if (positions.get(progress.partition) === progress.flushed) positions.delete(progress.partition)
    }
  }

  #positionsLag(): boolean {
    for (const progress of this.#progress.values()) if (progress.next !== progress.flushed) return true
    return false
  }

  async #write(turn: Turn): Promise<void> {
    try {
      await this.#options.store.flush(turn.rows, turn.positions)
    } catch (error) {
      this.failure = error
      this.failures++
      turn.lanes.forEach((lane, i) => this.#restore(lane, turn.firsts[i] as number))
      return
    }
    this.failure = null
    this.rows += turn.rows.length
    for (const [partition, position] of turn.positions) this.progress(partition).flushed = position
    for (const lane of turn.lanes) {
      lane.flushing = null
      if (!lane.dirty) this.#options.onClean(lane)
    }
  }

  #restore(lane: Lane, first: number): void {
    lane.timeline = [...(lane.flushing ?? []), ...lane.timeline]
    lane.flushing = null
    if (first >= 0) lane.unflushed = first
    lane.dirty = true
    this.#dirty.add(lane)
  }
}
