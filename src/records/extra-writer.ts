/** What few steps change besides the usual: the rows of a commit's `extra`, each put whole, within its commit's transaction. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { LaneExtra, NoteRow, ReservationRow, TaskRow, TimerRow, WorkerRow } from './port.ts'
import type { SqlValue } from './kysely-dialect.ts'

interface ExtraRows {
  readonly timers: TimerRow
  readonly notes: NoteRow
  readonly tasks: TaskRow
  readonly reservations: ReservationRow
  readonly workers: WorkerRow
}

type Properties = { readonly [Table in keyof ExtraRows]: readonly (keyof ExtraRows[Table] & string)[] }

/** The properties of each row in the order they are bound. A column has its property's name in snake case. */
const properties: Properties = {
  timers: ['partition', 'id', 'lane', 'dueAt', 'kind', 'data'],
  notes: ['conversation', 'id', 'afterSeq', 'at', 'worker', 'text'],
  tasks: [
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
    'onlyWorker',
    'exceptWorker',
    'worker',
    'queuedAt',
    'assignedAt',
    'endedAt',
    'wrapUpCode',
  ],
  reservations: ['id', 'lane', 'task', 'worker', 'state', 'offeredAt', 'expiresAt', 'endedAt'],
  workers: ['lane', 'id', 'name', 'kind', 'presence', 'connected', 'skills', 'capacity', 'since', 'idleSince'],
}

export class ExtraWriter {
  readonly #puts: Readonly<Record<keyof ExtraRows, StatementSync>>
  readonly #clearTimer: StatementSync

  constructor(database: DatabaseSync) {
    const prepare = (table: keyof ExtraRows): StatementSync => database.prepare(putText(table))
    this.#puts = {
      timers: prepare('timers'),
      notes: prepare('notes'),
      tasks: prepare('tasks'),
      reservations: prepare('reservations'),
      workers: prepare('workers'),
    }
    this.#clearTimer = database.prepare('DELETE FROM timers WHERE partition = ? AND id = ?')
  }

  /** Clears timers before it sets any, so that one can be set anew in one step. */
  write(partition: number, { timers, notes, tasks, reservations, workers }: LaneExtra): void {
    for (const id of timers?.cleared ?? []) this.#clearTimer.run(partition, id)
    this.#put('timers', timers?.set)
    this.#put('notes', notes)
    this.#put('tasks', tasks)
    this.#put('reservations', reservations)
    this.#put('workers', workers)
  }

  #put<Table extends keyof ExtraRows>(table: Table, rows: readonly ExtraRows[Table][] = []): void {
    for (const row of rows) this.#puts[table].run(...properties[table].map((property) => bound(row[property])))
  }
}

function putText(table: keyof ExtraRows): string {
  const columns = properties[table].map((property) => property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
  return `REPLACE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`
}

/** SQLite has no booleans; what no column holds is refused where it is bound. */
function bound(value: unknown): SqlValue {
  return typeof value === 'boolean' ? Number(value) : (value as SqlValue)
}
