/** The records in Postgres while processes die, connections break around a COMMIT, the server restarts, and nodes fight for a partition. */
import assert from 'node:assert/strict'
import { exec } from 'node:child_process'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { realWorld, seededChance } from '../../src/base/index.ts'
import type { BattutaError } from '../../src/base/index.ts'
import { answered, decisionOf, foldOnly } from '../../src/records/fixture.ts'
import { openPostgresRecords } from '../../src/records/index.ts'
import type { Records } from '../../src/records/index.ts'
import { isWhole, reaches, runUntilKilled } from '../system/records-whole.ts'
import type { Acknowledged } from '../system/records-whole.ts'
import { flakyLink } from './flaky-link.ts'
import { newSchema, noPostgres } from './postgres.ts'

const kills = 3
const acknowledgedMax = 400
const partitions = 2
const restart = process.env['BATTUTA_TEST_POSTGRES_RESTART'] ?? ''
const noRestart: string | false =
  restart === '' && 'no restart of Postgres: set BATTUTA_TEST_POSTGRES_RESTART to a command that stops the server and starts it again'

function seeded(context: { diagnostic(message: string): void }): ReturnType<typeof seededChance> {
  const seed = `${process.pid}-${process.hrtime.bigint()}`
  context.diagnostic(`seed ${seed}`)
  return seededChance(seed)
}

/** Steps of four lanes a partition, one after the other in each, until `goOn` says no. A commit that is refused fails the test. */
async function load(records: Records, goOn: () => boolean, acknowledged: Acknowledged[] = []): Promise<Acknowledged[]> {
  const lanes: Promise<void>[] = []
  for (let partition = 0; partition < partitions; partition++) {
    const generation = await records.takeOver(partition)
    let end = (await records.highest(partition)) + 1
    const run = async (lane: string): Promise<void> => {
      let previousOffset = (await records.lane(lane))?.lastOffset ?? -1
      for (let seq = ((await records.conversation(`conv_${lane}`))?.seq ?? 0) + 1; goOn(); seq += 2) {
        const offset = end++
        const step = answered({ partition, generation, lane, previousOffset, offset }, { seq, record: JSON.stringify({ lane, offset, seq }) })
        await records.commit(step)
        acknowledged.push({ lane, offset })
        if (offset % 3 === 0)
          records.settle({ released: [`${partition}:${offset}:0`], decision: { id: step.decision?.id ?? '', elapsedMs: 1, status: 'on-beat' } })
        previousOffset = offset
      }
    }
    for (let number = 0; number < 4; number++) lanes.push(run(`lane-${partition}-${number}`))
  }
  await Promise.all(lanes)
  return acknowledged
}

describe('records in Postgres, when things break', { skip: noPostgres }, () => {
  test('R1 every acknowledged commit survives kill -9 of its process whole, and no other is there by half', { timeout: 120_000 }, async (context) => {
    await using schema = newSchema()
    const chance = seeded(context)
    const acknowledged: Acknowledged[] = []
    for (let kill = 0; kill < kills; kill++) {
      acknowledged.push(...(await runUntilKilled(schema.url, 1 + chance.below(acknowledgedMax), context.signal)))
      const records = await openPostgresRecords(realWorld(), { url: schema.url })
      for (let partition = 0; partition < partitions; partition++) await records.takeOver(partition)
      await reaches(records, acknowledged)
      await records.close()
      await isWhole(schema.rows, acknowledged)
    }
    context.diagnostic(`${acknowledged.length} acknowledged commits, ${kills} kills`)
  })

  test('P2 a commit whose connection breaks around it is neither lost nor repeated', { timeout: 120_000 }, async (context) => {
    await using schema = newSchema()
    const chance = seeded(context)
    await using link = await flakyLink(schema.url, chance)
    const records = await openPostgresRecords(realWorld(), { url: link.url })
    link.rarity = 12
    const enough = (): boolean => Object.values(link.cuts).every((count) => count >= 3)
    const acknowledged = await load(records, () => !enough())
    link.rarity = 0
    await records.close()
    await isWhole(schema.rows, acknowledged)
    assert.equal(Number((await schema.rows('SELECT count(*) AS n FROM decisions'))[0]?.['n']), acknowledged.length)
    context.diagnostic(`${acknowledged.length} commits, cut ${JSON.stringify(link.cuts)}`)
  })

  test('P2 so is one whose session the server ends', { timeout: 120_000 }, async () => {
    await using schema = newSchema()
    const records = await openPostgresRecords(realWorld(), { url: schema.url })
    let rounds = 0
    const ended = new Set<number>()
    const loading = load(records, () => rounds < 5)
    for (; rounds < 5; rounds++) {
      const before = ended.size
      while (ended.size === before) {
        const sessions = await schema.rows(
          `SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%partitions%' AND application_name = 'battuta'`,
        )
        for (const { pid } of sessions) ended.add(pid)
      }
    }
    const acknowledged = await loading
    await records.close()
    await isWhole(schema.rows, acknowledged)
  })

  test('R1 a server that restarts under load is waited for', { skip: noRestart, timeout: 120_000 }, async () => {
    await using schema = newSchema()
    const records = await openPostgresRecords(realWorld(), { url: schema.url })
    const state = { going: true }
    const acknowledged: Acknowledged[] = []
    const loading = load(records, () => state.going, acknowledged)
    const reading = (async () => {
      while (state.going) await records.desk.conversations({}, 10, null)
    })()
    for (let time = 1; time <= 2; time++) {
      while (acknowledged.length < time * 100) await turn()
      await promisify(exec)(restart)
    }
    state.going = false
    await Promise.all([loading, reading])
    await records.close()
    await isWhole(schema.rows, acknowledged)
  })

  test('a server that stays away fails everything outstanding, once', { timeout: 60_000 }, async (context) => {
    await using schema = newSchema()
    const link = await flakyLink(schema.url, seeded(context))
    const failures: BattutaError[] = []
    const records = await openPostgresRecords(realWorld(), { url: link.url, outageMsMax: 200, onFailure: (error) => failures.push(error) })
    const generation = await records.takeOver(0)
    await records.commit(foldOnly({ partition: 0, generation, lane: 'a', previousOffset: -1, offset: 0 }))
    await link[Symbol.asyncDispose]()
    await assert.rejects(records.commit(foldOnly({ partition: 0, generation, lane: 'a', previousOffset: 0, offset: 1 })), { code: 'STORAGE_FAILED' })
    await assert.rejects(Promise.resolve(records.lane('a')), { code: 'STORAGE_FAILED' })
    assert.equal(failures.length, 1)
    await records.close()
  })

  test('R2 of nodes that fight for a partition one commits at a time, and the lane is one chain', { timeout: 60_000 }, async (context) => {
    await using schema = newSchema()
    const chance = seeded(context)
    const nodes = await Promise.all([0, 1, 2].map(() => openPostgresRecords(realWorld(), { url: schema.url })))
    const acknowledged: number[] = []
    let offsets = 0
    let takeOvers = 0
    await Promise.all(
      nodes.map(async (records, node) => {
        while (acknowledged.length < 200) {
          const generation = await records.takeOver(0)
          takeOvers++
          let previousOffset = (await records.lane('a'))?.lastOffset ?? -1
          try {
            for (let left = chance.below(12); left > 0; left--) {
              const part = { partition: 0, generation, lane: 'a', previousOffset, offset: ++offsets }
              await records.commit({ ...foldOnly(part), decision: decisionOf(part, { record: JSON.stringify({ node, generation, previousOffset }) }) })
              acknowledged.push(part.offset)
              previousOffset = part.offset
            }
          } catch (error) {
            assert.equal((error as BattutaError).code, 'RECORDS_CONFLICT')
          }
        }
      }),
    )
    await Promise.all(nodes.map((records) => records.close()))
    const decisions = (await schema.rows('SELECT "offset", record FROM decisions ORDER BY "offset"')).map((row) => ({
      offset: Number(row['offset']),
      ...(JSON.parse(row['record']) as { node: number; generation: number; previousOffset: number }),
    }))
    assert.deepEqual(
      decisions.map(({ offset }) => offset),
      acknowledged.toSorted((left, right) => left - right),
    )
    let last = { offset: -1, generation: 0 }
    for (const { offset, generation, previousOffset } of decisions) {
      assert.equal(previousOffset, last.offset)
      assert.ok(generation >= last.generation)
      last = { offset, generation }
    }
    context.diagnostic(`${acknowledged.length} commits, ${takeOvers} take-overs`)
  })

  test('P1 a take-over waits for the group in flight, which is the last of its generation', { timeout: 60_000 }, async () => {
    await using schema = newSchema()
    const records = await openPostgresRecords(realWorld(), { url: schema.url })
    const generation = await records.takeOver(0)
    const inFlight = new pg.Client({ connectionString: process.env['BATTUTA_TEST_POSTGRES'], options: `-c search_path=${schema.name}` })
    await inFlight.connect()
    await inFlight.query('BEGIN')
    await inFlight.query('SELECT FROM partitions WHERE partition = 0 FOR NO KEY UPDATE')
    await inFlight.query("INSERT INTO lanes VALUES ('a', 0, 7, '{}')")
    let over = false
    const taking = records.takeOver(0).then((next) => {
      over = true
      return next
    })
    while (
      (await schema.rows("SELECT FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity WHERE query LIKE '%partitions%')")).length === 0
    );
    assert.equal(over, false)
    await inFlight.query('COMMIT')
    assert.equal(await taking, generation + 1)
    assert.equal((await records.lane('a'))?.lastOffset, 7)
    await assert.rejects(records.commit(foldOnly({ partition: 0, generation, lane: 'a', previousOffset: 7, offset: 8 })), { code: 'RECORDS_CONFLICT' })
    await inFlight.end()
    await records.close()
  })
})
