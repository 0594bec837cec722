import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { DatabaseSync } from 'node:sqlite'
import { realWorld } from '../base/index.ts'
import type { BattutaError } from '../base/index.ts'
import { answered, decisionOf, foldOnly } from './fixture.ts'
import { openSqliteRecords } from './index.ts'
import { applicationId, migrate } from './migrations.ts'
import { openKysely } from './kysely-dialect.ts'
import type { SqlStatement } from './kysely-dialect.ts'
import { Queries } from './queries.ts'
import type { DecisionPage } from './queries.ts'
import { openForWriting } from './sqlite-file.ts'
import { ThreadLink } from './thread-link.ts'

describe('sqlite records', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'records-sqlite-'))
  })
  after(() => rm(folder, { recursive: true }))
  const world = realWorld()

  test('a file that cannot hold records is refused with a sentence', async () => {
    const file = join(folder, 'broken.db')
    await writeFile(file, 'this is not a database, but long enough to be looked at by whoever opens it as one, header and all')
    await assert.rejects(openSqliteRecords(world, { file }), { code: 'STORAGE_FAILED', message: /not an SQLite database/ })
    assert.throws(() => openForWriting(folder), { code: 'STORAGE_FAILED', message: /cannot hold the records/ })
    assert.throws(() => openForWriting(join(file, 'below-a-file.db')), { code: 'STORAGE_FAILED', message: /cannot hold the records/ })
    const foreign = join(folder, 'foreign.db')
    withDatabase(foreign, (database) => database.exec('CREATE TABLE recipes (name TEXT)'))
    assert.throws(() => openForWriting(foreign), { code: 'STORAGE_FAILED', message: /another program/ })
    const newer = join(folder, 'newer.db')
    withDatabase(newer, (database) => database.exec(`CREATE TABLE lanes (lane TEXT); PRAGMA application_id = ${applicationId}; PRAGMA user_version = 999`))
    assert.throws(() => openForWriting(newer), { code: 'STORAGE_FAILED', message: /newer release \(schema 999/ })
    const damaged = join(folder, 'damaged.db')
    withDatabase(damaged, (database) => migrate(database, damaged))
    const bytes = await readFile(damaged)
    await writeFile(damaged, bytes.fill(0x5a, 100))
    assert.throws(() => openForWriting(damaged), { code: 'STORAGE_FAILED', message: /damaged/ })
    const locked = join(folder, 'locked.db')
    withDatabase(locked, (holder) => {
      holder.exec('BEGIN EXCLUSIVE; CREATE TABLE held (x)')
      assert.throws(() => openForWriting(locked, 10), { code: 'STORAGE_FAILED', message: /locked/ })
    })
  })

  test('the file is readable by its owner only, and alone once it is closed', { skip: process.platform === 'win32' }, async () => {
    const file = join(folder, 'new', 'private.db')
    const database = openForWriting(file)
    assert.equal((await stat(`${file}-wal`)).mode & 0o077, 0)
    database.close()
    assert.equal((await stat(file)).mode & 0o077, 0)
    assert.deepEqual(readdirSync(join(folder, 'new')), ['private.db'])
  })

  test('a write the disk refuses fails everything outstanding, and is told once', async () => {
    const file = join(folder, 'failing.db')
    const failures: BattutaError[] = []
    const records = await openSqliteRecords(world, { file, onFailure: (error) => failures.push(error) })
    const generation = await records.takeOver(0)
    await records.commit(foldOnly({ partition: 0, generation, lane: 'a', previousOffset: -1, offset: 0 }))
    withDatabase(file, (database) => database.exec('DROP TABLE outbox'))
    const given = [1, 2].map((offset) => records.commit(answered({ partition: 0, generation, lane: `b${offset}`, previousOffset: -1, offset })))
    for (const outcome of await Promise.allSettled(given)) assert.equal(outcome.status === 'rejected' && outcome.reason.code, 'STORAGE_FAILED')
    await assert.rejects(records.commit(foldOnly({ partition: 0, generation, lane: 'a', previousOffset: 0, offset: 3 })), { code: 'STORAGE_FAILED' })
    assert.equal(failures.length, 1)
    assert.equal(records.lane('b1'), undefined)
    await assert.rejects(records.unreleased(0), { code: 'STORAGE_FAILED', message: /no such table/ })
    await records.close()
  })

  test('T2 a thread that ends unasked rejects what it was asked, and is told once', async () => {
    const ends: BattutaError[] = []
    const link = await ThreadLink.open('thread-link.child', { file: 'echo' }, (error) => ends.push(error))
    assert.deepEqual(await Promise.all([link.request('one'), link.request('two')]), ['echo one', 'echo two'])
    await assert.rejects(link.request('throw'), { code: 'STORAGE_FAILED' })
    const outstanding = [link.request('exit'), link.request('never')]
    for (const outcome of await Promise.allSettled(outstanding)) assert.equal(outcome.status === 'rejected' && outcome.reason.code, 'STORAGE_FAILED')
    await assert.rejects(link.request('late'), { code: 'STORAGE_FAILED' })
    assert.equal(ends.length, 1)
    await link.close()
    await assert.rejects(
      ThreadLink.open('thread-link.child', { file: 'refuse' }, () => {}),
      { code: 'STORAGE_FAILED', message: 'refused to open' },
    )
  })

  test('a filtered page looks at a bounded number of rows, and its cursor goes on until the end', async () => {
    const database = new DatabaseSync(':memory:')
    migrate(database, ':memory:')
    const run = async ({ sql, parameters }: SqlStatement): Promise<readonly unknown[]> => database.prepare(sql).all(...parameters)
    const queries = new Queries(openKysely({ read: run, write: run }), { rowsMax: 10 })
    const { id, ...row } = decisionOf({ partition: 0, generation: 1, lane: 'a', previousOffset: -1, offset: 0 })
    const insert =
      database.prepare(`INSERT INTO decisions (id, partition, offset, at, policy, customer, event_type, act, name, budget_ms, status, app_version, record)
      VALUES (?, 0, ?, ?, 'p', ?, 'e', 'bot', ?, 300, 'on-beat', 'v', '{}')`)
    for (let offset = 0; offset < 25; offset++)
      insert.run(`${id}-${offset}`, offset, Math.floor(offset / 2), row.customer, offset % 20 === 3 ? 'needle' : 'hay')
    const pages: (readonly number[])[] = []
    let cursor: string | null = null
    do {
      const page: DecisionPage = await queries.decisions({ search: 'needle' }, 5, cursor)
      pages.push(page.items.map((item) => item.offset))
      cursor = page.nextCursor
    } while (cursor !== null)
    assert.deepEqual(pages, [[23], [], [3]])
    assert.deepEqual(
      (await queries.decisions({ search: 'needle', customer: 'a' }, 5, null)).items.map((item) => item.offset),
      [23, 3],
    )
    assert.equal((await queries.decisions({}, 20, null)).items.length, 20)
    database.close()
  })
})

function withDatabase(file: string, use: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(file)
  try {
    use(database)
  } finally {
    database.close()
  }
}
