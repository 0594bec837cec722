/**
 * The feature store in memory, for tests and simulation, over a disk that can be slow, fail, and survive a crash of the
 * store that wrote it.
 *
 * Owns: the memory disk. Does not own: time (a `World`).
 */
import type { World } from '../base/index.ts'
import { BattutaError } from '../base/index.ts'
import type { FeatureRowFlush, FeatureStore } from './port.ts'

export interface MemoryFeatureStoreOptions {
  /** A disk to open again; a new one unless given. */
  readonly disk?: MemoryFeatureDisk
}

/**
 * What outlives a memory store.
 * @example
 * const disk = new MemoryFeatureDisk()
 * const store = openMemoryFeatureStore(world, { disk })
 * disk.crash('lost')
 * const again = openMemoryFeatureStore(world, { disk })
 */
export class MemoryFeatureDisk {
  /** How long each flush takes. At 0 it is done after one turn of the event loop. */
  flushMs: () => number = () => 0
  /** Asked once per flush: an error fails it. */
  failure: () => Error | undefined = () => undefined
  readonly rows: Map<string, Uint8Array> = new Map()
  readonly timelines: Map<string, number[]> = new Map()
  readonly positions: Map<number, number> = new Map()
  /** The open store's flush that has not landed. */
  inFlight: { land: () => void; dead: boolean } | null = null

  /** The process that has the store open dies: its flush in flight is lost or kept, but never settles. */
  crash(inFlight: 'lost' | 'kept'): void {
    if (!this.inFlight) return
    this.inFlight.dead = true
    if (inFlight === 'kept') this.inFlight.land()
    this.inFlight = null
  }
}

/** Opens a store in memory; its loads are synchronous. Errors: a flush rejects with STORAGE_FAILED when the disk says so. */
export function openMemoryFeatureStore(world: World, options: MemoryFeatureStoreOptions = {}): FeatureStore {
  const disk = options.disk ?? new MemoryFeatureDisk()
  let writing: Promise<unknown> = Promise.resolve()

  const land = (rows: readonly FeatureRowFlush[], positions: ReadonlyMap<number, number>): void => {
    for (const row of rows) {
      disk.rows.set(row.entity, row.bytes.slice())
      disk.timelines.set(row.entity, [...(disk.timelines.get(row.entity) ?? []), ...row.timeline])
    }
    for (const [partition, position] of positions) disk.positions.set(partition, position)
  }

  const write = (rows: readonly FeatureRowFlush[], positions: ReadonlyMap<number, number>): Promise<void> =>
    new Promise((resolve, reject) => {
      const flush = { land: () => land(rows, positions), dead: false }
      disk.inFlight = flush
      const finish = (): void => {
        if (flush.dead) return
        disk.inFlight = null
        const cause = disk.failure()
        if (cause) return reject(new BattutaError('STORAGE_FAILED', `the memory disk refused a flush of ${rows.length} rows: ${cause.message}`, { cause }))
        flush.land()
        resolve()
      }
      const delayMs = disk.flushMs()
      if (delayMs > 0) world.setTimer(delayMs, finish)
      else world.defer(finish)
    })

  return {
    kind: 'memory',
    load: (entity) => disk.rows.get(entity)?.slice(),
    flush: (rows, positions) => {
      const flush = writing.then(() => write(rows, positions))
      writing = flush.catch(() => undefined)
      return flush
    },
    position: (partition) => disk.positions.get(partition) ?? 0,
    timeline: (entity, before, limit) => {
      const offsets = disk.timelines.get(entity) ?? []
      return Promise.resolve(
        offsets
          .filter((offset) => offset < before)
          .reverse()
          .slice(0, limit),
      )
    },
    close: async () => {
      await writing
    },
  }
}
