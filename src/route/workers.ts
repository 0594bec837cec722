/** Workers come, say how they are, and go; whoever stays away longer than their lease loses what they had. */
import type { Presence } from '../definition/index.ts'
import type { ReservationRow, TaskRow, WorkerRow } from '../records/index.ts'
import type { Change } from './change.ts'
import { cancelTask, giveUp, passOn, unassign } from './tasks.ts'

/** How long a worker whose last connection closed keeps what they have. */
export const leaseMs = 45_000
/** Conversations at once that a worker may claim to hold. */
const capacityMax = 1_000

const presences: readonly string[] = ['available', 'busy', 'away', 'offline'] satisfies readonly Presence[]

/** What `worker.presence` carries. */
export interface PresenceData {
  readonly worker: string
  readonly name: string
  readonly kind: string
  readonly state: string
  readonly skills: unknown
  readonly capacity: number
}

/** A webhook is reached by calling it, so it counts as connected always. A state that does not exist leaves the one there is. */
export function setPresence(change: Change, data: PresenceData): void {
  const before = change.routing.workers.get(data.worker) ?? unknownWorker(change, data.worker)
  const kind = data.kind === 'webhook' ? 'webhook' : 'human'
  const presence = presences.includes(data.state) ? (data.state as Presence) : before.presence
  const skills = Array.isArray(data.skills) ? [...new Set(data.skills.filter((skill) => typeof skill === 'string'))].sort() : []
  const row: WorkerRow = {
    ...before,
    name: data.name,
    kind,
    presence,
    connected: kind === 'webhook' || (before.connected && before.kind === 'human'),
    skills: JSON.stringify(skills),
    capacity: Math.min(capacityMax, Math.max(0, Math.trunc(data.capacity))),
    since: presence === before.presence ? before.since : change.at,
  }
  putArrived(change, before, row)
}

/** Whoever connects before they said who they are is known from then on, and offered nothing until they say so. */
export function setConnected(change: Change, worker: string): void {
  const before = change.routing.workers.get(worker) ?? unknownWorker(change, worker)
  putArrived(change, before, { ...before, connected: true })
}

export function setDisconnected(change: Change, worker: WorkerRow): void {
  if (worker.kind === 'webhook' || !worker.connected) return
  change.putWorker({ ...worker, connected: false })
  keepLease(change, worker.id)
}

/** The node that holds the lane starts: nobody is connected to it yet, and queues may be others than before. */
export function restart(change: Change): void {
  const { routing } = change
  for (const id of [...routing.workers.keys()].sort()) setDisconnected(change, routing.workers.get(id) as WorkerRow)
  const orphans = [...routing.tasks.values()].filter((task) => (task.state === 'pending' || task.state === 'reserved') && !change.queue(task.queue))
  for (const task of orphans.sort((a, b) => (a.id < b.id ? -1 : 1))) giveUp(change, task)
}

/** The lease ended: offers go on to others, conversations go back to their customers' lanes, and what is left to note down runs out. */
export function endLease(change: Change, worker: string): void {
  const { routing } = change
  const row = routing.workers.get(worker) as WorkerRow
  change.putWorker({ ...row, presence: 'offline', since: row.presence === 'offline' ? row.since : change.at })
  for (const reservation of routing.held(worker)) {
    if (reservation.state === 'pending') passOn(change, reservation, 'timeout')
    else if (reservation.state === 'accepted') unassign(change, cancelTask(change, routing.tasks.get(reservation.task) as TaskRow), 'lost')
  }
}

/** Nobody answered an offer in time: whoever it was is not at their desk, so the next offers go to others. */
export function offerExpired(change: Change, reservation: ReservationRow): void {
  passOn(change, reservation, 'timeout')
  const worker = change.routing.workers.get(reservation.worker) as WorkerRow
  if (worker.presence === 'available') change.putWorker({ ...worker, presence: 'away', since: change.at })
}

function putArrived(change: Change, before: WorkerRow, row: WorkerRow): void {
  const comes = before.presence !== 'available' && row.presence === 'available'
  change.putWorker(comes ? { ...row, idleSince: change.at } : row)
  keepLease(change, row.id)
}

/** A lease runs while a worker that is not gone yet is not connected. */
function keepLease(change: Change, worker: string): void {
  const { routing, at } = change
  const row = routing.workers.get(worker) as WorkerRow
  if (row.connected) change.clearTimer('lease', worker)
  else if (!routing.timers.has(`lease:${worker}`) && (row.presence !== 'offline' || routing.taken(worker) > 0)) change.setTimer('lease', worker, at + leaseMs)
}

function unknownWorker(change: Change, id: string): WorkerRow {
  const { at, routing } = change
  return { id, lane: routing.lane, name: id, kind: 'human', presence: 'offline', connected: false, skills: '[]', capacity: 0, since: at, idleSince: at }
}
