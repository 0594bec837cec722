/**
 * Kysely over whoever runs statements: what it compiles is handed to `read` or `write`, whichever it needs. Queries are compiled
 * on the calling thread and run elsewhere; transactions are not offered, as a group already is one.
 */
import { Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'
import { AssertionError } from '../base/index.ts'
import type { Database } from './schema.ts'

export type SqlValue = string | number | null

export interface SqlStatement {
  readonly sql: string
  readonly parameters: readonly SqlValue[]
}

export interface SqlRunner {
  read(statement: SqlStatement): Promise<readonly unknown[]>
  write(statement: SqlStatement): Promise<readonly unknown[]>
}

/** For SQLite. */
export function openKysely(runner: SqlRunner): Kysely<Database> {
  return new Kysely<Database>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new RunnerDriver(runner),
      createIntrospector: (database) => new SqliteIntrospector(database),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  })
}

export function openPostgresKysely(runner: SqlRunner): Kysely<Database> {
  return new Kysely<Database>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new RunnerDriver(runner),
      createIntrospector: (database) => new PostgresIntrospector(database),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
}

class RunnerDriver implements Driver {
  readonly #connection: DatabaseConnection

  constructor(runner: SqlRunner) {
    this.#connection = {
      executeQuery: async <Row>({ sql, parameters, query }: CompiledQuery): Promise<QueryResult<Row>> => {
        const statement = { sql, parameters: parameters as readonly SqlValue[] }
        const rows = query.kind === 'SelectQueryNode' ? await runner.read(statement) : await runner.write(statement)
        return { rows: rows as Row[] }
      },
      streamQuery: () => {
        throw new AssertionError('the records are read in pages, not as streams')
      },
    }
  }

  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection
  }
  async beginTransaction(): Promise<void> {
    throw new AssertionError('records are written in groups, not in transactions of their own')
  }
  async commitTransaction(): Promise<void> {}
  async rollbackTransaction(): Promise<void> {}
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}
