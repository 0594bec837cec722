/** Every read and rare write of the records that is not on a lane's path, through Kysely: the same for each SQL driver. */
import { sql } from 'kysely'
import type { Expression, ExpressionBuilder, Kysely, SelectQueryBuilder, SqlBool } from 'kysely'
import { BattutaError } from '../base/index.ts'
import { examinedRowsMax } from './conversation-page.ts'
import { cursorOf, placeOf } from './cursor.ts'
import type { Place } from './cursor.ts'
import { deliveryColumns } from './desk-queries.ts'
import { byKey } from './effect-order.ts'
import type { AppVersionRow, DecisionFilter, DeliveryRow, OutboxRow, StoredDecision } from './port.ts'
import type { Database } from './schema.ts'
import { sqliteDialect } from './sql-dialect.ts'
import type { SqlDialect } from './sql-dialect.ts'

export interface DecisionPage {
  readonly items: readonly StoredDecision[]
  readonly nextCursor: string | null
}

const decisionColumns = [
  'id',
  'partition',
  'offset',
  'at',
  'policy',
  'customer',
  'conversation',
  'event_type as eventType',
  'act',
  'name',
  'because',
  'budget_ms as budgetMs',
  'status',
  'app_version as appVersion',
  'elapsed_ms as elapsedMs',
  'record',
] as const

type Decisions = SelectQueryBuilder<Database, 'decisions', object>

export class Queries {
  readonly #database: Kysely<Database>
  readonly #dialect: SqlDialect
  readonly #rowsMax: number

  constructor(database: Kysely<Database>, { dialect = sqliteDialect, rowsMax = examinedRowsMax }: { dialect?: SqlDialect; rowsMax?: number } = {}) {
    this.#database = database
    this.#dialect = dialect
    this.#rowsMax = rowsMax
  }

  async takeOver(partition: number): Promise<number> {
    const row = await this.#database
      .insertInto('partitions')
      .values({ partition, generation: 1, position: 0, highest: -1 })
      .onConflict((conflict) => conflict.column('partition').doUpdateSet((row) => ({ generation: row('partitions.generation', '+', 1) })))
      .returning('generation')
      .executeTakeFirstOrThrow()
    return row.generation
  }

  async partition(partition: number): Promise<{ readonly position: number; readonly highest: number }> {
    const row = await this.#database.selectFrom('partitions').select(['position', 'highest']).where('partition', '=', partition).executeTakeFirst()
    return row ?? { position: 0, highest: -1 }
  }

  async identities(customer: string): Promise<readonly string[]> {
    const rows = await this.#database.selectFrom('aliases').select('identity').where('customer', '=', customer).orderBy('identity').execute()
    return rows.map((row) => row.identity)
  }

  /** A key starts with its partition, so a partition's keys are one range; within it text order is not offset order. */
  async unreleased(partition: number): Promise<readonly OutboxRow[]> {
    const rows = await this.#database
      .selectFrom('outbox')
      .select(['key', 'kind', 'hash', 'content'])
      .where('key', '>', `${partition}:`)
      .where('key', '<', `${partition};`)
      .execute()
    return rows.sort(byKey)
  }

  deliveries(conversation: string, after: number, limit: number): Promise<readonly DeliveryRow[]> {
    return this.#database
      .selectFrom('deliveries')
      .select(deliveryColumns)
      .where('conversation', '=', conversation)
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(limit)
      .execute()
  }

  decision(id: string): Promise<StoredDecision | undefined> {
    return this.#database.selectFrom('decisions').select(decisionColumns).where('id', '=', id).executeTakeFirst()
  }

  decisionsAt(partition: number, offsets: readonly number[]): Promise<readonly StoredDecision[]> {
    return this.#database
      .selectFrom('decisions')
      .select(decisionColumns)
      .where('partition', '=', partition)
      .where('offset', 'in', sql<number>`${this.#dialect.integers(offsets)}`)
      .orderBy('offset')
      .execute()
  }

  async decisions(filter: DecisionFilter, limit: number, cursor: string | null): Promise<DecisionPage> {
    const from = cursor === null ? null : placeOf(cursor)
    const until = needsScan(filter) ? await this.#lastExamined(from) : null
    const query = narrowed(this.#newestFirst(from), filter, this.#dialect)
    const bounded = until === null ? query : query.where((row) => notOlder(row, until))
    const rows = await bounded
      .select(decisionColumns)
      .limit(limit + 1)
      .execute()
    const items = rows.slice(0, limit)
    const last = items.at(-1)
    if (rows.length > limit && last !== undefined) return { items, nextCursor: cursorOf(last) }
    return { items, nextCursor: until === null ? null : cursorOf(until) }
  }

  async openConversations(): Promise<Readonly<Record<string, number>>> {
    const rows = await this.#database
      .selectFrom('conversations')
      .select(['owner', (row) => row.fn.countAll<number>().as('count')])
      .where('status', '=', sql.lit('open'))
      .groupBy('owner')
      .execute()
    return Object.fromEntries(rows.map((row) => [row.owner ?? 'waiting', row.count]))
  }

  async registerApp({ version, name, registeredAt, sources }: AppVersionRow): Promise<void> {
    await this.#database
      .insertInto('app_versions')
      .values({ version, name, registered_at: registeredAt, sources })
      .onConflict((conflict) => conflict.column('version').doNothing())
      .execute()
  }

  appVersions(): Promise<readonly AppVersionRow[]> {
    return this.#database
      .selectFrom('app_versions')
      .select(['version', 'name', 'registered_at as registeredAt', 'sources'])
      .orderBy('registered_at', 'desc')
      .orderBy('version')
      .execute()
  }

  async setting(name: string): Promise<string | undefined> {
    const row = await this.#database.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst()
    return row?.value
  }

  async putSetting(name: string, value: string): Promise<void> {
    await this.#database
      .insertInto('settings')
      .values({ name, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute()
  }

  #newestFirst(from: Place | null): Decisions {
    const query: Decisions = this.#database.selectFrom('decisions').orderBy('at', 'desc').orderBy('id', 'desc')
    return from === null ? query : query.where((row) => older(row, from))
  }

  /** The last row this page may look at; null when the end comes first. Read from the index alone. */
  async #lastExamined(from: Place | null): Promise<Place | null> {
    const row = await this.#newestFirst(from)
      .select(['at', 'id'])
      .limit(1)
      .offset(this.#rowsMax - 1)
      .executeTakeFirst()
    return row ?? null
  }
}

/** A customer's decisions are few and have an index; any other filter reads rows until it has found enough. */
function needsScan({ customer, policy, act, status, search }: DecisionFilter): boolean {
  return customer === undefined && [policy, act, status, search].some((value) => value !== undefined)
}

function narrowed(query: Decisions, { customer, policy, act, status, search }: DecisionFilter, dialect: SqlDialect): Decisions {
  let narrow = query
  if (customer !== undefined) narrow = narrow.where('customer', '=', customer)
  if (policy !== undefined) narrow = narrow.where('policy', '=', policy)
  if (act !== undefined) narrow = narrow.where('act', '=', act)
  if (status !== undefined) narrow = narrow.where('status', '=', status)
  if (search !== undefined) narrow = narrow.where((row) => found(row, search, dialect))
  return narrow
}

function found(row: ExpressionBuilder<Database, 'decisions'>, search: string, { like }: SqlDialect): Expression<SqlBool> {
  const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`
  return row.or((['id', 'customer', 'name', 'because'] as const).map((column) => sql<SqlBool>`${row.ref(column)} ${like} ${pattern} ESCAPE '\\'`))
}

function older(row: ExpressionBuilder<Database, 'decisions'>, { at, id }: Place): Expression<SqlBool> {
  return sql<SqlBool>`(${row.ref('at')}, ${row.ref('id')}) < (${at}, ${id})`
}

function notOlder(row: ExpressionBuilder<Database, 'decisions'>, { at, id }: Place): Expression<SqlBool> {
  return sql<SqlBool>`(${row.ref('at')}, ${row.ref('id')}) >= (${at}, ${id})`
}

/** What a refused rare write means. */
export function refusedWrite(message: string): BattutaError {
  return new BattutaError('RECORDS_CONFLICT', `the records refused a write: ${message}`)
}
