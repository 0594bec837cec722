/**
 * Brings a schema in Postgres up to the newest migration, in one transaction under an advisory lock: of nodes that start at once
 * one does the work, and the others find it done. A copy is the operator's to make before an upgrade (`pg_dump`).
 *
 * Besides the tables of schema.ts there are the driver's own: `migrations`, and `writers`, which says of each group writer the number
 * of its last group on disk (postgres-writer.ts).
 */
import type { Client } from 'pg'
import { BattutaError } from '../base/index.ts'
import { applicationId, migrations, postgresText } from './migrations.ts'
import type { Migration } from './migrations.ts'
import type { PostgresAddress } from './postgres-address.ts'

/** A writer that was heard of longer ago than this has ended without a goodbye. */
const writerForgottenAfter = '7 days'

const ownTables = `
  CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TIMESTAMPTZ NOT NULL DEFAULT now());
  CREATE TABLE writers (id TEXT PRIMARY KEY, last_group BIGINT NOT NULL, at TIMESTAMPTZ NOT NULL) WITH (fillfactor = 50);`

export async function migratePostgres(client: Client, address: PostgresAddress, steps: readonly Migration[] = migrations): Promise<void> {
  const { schema } = address
  await client.query('BEGIN')
  try {
    await client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [applicationId, schema])
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`)
    const at = (await appliedTo(client, schema)) ?? (await firstTables(client, address))
    const newest = steps.at(-1)?.number ?? 0
    if (at > newest) {
      const message = `${address.shown} was written by a newer release (schema ${at}; this one knows up to ${newest}): start that release, or restore a copy from before it`
      throw new BattutaError('STORAGE_FAILED', message)
    }
    for (const { number, name, sql, postgres = '' } of steps.filter((step) => step.number > at)) {
      await client.query(postgresText(sql) + postgres)
      await client.query('INSERT INTO migrations (number, name) VALUES ($1, $2)', [number, name])
    }
    await client.query(`DELETE FROM writers WHERE at < now() - INTERVAL '${writerForgottenAfter}'`)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
}

/** The number of the last migration applied to the schema; null where there is none of ours. */
export async function appliedTo(client: Client, schema: string): Promise<number | null> {
  const { rows } = await client.query('SELECT to_regclass($1) IS NOT NULL AS known', [`${schema}.migrations`])
  if (rows[0].known !== true) return null
  const last = await client.query('SELECT coalesce(max(number), 0) AS number FROM migrations')
  return last.rows[0].number
}

async function firstTables(client: Client, { schema, shown }: PostgresAddress): Promise<number> {
  const { rows } = await client.query('SELECT count(*)::int AS tables FROM pg_tables WHERE schemaname = $1', [schema])
  if (rows[0].tables > 0)
    throw new BattutaError('STORAGE_FAILED', `the schema ${schema} of ${shown} holds tables of another program: name another with ?schema=`)
  const encoding = await client.query('SHOW server_encoding')
  if (encoding.rows[0].server_encoding !== 'UTF8')
    throw new BattutaError('STORAGE_FAILED', `${shown} stores text as ${encoding.rows[0].server_encoding}: make a database with the encoding UTF8`)
  await client.query(ownTables)
  return 0
}
