/**
 * The feature store on LMDB: rows by entity, timelines in chunks, positions beside them. Reads are synchronous (a
 * microsecond or two from the map); a flush is one transaction, written and synced off the main thread.
 *
 * `overlappingSync` is off: a commit's promise then resolves when it is synced, and lmdb-js reports a sync that failed.
 *
 * Owns: the environment in its folder. Does not own: the row's bytes, when to flush, who may open the folder (the log's lock).
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import type { Database, RootDatabase } from 'lmdb'
import { assert, BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'
import type { FeatureRowFlush, FeatureStore } from './port.ts'
import { appendToChunk, chunkIsFull, chunkOffsets, newChunk } from './timeline-chunk.ts'

/** Chunk keys: the entity, then the chunk's first offset. */
type ChunkKey = [entity: string, first: number]

interface Databases {
  readonly root: RootDatabase
  readonly rows: Database<Uint8Array, string>
  readonly chunks: Database<Uint8Array, ChunkKey>
  readonly positions: Database<number, number>
}

export interface LmdbFeatureStoreOptions {
  /** Made when it does not exist. */
  readonly folder: string
}

/**
 * Opens the store in a folder, or creates it.
 * @example
 * const store = openLmdbFeatureStore(realWorld(), { folder: './data' })
 *
 * Errors: STORAGE_FAILED when the folder cannot be used, or a flush is refused.
 */
export function openLmdbFeatureStore(_world: World, options: LmdbFeatureStoreOptions): FeatureStore {
  const { root, rows, chunks, positions } = openDatabases(options.folder)
  const positionOf = new Map<number, number>()
  for (const { key, value } of positions.getRange({})) positionOf.set(key, value)
  let writing: Promise<unknown> = Promise.resolve()
  let closed = false

  async function write(changes: readonly FeatureRowFlush[], changedPositions: ReadonlyMap<number, number>): Promise<void> {
    try {
      await root.batch(() => {
        for (const change of changes) {
          void rows.put(change.entity, change.bytes)
          if (change.timeline.length > 0) appendTimeline(chunks, change.entity, change.timeline)
        }
        for (const [partition, position] of changedPositions) void positions.put(partition, position)
      })
    } catch (cause) {
      throw new BattutaError('STORAGE_FAILED', `the feature store in ${options.folder} refused a write: check the disk's space and rights`, { cause })
    }
    for (const [partition, position] of changedPositions) positionOf.set(partition, position)
  }

  return {
    kind: 'lmdb',
    load: (entity) => rows.getBinary(entity),
    flush: (changes, changedPositions) => {
      assert(!closed, 'a closed feature store is not flushed')
      // One at a time: a timeline's last chunk is read from what the flush before has committed.
      const flush = writing.then(() => write(changes, changedPositions))
      writing = flush.catch(() => undefined)
      return flush
    },
    position: (partition) => positionOf.get(partition) ?? 0,
    timeline: (entity, before, limit) => Promise.resolve(readTimeline(chunks, entity, before, limit)),
    close: async () => {
      closed = true
      await writing
      await root.close()
    },
  }
}

function openDatabases(folder: string): Databases {
  try {
    mkdirSync(folder, { recursive: true })
    const root = open({ path: join(folder, 'features.mdb'), noSubdir: true, encoding: 'binary', maxDbs: 4, overlappingSync: false })
    return {
      root,
      rows: root.openDB<Uint8Array, string>({ name: 'rows', encoding: 'binary' }),
      chunks: root.openDB<Uint8Array, ChunkKey>({ name: 'timeline', encoding: 'binary' }),
      positions: root.openDB<number, number>({ name: 'positions', encoding: 'msgpack' }),
    }
  } catch (cause) {
    throw new BattutaError('STORAGE_FAILED', `the feature store cannot be opened in ${folder}: check that the folder can be written`, { cause })
  }
}

function appendTimeline(chunks: Database<Uint8Array, ChunkKey>, entity: string, offsets: readonly number[]): void {
  let key: ChunkKey = [entity, offsets[0] as number]
  let chunk = newChunk()
  for (const held of chunks.getRange({ start: [entity, Number.MAX_SAFE_INTEGER], end: [entity, -1], reverse: true, limit: 1 })) {
    if (chunkIsFull(held.value)) break
    key = held.key
    chunk = held.value
  }
  let rest = offsets
  for (;;) {
    const appended = appendToChunk(chunk, rest)
    void chunks.put(key, appended.chunk)
    rest = appended.rest
    if (rest.length === 0) return
    key = [entity, rest[0] as number]
    chunk = newChunk()
  }
}

function readTimeline(chunks: Database<Uint8Array, ChunkKey>, entity: string, before: number, limit: number): number[] {
  const found: number[] = []
  if (limit <= 0) return found
  for (const { value } of chunks.getRange({ start: [entity, before], end: [entity, -1], reverse: true })) {
    const offsets = chunkOffsets(value)
    for (let i = offsets.length - 1; i >= 0; i--) {
      const offset = offsets[i] as number
      if (offset >= before) continue
      found.push(offset)
      if (found.length === limit) return found
    }
  }
  return found
}
