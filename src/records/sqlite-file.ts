/** Opening the records' file, and saying in a sentence why it cannot be opened. */
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { BattutaError } from '../base/index.ts'
import { migrate } from './migrations.ts'

/** How long a writer waits for a lock that another program holds, such as an operator's shell. */
const writeLockMsMax = 5_000
/** A reader waits only while somebody recovers the file, and an event loop can afford no more. */
const readLockMsMax = 100
/** The write-ahead log is cut back to this after a checkpoint. */
const walBytesKept = 64 * 1024 * 1024
/** SQLite's page cache of the writing connection. */
const cacheKib = 32 * 1024

/** Creates the file when there is none, readable by its owner only: it holds what customers said. */
export function openForWriting(file: string, lockMsMax: number = writeLockMsMax): DatabaseSync {
  return explained(file, () => {
    mkdirSync(dirname(file), { recursive: true })
    closeSync(openSync(file, 'a', 0o600))
    const database = new DatabaseSync(file, { timeout: lockMsMax })
    try {
      database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = ${walBytesKept}; PRAGMA cache_size = -${cacheKib}`)
      migrate(database, file)
      database.exec('BEGIN IMMEDIATE; COMMIT')
      return database
    } catch (error) {
      database.close()
      throw error
    }
  })
}

export function openForReading(file: string): DatabaseSync {
  return explained(file, () => new DatabaseSync(file, { readOnly: true, timeout: readLockMsMax }))
}

function explained(file: string, open: () => DatabaseSync): DatabaseSync {
  try {
    return open()
  } catch (error) {
    if (error instanceof BattutaError) throw error
    throw new BattutaError('STORAGE_FAILED', `${file} cannot hold the records: ${reasonOf(error as NodeJS.ErrnoException & { errcode?: number })}`, {
      cause: error,
    })
  }
}

/** By SQLite's primary result code, or by the system's error. */
function reasonOf(error: NodeJS.ErrnoException & { errcode?: number }): string {
  switch ((error.errcode ?? 0) % 256) {
    case 5:
    case 6:
      return 'another program holds it locked; stop that program'
    case 8:
      return 'it may not be written; give this user the right to write the file and its folder'
    case 11:
      return `it is damaged (${error.message}); restore a backup`
    case 13:
      return 'the disk is full'
    case 26:
      return 'it is not an SQLite database; name another file'
    default:
      return error.message
  }
}
