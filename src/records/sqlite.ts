/**
 * The records in SQLite: the embedded driver.
 *
 * Three connections to one file in WAL mode. The writing thread (sqlite-worker.ts) owns every write; this thread has a
 * read-only one for the point reads of a lane; the reading thread (sqlite-reader.ts) starts with the first list or search.
 *
 * Owns: the file, the threads, the group queue, the alias cache. Does not own: what is written, and when a process stops
 * after a failure: `onFailure` is told, and without one the error is thrown from the event loop, which ends the process.
 *
 * R1 to R4 of port.ts. A resolved commit is visible to every read that starts after it.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { assert, BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { AliasCache } from './alias-cache.ts'
import { checkCommit } from './check-commit.ts'
import { DeskQueries } from './desk-queries.ts'
import { DirectoryQueries } from './directory-queries.ts'
import type { GroupResult } from './group.ts'
import { packGroup } from './group-packing.ts'
import { GroupQueue } from './group-queue.ts'
import { openKysely } from './kysely-dialect.ts'
import type { SqlStatement } from './kysely-dialect.ts'
import type {
  AppVersionRow,
  ConversationRow,
  DecisionFilter,
  DeliveryRow,
  DeskRecords,
  Directory,
  LaneCommit,
  LaneRow,
  OutboxRow,
  Records,
  Settled,
  StoredDecision,
} from './port.ts'
import { Queries, refusedWrite } from './queries.ts'
import type { DecisionPage } from './queries.ts'
import { openForReading } from './sqlite-file.ts'
import { ThreadLink } from './thread-link.ts'

export interface SqliteOptions {
  /** Path of the database file; created with its folder when there is none. */
  readonly file: string
  /** Told once when the records can write no more: stop the process, and start it again to recover. */
  readonly onFailure?: (error: BattutaError) => void
}

/**
 * Opens, and if need be migrates, the records in an SQLite file. Rejects with STORAGE_FAILED when the file is locked,
 * damaged, not writable, of another program or of a newer release.
 * @example
 * const records = await openSqliteRecords(realWorld(), { file: './data/records.db' })
 * const generation = await records.takeOver(0)
 */
export async function openSqliteRecords(world: World, options: SqliteOptions): Promise<Records> {
  const onFailure = options.onFailure ?? ((error: BattutaError): void => stop(world, error))
  let queue: GroupQueue<SqlStatement> | null = null
  const { file } = options
  const writer = await ThreadLink.open('sqlite-worker', { file }, (error) => queue?.fail(error))
  queue = new GroupQueue<SqlStatement>(world, (group) => writer.request<GroupResult>(packGroup(group)), onFailure)
  try {
    return new SqliteRecords(world, file, writer, queue)
  } catch (error) {
    await writer.close()
    throw error
  }
}

function stop(world: World, error: BattutaError): void {
  world.defer(() => {
    throw error
  })
}

class SqliteRecords implements Records {
  readonly kind = 'sqlite'
  readonly desk: DeskRecords
  readonly directory: Directory
  readonly #file: string
  readonly #writer: ThreadLink
  readonly #queue: GroupQueue<SqlStatement>
  readonly #local: DatabaseSync
  readonly #lane: StatementSync
  readonly #conversation: StatementSync
  readonly #aliases: AliasCache
  readonly #queries: Queries
  #reader: Promise<ThreadLink> | null = null
  #closed: Promise<void> | null = null

  constructor(world: World, file: string, writer: ThreadLink, queue: GroupQueue<SqlStatement>) {
    this.#file = file
    this.#writer = writer
    this.#queue = queue
    this.#local = openForReading(file)
    this.#lane = this.#local.prepare('SELECT lane, partition, last_offset AS lastOffset, state FROM lanes WHERE lane = ?')
    this.#conversation = this.#local.prepare(
      `SELECT id, customer, channel, owner, worker, queue, task, epoch, seq, messages, status, opened_at AS openedAt, updated_at AS updatedAt, memory
        FROM conversations WHERE id = ?`,
    )
    const alias = this.#local.prepare('SELECT customer FROM aliases WHERE identity = ?')
    const none = this.#local.prepare('SELECT 1 FROM aliases LIMIT 1').get() === undefined
    this.#aliases = new AliasCache(none, (identity) => (point(alias, identity) as { customer: string } | undefined)?.customer)
    const kysely = openKysely({ read: (statement) => this.#read(statement), write: (statement) => this.#write(statement) })
    this.#queries = new Queries(kysely)
    this.desk = new DeskQueries(kysely, () => world.now())
    this.directory = new DirectoryQueries(kysely)
  }

  async commit(commit: LaneCommit): Promise<void> {
    checkCommit(commit)
    await this.#queue.commit(commit)
    if (commit.alias !== null) this.#aliases.linked(commit.alias.identity, commit.alias.customer)
  }

  settle(settled: Settled): void {
    this.#queue.settle(settled)
  }

  advance(partition: number, position: number): void {
    this.#queue.advance(partition, position)
  }

  lane(lane: string): LaneRow | undefined {
    return point(this.#lane, lane) as LaneRow | undefined
  }

  conversation(id: string): ConversationRow | undefined {
    return point(this.#conversation, id) as ConversationRow | undefined
  }

  alias(identity: string): string | undefined {
    return this.#aliases.customerOf(identity)
  }

  takeOver(partition: number): Promise<number> {
    return this.#queries.takeOver(partition)
  }

  async highest(partition: number): Promise<number> {
    return (await this.#queries.partition(partition)).highest
  }

  async position(partition: number): Promise<number> {
    return (await this.#queries.partition(partition)).position
  }

  identities(customer: string): Promise<readonly string[]> {
    return this.#queries.identities(customer)
  }

  unreleased(partition: number): Promise<readonly OutboxRow[]> {
    return this.#queries.unreleased(partition)
  }

  deliveries(conversation: string, after: number, limit: number): Promise<readonly DeliveryRow[]> {
    return this.#queries.deliveries(conversation, after, limit)
  }

  decision(id: string): Promise<StoredDecision | undefined> {
    return this.#queries.decision(id)
  }

  decisions(filter: DecisionFilter, limit: number, cursor: string | null): Promise<DecisionPage> {
    return this.#queries.decisions(filter, limit, cursor)
  }

  decisionsAt(partition: number, offsets: readonly number[]): Promise<readonly StoredDecision[]> {
    return this.#queries.decisionsAt(partition, offsets)
  }

  openConversations(): Promise<Readonly<Record<string, number>>> {
    return this.#queries.openConversations()
  }

  registerApp(row: AppVersionRow): Promise<void> {
    return this.#queries.registerApp(row)
  }

  appVersions(): Promise<readonly AppVersionRow[]> {
    return this.#queries.appVersions()
  }

  setting(name: string): Promise<string | undefined> {
    return this.#queries.setting(name)
  }

  putSetting(name: string, value: string): Promise<void> {
    return this.#queries.putSetting(name, value)
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  /** The writing connection goes last: it then folds the write-ahead log into the file. */
  async #close(): Promise<void> {
    await this.#queue.close()
    const reader = await this.#reader?.catch(() => null)
    await reader?.close()
    this.#local.close()
    await this.#writer.close()
  }

  async #read(statement: SqlStatement): Promise<readonly unknown[]> {
    assert(this.#closed === null, 'the records were read after close')
    this.#reader ??= this.#openReader()
    const reader = await this.#reader
    return reader.request<readonly unknown[]>(statement)
  }

  /** A reading thread that could not start, or ended, is started again by the next read: it holds nothing that could be lost. */
  async #openReader(): Promise<ThreadLink> {
    const forget = (): void => {
      this.#reader = null
    }
    try {
      return await ThreadLink.open('sqlite-reader', { file: this.#file }, forget)
    } catch (error) {
      forget()
      throw error
    }
  }

  async #write(statement: SqlStatement): Promise<readonly unknown[]> {
    const result = await this.#queue.statement(statement)
    if ('refused' in result) throw refusedWrite(result.refused)
    return result.rows
  }
}

/** A row by its key; about 10 µs on the calling thread. */
function point(statement: StatementSync, key: string): object | undefined {
  try {
    const row = statement.get(key)
    return row === undefined ? undefined : { ...row }
  } catch (error) {
    throw new BattutaError('STORAGE_FAILED', `the records could not be read: ${(error as Error).message}`, { cause: error })
  }
}
