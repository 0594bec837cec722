/**
 * The embedded log: chunks in one LMDB file. Commits run on LMDB's own thread; reads are a microsecond or two on ours.
 *
 * Owns: the files `log.mdb`, `log.mdb-lock` and `log.lock` in its folder. Does not own: offsets and groups (`GroupLog`).
 *
 * The file does not shrink: what retention frees is written again.
 *
 * Every commit is synced before its promise resolves (`overlappingSync` off). Overlapping would save nothing, since our
 * next group begins when the last has ended, and lmdb-js has no way to report that such a later sync has failed.
 *
 * Measured with 220 bytes an event and 16 partitions, CPU of the process: one key per event takes 4.4 µs an event in
 * batches of 100, chunks per partition and group 1.5 µs; single events cost the same either way. A database per partition
 * gains nothing but a quarter of the disk space of single events.
 */
import { mkdir, open as openFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { open } from 'lmdb'
import type { RootDatabase } from 'lmdb'
import { BattutaError, newId } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { checkedCount, chunkKey, chunkLimits, offsetOfKey } from './chunk.ts'
import type { StoredChunk } from './chunk.ts'
import { GroupLog } from './group-log.ts'
import { takeLock } from './lock.ts'
import type { Lock } from './lock.ts'
import type { Log } from './port.ts'
import type { ChunkStore, Group } from './store.ts'

export interface LmdbLogOptions {
  /** Created when it does not exist. */
  readonly folder: string
  /** Fixed when the log is created: 16 unless said. An existing log opens with its own when none is said. */
  readonly partitions?: number
}

interface Metadata {
  readonly format: number
  readonly partitions: number
  readonly id: string
  readonly createdAt: number
}

/** Its types leave out that the asynchronous `put` takes options too, as its README and its code say. */
interface Database extends Omit<RootDatabase<Uint8Array, Uint8Array>, 'put'> {
  put(key: Uint8Array, value: Uint8Array, options?: { readonly noOverwrite?: boolean }): Promise<boolean>
}

const partitionsDefault = 16
/** A group of one event writes a handful of pages: half of LMDB's default halves what reaches the disk (measured: p99 a third lower). */
const pageBytes = 4_096
const formatCurrent = 1
/** Sorts after every chunk, as partitions stay below 0x0401. */
const metadataKey: Buffer = Buffer.from('meta')

/**
 * Opens the log in a folder, or creates it.
 * @example
 * const log = await openLmdbLog(realWorld(), { folder: './data' })
 * const { first, durable } = log.append(3, [bytes])
 * await durable
 *
 * Errors: LOG_LOCKED when another process has it open, CONFIG_INVALID for another partition count, STORAGE_FAILED when
 * the disk refuses or the newest chunk of a partition is damaged. Older chunks are checked when they are read.
 */
export async function openLmdbLog(world: World, options: LmdbLogOptions): Promise<Log> {
  await onDisk(options.folder, () => mkdir(options.folder, { recursive: true }))
  const lock = takeLock(options.folder)
  let database: Database | undefined
  try {
    const path = join(options.folder, 'log.mdb')
    database = await onDisk<Database>(options.folder, () =>
      open({ path, encoding: 'binary', keyEncoding: 'binary', overlappingSync: false, pageSize: pageBytes }),
    )
    const metadata = readMetadata(database) ?? (await create(world, database, options))
    checkMetadata(metadata, options)
    return new GroupLog(world, new LmdbStore(database, lock, metadata.partitions))
  } catch (error) {
    await database?.close()
    lock.release()
    throw error
  }
}

class LmdbStore implements ChunkStore {
  readonly kind = 'lmdb'
  readonly partitions: number
  readonly #database: Database
  readonly #lock: Lock

  constructor(database: Database, lock: Lock, partitions: number) {
    this.#database = database
    this.#lock = lock
    this.partitions = partitions
  }

  bounds(partition: number): { start: number; end: number } {
    const [start] = this.oldestFirsts(partition, 1)
    const newest = this.chunkAt(partition, chunkLimits.offsetMax)
    if (start === undefined || newest === undefined) return { start: 0, end: 0 }
    return { start, end: newest.first + checkedCount(partition, newest) }
  }

  async commit({ chunks, drops }: Group): Promise<void> {
    // Everything put in one turn of the event loop is one LMDB transaction.
    const writes: Promise<boolean>[] = []
    for (const { partition, first, bytes } of chunks) {
      writes.push(this.#database.put(chunkKey(partition, first), bytes, { noOverwrite: true }))
    }
    for (const { partition, first } of drops) writes.push(this.#database.remove(chunkKey(partition, first)))
    let written: boolean[]
    try {
      written = await Promise.all(writes)
    } catch (error) {
      throw await causeOf(error)
    }
    if (!written.every(Boolean)) throw new Error('another process has written into this log past its lock')
  }

  chunkAt(partition: number, offset: number): StoredChunk | undefined {
    return reading(() => {
      // What `getBinaryFast` gives is LMDB's and used again by the next read, so it is neither allocated nor kept here.
      const wanted = chunkKey(partition, offset)
      // A read that goes on where the last ended begins with a chunk: a look-up is a third of what a cursor costs.
      const exact = this.#database.getBinaryFast(wanted)
      if (exact !== undefined) return { first: offset, bytes: exact }
      const range = { start: wanted, end: chunkKey(partition, 0), inclusiveEnd: true, reverse: true, limit: 1 }
      for (const key of this.#database.getKeys(range)) {
        const bytes = this.#database.getBinaryFast(key)
        if (bytes !== undefined) return { first: offsetOfKey(key), bytes }
      }
      return undefined
    })
  }

  oldestFirsts(partition: number, limit: number): number[] {
    return reading(() => {
      const range = { start: chunkKey(partition, 0), end: chunkKey(partition, chunkLimits.offsetMax), limit }
      return Array.from(this.#database.getKeys(range), offsetOfKey)
    })
  }

  async close(): Promise<void> {
    await this.#database.close()
    this.#lock.release()
  }
}

function readMetadata(database: Database): Metadata | undefined {
  const bytes = reading(() => database.get(metadataKey))
  if (bytes !== undefined) return JSON.parse(Buffer.from(bytes).toString()) as Metadata
  // Metadata is written before the first chunk, so without it there is none, or this is not a log of ours.
  for (const _ of database.getKeys({ limit: 1 })) {
    throw new BattutaError('STORAGE_FAILED', 'log.mdb holds data but not what a log is headed with; restore the log from its backup')
  }
  return undefined
}

async function create(world: World, database: Database, options: LmdbLogOptions): Promise<Metadata> {
  const partitions = options.partitions ?? partitionsDefault
  checkPartitions(partitions)
  const metadata: Metadata = { format: formatCurrent, partitions, id: newId(world, 'log'), createdAt: world.now() }
  await onDisk(options.folder, async () => {
    await database.put(metadataKey, Buffer.from(JSON.stringify(metadata)))
    // A new file is only as durable as its entry in the folder, and the folder as its own in the one above.
    await syncFolder(options.folder)
    await syncFolder(dirname(options.folder))
  })
  return metadata
}

function checkMetadata(metadata: Metadata, options: LmdbLogOptions): void {
  if (metadata.format !== formatCurrent) {
    throw new BattutaError(
      'CONFIG_INVALID',
      `the log in “${options.folder}” has format ${metadata.format}, and this release reads ${formatCurrent}: open it with the release that wrote it`,
    )
  }
  if (options.partitions !== undefined && options.partitions !== metadata.partitions) {
    throw new BattutaError(
      'CONFIG_INVALID',
      `the log in “${options.folder}” was created with ${metadata.partitions} partitions, not ${options.partitions}: set ${metadata.partitions}, or name another folder`,
    )
  }
}

function checkPartitions(partitions: number): void {
  if (Number.isInteger(partitions) && partitions >= 1 && partitions <= chunkLimits.partitionsMax) return
  throw new BattutaError('CONFIG_INVALID', `a log cannot have ${partitions} partitions: set 1 to ${chunkLimits.partitionsMax}`)
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder, and its file systems journal the entry by themselves.
  if (process.platform === 'win32') return
  const handle = await openFile(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function onDisk<T>(folder: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (cause) {
    throw new BattutaError('STORAGE_FAILED', `the log in “${folder}” cannot be opened: ${String(await causeOf(cause))}`, { cause })
  }
}

function reading<T>(action: () => T): T {
  try {
    return action()
  } catch (cause) {
    throw new BattutaError('STORAGE_FAILED', `the log cannot be read: ${String(cause)}`, { cause })
  }
}

/** lmdb-js rejects a failed write with one error and says why in a promise on it, which must be taken or it goes unhandled. */
async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error && 'commitError' in error)) return error
  try {
    await error.commitError
    return error
  } catch (why) {
    return why
  }
}
