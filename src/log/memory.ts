/**
 * The log in memory, for tests and simulation: the same groups and offsets as the embedded one, over a disk that can be
 * slow, fail, and survive a crash of the log that wrote it.
 *
 * Owns: the memory disk. Does not own: time (a `World`), offsets and groups (`GroupLog`).
 */
import { assert, BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { checkedCount, chunkLimits } from './chunk.ts'
import type { StoredChunk } from './chunk.ts'
import { GroupLog } from './group-log.ts'
import type { Append, Log } from './port.ts'
import type { ChunkStore, Group } from './store.ts'

export interface MemoryLogOptions {
  readonly partitions: number
  /** A disk to open again; a new one unless given. */
  readonly disk?: MemoryDisk
  /** When an append tells its first offset: at once unless said, or when it is durable, as a broker does. */
  readonly offsets?: 'at once' | 'when durable'
}

/**
 * What outlives a memory log.
 * @example
 * const disk = new MemoryDisk()
 * const log = openMemoryLog(world, { partitions: 4, disk })
 * disk.crash('lost')
 * const again = openMemoryLog(world, { partitions: 4, disk })
 */
export class MemoryDisk {
  /** How long each flush takes. At 0 it is done after one turn of the event loop. */
  flushMs: () => number = () => 0
  /** Asked once per flush: an error fails it, and with it the log that is open. */
  failure: () => Error | undefined = () => undefined
  /** Per partition, in order of their offsets. Empty until a log is created on it. */
  chunks: StoredChunk[][] = []
  holder: MemoryStore | undefined

  /**
   * The process that has the log open dies. Its appends never settle, neither do later ones; what was durable stays.
   * The group in flight is either lost or kept: on a real disk it may already be there though nobody was told.
   */
  crash(inFlight: 'lost' | 'kept'): void {
    // The dead log keeps the old arrays, so whatever still runs in it sees nothing of the next one's doings.
    const before = this.chunks
    this.chunks = before.map((chunks) => chunks.slice())
    this.holder?.die(inFlight)
    this.holder = undefined
  }
}

/**
 * Opens a log in memory.
 *
 * Errors: LOG_LOCKED when the disk's last log was neither closed nor crashed, CONFIG_INVALID for another partition count.
 */
export function openMemoryLog(world: World, options: MemoryLogOptions): Log {
  const disk = options.disk ?? new MemoryDisk()
  const { partitions } = options
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > chunkLimits.partitionsMax) {
    throw new BattutaError('CONFIG_INVALID', `a log cannot have ${partitions} partitions: set 1 to ${chunkLimits.partitionsMax}`)
  }
  if (disk.holder !== undefined) throw new BattutaError('LOG_LOCKED', 'another log holds this memory disk: close it, or crash it')
  if (disk.chunks.length === 0) disk.chunks = Array.from({ length: partitions }, () => [])
  if (disk.chunks.length !== partitions) {
    throw new BattutaError(
      'CONFIG_INVALID',
      `the log was created with ${disk.chunks.length} partitions, not ${partitions}: set ${disk.chunks.length}, or use another disk`,
    )
  }
  const store = new MemoryStore(world, disk)
  const log = options.offsets === 'when durable' ? new BrokerLike(world, store) : new GroupLog(world, store)
  disk.holder = store
  return log
}

/** Knows offsets no earlier than a broker would tell them. */
class BrokerLike extends GroupLog {
  override append(partition: number, entries: readonly Uint8Array[]): Append {
    return { first: null, durable: super.append(partition, entries).durable }
  }
}

class MemoryStore implements ChunkStore {
  readonly kind = 'memory'
  readonly partitions: number
  readonly #world: World
  readonly #disk: MemoryDisk
  readonly #chunks: StoredChunk[][]
  #inFlight: Group | undefined
  #dead = false

  constructor(world: World, disk: MemoryDisk) {
    this.#world = world
    this.#disk = disk
    this.#chunks = disk.chunks
    this.partitions = disk.chunks.length
  }

  bounds(partition: number): { start: number; end: number } {
    const chunks = this.#of(partition)
    const oldest = chunks[0]
    const newest = chunks[chunks.length - 1]
    if (oldest === undefined || newest === undefined) return { start: 0, end: 0 }
    return { start: oldest.first, end: newest.first + checkedCount(partition, newest) }
  }

  commit(group: Group): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#dead) return
      this.#inFlight = group
      const finish = (): void => {
        if (this.#dead) return
        this.#inFlight = undefined
        const failure = this.#disk.failure()
        if (failure !== undefined) return reject(failure)
        apply(this.#chunks, group)
        resolve()
      }
      const delayMs = this.#disk.flushMs()
      if (delayMs > 0) this.#world.setTimer(delayMs, finish)
      else this.#world.defer(finish)
    })
  }

  chunkAt(partition: number, offset: number): StoredChunk | undefined {
    const chunks = this.#of(partition)
    let low = 0
    let high = chunks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (chunks[middle]!.first <= offset) low = middle + 1
      else high = middle
    }
    return chunks[low - 1]
  }

  oldestFirsts(partition: number, limit: number): number[] {
    return this.#of(partition)
      .slice(0, limit)
      .map((chunk) => chunk.first)
  }

  close(): Promise<void> {
    if (this.#disk.holder === this) this.#disk.holder = undefined
    return Promise.resolve()
  }

  die(inFlight: 'lost' | 'kept'): void {
    this.#dead = true
    if (inFlight === 'kept' && this.#inFlight !== undefined) apply(this.#disk.chunks, this.#inFlight)
  }

  #of(partition: number): StoredChunk[] {
    return this.#chunks[partition]!
  }
}

function apply(disk: StoredChunk[][], { chunks, drops }: Group): void {
  // Copied, because a group's bytes are only lent.
  for (const { partition, first, bytes } of chunks) disk[partition]!.push({ first, bytes: new Uint8Array(bytes) })
  for (const { partition, first } of drops) {
    const of = disk[partition]!
    assert(of[0]?.first === first, 'chunks are dropped from the oldest on')
    of.shift()
  }
}
