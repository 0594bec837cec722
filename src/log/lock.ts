/**
 * The lock of a log's folder (L4). LMDB itself lets several processes write one file, so the lock is our own: an empty
 * SQLite database in which an exclusive transaction is held open and never written. SQLite puts that down to a record
 * lock of the operating system (fcntl, LockFileEx), which has what a lock needs here: the kernel lets go of it when the
 * process dies, whatever it died of; it sees processes of other containers that share the file system, which process
 * ids and abstract sockets do not; and SQLite also keeps two openings within one process apart, which fcntl does not.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { BattutaError } from '../base/index.ts'

const sqliteBusy = 5

export interface Lock {
  release(): void
}

/** Takes the lock at once or throws LOG_LOCKED; it never waits. */
export function takeLock(folder: string): Lock {
  const file = join(folder, 'log.lock')
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file)
    database.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    database?.close()
    if (errorNumberOf(cause) === sqliteBusy) {
      throw new BattutaError('LOG_LOCKED', `another process holds the log in “${folder}”: stop it, or name another data folder`, { cause, retryAfterMs: 1_000 })
    }
    throw new BattutaError('STORAGE_FAILED', `the lock “${file}” cannot be taken: ${String(cause)}; check that the folder can be written`, { cause })
  }
  const held = database
  return { release: () => held.close() }
}

function errorNumberOf(cause: unknown): unknown {
  return cause instanceof Error && 'errcode' in cause ? cause.errcode : undefined
}
