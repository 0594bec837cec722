/** What people see of a routing lane: queues, workers, and the offers that wait for their answer. */
import type { OfferReply, QueueReply, WorkerReply } from '../definition/index.ts'
import type { TaskRow, WorkerRow } from '../records/index.ts'
import type { Queues } from './matching.ts'
import type { RoutingState } from './port.ts'
import { routingOf } from './routing-state.ts'

/** Per queue, of how many tasks it is known whether they were answered in time, and how many were; see `DeskRecords.answered`. */
export type Measured = Readonly<Record<string, { readonly within: number; readonly count: number }>>

/**
 * The app's queues, in its order. Whoever is offered and not accepted yet still waits. `workersAvailable` are those that could be
 * offered something now: there, `available`, and with a free place.
 */
export function queueReplies(state: RoutingState, queues: Queues, now: number, measured: Measured): readonly QueueReply[] {
  const { matching } = routingOf(state)
  matching.define(queues)
  const waits = new Map<string, { waiting: number; since: number }>()
  for (const task of state.tasks.values()) {
    if (task.state !== 'pending' && task.state !== 'reserved') continue
    const wait = waits.get(task.queue)
    if (wait) {
      wait.waiting++
      wait.since = Math.min(wait.since, task.queuedAt)
    } else waits.set(task.queue, { waiting: 1, since: task.queuedAt })
  }
  return Object.values(queues).map(({ name, team, skills, serviceLevel, wrapUpCodes }) => {
    const wait = waits.get(name)
    const { within, count } = (Object.hasOwn(measured, name) ? measured[name] : undefined) ?? { within: 0, count: 0 }
    return {
      name,
      team,
      skills,
      waiting: wait?.waiting ?? 0,
      longestWaitMs: wait ? Math.max(0, now - wait.since) : 0,
      serviceLevel: { ...serviceLevel, measured: count === 0 ? null : within / count, count },
      workersAvailable: matching.freeWorkers(name),
      wrapUpCodes,
    }
  })
}

/** Everybody who was ever here, in the order of their ids. */
export function workerReplies(state: RoutingState): readonly WorkerReply[] {
  const routing = routingOf(state)
  const rows = [...state.workers.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  return rows.map((row) => workerReply(row, routing.taken(row.id)))
}

function workerReply({ id, name, kind, presence, connected, skills, capacity, since }: WorkerRow, taken: number): WorkerReply {
  return { id, name, kind, presence, connected, skills: JSON.parse(skills) as string[], capacity, taken, since }
}

/** The worker's offers that wait for an answer, the first to expire first. */
export function offersOf(state: RoutingState, worker: string): readonly OfferReply[] {
  const pending = routingOf(state)
    .held(worker)
    .filter((reservation) => reservation.state === 'pending')
  return pending
    .toSorted((a, b) => a.expiresAt - b.expiresAt)
    .map(({ id, task: taskId, offeredAt, expiresAt }) => {
      const { conversation, customer, channel, queue, priority, goal, because } = state.tasks.get(taskId) as TaskRow
      return { reservation: id, conversation, customer, channel, queue, priority, goal, because, offeredAt, expiresAt }
    })
}
