/**
 * A step's writes in Postgres: for each table and group one statement, its rows as one array for each column, and all of them sent
 * as one. The texts are few, so each is prepared once a session.
 */
import { assert } from '../base/index.ts'
import type { SettledDecision } from './group.ts'
import type { GroupChanges } from './group-changes.ts'
import { storable } from './postgres-server.ts'
import type { PostgresStatement } from './postgres-server.ts'

type Kind = 'text' | 'bigint' | 'float8'
/** Columns in the order they are bound, by the property that is bound. A column has its property's name in snake case. */
type Columns = Readonly<Record<string, Kind>>
type Row = Readonly<Record<string, unknown>>

const lane: Columns = { lane: 'text', partition: 'bigint', lastOffset: 'bigint', state: 'text' }
const conversation: Columns = {
  id: 'text',
  customer: 'text',
  channel: 'text',
  owner: 'text',
  worker: 'text',
  queue: 'text',
  task: 'text',
  epoch: 'bigint',
  seq: 'bigint',
  messages: 'bigint',
  status: 'text',
  openedAt: 'float8',
  updatedAt: 'float8',
  memory: 'text',
}
const delivery: Columns = {
  conversation: 'text',
  seq: 'bigint',
  epoch: 'bigint',
  author: 'text',
  text: 'text',
  key: 'text',
  messageId: 'text',
  at: 'float8',
  extra: 'text',
}
const decision: Columns = {
  id: 'text',
  partition: 'bigint',
  offset: 'bigint',
  at: 'float8',
  policy: 'text',
  customer: 'text',
  conversation: 'text',
  eventType: 'text',
  act: 'text',
  name: 'text',
  because: 'text',
  budgetMs: 'float8',
  status: 'text',
  appVersion: 'text',
  record: 'text',
}
const effect: Columns = { key: 'text', kind: 'text', hash: 'text', content: 'text' }
const alias: Columns = { identity: 'text', customer: 'text' }
const timer: Columns = { partition: 'bigint', id: 'text', lane: 'text', dueAt: 'float8', kind: 'text', data: 'text' }
const note: Columns = { conversation: 'text', id: 'text', afterSeq: 'bigint', at: 'float8', worker: 'text', text: 'text' }
const task: Columns = {
  id: 'text',
  lane: 'text',
  conversation: 'text',
  customer: 'text',
  channel: 'text',
  queue: 'text',
  priority: 'float8',
  goal: 'text',
  because: 'text',
  state: 'text',
  onlyWorker: 'text',
  exceptWorker: 'text',
  worker: 'text',
  queuedAt: 'float8',
  assignedAt: 'float8',
  endedAt: 'float8',
  wrapUpCode: 'text',
}
const reservation: Columns = {
  id: 'text',
  lane: 'text',
  task: 'text',
  worker: 'text',
  state: 'text',
  offeredAt: 'float8',
  expiresAt: 'float8',
  endedAt: 'float8',
}
const worker: Columns = {
  lane: 'text',
  id: 'text',
  name: 'text',
  kind: 'text',
  presence: 'text',
  connected: 'bigint',
  skills: 'text',
  capacity: 'bigint',
  since: 'float8',
  idleSince: 'float8',
}
const partition: Columns = { partition: 'bigint', generation: 'bigint', position: 'bigint', highest: 'bigint' }

/** Makes the statement for some rows. */
type Write = (rows: readonly Row[]) => PostgresStatement

const write = {
  lanes: put('lanes', lane, 'lane'),
  newConversations: inserted('conversations', conversation),
  conversations: updated('conversations', conversation, 'id'),
  deliveries: inserted('deliveries', delivery),
  decisions: inserted('decisions', decision),
  outbox: inserted('outbox', effect),
  aliases: put('aliases', alias, 'identity'),
  clearedTimers: deleted('timers', { partition: 'bigint', id: 'text' }),
  timers: put('timers', timer, 'partition', 'id'),
  notes: put('notes', note, 'conversation', 'id'),
  tasks: put('tasks', task, 'id'),
  reservations: put('reservations', reservation, 'id'),
  workers: put('workers', worker, 'lane', 'id'),
  released: deleted('outbox', { key: 'text' }),
  settled: updated('decisions', { id: 'text', elapsedMs: 'float8', status: 'text' }, 'id'),
  partitions: statement(
    'raise partitions',
    partition,
    (columns, rows) => `INSERT INTO partitions (${columns}) SELECT * FROM ${rows} ON CONFLICT (partition) DO UPDATE
      SET position = GREATEST(partitions.position, excluded.position), highest = GREATEST(partitions.highest, excluded.highest)`,
  ),
} as const satisfies Record<string, Write>

/** Writes what a group changes. A value that no column can hold is an AssertionError. */
export function stepStatements(changes: GroupChanges, known: ReadonlyMap<string, unknown>): readonly PostgresStatement[] {
  const { lanes, conversations, deliveries, decisions, outbox, aliases, timers, notes, tasks, reservations, workers } = changes
  const rows = [...conversations.values()]
  const statements: PostgresStatement[] = []
  const add = (make: Write, of: readonly unknown[]): void => {
    if (of.length > 0) statements.push(make(of as readonly Row[]))
  }
  add(write.lanes, Array.from(lanes.values(), laneOf))
  add(
    write.newConversations,
    rows.filter((row) => !known.has(row.id)),
  )
  add(
    write.conversations,
    rows.filter((row) => known.has(row.id)),
  )
  add(write.deliveries, deliveries)
  add(write.decisions, decisions)
  add(write.outbox, outbox)
  add(
    write.aliases,
    Array.from(aliases, ([identity, customer]) => ({ identity, customer })),
  )
  const changed = [...timers.values()]
  add(
    write.clearedTimers,
    changed.filter((one) => one.row === null),
  )
  add(
    write.timers,
    changed.map((one) => one.row).filter((row) => row !== null),
  )
  add(write.notes, [...notes.values()])
  add(write.tasks, [...tasks.values()])
  add(write.reservations, [...reservations.values()])
  add(write.workers, [...workers.values()])
  return statements
}

export function settleStatements(
  released: readonly string[],
  decided: readonly SettledDecision[],
  partitions: ReadonlyMap<number, { readonly position: number; readonly highest: number }>,
): readonly PostgresStatement[] {
  const statements: PostgresStatement[] = []
  if (released.length > 0) statements.push(write.released(released.map((key) => ({ key }))))
  const last = new Map(decided.map((one) => [one.id, one]))
  if (last.size > 0) statements.push(write.settled(Array.from(last.values(), (one) => ({ ...one }))))
  if (partitions.size > 0) statements.push(write.partitions(Array.from(partitions, ([number, at]) => ({ partition: number, generation: 0, ...at }))))
  return statements
}

/** Mixtures of tables that are prepared as one statement; the rest is sent one by one. A handful is met in practice. */
const mixturesMax = 64
const mixtures = new Map<string, { readonly name: string; readonly text: string }>()

/** One statement that does what all of them do, in no order: none of them sees the others' rows. */
export function combined(statements: readonly PostgresStatement[]): readonly PostgresStatement[] {
  if (statements.length < 2) return statements
  const names = statements.map((one) => one.name).join(', ')
  let mixture = mixtures.get(names)
  if (mixture === undefined) {
    if (mixtures.size >= mixturesMax) return statements
    mixture = { name: `mixture ${mixtures.size}`, text: mixtureOf(statements) }
    mixtures.set(names, mixture)
  }
  return [{ ...mixture, values: statements.flatMap((one) => one.values ?? []) }]
}

function mixtureOf(statements: readonly PostgresStatement[]): string {
  let before = 0
  const parts = statements.map(({ text, values = [] }, index) => {
    const renumbered = text.replaceAll(/\$(\d+)/g, (_, number: string) => `$${Number(number) + before}`)
    before += values.length
    return `part${index} AS (${renumbered})`
  })
  return `WITH ${parts.join(',\n')} SELECT`
}

export function textArray(values: Iterable<string>): string {
  return `{${Array.from(values, cell).join(',')}}`
}

export function integerArray(values: Iterable<number>): string {
  return `{${Array.from(values, cell).join(',')}}`
}

function laneOf({ lane: name, partition: of, offset, state }: { lane: string; partition: number; offset: number; state: string }): Row {
  return { lane: name, partition: of, lastOffset: offset, state }
}

function inserted(table: string, columns: Columns): Write {
  return statement(`insert ${table}`, columns, (names, rows) => `INSERT INTO ${table} (${names}) SELECT * FROM ${rows}`)
}

function put(table: string, columns: Columns, ...keys: readonly string[]): Write {
  const changed = Object.keys(columns).filter((property) => !keys.includes(property))
  const set = changed.map((property) => `${column(property)} = excluded.${column(property)}`).join(', ')
  return statement(
    `put ${table}`,
    columns,
    (names, rows) => `INSERT INTO ${table} (${names}) SELECT * FROM ${rows} ON CONFLICT (${keys.map(column).join(', ')}) DO UPDATE SET ${set}`,
  )
}

function updated(table: string, columns: Columns, key: string): Write {
  const changed = Object.keys(columns).filter((property) => property !== key)
  const set = changed.map((property) => `${column(property)} = change.${column(property)}`).join(', ')
  return statement(`update ${table}`, columns, (_, rows) => `UPDATE ${table} SET ${set} FROM ${rows} WHERE ${table}.${column(key)} = change.${column(key)}`)
}

function deleted(table: string, keys: Columns): Write {
  const same = Object.keys(keys).map((property) => `${table}.${column(property)} = change.${column(property)}`)
  return statement(`delete ${table}`, keys, (_, rows) => `DELETE FROM ${table} USING ${rows} WHERE ${same.join(' AND ')}`)
}

function statement(name: string, columns: Columns, textOf: (names: string, rows: string) => string): Write {
  const properties = Object.keys(columns)
  const names = properties.map(column).join(', ')
  const text = textOf(
    names,
    `unnest(${Object.values(columns)
      .map((kind, index) => `$${index + 1}::${kind}[]`)
      .join(', ')}) AS change (${names})`,
  )
  return (rows) => ({ name, text, values: properties.map((property) => `{${rows.map((row) => cell(row[property])).join(',')}}`) })
}

function column(property: string): string {
  return `"${property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}"`
}

/** An element of an array's literal. */
function cell(value: unknown): string {
  if (typeof value === 'string') {
    const text = storable(value)
    return /["\\]/.test(text) ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : `"${text}"`
  }
  if (typeof value === 'number') return String(value)
  if (value === null) return 'NULL'
  assert(typeof value === 'boolean', `a column holds a text, a number, a boolean or null, and not a value of the type ${typeof value}`)
  return value ? '1' : '0'
}
