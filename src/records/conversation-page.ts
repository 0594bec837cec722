/**
 * One page of conversations, newest change first. Open ones change with every message, so no index keeps them in that order:
 * they are found by owner, worker or queue and sorted. Resolved ones stay where they are, and an index does.
 */
import { sql } from 'kysely'
import type { Expression, ExpressionBuilder, Kysely, SelectQueryBuilder, SqlBool } from 'kysely'
import { cursorOf, placeOf } from './cursor.ts'
import type { Place } from './cursor.ts'
import type { ConversationFilter, ConversationRow } from './port.ts'
import type { Database } from './schema.ts'

/** Rows that one page of a filtered list looks at, at most; its cursor goes on from there. */
export const examinedRowsMax = 50_000

export interface ConversationPage {
  readonly items: readonly ConversationRow[]
  readonly nextCursor: string | null
}

type Conversations = SelectQueryBuilder<Database, 'conversations', object>
type Row = ExpressionBuilder<Database, 'conversations'>

export const conversationColumns = [
  'id',
  'customer',
  'channel',
  'owner',
  'worker',
  'queue',
  'task',
  'epoch',
  'seq',
  'messages',
  'status',
  'opened_at as openedAt',
  'updated_at as updatedAt',
  'memory',
] as const

export async function conversationPage(
  database: Kysely<Database>,
  filter: ConversationFilter,
  limit: number,
  cursor: string | null,
  rowsMax: number = examinedRowsMax,
): Promise<ConversationPage> {
  const from = cursor === null ? null : placeOf(cursor)
  const sources = sourcesOf(database, filter)
  if (sources.length === 0) return { items: [], nextCursor: null }
  const until = scansResolved(filter) ? await lastExamined(database, from, rowsMax) : null
  const places = sources.map((source) =>
    database
      .selectFrom(
        newest(between(narrowed(source, filter), from, until), limit + 1)
          .select('id')
          .as('place'),
      )
      .select('place.id'),
  )
  const rows = await newest(database.selectFrom('conversations'), limit + 1)
    .where(
      'id',
      'in',
      places.reduce((all, place) => all.unionAll(place)),
    )
    .select(conversationColumns)
    .execute()
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  if (rows.length > limit && last !== undefined) return { items, nextCursor: cursorOf({ at: last.updatedAt, id: last.id }) }
  return { items, nextCursor: until === null ? null : cursorOf(until) }
}

/** A customer's conversations are few. Any others are looked for where the index of their status leads. */
function sourcesOf(database: Kysely<Database>, { status, owner, customer, queues }: ConversationFilter): Conversations[] {
  const all: Conversations = database.selectFrom('conversations')
  if ((owner === 'waiting' && status === 'resolved') || queues?.length === 0) return []
  if (customer !== undefined) return [status === undefined && owner !== 'waiting' ? all : withStatus(all, status ?? 'open')]
  const wanted = owner === 'waiting' ? (['open'] as const) : status === undefined ? (['open', 'resolved'] as const) : [status]
  return wanted.map((one) => withStatus(all, one))
}

/** Written into the statement, so that it is seen to match the condition of an index. */
function withStatus(query: Conversations, status: ConversationRow['status']): Conversations {
  return query.where('status', '=', sql.lit(status))
}

/** Whether resolved rows are read one after the other until enough of them match. */
function scansResolved({ status, owner, worker, queues, customer }: ConversationFilter): boolean {
  return status !== 'open' && owner !== 'waiting' && customer === undefined && (owner !== undefined || worker !== undefined || queues !== undefined)
}

function narrowed(query: Conversations, { owner, worker, queues, customer }: ConversationFilter): Conversations {
  let narrow = query
  if (owner !== undefined) narrow = owner === 'waiting' ? narrow.where('owner', 'is', null) : narrow.where('owner', '=', owner)
  if (worker !== undefined) narrow = narrow.where('worker', '=', worker)
  if (queues !== undefined) narrow = narrow.where('queue', 'in', [...queues])
  if (customer !== undefined) narrow = narrow.where('customer', '=', customer)
  return narrow
}

/** Older than `from`, and not older than `until`. */
function between(query: Conversations, from: Place | null, until: Place | null): Conversations {
  const after = from === null ? query : query.where((row) => compared(row, '<', from))
  return until === null ? after : after.where((row) => compared(row, '>=', until))
}

function compared(row: Row, operator: '<' | '>=', { at, id }: Place): Expression<SqlBool> {
  return sql<SqlBool>`(${row.ref('updated_at')}, ${row.ref('id')}) ${sql.raw(operator)} (${at}, ${id})`
}

function newest(query: Conversations, limit: number): Conversations {
  return query.orderBy('updated_at', 'desc').orderBy('id', 'desc').limit(limit)
}

/** The last resolved row this page may look at; null when the end comes first. Read from the index alone. */
async function lastExamined(database: Kysely<Database>, from: Place | null, rowsMax: number): Promise<Place | null> {
  const query = between(withStatus(database.selectFrom('conversations'), 'resolved'), from, null)
  const row = await newest(query, 1)
    .select(['updated_at as at', 'id'])
    .offset(rowsMax - 1)
    .executeTakeFirst()
  return row ?? null
}
