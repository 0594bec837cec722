/**
 * The duplicate window of one lane: hashes of the last ids and their event times, oldest first.
 *
 * Owns: which ids count as known. Does not own: what happens to a duplicate.
 *
 * D1 An id is known while it is among the last 256, or not older than an hour before the lane's newest event, and among
 *    the last 4,096. D2 An event that may be a duplicate of an id already dropped is told apart: it is not newer than
 *    the newest event that was dropped.
 */
import { BlockPool } from './blocks.ts'
import type { Block } from './blocks.ts'

export const idsPerLaneMin = 256
export const idsPerLaneMax = 4_096
export const idsKeptMs = 3_600_000
const capacityMin = 8

/** Blocks of every capacity from 8 to 4,096 ids; an id takes two cells. */
export class IdBlocks {
  readonly #pools = new Map<number, BlockPool>()

  get bytes(): number {
    let bytes = 0
    for (const pool of this.#pools.values()) bytes += pool.bytes
    return bytes
  }

  take(capacity: number): Block {
    const block = this.#pool(capacity).take()
    block.cells.fill(0, block.base, block.base + 2 * capacity)
    return block
  }

  give(capacity: number, block: Block): void {
    this.#pool(capacity).give(block)
  }

  #pool(capacity: number): BlockPool {
    let pool = this.#pools.get(capacity)
    if (!pool) {
      pool = new BlockPool(2 * capacity)
      this.#pools.set(capacity, pool)
    }
    return pool
  }
}

/** Hashes lie in a ring of `capacity` cells, their times in the cells after it; an unused hash cell is 0. */
export class IdWindow {
  readonly #blocks: IdBlocks
  #block: Block | null = null
  #capacity = 0
  #first = 0
  #count = 0
  #newest = -Infinity
  /** Event time of the newest event whose id was dropped. */
  #dropped = -Infinity

  constructor(blocks: IdBlocks) {
    this.#blocks = blocks
  }

  get count(): number {
    return this.#count
  }

  get droppedAt(): number {
    return this.#dropped
  }

  has(hash: number): boolean {
    if (!this.#block) return false
    const { cells, base } = this.#block
    for (let i = base; i < base + this.#capacity; i++) if (cells[i] === hash) return true
    return false
  }

  /** Whether an unknown id of this time may have been known once. */
  isBeyond(time: number): boolean {
    return time <= this.#dropped
  }

  add(hash: number, time: number): void {
    if (time > this.#newest) this.#newest = time
    while (this.#count >= idsPerLaneMin && (this.#count >= idsPerLaneMax || this.#timeAt(0) < this.#newest - idsKeptMs)) this.#dropFirst()
    if (this.#count === this.#capacity) this.#grow(Math.max(capacityMin, this.#capacity * 2))
    const { cells, base } = this.#block as Block
    const at = base + ((this.#first + this.#count) % this.#capacity)
    cells[at] = hash
    cells[at + this.#capacity] = time
    this.#count++
  }

  /** Oldest first. */
  each(visit: (hash: number, time: number) => void): void {
    for (let i = 0; i < this.#count; i++) visit(this.#hashAt(i), this.#timeAt(i))
  }

  /** Takes over what a row held: `add` follows for each id, oldest first. */
  restore(droppedAt: number): void {
    this.clear()
    this.#dropped = droppedAt
    this.#newest = droppedAt
  }

  /** Forgets everything and gives its block back. */
  clear(): void {
    if (this.#block) this.#blocks.give(this.#capacity, this.#block)
    this.#block = null
    this.#capacity = 0
    this.#first = 0
    this.#count = 0
    this.#newest = -Infinity
    this.#dropped = -Infinity
  }

  #hashAt(i: number): number {
    const { cells, base } = this.#block as Block
    return cells[base + ((this.#first + i) % this.#capacity)] as number
  }

  #timeAt(i: number): number {
    const { cells, base } = this.#block as Block
    return cells[base + this.#capacity + ((this.#first + i) % this.#capacity)] as number
  }

  #dropFirst(): void {
    const { cells, base } = this.#block as Block
    this.#dropped = Math.max(this.#dropped, this.#timeAt(0))
    cells[base + this.#first] = 0
    this.#first = (this.#first + 1) % this.#capacity
    this.#count--
  }

  #grow(capacity: number): void {
    const block = this.#blocks.take(capacity)
    for (let i = 0; i < this.#count; i++) {
      block.cells[block.base + i] = this.#hashAt(i)
      block.cells[block.base + capacity + i] = this.#timeAt(i)
    }
    if (this.#block) this.#blocks.give(this.#capacity, this.#block)
    this.#block = block
    this.#capacity = capacity
    this.#first = 0
  }
}
