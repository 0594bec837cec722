/** For `battuta doctor`: whether a Postgres can hold the records, without changing anything there. */
import type { Client } from 'pg'
import { BattutaError } from '../base/index.ts'
import { migrations } from './migrations.ts'
import { postgresAddress } from './postgres-address.ts'
import { appliedTo } from './postgres-migrations.ts'
import { PostgresServer } from './postgres-server.ts'

/** A sentence about the server. Throws one about what is wrong, with CONFIG_INVALID or STORAGE_FAILED. */
export async function lookAtPostgres(url: string): Promise<string> {
  const address = postgresAddress(url)
  const server = await PostgresServer.load(address)
  try {
    return await server.use(async (client) => {
      const [version, fsync] = [await shown(client, 'server_version'), await shown(client, 'fsync')]
      const at = await appliedTo(client, address.schema)
      if (fsync === 'off')
        throw new BattutaError('STORAGE_FAILED', `${address.shown} runs with fsync off: what was committed is lost with its power; set it on`)
      return `${address.shown}, PostgreSQL ${version}, ${at === null ? 'no tables yet; the first start makes them' : `schema ${at} of ${migrations.length}`}`
    })
  } catch (error) {
    throw server.explained(error)
  }
}

async function shown(client: Client, setting: 'server_version' | 'fsync'): Promise<string> {
  const { rows } = await client.query(`SHOW ${setting}`)
  return rows[0][setting]
}
