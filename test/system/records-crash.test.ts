/** R1 under `kill -9`: what was acknowledged is there whole, and nothing is there by half. The kill falls after a random number of acknowledgements. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { realWorld, seededChance } from '../../src/base/index.ts'
import { openSqliteRecords } from '../../src/records/index.ts'
import { isWhole, reaches, runUntilKilled } from './records-whole.ts'
import type { Acknowledged } from './records-whole.ts'

const kills = 5
const acknowledgedMax = 600
test('R1 every acknowledged commit survives kill -9 whole, and no other is there by half', { timeout: 120_000 }, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'records-crash-'))
  const file = join(folder, 'records.db')
  const seed = `${process.pid}-${process.hrtime.bigint()}`
  context.diagnostic(`seed ${seed}`)
  const chance = seededChance(seed)
  const acknowledged: Acknowledged[] = []
  try {
    for (let kill = 0; kill < kills; kill++) {
      acknowledged.push(...(await runUntilKilled(file, 1 + chance.below(acknowledgedMax), context.signal)))
      const records = await openSqliteRecords(realWorld(), { file })
      await reaches(records, acknowledged)
      await records.close()
      await isSound(file, acknowledged)
    }
    context.diagnostic(`${acknowledged.length} acknowledged commits, ${kills} kills`)
  } finally {
    await rm(folder, { recursive: true })
  }
})

async function isSound(file: string, acknowledged: readonly Acknowledged[]): Promise<void> {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    assert.equal(database.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok')
    await isWhole(async (sql) => database.prepare(sql).all(), acknowledged)
  } finally {
    database.close()
  }
}
