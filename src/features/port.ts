/**
 * The online store's port: one row per entity, and the entity's timeline (the log offsets of its events) beside it.
 *
 * F1 A flush is one transaction: rows, timelines and positions all land or none does.
 * F2 `load` after a finished flush gives exactly the bytes that were flushed.
 */

export interface FeatureRowFlush {
  readonly entity: string
  readonly bytes: Uint8Array
  /** Offsets of this entity's events since its last flush, ascending. */
  readonly timeline: readonly number[]
}

export interface FeatureStore {
  readonly kind: string
  /** Synchronous where the driver is embedded, so that a hot lane never waits. */
  load(entity: string): Uint8Array | undefined | Promise<Uint8Array | undefined>
  /** `positions[partition]` is the offset below which every event is in some flushed row. */
  flush(rows: readonly FeatureRowFlush[], positions: ReadonlyMap<number, number>): Promise<void>
  /** The position last flushed; 0 when none. */
  position(partition: number): number
  /** The newest `limit` offsets below `before`, newest first. */
  timeline(entity: string, before: number, limit: number): Promise<readonly number[]>
  close(): Promise<void>
}
