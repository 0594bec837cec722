/**
 * The schema, as forward-only numbered steps for every SQL driver, and how an SQLite file is brought up to them: its `user_version`
 * holds the number of the last one applied (Postgres: postgres-migrations.ts).
 * Every index costs a page per group, so there is one only where a door would otherwise read a whole table.
 *
 * Conversations are a table with row ids since migration 2: without them a row lies in the tree's inner pages too, and one with
 * 1.8 kB of memory then costs twice as much to write and three times as much to read (100,000 conversations).
 */
import { renameSync, rmSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { BattutaError } from '../base/index.ts'

export interface Migration {
  readonly number: number
  readonly name: string
  /** For every driver, in SQLite's words; `postgresText` says it in those of Postgres. */
  readonly sql: string
  /** What comes after it in one of them only. */
  readonly sqlite?: string
  readonly postgres?: string
}

/** `BATT` in ASCII, SQLite's `application_id` of a records file. */
export const applicationId = 0x42415454

export const migrations: readonly Migration[] = [
  {
    number: 1,
    name: 'the tables of the first release',
    sql: `
      CREATE TABLE partitions (
        partition INTEGER PRIMARY KEY, generation INTEGER NOT NULL, position INTEGER NOT NULL, highest INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE lanes (
        lane TEXT PRIMARY KEY, partition INTEGER NOT NULL, last_offset INTEGER NOT NULL, state TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE conversations (
        id TEXT PRIMARY KEY, customer TEXT NOT NULL, channel TEXT NOT NULL, owner TEXT, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
        messages INTEGER NOT NULL, status TEXT NOT NULL, opened_at REAL NOT NULL, updated_at REAL NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX conversations_open ON conversations (owner) WHERE status = 'open';
      CREATE TABLE deliveries (
        conversation TEXT NOT NULL, seq INTEGER NOT NULL, epoch INTEGER NOT NULL, author TEXT NOT NULL, text TEXT NOT NULL,
        key TEXT, message_id TEXT, at REAL NOT NULL, PRIMARY KEY (conversation, seq)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE decisions (
        id TEXT NOT NULL UNIQUE, partition INTEGER NOT NULL, offset INTEGER NOT NULL, at REAL NOT NULL, policy TEXT NOT NULL,
        customer TEXT NOT NULL, conversation TEXT, event_type TEXT NOT NULL, act TEXT NOT NULL, name TEXT, because TEXT,
        budget_ms REAL NOT NULL, status TEXT NOT NULL, app_version TEXT NOT NULL, elapsed_ms REAL, record TEXT NOT NULL
      ) STRICT;
      CREATE INDEX decisions_newest ON decisions (at, id);
      CREATE INDEX decisions_of_customer ON decisions (customer, at, id);
      CREATE UNIQUE INDEX decisions_of_offset ON decisions (partition, offset);
      CREATE TABLE outbox (
        key TEXT PRIMARY KEY, kind TEXT NOT NULL, hash TEXT NOT NULL, content TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE aliases (identity TEXT PRIMARY KEY, customer TEXT NOT NULL) STRICT, WITHOUT ROWID;
      CREATE INDEX aliases_of_customer ON aliases (customer);
      CREATE TABLE app_versions (
        version TEXT PRIMARY KEY, name TEXT NOT NULL, registered_at REAL NOT NULL, sources TEXT NOT NULL
      ) STRICT;
      CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;`,
  },
  {
    number: 2,
    name: 'one owner at a time: the ledger, the routing lane, timers, people, webhooks, attachments',
    sql: `
      CREATE TABLE conversations_2 (
        id TEXT PRIMARY KEY, customer TEXT NOT NULL, channel TEXT NOT NULL, owner TEXT, worker TEXT, queue TEXT, task TEXT,
        epoch INTEGER NOT NULL, seq INTEGER NOT NULL, messages INTEGER NOT NULL, status TEXT NOT NULL, opened_at REAL NOT NULL,
        updated_at REAL NOT NULL, memory TEXT NOT NULL
      ) STRICT;
      INSERT INTO conversations_2
        SELECT id, customer, channel, owner, NULL, NULL, NULL, epoch, seq, messages, status, opened_at, updated_at, '{}' FROM conversations;
      DROP TABLE conversations;
      ALTER TABLE conversations_2 RENAME TO conversations;
      CREATE INDEX conversations_open ON conversations (owner) WHERE status = 'open';
      CREATE INDEX conversations_of_worker ON conversations (worker) WHERE status = 'open' AND worker IS NOT NULL;
      CREATE INDEX conversations_in_queue ON conversations (queue) WHERE status = 'open' AND queue IS NOT NULL;
      CREATE INDEX conversations_of_customer ON conversations (customer);
      CREATE INDEX conversations_resolved ON conversations (updated_at, id) WHERE status = 'resolved';
      ALTER TABLE deliveries ADD COLUMN extra TEXT;
      CREATE TABLE timers (
        partition INTEGER NOT NULL, id TEXT NOT NULL, lane TEXT NOT NULL, due_at REAL NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL,
        PRIMARY KEY (partition, id)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE notes (
        conversation TEXT NOT NULL, id TEXT NOT NULL, after_seq INTEGER NOT NULL, at REAL NOT NULL, worker TEXT NOT NULL, text TEXT NOT NULL,
        PRIMARY KEY (conversation, id)
      ) STRICT;
      CREATE TABLE tasks (
        id TEXT PRIMARY KEY, lane TEXT NOT NULL, conversation TEXT NOT NULL, customer TEXT NOT NULL, channel TEXT NOT NULL, queue TEXT NOT NULL,
        priority REAL NOT NULL, goal TEXT NOT NULL, because TEXT, state TEXT NOT NULL, only_worker TEXT, except_worker TEXT, worker TEXT,
        queued_at REAL NOT NULL, assigned_at REAL, ended_at REAL, wrap_up_code TEXT
      ) STRICT;
      CREATE INDEX tasks_open ON tasks (lane) WHERE state NOT IN ('completed', 'canceled');
      CREATE INDEX tasks_of_queue ON tasks (queue, queued_at);
      CREATE TABLE reservations (
        id TEXT PRIMARY KEY, lane TEXT NOT NULL, task TEXT NOT NULL, worker TEXT NOT NULL, state TEXT NOT NULL,
        offered_at REAL NOT NULL, expires_at REAL NOT NULL, ended_at REAL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX reservations_open ON reservations (lane) WHERE state IN ('pending', 'accepted', 'wrapping');
      CREATE TABLE workers (
        lane TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, presence TEXT NOT NULL, connected INTEGER NOT NULL,
        skills TEXT NOT NULL, capacity INTEGER NOT NULL, since REAL NOT NULL, idle_since REAL NOT NULL, PRIMARY KEY (lane, id)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE people (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, skills TEXT NOT NULL, capacity INTEGER NOT NULL, password TEXT,
        created_at REAL NOT NULL, sessions_from REAL NOT NULL, closed_at REAL
      ) STRICT;
      CREATE TABLE webhooks (
        name TEXT PRIMARY KEY, url TEXT NOT NULL, kind TEXT NOT NULL, skills TEXT NOT NULL, capacity INTEGER NOT NULL, secret TEXT NOT NULL,
        created_at REAL NOT NULL
      ) STRICT;
      CREATE TABLE webhook_cursors (
        webhook TEXT NOT NULL, conversation TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (webhook, conversation)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE attachments (
        id TEXT PRIMARY KEY, conversation TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, bytes INTEGER NOT NULL, hash TEXT NOT NULL,
        at REAL NOT NULL, added_by TEXT NOT NULL
      ) STRICT;`,
    sqlite: 'CREATE TRIGGER webhooks_forget AFTER DELETE ON webhooks BEGIN DELETE FROM webhook_cursors WHERE webhook = old.name; END;',
    postgres: `
      CREATE FUNCTION webhooks_forget() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN DELETE FROM webhook_cursors WHERE webhook = old.name; RETURN old; END';
      CREATE TRIGGER webhooks_forget AFTER DELETE ON webhooks FOR EACH ROW EXECUTE FUNCTION webhooks_forget();`,
  },
]

/** Integers have 64 bits and texts are compared byte by byte in either. */
export function postgresText(sql: string): string {
  return sql
    .replaceAll(/\) STRICT(, WITHOUT ROWID)?;/g, ');')
    .replaceAll(/\bINTEGER\b/g, 'BIGINT')
    .replaceAll(/\bREAL\b/g, 'DOUBLE PRECISION')
    .replaceAll(/\bTEXT\b/g, 'TEXT COLLATE "C"')
    .replaceAll(/\boffset\b/g, '"offset"')
}

/**
 * Brings the file up to the newest migration in one transaction. A file that holds something is copied to
 * `FILE.before-N` first. Refuses a file of another program, and one that a newer release wrote.
 */
export function migrate(database: DatabaseSync, file: string, steps: readonly Migration[] = migrations): void {
  const newest = steps.at(-1)?.number ?? 0
  const at = pragma(database, 'user_version')
  const tables = Number(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'])
  if (tables > 0 && pragma(database, 'application_id') !== applicationId) {
    throw new BattutaError('STORAGE_FAILED', `${file} is a database of another program: name another file for the records`)
  }
  if (at > newest) {
    const message = `${file} was written by a newer release (schema ${at}; this one knows up to ${newest}): start that release, or restore ${file}.before-${at}`
    throw new BattutaError('STORAGE_FAILED', message)
  }
  const missing = steps.filter((step) => step.number > at)
  if (missing.length === 0) return
  if (at > 0) backUp(database, `${file}.before-${newest}`)
  database.exec('BEGIN IMMEDIATE')
  try {
    for (const { sql, sqlite = '' } of missing) database.exec(sql + sqlite)
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${newest}`)
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

/** Written beside and renamed, so that a copy with this name is always a whole one. */
function backUp(database: DatabaseSync, copy: string): void {
  const unfinished = `${copy}.unfinished`
  rmSync(unfinished, { force: true })
  database.prepare('VACUUM INTO ?').run(unfinished)
  renameSync(unfinished, copy)
}

function pragma(database: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name])
}
