/** What a `postgres://` URL says, and what of it may be shown: never its password, which may stand in its parameters too. */
import { BattutaError } from '../base/index.ts'

/** Where the tables are unless the URL names another schema: not among those of other programs. */
const schemaDefault = 'battuta'
const schemaPattern = /^[a-z_][a-z0-9_]{0,62}$/

export interface PostgresAddress {
  /** For `pg`: the URL without what is ours. Secret. */
  readonly connectionString: string
  /** Parameters that every session starts with, besides ours. */
  readonly options: string
  readonly schema: string
  /** For people: without user and password. */
  readonly shown: string
}

/** Whether the URL means Postgres. Throws CONFIG_INVALID where it does and cannot be used. */
export function isPostgresUrl(url: string): boolean {
  return /^postgres(ql)?:/.test(url) && postgresAddress(url) !== null
}

/** Throws CONFIG_INVALID with a sentence that holds no secret. */
export function postgresAddress(url: string): PostgresAddress {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol) || parsed.hostname === '') {
    throw new BattutaError('CONFIG_INVALID', 'the URL of the records is none of Postgres: write postgres://user:password@host:5432/database')
  }
  const schema = parsed.searchParams.get('schema') ?? schemaDefault
  if (!schemaPattern.test(schema)) {
    throw new BattutaError('CONFIG_INVALID', `the schema “${schema}” of the records is no plain name: use small letters, digits and underscores`)
  }
  const options = parsed.searchParams.get('options') ?? ''
  parsed.searchParams.delete('schema')
  parsed.searchParams.delete('options')
  const named = schema === schemaDefault ? '' : `?schema=${schema}`
  return { connectionString: parsed.href, options, schema, shown: `postgres://${parsed.host}${parsed.pathname}${named}` }
}
