/**
 * The records in Postgres: the driver for several nodes.
 *
 * Groups are written over a session of their own (postgres-writer.ts); everything else is read over a small pool, each read after
 * whatever resolved before it. A server that restarts is waited for: commits stay queued, reads are asked again.
 *
 * Owns: the group queue, the writer, the pool. Does not own: the server, and when a process stops after a failure: `onFailure` is
 * told, and without one the error is thrown from the event loop, which ends the process.
 *
 * R1 to R4 of port.ts, for all nodes together.
 */
import type { Kysely } from 'kysely'
import type { Pool } from 'pg'
import { assert, BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { checkCommit } from './check-commit.ts'
import { conversationColumns } from './conversation-page.ts'
import { DeskQueries } from './desk-queries.ts'
import { DirectoryQueries } from './directory-queries.ts'
import { GroupQueue } from './group-queue.ts'
import { openPostgresKysely } from './kysely-dialect.ts'
import type { SqlStatement } from './kysely-dialect.ts'
import { PointReads } from './point-reads.ts'
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
import { postgresAddress } from './postgres-address.ts'
import { migratePostgres } from './postgres-migrations.ts'
import { Outage, outageMsMaxDefault, PostgresServer, storable, troubleOf } from './postgres-server.ts'
import { PostgresWriter } from './postgres-writer.ts'
import { Queries, refusedWrite } from './queries.ts'
import type { DecisionPage } from './queries.ts'
import type { Database } from './schema.ts'
import { postgresDialect } from './sql-dialect.ts'

export interface PostgresOptions {
  /** `postgres://user:password@host:5432/database`; with `?schema=name` in another schema than `battuta`. */
  readonly url: string
  /** How long a server that cannot be reached is waited for once it was reached before; 60 s unless given. */
  readonly outageMsMax?: number
  /** Told once when the records can write no more: stop the process, and start it again to recover. */
  readonly onFailure?: (error: BattutaError) => void
}

/**
 * Opens, and if need be migrates, the records in a Postgres database. Rejects with CONFIG_INVALID when the URL cannot be used or
 * the package `pg` is missing, and with STORAGE_FAILED when the server refuses, or a newer release or another program has the schema.
 * @example
 * const records = await openPostgresRecords(realWorld(), { url: 'postgres://battuta@127.0.0.1/battuta' })
 * const generation = await records.takeOver(0)
 */
export async function openPostgresRecords(world: World, options: PostgresOptions): Promise<Records> {
  const address = postgresAddress(options.url)
  const server = await PostgresServer.load(address)
  try {
    await server.use((client) => migratePostgres(client, address))
  } catch (error) {
    throw server.explained(error)
  }
  return new PostgresRecords(world, server, options)
}

class PostgresRecords implements Records {
  readonly kind = 'postgres'
  readonly desk: DeskRecords
  readonly directory: Directory
  readonly #world: World
  readonly #server: PostgresServer
  readonly #outageMsMax: number
  readonly #pool: Pool
  readonly #writer: PostgresWriter
  readonly #queue: GroupQueue<SqlStatement>
  readonly #queries: Queries
  /** Its writes are transactions of their own. */
  readonly #alone: Queries
  readonly #lanes: PointReads<LaneRow>
  readonly #conversations: PointReads<ConversationRow>
  readonly #aliases: PointReads<string>
  #closed: Promise<void> | null = null

  constructor(world: World, server: PostgresServer, { onFailure, outageMsMax = outageMsMaxDefault }: PostgresOptions) {
    this.#world = world
    this.#server = server
    this.#outageMsMax = outageMsMax
    this.#pool = server.openReading()
    this.#writer = new PostgresWriter(world, server, outageMsMax)
    const fail = onFailure ?? ((error: BattutaError): void => stop(world, error))
    this.#queue = new GroupQueue<SqlStatement>(world, (group) => this.#writer.write(group), fail)
    const read = (statement: SqlStatement): Promise<readonly unknown[]> => this.#ask(statement)
    const kysely = openPostgresKysely({ read, write: (statement) => this.#write(statement) })
    this.#queries = new Queries(kysely, { dialect: postgresDialect })
    this.#alone = new Queries(openPostgresKysely({ read, write: read }), { dialect: postgresDialect })
    this.desk = new DeskQueries(kysely, () => world.now(), { dialect: postgresDialect })
    this.directory = new DirectoryQueries(kysely)
    this.#lanes = new PointReads(world, (keys) => lanesOf(kysely, keys))
    this.#conversations = new PointReads(world, (keys) => conversationsOf(kysely, keys))
    this.#aliases = new PointReads(world, (keys) => customersOf(kysely, keys))
  }

  async commit(commit: LaneCommit): Promise<void> {
    checkCommit(commit)
    await this.#queue.commit(commit)
  }

  settle(settled: Settled): void {
    this.#queue.settle(settled)
  }

  advance(partition: number, position: number): void {
    this.#queue.advance(partition, position)
  }

  lane(lane: string): Promise<LaneRow | undefined> {
    return this.#lanes.get(storable(lane))
  }

  conversation(id: string): Promise<ConversationRow | undefined> {
    return this.#conversations.get(storable(id))
  }

  alias(identity: string): Promise<string | undefined> {
    return this.#aliases.get(storable(identity))
  }

  /** Not in a group: it may have to wait for a group of another node, and ours need not. */
  takeOver(partition: number): Promise<number> {
    return this.#alone.takeOver(partition)
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

  async #close(): Promise<void> {
    await this.#queue.close()
    await this.#writer.close()
    await this.#pool.end()
  }

  /** Asked again while the server is away: a read changes nothing, and a take-over may be made twice. */
  async #ask({ sql, parameters }: SqlStatement): Promise<readonly unknown[]> {
    const values = parameters.map(storableValue)
    const outage = new Outage(this.#world, this.#outageMsMax)
    for (;;) {
      assert(this.#closed === null, 'the records were read after close')
      try {
        return (await this.#pool.query(sql, values)).rows
      } catch (error) {
        const trouble = troubleOf(error)
        const explained = new BattutaError('STORAGE_FAILED', `the records could not be read: ${this.#server.explained(error).message}`, { cause: error })
        if (trouble !== 'lost' && trouble !== 'busy') throw explained
        await outage.pause(explained)
      }
    }
  }

  async #write(statement: SqlStatement): Promise<readonly unknown[]> {
    const result = await this.#queue.statement(statement)
    if ('refused' in result) throw refusedWrite(result.refused)
    return result.rows
  }
}

function stop(world: World, error: BattutaError): void {
  world.defer(() => {
    throw error
  })
}

function storableValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(storableValue)
  return typeof value === 'string' ? storable(value) : value
}

async function lanesOf(database: Kysely<Database>, keys: readonly string[]): Promise<ReadonlyMap<string, LaneRow>> {
  const columns = ['lane', 'partition', 'last_offset as lastOffset', 'state'] as const
  const rows = await database.selectFrom('lanes').select(columns).where('lane', 'in', keys).execute()
  return new Map(rows.map((row) => [row.lane, row]))
}

async function conversationsOf(database: Kysely<Database>, keys: readonly string[]): Promise<ReadonlyMap<string, ConversationRow>> {
  const rows = await database.selectFrom('conversations').select(conversationColumns).where('id', 'in', keys).execute()
  return new Map(rows.map((row) => [row.id, row]))
}

async function customersOf(database: Kysely<Database>, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await database.selectFrom('aliases').select(['identity', 'customer']).where('identity', 'in', keys).execute()
  return new Map(rows.map((row) => [row.identity, row.customer]))
}
