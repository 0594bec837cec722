/** What people and the routing lane look up, through Kysely: the same for each SQL driver. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { conversationPage, examinedRowsMax } from './conversation-page.ts'
import type { ConversationPage } from './conversation-page.ts'
import type { ConversationFilter, DeliveryRow, DeskRecords, NoteRow, ReservationRow, TaskRow, TimerRow } from './port.ts'
import { endedTaskStates, heldReservationStates } from './routing-states.ts'
import type { Database } from './schema.ts'
import { sqliteDialect } from './sql-dialect.ts'
import type { SqlDialect } from './sql-dialect.ts'

export const deliveryColumns = [
  'deliveries.conversation',
  'deliveries.seq',
  'deliveries.epoch',
  'deliveries.author',
  'deliveries.text',
  'deliveries.key',
  'deliveries.message_id as messageId',
  'deliveries.at',
  'deliveries.extra',
] as const

const taskColumns = [
  'id',
  'lane',
  'conversation',
  'customer',
  'channel',
  'queue',
  'priority',
  'goal',
  'because',
  'state',
  'only_worker as onlyWorker',
  'except_worker as exceptWorker',
  'worker',
  'queued_at as queuedAt',
  'assigned_at as assignedAt',
  'ended_at as endedAt',
  'wrap_up_code as wrapUpCode',
] as const

const reservationColumns = ['id', 'lane', 'task', 'worker', 'state', 'offered_at as offeredAt', 'expires_at as expiresAt', 'ended_at as endedAt'] as const
const workerColumns = ['id', 'lane', 'name', 'kind', 'presence', 'connected', 'skills', 'capacity', 'since', 'idle_since as idleSince'] as const

export class DeskQueries implements DeskRecords {
  readonly #database: Kysely<Database>
  readonly #now: () => number
  readonly #dialect: SqlDialect
  readonly #rowsMax: number

  constructor(
    database: Kysely<Database>,
    now: () => number,
    { dialect = sqliteDialect, rowsMax = examinedRowsMax }: { dialect?: SqlDialect; rowsMax?: number } = {},
  ) {
    this.#database = database
    this.#now = now
    this.#dialect = dialect
    this.#rowsMax = rowsMax
  }

  timers(partition: number): Promise<readonly TimerRow[]> {
    return this.#database
      .selectFrom('timers')
      .select(['id', 'partition', 'lane', 'due_at as dueAt', 'kind', 'data'])
      .where('partition', '=', partition)
      .orderBy('due_at')
      .orderBy('id')
      .execute()
  }

  /** The states are written into the statements, so that they are seen to match the conditions of the indexes. Three reads: of one moment, as a routing lane is read before it takes a step and not while it does. */
  async routing(lane: string): ReturnType<DeskRecords['routing']> {
    const [tasks, reservations, workers] = await Promise.all([
      this.#database
        .selectFrom('tasks')
        .select(taskColumns)
        .where('lane', '=', lane)
        .where(
          'state',
          'not in',
          endedTaskStates.map((state) => sql.lit(state)),
        )
        .orderBy('queued_at')
        .orderBy('id')
        .execute(),
      this.#database
        .selectFrom('reservations')
        .select(reservationColumns)
        .where('lane', '=', lane)
        .where(
          'state',
          'in',
          heldReservationStates.map((state) => sql.lit(state)),
        )
        .orderBy('offered_at')
        .orderBy('id')
        .execute(),
      this.#database.selectFrom('workers').select(workerColumns).where('lane', '=', lane).orderBy('id').execute(),
    ])
    return { tasks, reservations, workers: workers.map((row) => ({ ...row, connected: row.connected === 1 })) }
  }

  task(id: string): Promise<TaskRow | undefined> {
    return this.#database.selectFrom('tasks').select(taskColumns).where('id', '=', id).executeTakeFirst()
  }

  reservation(id: string): Promise<ReservationRow | undefined> {
    return this.#database.selectFrom('reservations').select(reservationColumns).where('id', '=', id).executeTakeFirst()
  }

  async answered(since: number, within: Readonly<Record<string, number>>): ReturnType<DeskRecords['answered']> {
    const rows = await this.#database
      .selectFrom(this.#dialect.levels(within).as('level'))
      .leftJoin('tasks', (join) =>
        join
          .onRef('tasks.queue', '=', 'level.queue')
          .on('tasks.queued_at', '>=', since)
          .on((row) =>
            row.or([
              row('tasks.assigned_at', 'is not', null),
              row('tasks.state', 'in', endedTaskStates),
              row(sql<number>`${this.#now()} - tasks.queued_at`, '>', row.ref('level.ms')),
            ]),
          ),
      )
      .select((row) => [
        'level.queue',
        row.fn.count<number>('tasks.id').as('count'),
        sql<number>`count(*) FILTER (WHERE tasks.assigned_at - tasks.queued_at <= level.ms)`.as('within'),
      ])
      .groupBy('level.queue')
      .execute()
    return Object.fromEntries(rows.map(({ queue, ...counts }) => [queue, counts]))
  }

  conversations(filter: ConversationFilter, limit: number, cursor: string | null): Promise<ConversationPage> {
    return conversationPage(this.#database, filter, limit, cursor, this.#rowsMax)
  }

  lastEntries(conversations: readonly string[]): Promise<readonly DeliveryRow[]> {
    return this.#database
      .selectFrom(sql<{ id: string }>`(SELECT DISTINCT value AS id FROM ${this.#dialect.texts(conversations)} AS element)`.as('wanted'))
      .innerJoin('deliveries', 'deliveries.conversation', 'wanted.id')
      .select(deliveryColumns)
      .where('deliveries.seq', '=', (newest) =>
        newest
          .selectFrom('deliveries as last')
          .select((row) => row.fn.max('last.seq').as('seq'))
          .whereRef('last.conversation', '=', 'wanted.id'),
      )
      .execute()
  }

  notes(conversation: string): Promise<readonly NoteRow[]> {
    return this.#database
      .selectFrom('notes')
      .select(['id', 'conversation', 'after_seq as afterSeq', 'at', 'worker', 'text'])
      .where('conversation', '=', conversation)
      .orderBy('after_seq')
      .orderBy('at')
      .orderBy('id')
      .execute()
  }
}
