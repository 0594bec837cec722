/**
 * Where recovery must begin in each partition: below the position every decision is committed and every effect has left.
 *
 * Owns: the offsets that are under way. Does not own: the features' own position (the engine keeps that).
 * Q1 A position never passes an unfinished offset, nor the durable end of the log.
 */
import { assert } from '../base/index.ts'

interface Track {
  /** Offsets under way, ascending; finished ones stay until those before them are finished. */
  readonly offsets: number[]
  readonly finished: Set<number>
  head: number
}

export class Positions {
  readonly #tracks: readonly Track[]
  #open = 0

  constructor(partitions: number) {
    this.#tracks = Array.from({ length: partitions }, () => ({ offsets: [], finished: new Set(), head: 0 }))
  }

  /** How many are under way in all. */
  get open(): number {
    return this.#open
  }

  begin(partition: number, offset: number): void {
    const track = this.#track(partition)
    assert(offset > (track.offsets.at(-1) ?? -1), 'offsets of a partition begin in order')
    track.offsets.push(offset)
    this.#open++
  }

  finish(partition: number, offset: number): void {
    const track = this.#track(partition)
    track.finished.add(offset)
    this.#open--
    while (track.head < track.offsets.length && track.finished.delete(track.offsets[track.head] as number)) track.head++
    if (track.head > 1024 && track.head * 2 > track.offsets.length) {
      track.offsets.splice(0, track.head)
      track.head = 0
    }
  }

  position(partition: number, durableEnd: number): number {
    const track = this.#track(partition)
    return Math.min(durableEnd, track.offsets[track.head] ?? durableEnd)
  }

  #track(partition: number): Track {
    const track = this.#tracks[partition]
    assert(track, 'the partition exists')
    return track
  }
}
