/**
 * What a routing lane holds in memory, and where it comes from: nothing, or the rows of a lane that was here before.
 *
 * Owns: live tasks, reservations, workers and timers, and what is looked up by them. Does not own: what an event does (routing.ts).
 * Everything that decides anything is in rows: who refused a task since its last round began rides in the data of the timer
 * that is set for it (`offer` while it is offered, `round` while it waits).
 */
import { assert } from '../base/index.ts'
import type { ReservationRow, TaskRow, TimerRow, WorkerRow } from '../records/index.ts'
import { Matching } from './matching.ts'
import type { RoutingRows, RoutingState } from './port.ts'

/** The lane that routes every queue. */
export const routingLane = 'routing:main'

/** Ended reservations that are remembered, only to say why they are gone. */
const endedReservationsMax = 1_024

export type TimerKind = 'offer' | 'lease' | 'wrap' | 'patience' | 'round' | 'withdrawn'

/** What a timer's row holds: whom or what it is for, and who refused the task so far. */
export interface TimerData {
  readonly of: string
  readonly refused?: readonly string[]
}

export const isLiveTask = (task: TaskRow): boolean => task.state !== 'completed' && task.state !== 'canceled'
export const isLiveReservation = (reservation: ReservationRow): boolean =>
  reservation.state === 'pending' || reservation.state === 'accepted' || reservation.state === 'wrapping'

export class Routing implements RoutingState {
  readonly lane: string
  readonly tasks = new Map<string, TaskRow>()
  readonly reservations = new Map<string, ReservationRow>()
  readonly workers = new Map<string, WorkerRow>()
  readonly timers = new Map<string, string>()
  /** What a set timer is for, by its id. */
  readonly timerKeys = new Map<string, string>()
  readonly matching = new Matching()
  /** A task's live reservation. */
  readonly #reservationOf = new Map<string, string>()
  /** A worker's live reservations: each takes a place. */
  readonly #heldBy = new Map<string, Set<string>>()
  readonly #ended = new Map<string, ReservationRow>()

  constructor(lane: string) {
    this.lane = lane
  }

  taken(worker: string): number {
    return this.#heldBy.get(worker)?.size ?? 0
  }

  /** The worker's live reservations, in the order of their ids. */
  held(worker: string): readonly ReservationRow[] {
    const ids = [...(this.#heldBy.get(worker) ?? [])].sort()
    return ids.map((id) => this.reservations.get(id) as ReservationRow)
  }

  reservationOf(task: string): ReservationRow | undefined {
    const id = this.#reservationOf.get(task)
    return id === undefined ? undefined : this.reservations.get(id)
  }

  /** A reservation that ended lately: for a sentence, never for a decision. A restored state has none. */
  ended(id: string): ReservationRow | undefined {
    return this.#ended.get(id)
  }

  putTask(row: TaskRow): void {
    this.matching.leave(row.id)
    if (isLiveTask(row)) this.tasks.set(row.id, row)
    else this.tasks.delete(row.id)
    if (row.state === 'pending') this.matching.wait(row)
    else if (row.state !== 'reserved') this.matching.setRefused(row.id, [])
  }

  putReservation(row: ReservationRow): void {
    const held = this.#heldBy.get(row.worker) ?? new Set<string>()
    this.#heldBy.set(row.worker, held)
    if (isLiveReservation(row)) {
      assert((this.#reservationOf.get(row.task) ?? row.id) === row.id, 'a task has at most one live reservation')
      this.reservations.set(row.id, row)
      this.#reservationOf.set(row.task, row.id)
      held.add(row.id)
    } else {
      this.reservations.delete(row.id)
      this.#reservationOf.delete(row.task)
      held.delete(row.id)
      this.#remember(row)
    }
    this.#seat(row.worker)
  }

  putWorker(row: WorkerRow): void {
    this.workers.set(row.id, row)
    this.#seat(row.id)
  }

  setTimer(key: string, id: string): void {
    assert(!this.timers.has(key), 'a timer is set once for what it is for')
    this.timers.set(key, id)
    this.timerKeys.set(id, key)
  }

  /** The id of the timer that was set; undefined when none was. */
  dropTimer(key: string): string | undefined {
    const id = this.timers.get(key)
    if (id === undefined) return undefined
    this.timers.delete(key)
    this.timerKeys.delete(id)
    return id
  }

  #seat(worker: string): void {
    const row = this.workers.get(worker)
    if (row) this.matching.place(row, this.taken(worker))
  }

  #remember(row: ReservationRow): void {
    this.#ended.set(row.id, row)
    if (this.#ended.size <= endedReservationsMax) return
    const [oldest] = this.#ended.keys()
    this.#ended.delete(oldest as string)
  }
}

/** A routing lane before its first event. */
export function emptyRouting(lane: string = routingLane): RoutingState {
  return new Routing(lane)
}

/** A routing lane as its rows hold it: it decides as if it had never been away (G5). Timers are all those of the lane. */
export function restoreRouting(rows: RoutingRows, timers: readonly Pick<TimerRow, 'id' | 'kind' | 'data'>[], lane: string = routingLane): RoutingState {
  const routing = new Routing(lane)
  for (const worker of rows.workers) routing.putWorker(worker)
  for (const reservation of rows.reservations) if (isLiveReservation(reservation)) routing.putReservation(reservation)
  for (const { id, kind, data } of timers) {
    const { of, refused } = JSON.parse(data) as TimerData
    routing.setTimer(`${kind}:${of}`, id)
    const task = kind === 'offer' ? routing.reservations.get(of)?.task : of
    if (refused && task !== undefined) routing.matching.setRefused(task, refused)
  }
  for (const task of rows.tasks) if (isLiveTask(task)) routing.putTask(task)
  routing.matching.takeStirred()
  return routing
}

/** The state behind its port. */
export function routingOf(state: RoutingState): Routing {
  assert(state instanceof Routing, 'a routing state comes from emptyRouting or restoreRouting')
  return state
}
