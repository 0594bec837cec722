/** The records' contract against a real Postgres. */
import { describe } from 'node:test'
import { realWorld } from '../../src/base/index.ts'
import { deskContract } from '../../src/records/contract-desk.ts'
import { recordsContract } from '../../src/records/contract.ts'
import type { RecordsFixture } from '../../src/records/contract.ts'
import { handWound } from '../../src/records/fixture.ts'
import { openPostgresRecords } from '../../src/records/index.ts'
import { newSchema, noPostgres } from './postgres.ts'

async function onPostgres(): Promise<RecordsFixture> {
  const world = handWound(realWorld())
  const schema = newSchema()
  let records = await openPostgresRecords(world, { url: schema.url })
  return {
    records,
    world,
    reopen: async () => {
      await records.close()
      records = await openPostgresRecords(world, { url: schema.url })
      return records
    },
    dispose: async () => {
      await records.close()
      await schema[Symbol.asyncDispose]()
    },
  }
}

describe('records in Postgres', { skip: noPostgres }, () => {
  recordsContract('postgres', onPostgres)
  deskContract('postgres', onPostgres)
})
