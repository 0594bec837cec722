/** The schema in Postgres: the same as in SQLite, made once however many nodes start, and never one of somebody else. */
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { realWorld } from '../../src/base/index.ts'
import { lookAtPostgres, openPostgresRecords } from '../../src/records/index.ts'
import { migrate, migrations } from '../../src/records/migrations.ts'
import { newSchema, noPostgres } from './postgres.ts'

const kinds: Readonly<Record<string, string>> = { INTEGER: 'bigint', REAL: 'double precision', TEXT: 'text' }
const ownTables = ['migrations', 'writers']

describe('the schema in Postgres', { skip: noPostgres }, () => {
  test('nodes that start at once make it once, with the columns that SQLite has', async () => {
    await using schema = newSchema()
    assert.match(await lookAtPostgres(schema.url), /no tables yet/)
    const nodes = await Promise.all([0, 1, 2, 3].map(() => openPostgresRecords(realWorld(), { url: schema.url })))
    await Promise.all(nodes.map((records) => records.close()))
    assert.match(await lookAtPostgres(schema.url), new RegExp(`schema ${migrations.length} of ${migrations.length}$`))
    const made = await schema.rows(
      'SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns WHERE table_schema = $1 AND table_name <> ALL ($2)',
      [schema.name, ownTables],
    )
    const database = new DatabaseSync(':memory:')
    migrate(database, ':memory:')
    const expected = database
      .prepare(`SELECT m.name AS "table", c.name, c.type, c."notnull" OR c.pk AS held FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table'`)
      .all()
    database.close()
    assert.deepEqual(
      made.map((row) => [row['table_name'], row['column_name'], row['data_type'], row['is_nullable'] === 'NO'].join(' ')).toSorted(),
      expected.map((row) => [row['table'], row['name'], kinds[String(row['type'])], row['held'] === 1].join(' ')).toSorted(),
    )
  })

  test('one that a newer release wrote, or another program, is refused with a sentence', async () => {
    await using schema = newSchema()
    await schema.rows(`CREATE SCHEMA ${schema.name}`)
    await schema.rows('CREATE TABLE recipes (name TEXT)')
    await assert.rejects(openPostgresRecords(realWorld(), { url: schema.url }), { code: 'STORAGE_FAILED', message: /tables of another program/ })
    await schema.rows('DROP TABLE recipes')
    await (await openPostgresRecords(realWorld(), { url: schema.url })).close()
    await schema.rows("INSERT INTO migrations (number, name) VALUES (999, 'from the future')")
    await assert.rejects(openPostgresRecords(realWorld(), { url: schema.url }), { code: 'STORAGE_FAILED', message: /newer release \(schema 999/ })
  })

  test('a server that refuses says why, without the password', async () => {
    const { port } = new URL(process.env['BATTUTA_TEST_POSTGRES'] ?? '')
    const missing = openPostgresRecords(realWorld(), { url: `postgres://postgres:hidden@127.0.0.1:${port}/there_is_none` })
    await assert.rejects(
      missing,
      (error: Error & { code?: string }) => error.code === 'STORAGE_FAILED' && /there_is_none/.test(error.message) && !/hidden/.test(error.message),
    )
  })
})
