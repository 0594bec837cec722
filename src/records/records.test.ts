/** The contract suite against each driver. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { realWorld } from '../base/index.ts'
import { recordsContract } from './contract.ts'
import { deskContract } from './contract-desk.ts'
import type { RecordsFixture } from './contract.ts'
import { handWound } from './fixture.ts'
import { memoryDisk, openMemoryRecords, openSqliteRecords } from './index.ts'

async function onSqlite(): Promise<RecordsFixture> {
  const world = handWound(realWorld())
  const folder = await mkdtemp(join(tmpdir(), 'records-'))
  const file = join(folder, 'records.db')
  let records = await openSqliteRecords(world, { file })
  return {
    records,
    world,
    reopen: async () => {
      await records.close()
      records = await openSqliteRecords(world, { file })
      return records
    },
    dispose: async () => {
      await records.close()
      await rm(folder, { recursive: true })
    },
  }
}

async function inMemory(): Promise<RecordsFixture> {
  const world = handWound(realWorld())
  const disk = memoryDisk()
  let records = await openMemoryRecords(world, { disk })
  return {
    records,
    world,
    reopen: async () => {
      await records.close()
      records = await openMemoryRecords(world, { disk })
      return records
    },
    dispose: () => records.close(),
  }
}

for (const [name, open] of [
  ['sqlite', onSqlite],
  ['memory', inMemory],
] as const) {
  recordsContract(name, open)
  deskContract(name, open)
}
