/** Where SQLite and Postgres say the same thing in other words: what the queries of both are built from. */
import { sql } from 'kysely'
import type { RawBuilder } from 'kysely'

export interface SqlDialect {
  /** Matches text without regard to the case of ASCII letters. */
  readonly like: RawBuilder<unknown>
  /** A table expression with the column `value`. */
  texts(values: readonly string[]): RawBuilder<{ value: string }>
  integers(values: readonly number[]): RawBuilder<{ value: number }>
  /** A table expression with the columns `queue` and `ms`. */
  levels(msByQueue: Readonly<Record<string, number>>): RawBuilder<{ queue: string; ms: number }>
}

export const sqliteDialect: SqlDialect = {
  like: sql`LIKE`,
  texts: (values) => sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`,
  integers: (values) => sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`,
  levels: (msByQueue) => sql`(SELECT value ->> 0 AS queue, value ->> 1 AS ms FROM json_each(${JSON.stringify(Object.entries(msByQueue))}))`,
}

/** Every text column is of the collation "C" (migrations.ts), so ILIKE folds what SQLite's LIKE folds. */
export const postgresDialect: SqlDialect = {
  like: sql`ILIKE`,
  texts: (values) => sql`(SELECT value FROM unnest(${[...values]}::text[]) AS element (value))`,
  integers: (values) => sql`(SELECT value FROM unnest(${[...values]}::bigint[]) AS element (value))`,
  levels: (msByQueue) => sql`(SELECT queue, ms FROM unnest(${Object.keys(msByQueue)}::text[], ${Object.values(msByQueue)}::float8[]) AS element (queue, ms))`,
}
