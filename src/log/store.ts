/**
 * What a group log asks of the medium that keeps its chunks. Drivers that give offsets themselves implement this;
 * brokers, which have their own groups and offsets, implement the port instead.
 */
import type { Chunk, StoredChunk } from './chunk.ts'

/** One transaction: chunks to add and chunks to drop. */
export interface Group {
  readonly chunks: readonly Chunk[]
  readonly drops: readonly { readonly partition: number; readonly first: number }[]
}

export interface ChunkStore {
  readonly kind: string
  readonly partitions: number
  /** The first offset of a partition's oldest chunk and the offset after its newest; both 0 when it has none. */
  bounds(partition: number): { readonly start: number; readonly end: number }
  /**
   * Resolves when all of it is on disk, and never writes a chunk over another. Rejects when it cannot say so: then only
   * opening the store again tells what was kept, and this one is not written any more.
   */
  commit(group: Group): Promise<void>
  /** The newest chunk that begins at or before `offset`. */
  chunkAt(partition: number, offset: number): StoredChunk | undefined
  /** First offsets of the oldest chunks, in order, `limit` at most. */
  oldestFirsts(partition: number, limit: number): number[]
  close(): Promise<void>
}
