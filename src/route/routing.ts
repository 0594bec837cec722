/**
 * The routing lane's state machine: one event in, what it changed out. Task and reservation states are TaskRouter's.
 *
 * Owns: which event does what. Does not own: who fits whom (matching.ts), what a task goes through (tasks.ts), workers (workers.ts),
 * clocks, disks and sockets (the lane that calls it).
 *
 * G1 A task is in exactly one state, and has one live reservation exactly while it is reserved, assigned or wrapping.
 * G2 Nothing is offered to a worker that has no free place: pending, accepted and wrapping reservations take one each.
 * G3 Every assignment that is emitted belongs to an accepted reservation, and is emitted once.
 * G4 After any event no waiting task and free worker are left that fit each other.
 * G5 A state restored from its rows decides as the one that was never away. Ids derive from the event's place.
 * G6 Every pending reservation, worker within its lease, wrapping task, patient task and refused task that waits has exactly one
 *    timer set, and nothing else has.
 * G7 A refused event changes nothing; one that comes twice, late or for what has ended is harmless.
 */
import type { ReservationRow } from '../records/index.ts'
import { Change, refused } from './change.ts'
import type { Queues } from './matching.ts'
import type { RoutingEvent, RoutingRefusal, RoutingState, RoutingStep } from './port.ts'
import { routingOf } from './routing-state.ts'
import type { Routing } from './routing-state.ts'
import { assignTask, cancelTask, completeTask, giveUp, nextRound, offer, passOn, queueTask, releaseTask, withdrawnKeptMs } from './tasks.ts'
import type { QueuedData } from './tasks.ts'
import { endLease, offerExpired, restart, setConnected, setDisconnected, setPresence } from './workers.ts'
import type { PresenceData } from './workers.ts'

/** Applies the event, or says why not. Its data fits its type: the door saw to it. */
type Handler = (change: Change, data: never) => RoutingRefusal | null | void

interface Answer {
  readonly reservation: string
  readonly worker: string
}

const handlers: Readonly<Record<string, Handler>> = {
  'routing.started': (change: Change) => restart(change),
  'worker.presence': (change: Change, data: PresenceData) => setPresence(change, data),
  'worker.connected': (change: Change, data: { worker: string }) => setConnected(change, data.worker),
  'worker.disconnected': (change: Change, data: { worker: string }) => {
    const worker = change.routing.workers.get(data.worker)
    if (!worker) return workerUnknown(data.worker)
    setDisconnected(change, worker)
  },
  'task.queued': (change: Change, data: QueuedData) => queueTask(change, data),
  'task.withdrawn': (change: Change, data: { task: string }) => withdraw(change, data.task),
  'task.released': (change: Change, data: { task: string; wrapUpCode?: string }) => release(change, data.task, data.wrapUpCode ?? null),
  'reservation.accepted': accept,
  'reservation.rejected': reject,
  'reservation.completed': complete,
  'timer.due': (change: Change, data: { timer: string }) => due(change, data.timer),
}

/** Applies one event of the routing lane to the state and says what changed; an event of another type changes nothing. */
export function routeEvent(state: RoutingState, event: RoutingEvent, queues: Queues): RoutingStep {
  const change = new Change(routingOf(state), event, queues)
  const handler = Object.hasOwn(handlers, event.type) ? handlers[event.type] : undefined
  const refusal = handler?.(change, event.data as never)
  if (refusal) return refused(refusal)
  const { matching } = change.routing
  for (let pair = matching.next(); pair; pair = matching.next()) offer(change, pair.task, pair.worker)
  return change.step()
}

/** A task that is withdrawn before it was queued is remembered for a while, so that nobody is offered a conversation that is gone. */
function withdraw(change: Change, id: string): void {
  const task = change.routing.tasks.get(id)
  if (task && task.state !== 'wrapping') cancelTask(change, task)
  else if (!task && !change.routing.timers.has(`withdrawn:${id}`)) change.setTimer('withdrawn', id, change.at + withdrawnKeptMs)
}

function release(change: Change, id: string, wrapUpCode: string | null): void {
  const task = change.routing.tasks.get(id)
  if (task?.state === 'pending' || task?.state === 'reserved') cancelTask(change, task)
  else if (task) releaseTask(change, task, wrapUpCode)
}

function accept(change: Change, { reservation: id, worker }: Answer): RoutingRefusal | null {
  const live = change.routing.reservations.get(id)
  if (!change.routing.workers.has(worker)) return workerUnknown(worker)
  if (live?.worker !== worker) return gone(change.routing, id, worker)
  if (live.state === 'pending') assignTask(change, live)
  return null
}

function reject(change: Change, { reservation: id, worker }: Answer): RoutingRefusal | null {
  const live = change.routing.reservations.get(id)
  if (!change.routing.workers.has(worker)) return workerUnknown(worker)
  if (live?.worker !== worker || live.state !== 'pending') return gone(change.routing, id, worker)
  passOn(change, live, 'rejected')
  return null
}

function complete(change: Change, { reservation: id, worker, wrapUpCode }: Answer & { readonly wrapUpCode: string }): RoutingRefusal | null {
  const { routing } = change
  const live = routing.reservations.get(id)
  if (!routing.workers.has(worker)) return workerUnknown(worker)
  if (live?.worker !== worker) return gone(routing, id, worker)
  if (live.state !== 'wrapping') {
    return { code: 'REQUEST_INVALID', message: `Reservation ${id} is not in wrap-up: accept it, or resolve or hand over its conversation, first.` }
  }
  const codes = change.queue(routing.tasks.get(live.task)?.queue ?? '')?.wrapUpCodes ?? []
  if (codes.length > 0 && !codes.includes(wrapUpCode)) {
    return { code: 'REQUEST_INVALID', message: `wrapUpCode ${JSON.stringify(wrapUpCode)} is not one of its queue's: take one of ${codes.join(', ')}.` }
  }
  completeTask(change, live, wrapUpCode)
  return null
}

/** A timer that was cleared, or replaced by another, is nobody's. */
function due(change: Change, timer: string): void {
  const { routing } = change
  const key = routing.timerKeys.get(timer)
  if (key === undefined) return
  const kind = key.slice(0, key.indexOf(':'))
  const of = key.slice(kind.length + 1)
  const task = routing.tasks.get(of)
  const reservation = routing.reservations.get(of)
  if (kind === 'offer' || kind === 'lease' || kind === 'wrap' || kind === 'patience' || kind === 'round' || kind === 'withdrawn') change.clearTimer(kind, of)
  if (kind === 'offer' && reservation) offerExpired(change, reservation)
  else if (kind === 'lease') endLease(change, of)
  else if (kind === 'wrap' && reservation) completeTask(change, reservation, null)
  else if (kind === 'patience' && task) giveUp(change, task)
  else if (kind === 'round' && task) nextRound(change, task)
}

function workerUnknown(worker: string): RoutingRefusal {
  return { code: 'WORKER_UNKNOWN', message: `No worker ${JSON.stringify(worker)} is known here: they set their presence first.` }
}

/** Why the reservation is not the worker's to answer, as far as it is remembered. */
function gone(routing: Routing, id: string, worker: string): RoutingRefusal {
  const reservation = routing.reservations.get(id) ?? routing.ended(id)
  return { code: 'RESERVATION_GONE', message: `${sentence(routing, id, reservation, worker)} Nothing was changed.` }
}

function sentence(routing: Routing, id: string, reservation: ReservationRow | undefined, worker: string): string {
  if (!reservation) return `Offer ${id} is gone: its conversation was withdrawn or has ended, or there was no such offer.`
  if (reservation.worker !== worker) return `Offer ${id} was made to ${reservation.worker}, not to ${worker}.`
  const taker = routing.tasks.get(reservation.task)?.worker
  const since = taker ? `, and ${routing.workers.get(taker)?.name ?? taker} has taken the conversation` : ''
  switch (reservation.state) {
    case 'timeout':
      return `Offer ${id} timed out${since}.`
    case 'rejected':
      return `Offer ${id} was rejected by you${since}.`
    case 'rescinded':
      return `Offer ${id} was withdrawn: the conversation waits no longer.`
    case 'canceled':
      return `Reservation ${id} was canceled: the conversation went back.`
    case 'completed':
      return `Reservation ${id} is completed.`
    default:
      return `Offer ${id} is accepted already: resolve the conversation or hand it over.`
  }
}
