/**
 * The log's port: the durable, partitioned event log. Entries are opaque bytes; offsets count from 0 in each partition.
 *
 * L1 What `durable` resolved for survives `kill -9` and power loss, in order, at its offset.
 * L2 A process never hands out an offset twice, and nobody ever gets the offset of what is kept. After a crash `end` is the
 *    end of what was kept: offsets of a tail that was lost before it was durable are given again. So an offset must not
 *    leave the process (in a commit, an effect, a reply) before `durable` (group-log.ts: why that suffices, what asserts it).
 * L3 `read` gives what is durable, in order, without gaps; nothing else.
 * L4 Two processes never write one log: the second is refused with LOG_LOCKED.
 * L5 The partition count is fixed when the log is created; opening with another is refused with CONFIG_INVALID.
 */

export interface LogRecord {
  readonly offset: number
  /** May share its buffer with records of the same read: copy it to keep it for long. */
  readonly bytes: Uint8Array
}

export interface Append {
  /**
   * The first entry's offset, when the driver gives offsets itself and a step may run ahead of the flush;
   * null when only the broker knows, or when the append was refused. The others follow without gaps.
   */
  readonly first: number | null
  /**
   * Resolves with the first offset once every entry of this append is on disk. Rejects with STORAGE_FAILED, and so does
   * every later append until the log is opened anew; with OVERLOADED when too much is waiting for the disk already.
   */
  readonly durable: Promise<number>
}

export interface Log {
  readonly kind: string
  readonly partitions: number
  /**
   * Appends in call order. Never blocks; group commit decides when it is flushed. Empty lists are refused by assertion.
   * The entries must not change until the append is durable.
   */
  append(partition: number, entries: readonly Uint8Array[]): Append
  /** Up to `limit` durable records from offset `from` (clamped to `start`). Fewer only at the durable end. */
  read(partition: number, from: number, limit: number): Promise<readonly LogRecord[]>
  /** The first offset that is kept. */
  start(partition: number): number
  /** The durable end: the offset after the last durable entry. */
  end(partition: number): number
  /** Bytes appended and not yet durable: what a door reads for back-pressure. */
  readonly pendingBytes: number
  /** Drops what lies before `offset`, as far as its chunks allow: `start` may stay below it. Never beyond the durable end. */
  retain(partition: number, offset: number): Promise<void>
  /** Waits for everything appended so far, then lets go of the files. */
  close(): Promise<void>
}
