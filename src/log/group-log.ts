/**
 * A log with its own group commit. Its job: to give offsets, to collect appends while a group is being written, and to
 * write all that was collected as the next group when the last one has ended. No timer delays a group: measured, a
 * linger of 2 ms only added to the latency (a busy disk makes larger groups by itself).
 *
 * Owns: offsets, the queue, the one transaction in flight. Does not own: how chunks are kept (`ChunkStore`), the lock.
 *
 * G1 One transaction is in flight at most, and chunks of a partition are written in order of their offsets: what is on
 *    disk never has a gap, whenever the process dies.
 * G2 An append is whole in one group: after a crash all of it is there or none.
 * G3 After a failed write the log takes nothing more. Whether the disk has a page whose sync failed is not knowable from
 *    here (fsync reports an error once and may then report success), so only opening anew may tell what was kept.
 *
 * L2 and the lost tail. `first` is known before the append is durable, so a crash takes offsets along that were already
 * handed out, and the next process hands them out again. That is safe because until `durable` an offset lives in this
 * process's memory only: whoever puts one where it outlives the process (a commit, an effect, a reply) waits for `durable`
 * first. Should anybody not wait, recovery finds records ahead of the log and refuses to start (LOG_BEHIND); and here,
 * every group is asserted to begin at the durable end, and a store never overwrites a chunk.
 */
import { assert, BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { checkedCount, chunkedBytesMax, chunkLimits, readRecords, writeChunks } from './chunk.ts'
import type { Chunk } from './chunk.ts'
import type { Append, Log, LogRecord } from './port.ts'
import type { ChunkStore } from './store.ts'

export const groupLimits = {
  /** A group takes appends until it has this many entries or bytes, and one append at least. */
  groupEntriesMax: 2_048,
  groupBytesMax: 4 * 1024 * 1024,
  /** One append. Doors accept less: a request body is 4 MiB at most. */
  appendEntriesMax: 65_536,
  appendBytesMax: 16 * 1024 * 1024,
  /** Beyond this an append is refused with OVERLOADED. Doors read `pendingBytes` and refuse long before. */
  pendingBytesMax: 256 * 1024 * 1024,
  /** Chunks that one group drops for retention, so that appends do not wait long behind them. */
  groupDropsMax: 256,
  /** Bytes a read copies before it lets the event loop turn. */
  readTurnBytesMax: 512 * 1024,
} as const

interface Waiting {
  readonly partition: number
  readonly first: number
  readonly entries: readonly Uint8Array[]
  readonly bytes: number
  readonly resolve: (first: number) => void
  readonly reject: (error: BattutaError) => void
}

interface Retention {
  readonly partition: number
  readonly offset: number
  readonly resolve: () => void
  readonly reject: (error: BattutaError) => void
}

interface Partition {
  start: number
  /** The durable end. */
  end: number
  /** The offset the next append gets. */
  next: number
  /** Entries of the group in flight. */
  readonly group: Uint8Array[]
}

export class GroupLog implements Log {
  readonly kind: string
  readonly partitions: number
  readonly #world: World
  readonly #store: ChunkStore
  readonly #state: Partition[] = []
  #waiting: Waiting[] = []
  #retentions: Retention[] = []
  #pendingBytes = 0
  #busy = false
  #failed: BattutaError | undefined
  #closing: Promise<void> | undefined
  #idle: (() => void) | undefined
  /** Groups are laid out here; it grows to the size of the largest ordinary group and is used again. */
  #arena = Buffer.alloc(0)

  constructor(world: World, store: ChunkStore) {
    this.#world = world
    this.#store = store
    this.kind = store.kind
    this.partitions = store.partitions
    for (let partition = 0; partition < store.partitions; partition++) {
      const { start, end } = store.bounds(partition)
      this.#state.push({ start, end, next: end, group: [] })
    }
  }

  get pendingBytes(): number {
    return this.#pendingBytes
  }

  start(partition: number): number {
    return this.#partition(partition).start
  }

  end(partition: number): number {
    return this.#partition(partition).end
  }

  append(partition: number, entries: readonly Uint8Array[]): Append {
    const state = this.#partition(partition)
    assert(this.#closing === undefined, 'nothing is appended to a closed log')
    assert(entries.length > 0, 'an append has at least one entry')
    assert(entries.length <= groupLimits.appendEntriesMax, `an append has at most ${groupLimits.appendEntriesMax} entries`)
    let bytes = 0
    for (const entry of entries) bytes += entry.length
    assert(bytes <= groupLimits.appendBytesMax, `an append has at most ${groupLimits.appendBytesMax} bytes`)
    const refusal = this.#failed ?? this.#overload(bytes)
    if (refusal !== undefined) return { first: null, durable: Promise.reject(refusal) }
    const first = state.next
    state.next += entries.length
    assert(state.next <= chunkLimits.offsetMax, 'an offset takes at most 48 bits')
    this.#pendingBytes += bytes
    const durable = new Promise<number>((resolve, reject) => {
      this.#waiting.push({ partition, first, entries, bytes, resolve, reject })
    })
    this.#wake()
    return { first, durable }
  }

  async read(partition: number, from: number, limit: number): Promise<readonly LogRecord[]> {
    const state = this.#partition(partition)
    assert(this.#closing === undefined, 'a closed log is not read')
    assert(Number.isSafeInteger(from) && from >= 0, 'a read begins at an offset')
    assert(Number.isSafeInteger(limit) && limit > 0, 'a read has a limit of at least one record')
    let records: LogRecord[] = []
    let position = Math.max(from, state.start)
    let turnBytes = 0
    while (records.length < limit && position < state.end) {
      if (turnBytes >= groupLimits.readTurnBytesMax) {
        await new Promise<void>((resolve) => this.#world.defer(resolve))
        turnBytes = 0
        assert(this.#closing === undefined, 'a closed log is not read')
        if (position < state.start) {
          // Retention went past us while we waited: what was read so far is dropped, or there would be a gap.
          records = []
          position = state.start
        }
      }
      turnBytes += this.#readChunk(partition, position, limit - records.length, records)
      position = records[records.length - 1]!.offset + 1
    }
    return records
  }

  retain(partition: number, offset: number): Promise<void> {
    const state = this.#partition(partition)
    assert(this.#closing === undefined, 'a closed log drops nothing')
    assert(Number.isSafeInteger(offset) && offset >= 0, 'retention is given an offset')
    if (this.#failed !== undefined) return Promise.reject(this.#failed)
    return new Promise((resolve, reject) => {
      this.#retentions.push({ partition, offset: Math.min(offset, state.end), resolve, reject })
      this.#wake()
    })
  }

  close(): Promise<void> {
    this.#closing ??= this.#drain()
    return this.#closing
  }

  async #drain(): Promise<void> {
    if (this.#busy) await new Promise<void>((resolve) => (this.#idle = resolve))
    await this.#store.close()
  }

  #partition(partition: number): Partition {
    const state = this.#state[partition]
    assert(state !== undefined, `partition ${partition} is one of 0 to ${this.partitions - 1}`)
    return state
  }

  #overload(bytes: number): BattutaError | undefined {
    if (this.#pendingBytes + bytes <= groupLimits.pendingBytesMax) return undefined
    return new BattutaError(
      'OVERLOADED',
      `${this.#pendingBytes} bytes are waiting for the disk, and the log holds at most ${groupLimits.pendingBytesMax}; append again later`,
      {
        retryAfterMs: 1_000,
      },
    )
  }

  /** Returns the bytes it went through. */
  #readChunk(partition: number, position: number, limit: number, records: LogRecord[]): number {
    const chunk = this.#store.chunkAt(partition, position)
    const count = chunk === undefined ? 0 : checkedCount(partition, chunk)
    if (chunk === undefined || chunk.first + count <= position) {
      throw new BattutaError('STORAGE_FAILED', `the log has a gap in partition ${partition} at offset ${position}; restore the log from its backup`, {
        details: { partition, offset: position },
      })
    }
    // A chunk of the group in flight may already be visible in the store, but a chunk never spans two groups.
    readRecords(chunk, count, position, limit, records)
    return chunk.bytes.length
  }

  /** Groups begin in a turn of their own, so that everything appended in this one is in the next group together. */
  #wake(): void {
    if (this.#busy) return
    this.#busy = true
    this.#world.defer(() => this.#writeGroups())
  }

  #writeGroups(): void {
    const taken = this.#take()
    const retention = this.#retentions[0]
    const drops = retention === undefined ? [] : this.#drops(retention)
    const chunks = this.#layOut(taken)
    const written = chunks.length + drops.length === 0 ? Promise.resolve() : this.#store.commit({ chunks, drops })
    written.then(
      () => {
        this.#settle(taken)
        if (retention !== undefined && drops.length < groupLimits.groupDropsMax) {
          this.#retentions.shift()
          retention.resolve()
        }
        // After a turn of the event loop, so that whoever waited for this group can be in the next.
        this.#world.defer(() => this.#nextGroup())
      },
      (cause: unknown) => this.#fail(taken, cause),
    )
  }

  #nextGroup(): void {
    if (this.#waiting.length + this.#retentions.length > 0) return this.#writeGroups()
    this.#busy = false
    this.#idle?.()
  }

  #take(): Waiting[] {
    let entries = 0
    let bytes = 0
    let count = 0
    for (const append of this.#waiting) {
      entries += append.entries.length
      bytes += append.bytes
      if (count > 0 && (entries > groupLimits.groupEntriesMax || bytes > groupLimits.groupBytesMax)) break
      count++
    }
    if (count < this.#waiting.length) return this.#waiting.splice(0, count)
    const all = this.#waiting
    this.#waiting = []
    return all
  }

  #layOut(taken: readonly Waiting[]): Chunk[] {
    const chunks: Chunk[] = []
    let count = 0
    let bytes = 0
    for (const append of taken) {
      const { group } = this.#partition(append.partition)
      for (const entry of append.entries) group.push(entry)
      count += append.entries.length
      bytes += append.bytes
    }
    const target = this.#room(chunkedBytesMax(count, bytes))
    let at = 0
    for (let partition = 0; partition < this.partitions; partition++) {
      const state = this.#partition(partition)
      if (state.group.length === 0) continue
      at = writeChunks(target, at, partition, state.end, state.group, chunks)
      state.group.length = 0
    }
    return chunks
  }

  #room(bytes: number): Buffer {
    if (bytes <= this.#arena.length) return this.#arena
    if (bytes > 2 * groupLimits.groupBytesMax) return Buffer.allocUnsafeSlow(bytes)
    this.#arena = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(bytes)))
    return this.#arena
  }

  #drops(retention: Retention): { partition: number; first: number }[] {
    const { partition, offset } = retention
    // One more than is dropped: where a chunk ends is where the next begins. The newest is always kept, because it says
    // where the partition ends.
    const firsts = this.#store.oldestFirsts(partition, groupLimits.groupDropsMax + 1)
    let kept = 0
    while (kept + 1 < firsts.length && firsts[kept + 1]! <= offset) kept++
    // Moved before the chunks are gone, so that no read begins at one that is going.
    if (kept > 0) this.#partition(partition).start = firsts[kept]!
    return firsts.slice(0, kept).map((first) => ({ partition, first }))
  }

  #settle(taken: readonly Waiting[]): void {
    for (const append of taken) {
      const state = this.#partition(append.partition)
      assert(state.end === append.first, 'a group begins at the durable end of each partition')
      state.end += append.entries.length
      this.#pendingBytes -= append.bytes
    }
    for (const append of taken) append.resolve(append.first)
  }

  #fail(taken: readonly Waiting[], cause: unknown): void {
    const why = cause instanceof Error ? cause.message : String(cause)
    this.#failed = new BattutaError('STORAGE_FAILED', `the log could not be written: ${why}; make room on the disk or replace it, then start again`, { cause })
    const lost = [...taken, ...this.#waiting, ...this.#retentions]
    this.#waiting = []
    this.#retentions = []
    this.#pendingBytes = 0
    for (const waiting of lost) waiting.reject(this.#failed)
    this.#busy = false
    this.#idle?.()
  }
}
