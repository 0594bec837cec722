/**
 * The group writer of Postgres: applies one group as one transaction, over one session of its own.
 *
 * A group takes two round trips. The first begins the transaction, locks what decides about the commits, and reads it; what is
 * refused is then known (group-changes.ts). The second writes every table at once and commits.
 *
 * Owns: the session, this writer's row in `writers`. Does not own: which commits make a group; the tables' shape.
 *
 * P1 The rows of a group's partitions are locked from its first statement to its end. So a take-over waits for the group in flight,
 *    and no group of the generation before it can write after it.
 * P2 A group whose outcome is unknown, because its connection was lost, is neither lost nor repeated: with its rows the transaction
 *    writes its number into the writer's own row, and the next attempt looks there first. That row is locked, so what the lost
 *    connection left behind on the server has ended by then.
 * P3 A refused commit changes nothing and leaves its neighbours standing. Keys that are taken already show only when they are written:
 *    the group is then undone and written in halves, each under a savepoint, down to the commit that is refused.
 * P4 What is neither a refusal nor an outage is thrown: it is the whole group's.
 */
import { assert } from '../base/index.ts'
import type { World } from '../base/index.ts'
import type { Group, GroupResult, Refusal, StatementResult } from './group.ts'
import { decideGroup, partitionsAfter } from './group-changes.ts'
import type { Held } from './group-changes.ts'
import type { SqlStatement } from './kysely-dialect.ts'
import type { LaneCommit } from './port.ts'
import { Outage, storable, troubleOf } from './postgres-server.ts'
import type { PostgresResult, PostgresServer, PostgresStatement, WritingSession } from './postgres-server.ts'
import { combined, integerArray, settleStatements, stepStatements, textArray } from './postgres-statements.ts'

const idBytes = 16

const begin: PostgresStatement = { text: 'BEGIN' }
const commit: PostgresStatement = { text: 'COMMIT' }
const rollback: PostgresStatement = { text: 'ROLLBACK' }

type SqlGroup = Group<SqlStatement>

export class PostgresWriter {
  readonly #world: World
  readonly #server: PostgresServer
  readonly #outageMsMax: number
  readonly #id: string
  #session: WritingSession | null = null
  #number = 0
  /** What the group comes to if the commit that was sent last is on disk. */
  #sent: GroupResult | null = null

  constructor(world: World, server: PostgresServer, outageMsMax: number) {
    this.#world = world
    this.#server = server
    this.#outageMsMax = outageMsMax
    this.#id = Buffer.from(world.randomBytes(idBytes)).toString('hex')
  }

  async write(group: SqlGroup): Promise<GroupResult> {
    this.#number += 1
    this.#sent = null
    const outage = new Outage(this.#world, this.#outageMsMax)
    for (;;) {
      try {
        this.#session ??= await this.#server.openWriting()
        return await this.#attempt(this.#session, group)
      } catch (error) {
        this.#session?.abandon()
        this.#session = null
        const trouble = troubleOf(error)
        if (trouble !== 'lost' && trouble !== 'busy') throw this.#server.explained(error)
        await outage.pause(this.#server.explained(error))
      }
    }
  }

  /** To be called once nothing is written any more. */
  async close(): Promise<void> {
    const forget = { text: 'DELETE FROM writers WHERE id = $1', values: [this.#id] }
    await this.#session?.run([forget]).catch(() => {})
    await this.#session?.end()
    this.#session = null
  }

  async #attempt(session: WritingSession, group: SqlGroup): Promise<GroupResult> {
    const held = await this.#begin(session, group)
    if (held === null) return this.#landed(session)
    const { commits, released, decided } = group
    let refusals: readonly Refusal[] | null = null
    try {
      const plan = decideGroup(commits, held)
      const writes = [...stepStatements(plan.changes, held.epochs), ...settleStatements(released, decided, partitionsAfter(group, plan.refusals))]
      if (group.statements.length === 0) return await this.#commit(session, writes, { refusals: plan.refusals, statements: [] })
      await session.run(writes)
      refusals = plan.refusals
    } catch (error) {
      if (!isRefusal(error)) throw error
    }
    refusals ??= await this.#carefully(session, group)
    const statements: StatementResult[] = []
    for (const statement of group.statements) statements.push(await this.#run(session, statement))
    return this.#commit(session, [], { refusals, statements })
  }

  async #commit(session: WritingSession, writes: readonly PostgresStatement[], result: GroupResult): Promise<GroupResult> {
    this.#sent = result
    await session.run([...combined(writes), commit])
    return result
  }

  /** P1, P2. Null when this very group is on disk already. */
  async #begin(session: WritingSession, { commits, positions }: SqlGroup): Promise<Held | null> {
    const partitions = new Set([...commits.map((one) => one.partition), ...positions.map(([partition]) => partition)])
    const [, claimed, state] = await session.run([begin, this.#claim(partitions), ...reads(commits)])
    const rows = claimed?.rows ?? []
    if (!rows.some((row) => row['partition'] === null)) return null
    return heldOf(rows, state?.rows ?? [])
  }

  /** One row without a partition, unless the group is on disk; then the partitions, locked in their order, so that no two nodes wait for each other. */
  #claim(partitions: Iterable<number>): PostgresStatement {
    return {
      name: 'claim',
      text: `WITH mark AS (
          INSERT INTO writers (id, last_group, at) VALUES ($1, $2, now()) ON CONFLICT (id) DO UPDATE
          SET last_group = excluded.last_group, at = excluded.at WHERE writers.last_group < excluded.last_group RETURNING last_group
        ), held AS (
          SELECT partition, generation FROM partitions WHERE partition = ANY ($3::bigint[]) ORDER BY partition FOR NO KEY UPDATE
        ) SELECT NULL::bigint AS partition, last_group AS generation FROM mark UNION ALL SELECT partition, generation FROM held`,
      values: [this.#id, this.#number, integerArray(partitions)],
    }
  }

  async #landed(session: WritingSession): Promise<GroupResult> {
    await session.run([rollback])
    assert(this.#sent !== null, 'a group that is on disk was sent')
    return this.#sent
  }

  /** P3. Begins anew, and leaves the transaction open with everything written that is not refused. */
  async #carefully(session: WritingSession, group: SqlGroup): Promise<readonly Refusal[]> {
    await session.run([rollback])
    const held = await this.#begin(session, group)
    assert(held !== null, 'a group whose transaction was undone is not on disk')
    const refusals = await halved(session, group.commits, 0, held.generations)
    await session.run(settleStatements(group.released, group.decided, partitionsAfter(group, refusals)))
    return refusals
  }

  async #run(session: WritingSession, { sql, parameters }: SqlStatement): Promise<StatementResult> {
    try {
      const values = parameters.map((value) => (typeof value === 'string' ? storable(value) : value))
      const [, result] = await session.run([savepoint, { text: sql, values }, release])
      return { rows: result?.rows ?? [] }
    } catch (error) {
      if (!isRefusal(error)) throw error
      await session.run([undo, release])
      return { refused: (error as Error).message }
    }
  }
}

const savepoint: PostgresStatement = { text: 'SAVEPOINT part' }
const release: PostgresStatement = { text: 'RELEASE part' }
const undo: PostgresStatement = { text: 'ROLLBACK TO part' }

/** Writes the commits from `first` on, and gives those that were refused. */
async function halved(session: WritingSession, commits: readonly LaneCommit[], first: number, generations: Held['generations']): Promise<readonly Refusal[]> {
  try {
    const [, state] = await session.run([savepoint, ...reads(commits)])
    const { epochs, offsets } = heldOf([], state?.rows ?? [])
    const { changes, refusals } = decideGroup(commits, { generations, epochs, offsets })
    await session.run([...stepStatements(changes, epochs), release])
    return refusals.map((refusal) => ({ ...refusal, index: refusal.index + first }))
  } catch (error) {
    if (!isRefusal(error)) throw error
    await session.run([undo, release])
    const [only] = commits
    if (commits.length === 1 && only !== undefined) return [{ index: first, ...refusalOf(error, only) }]
    const middle = commits.length >> 1
    const left = await halved(session, commits.slice(0, middle), first, generations)
    return [...left, ...(await halved(session, commits.slice(middle), first + middle, generations))]
  }
}

/** A conversation may move to a lane of another partition; a lane never does, so its partition's lock is its own. */
function reads(commits: readonly LaneCommit[]): readonly PostgresStatement[] {
  if (commits.length === 0) return []
  const conversations = new Set<string>()
  for (const { conversation, deliveries } of commits) {
    if (conversation !== null) conversations.add(conversation.id)
    for (const delivery of deliveries) conversations.add(delivery.conversation)
  }
  const lanes = new Set(commits.map((one) => one.lane))
  return [
    {
      name: 'held',
      text: `WITH held AS (SELECT id, epoch FROM conversations WHERE id = ANY ($2::text[]) ORDER BY id FOR NO KEY UPDATE)
        SELECT true AS lane, lane AS id, last_offset AS at FROM lanes WHERE lane = ANY ($1::text[]) UNION ALL SELECT false, id, epoch FROM held`,
      values: [textArray(lanes), textArray(conversations)],
    },
  ]
}

type Rows = PostgresResult['rows']

function heldOf(claimed: Rows, state: Rows): Held {
  const numbers = (lane: boolean): ReadonlyMap<string, number> =>
    new Map(state.filter((row) => row['lane'] === lane).map((row) => [row['id'] as string, row['at'] as number]))
  return {
    generations: new Map(claimed.map((row) => [row['partition'] as number, row['generation'] as number])),
    offsets: numbers(true),
    epochs: numbers(false),
  }
}

function isRefusal(error: unknown): boolean {
  const trouble = troubleOf(error)
  return trouble === 'refused' || trouble === 'value'
}

function refusalOf(error: unknown, { lane, offset }: LaneCommit): Omit<Refusal, 'index'> {
  const where = `the commit of ${lane} at ${offset}`
  const { message } = error as Error
  if (troubleOf(error) === 'value') return { code: null, message: `${where} holds a value of the wrong type: ${message}` }
  return { code: 'RECORDS_CONFLICT', message: `${where} gives what is there already, or what does not fit: ${message}` }
}
