/** What becomes of a task: it waits, is offered, goes back, is with somebody, is noted down, ends. */
import { assert } from '../base/index.ts'
import type { ReservationRow, TaskRow, WorkerRow } from '../records/index.ts'
import type { Change } from './change.ts'

/** Tasks of one lane; what comes beyond them goes back to the bot at once, as if nobody had answered. */
export const tasksMax = 20_000
/** How long a task that was withdrawn before it was queued is remembered. */
export const withdrawnKeptMs = 10 * 60_000

/** What `task.queued` carries. */
export interface QueuedData {
  readonly task: string
  readonly conversation: string
  readonly customer: string
  readonly channel: string
  readonly queue: string
  readonly priority: number
  readonly goal: string
  readonly because?: string
  readonly worker?: string
  readonly except?: string
}

/**
 * Somebody who was asked for by name is offered it at once, whatever their skills; where they cannot be, it is open to everybody.
 * So no task that waits is for one worker only.
 */
export function queueTask(change: Change, data: QueuedData): void {
  const { routing, at } = change
  if (routing.tasks.has(data.task) || change.clearTimer('withdrawn', data.task)) return
  const task = taskOf(change, data)
  const queue = change.queue(data.queue)
  if (!queue || routing.tasks.size >= tasksMax) return giveUp(change, task)
  const asked = data.worker !== undefined && data.worker !== data.except && routing.matching.isFree(data.worker) ? data.worker : null
  if (asked === null) change.putTask(task)
  else offer(change, { ...task, onlyWorker: asked }, asked)
  if (queue.patienceMs !== null) change.setTimer('patience', task.id, at + queue.patienceMs)
}

function taskOf(change: Change, data: QueuedData): TaskRow {
  return {
    id: data.task,
    lane: change.routing.lane,
    conversation: data.conversation,
    customer: data.customer,
    channel: data.channel,
    queue: data.queue,
    priority: data.priority,
    goal: data.goal,
    because: data.because ?? null,
    state: 'pending',
    onlyWorker: null,
    exceptWorker: data.except ?? null,
    worker: null,
    queuedAt: change.at,
    assignedAt: null,
    endedAt: null,
    wrapUpCode: null,
  }
}

/** Offers the task until the queue's offer time is over. */
export function offer(change: Change, waiting: TaskRow, worker: string): void {
  const { routing, at } = change
  const queue = change.queue(waiting.queue)
  assert(queue, 'a task is offered through a queue of the app')
  assert(routing.matching.isFree(worker), 'an offer goes to a worker with a free place')
  const task: TaskRow = { ...waiting, state: 'reserved' }
  const expiresAt = at + queue.offerMs
  const reservation: ReservationRow = {
    id: change.nextReservationId(),
    lane: routing.lane,
    task: task.id,
    worker,
    state: 'pending',
    offeredAt: at,
    expiresAt,
    endedAt: null,
  }
  change.clearTimer('round', task.id)
  change.putTask(task)
  change.putReservation(reservation)
  change.setTimer('offer', reservation.id, expiresAt, routing.matching.refusedBy(task.id))
  change.tell({ kind: 'offered', reservation, task })
}

/** The offer ended without an answer, or with a no: the task waits again, and in this round no more for this worker. */
export function passOn(change: Change, offered: ReservationRow, state: 'timeout' | 'rejected'): void {
  const { matching, tasks } = change.routing
  const before = tasks.get(offered.task) as TaskRow
  const reservation: ReservationRow = { ...offered, state, endedAt: change.at }
  const refused = new Set([...matching.refusedBy(before.id), offered.worker])
  change.clearTimer('offer', offered.id)
  change.putReservation(reservation)
  const task: TaskRow = { ...before, state: 'pending', onlyWorker: null }
  change.tell({ kind: 'ended', reservation, task, reason: state })
  const queue = change.queue(task.queue)
  if (!queue) return giveUp(change, task)
  matching.setRefused(task.id, [...refused])
  change.putTask(task)
  change.setTimer('round', task.id, change.at + queue.offerMs, matching.refusedBy(task.id))
}

/** Everybody may be offered the task again; while somebody was not asked yet and takes offers, they come first. */
export function nextRound(change: Change, task: TaskRow): void {
  const { matching } = change.routing
  const queue = change.queue(task.queue)
  if (!queue) giveUp(change, task)
  else if (matching.someoneLeft(task)) change.setTimer('round', task.id, change.at + queue.offerMs, matching.refusedBy(task.id))
  else matching.setRefused(task.id, [])
}

/** Nobody is to have the task: not whoever is offered it, and not whoever has it. */
export function cancelTask(change: Change, task: TaskRow): TaskRow {
  const { routing, at } = change
  const canceled: TaskRow = { ...task, state: 'canceled', worker: null, endedAt: at }
  const live = routing.reservationOf(task.id)
  for (const kind of ['patience', 'round'] as const) change.clearTimer(kind, task.id)
  change.putTask(canceled)
  if (!live) return canceled
  change.clearTimer('offer', live.id)
  const reservation: ReservationRow = { ...live, state: live.state === 'pending' ? 'rescinded' : 'canceled', endedAt: at }
  change.putReservation(reservation)
  if (live.state !== 'pending') idleFrom(change, live.worker)
  change.tell({ kind: 'ended', reservation, task: canceled, reason: 'canceled' })
  return canceled
}

/** Nobody took it, and nobody will: the conversation goes back to the bot. */
export function giveUp(change: Change, task: TaskRow): void {
  unassign(change, cancelTask(change, task), 'unanswered')
}

export function unassign(change: Change, task: TaskRow, reason: 'lost' | 'unanswered'): void {
  change.emit({ customer: task.customer, type: 'conversation.unassigned', data: { conversation: task.conversation, task: task.id, reason } })
}

export function assignTask(change: Change, offered: ReservationRow): void {
  const before = change.routing.tasks.get(offered.task) as TaskRow
  const reservation: ReservationRow = { ...offered, state: 'accepted' }
  const task: TaskRow = { ...before, state: 'assigned', worker: offered.worker, assignedAt: change.at }
  change.clearTimer('offer', offered.id)
  change.clearTimer('patience', task.id)
  change.putReservation(reservation)
  change.putTask(task)
  const { conversation, queue, customer } = task
  change.emit({ customer, type: 'conversation.assigned', data: { conversation, task: task.id, reservation: reservation.id, worker: offered.worker, queue } })
  change.tell({ kind: 'ended', reservation, task, reason: 'accepted' })
}

/** The conversation left its worker: noted down already, or a while to do so, which takes the place still. */
export function releaseTask(change: Change, task: TaskRow, wrapUpCode: string | null): void {
  const live = change.routing.reservationOf(task.id) as ReservationRow
  const wrapUpMs = change.queue(task.queue)?.wrapUpMs ?? 0
  if (wrapUpCode !== null || wrapUpMs === 0) return completeTask(change, live, wrapUpCode)
  if (task.state === 'wrapping') return
  const reservation: ReservationRow = { ...live, state: 'wrapping' }
  const wrapping: TaskRow = { ...task, state: 'wrapping' }
  const endsAt = change.at + wrapUpMs
  change.putReservation(reservation)
  change.putTask(wrapping)
  change.setTimer('wrap', live.id, endsAt)
  change.tell({ kind: 'wrapping', reservation, task: wrapping, endsAt })
}

export function completeTask(change: Change, live: ReservationRow, wrapUpCode: string | null): void {
  const task = change.routing.tasks.get(live.task) as TaskRow
  change.clearTimer('wrap', live.id)
  change.putTask({ ...task, state: 'completed', endedAt: change.at, wrapUpCode })
  change.putReservation({ ...live, state: 'completed', endedAt: change.at })
  idleFrom(change, live.worker)
}

/** Idleness counts from the end of the last work; that others are under way does not matter, their end will set it again. */
function idleFrom(change: Change, worker: string): void {
  const row = change.routing.workers.get(worker) as WorkerRow
  change.putWorker({ ...row, idleSince: change.at })
}
