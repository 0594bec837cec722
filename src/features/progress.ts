/**
 * How far a partition's log has been folded without gaps. Lanes run at their own pace, so offsets arrive out of order.
 *
 * Owns: the lowest offset not yet given to `fold` or `skip`. Does not own: whether what was folded is on disk.
 *
 * P1 Every offset below `next` was folded or skipped.
 */
import { assert } from '../base/index.ts'

/** Offsets folded beyond the first gap. More mean that somebody reads the log and withholds an entry. */
export const offsetsAheadMax = 262_144

export class Progress {
  readonly partition: number
  /** The position the store holds. */
  flushed: number
  #next: number
  readonly #ahead = new Set<number>()

  constructor(partition: number, position: number) {
    this.partition = partition
    this.flushed = position
    this.#next = position
  }

  get next(): number {
    return this.#next
  }

  done(offset: number): void {
    if (offset < this.#next) return
    if (offset > this.#next) {
      this.#ahead.add(offset)
      assert(
        this.#ahead.size <= offsetsAheadMax,
        `partition ${this.partition} waits at offset ${this.#next} for too long: give every log entry to fold or skip`,
      )
      return
    }
    this.#next++
    this.#close()
  }

  /** The same for all offsets in [from, end), which may be many. */
  doneRange(from: number, end: number): void {
    if (from > this.#next) {
      for (let offset = from; offset < end; offset++) this.done(offset)
      return
    }
    if (end <= this.#next) return
    for (const offset of this.#ahead) if (offset < end) this.#ahead.delete(offset)
    this.#next = end
    this.#close()
  }

  #close(): void {
    while (this.#ahead.size > 0 && this.#ahead.delete(this.#next)) this.#next++
  }
}
