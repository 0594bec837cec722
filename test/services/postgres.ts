/** A schema of its own on a real Postgres, where one is configured. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'

const url = process.env['BATTUTA_TEST_POSTGRES'] ?? ''

/** For `test({ skip })`: false when there is a server, else the line that says how to have one. */
export const noPostgres: string | false = url === '' && 'no Postgres: set BATTUTA_TEST_POSTGRES to one, such as postgres://postgres@127.0.0.1:5432/postgres'

export interface Schema extends AsyncDisposable {
  readonly url: string
  readonly name: string
  /** On a connection of its own, beside the driver. */
  rows(sql: string, values?: readonly unknown[]): Promise<readonly Readonly<Record<string, any>>[]>
}

export function newSchema(of: string = url): Schema {
  const name = `test_${randomBytes(6).toString('hex')}`
  const own = new URL(of)
  own.searchParams.set('schema', name)
  const rows: Schema['rows'] = async (sql, values = []) => {
    const client = new pg.Client({ connectionString: of, options: `-c search_path=${name}` })
    client.setTypeParser(pg.types.builtins.INT8, Number)
    await client.connect()
    try {
      return (await client.query(sql, [...values])).rows
    } finally {
      await client.end()
    }
  }
  return { url: own.href, name, rows, [Symbol.asyncDispose]: async () => void (await rows(`DROP SCHEMA IF EXISTS ${name} CASCADE`)) }
}
