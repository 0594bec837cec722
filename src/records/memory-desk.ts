/** What people and the routing lane look up, from the memory driver's tables. */
import { newestPage } from './memory-page.ts'
import type { MemoryRead } from './memory-tables.ts'
import type { ConversationFilter, ConversationRow, DeliveryRow, DeskRecords, NoteRow, ReservationRow, TaskRow, TimerRow } from './port.ts'
import { endedTaskStates, heldReservationStates } from './routing-states.ts'

export class MemoryDesk implements DeskRecords {
  readonly #read: MemoryRead
  readonly #now: () => number

  constructor(read: MemoryRead, now: () => number) {
    this.#read = read
    this.#now = now
  }

  timers(partition: number): Promise<readonly TimerRow[]> {
    return this.#read(({ timers }) => {
      const rows = [...timers.values()].filter((row) => row.partition === partition)
      return rows.sort((left, right) => left.dueAt - right.dueAt || byText(left.id, right.id))
    })
  }

  routing(lane: string): ReturnType<DeskRecords['routing']> {
    return this.#read(({ tasks, reservations, workers }) => ({
      tasks: [...tasks.values()]
        .filter((row) => row.lane === lane && !endedTaskStates.includes(row.state))
        .sort((left, right) => left.queuedAt - right.queuedAt || byText(left.id, right.id)),
      reservations: [...reservations.values()]
        .filter((row) => row.lane === lane && heldReservationStates.includes(row.state))
        .sort((left, right) => left.offeredAt - right.offeredAt || byText(left.id, right.id)),
      workers: [...workers.values()].filter((row) => row.lane === lane).sort((left, right) => byText(left.id, right.id)),
    }))
  }

  task(id: string): Promise<TaskRow | undefined> {
    return this.#read(({ tasks }) => tasks.get(id))
  }

  reservation(id: string): Promise<ReservationRow | undefined> {
    return this.#read(({ reservations }) => reservations.get(id))
  }

  answered(since: number, within: Readonly<Record<string, number>>): ReturnType<DeskRecords['answered']> {
    const now = this.#now()
    return this.#read(({ tasks }) =>
      Object.fromEntries(
        Object.entries(within).map(([queue, withinMs]) => {
          const queued = [...tasks.values()].filter((row) => row.queue === queue && row.queuedAt >= since)
          const counted = queued.filter((row) => row.assignedAt !== null || endedTaskStates.includes(row.state) || now - row.queuedAt > withinMs)
          const inTime = counted.filter((row) => row.assignedAt !== null && row.assignedAt - row.queuedAt <= withinMs)
          return [queue, { within: inTime.length, count: counted.length }]
        }),
      ),
    )
  }

  conversations(filter: ConversationFilter, limit: number, cursor: string | null): ReturnType<DeskRecords['conversations']> {
    return this.#read(({ conversations }) => {
      const rows = [...conversations.values()].filter((row) => matches(row, filter))
      return newestPage(rows, ({ updatedAt, id }) => ({ at: updatedAt, id }), limit, cursor)
    })
  }

  lastEntries(conversations: readonly string[]): Promise<readonly DeliveryRow[]> {
    return this.#read(({ deliveries }) =>
      [...new Set(conversations)].flatMap((id) => {
        const sequence = deliveries.get(id)
        const last = sequence?.get(Math.max(...sequence.keys()))
        return last === undefined ? [] : [last]
      }),
    )
  }

  notes(conversation: string): Promise<readonly NoteRow[]> {
    return this.#read(({ notes }) => {
      const rows = [...notes.values()].filter((row) => row.conversation === conversation)
      return rows.sort((left, right) => left.afterSeq - right.afterSeq || left.at - right.at || byText(left.id, right.id))
    })
  }
}

function matches(row: ConversationRow, { status, owner, worker, queues, customer }: ConversationFilter): boolean {
  if (status !== undefined && row.status !== status) return false
  if (owner === 'waiting' ? row.owner !== null || row.status !== 'open' : owner !== undefined && row.owner !== owner) return false
  if (worker !== undefined && row.worker !== worker) return false
  if (queues !== undefined && (row.queue === null || !queues.includes(row.queue))) return false
  return customer === undefined || row.customer === customer
}

function byText(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1
}
