/**
 * How the Postgres driver reaches its server: sessions with the settings it relies on, what an error of theirs means, and how
 * long an unreachable server is waited for.
 *
 * Owns: nothing that lasts; whoever asks for a connection ends it. `pg` is an optional package, loaded when it is first needed.
 */
import { Socket } from 'node:net'
import type { Client, ClientConfig, Pool } from 'pg'
import { AssertionError, BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'
import type { PostgresAddress } from './postgres-address.ts'

const connectMsMax = 5_000
/** A session that begins a transaction and goes silent loses its locks after this: so long can a frozen node hold up its successor. */
const silentInTransactionMsMax = 10_000
const lockWaitMsMax = 20_000
/** A statement that takes longer is given up, and its connection with it: a network that swallows packets says nothing. */
const answerMsMax = 60_000
const readingConnectionsMax = 4
/** How long an unreachable server is waited for before the driver fails. */
export const outageMsMaxDefault = 60_000
const pauseMsMin = 50
const pauseMsMax = 2_000

export type PostgresTrouble =
  /** The connection, or the server, is gone or about to go: what was asked last may have happened. */
  | 'lost'
  /** The transaction was undone for the sake of others. */
  | 'busy'
  /** A constraint. */
  | 'refused'
  /** A value that no column can hold. */
  | 'value'
  | 'other'

type Pg = Pick<typeof import('pg'), 'Client' | 'Pool' | 'types'>

export class PostgresServer {
  readonly address: PostgresAddress
  readonly #pg: Pg

  private constructor(address: PostgresAddress, pg: Pg) {
    this.address = address
    this.#pg = pg
  }

  static async load(address: PostgresAddress): Promise<PostgresServer> {
    try {
      const { default: pg } = await import('pg')
      return new PostgresServer(address, pg)
    } catch (error) {
      throw new BattutaError('CONFIG_INVALID', 'records in Postgres need the package pg: install it with npm install pg', { cause: error })
    }
  }

  /** A session for the writes of a group: what it is asked is sent at once and answered in order. */
  async openWriting(): Promise<WritingSession> {
    const socket = new Socket()
    // Every statement goes by a key, so a plan made while a table was small or not yet analysed must not scan it later.
    const byKey = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan'
    const client = new this.#pg.Client({ ...this.#config(byKey), stream: () => socket, pipeline: true })
    client.on('error', ignoreIdleLoss)
    try {
      await client.connect()
      await client.query("SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'")
    } catch (error) {
      await end(client)
      throw error
    }
    return new WritingSession(client, socket)
  }

  openReading(): Pool {
    const pool = new this.#pg.Pool({ ...this.#config(''), max: readingConnectionsMax })
    pool.on('error', ignoreIdleLoss)
    return pool
  }

  /** For migrations and for a look at the server. */
  async use<Result>(job: (client: Client) => Promise<Result>): Promise<Result> {
    const client = new this.#pg.Client(this.#config(''))
    client.on('error', ignoreIdleLoss)
    try {
      await client.connect()
      return await job(client)
    } finally {
      await end(client)
    }
  }

  /** What went wrong, as an error that names the server and no secret. */
  explained(error: unknown): BattutaError {
    if (error instanceof BattutaError) return error
    const { message, code } = error as Error & { code?: string }
    return new BattutaError('STORAGE_FAILED', `${this.address.shown} cannot hold the records: ${message === '' ? String(code) : message}`, { cause: error })
  }

  #config(more: string): ClientConfig {
    const { connectionString, options, schema } = this.address
    const { types } = this.#pg
    // Integers of 64 bits: ours all fit a number.
    return {
      connectionString,
      options: `${options} -c search_path=${schema} ${more}`.trim(),
      fallback_application_name: 'battuta',
      connectionTimeoutMillis: connectMsMax,
      keepAlive: true,
      query_timeout: answerMsMax,
      lock_timeout: lockWaitMsMax,
      idle_in_transaction_session_timeout: silentInTransactionMsMax,
      types: { getTypeParser: ((type, format) => (type === types.builtins.INT8 ? Number : types.getTypeParser(type, format))) as typeof types.getTypeParser },
    }
  }
}

export interface PostgresStatement {
  /** Prepared once a session under this name. */
  readonly name?: string
  readonly text: string
  readonly values?: readonly (string | number | null)[]
}

export interface PostgresResult {
  readonly command: string
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

export class WritingSession {
  readonly #client: Client
  readonly #socket: Socket

  constructor(client: Client, socket: Socket) {
    this.#client = client
    this.#socket = socket
  }

  /** Sends all of them before it waits for the first. After one that fails in a transaction, the others fail, too. */
  async run(statements: readonly PostgresStatement[]): Promise<readonly PostgresResult[]> {
    this.#socket.cork()
    const asked = statements.map(({ values = [], ...statement }) => this.#client.query({ ...statement, values: [...values] }))
    this.#socket.uncork()
    const outcomes = await Promise.allSettled(asked)
    const failures = outcomes.filter((outcome) => outcome.status === 'rejected').map((outcome) => outcome.reason as { code?: string })
    if (failures.length > 0) throw failures.find((error) => error.code !== transactionAborted) ?? failures[0]
    return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<PostgresResult>).value)
  }

  end(): Promise<void> {
    return end(this.#client)
  }

  /** Without a goodbye: the server undoes what was not committed once it notices. */
  abandon(): void {
    this.#socket.destroy()
  }
}

/** What the statements after a failed one are told. */
const transactionAborted = '25P02'

/** By SQLSTATE, or by the system's error; an error of `pg` about its connection has neither. */
export function troubleOf(error: unknown): PostgresTrouble {
  if (error instanceof BattutaError) return 'other'
  if (error instanceof AssertionError || error instanceof TypeError) return 'value'
  const { code, severity } = error as { code?: string; severity?: string }
  if (code === undefined || /^E[A-Z_]+$/.test(code)) return 'lost'
  if (severity === 'FATAL' ? !/^(28|3D|0A|22)/.test(code) : /^(08|57P|53300|25006|25P03)/.test(code)) return 'lost'
  if (/^(40|55P03)/.test(code)) return 'busy'
  if (code.startsWith('23')) return 'refused'
  return code.startsWith('22') ? 'value' : 'other'
}

/** Waits a little longer each time, and throws what it is given once the server has been away for too long. */
export class Outage {
  readonly #world: World
  readonly #msMax: number
  #since: number | null = null
  #pauseMs = pauseMsMin

  constructor(world: World, msMax: number) {
    this.#world = world
    this.#msMax = msMax
  }

  async pause(error: unknown): Promise<void> {
    this.#since ??= this.#world.monotonicMs()
    if (this.#world.monotonicMs() - this.#since >= this.#msMax) throw error
    const delayMs = this.#pauseMs * (0.5 + this.#world.random() / 2)
    this.#pauseMs = Math.min(this.#pauseMs * 2, pauseMsMax)
    await new Promise<void>((resolve) => this.#world.setTimer(delayMs, resolve))
  }
}

/** Text in Postgres holds anything but U+0000; like a lone surrogate on its way to UTF-8, it becomes U+FFFD. */
export function storable(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text
}

/** Whoever uses the connection next is told by its answer. */
function ignoreIdleLoss(): void {}

/** A connection that is lost already has nothing to say goodbye to. */
async function end(client: Client): Promise<void> {
  await client.end().catch(() => {})
}
