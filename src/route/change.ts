/** What one event changes, written down while it is applied: rows by their last version, timers, events for customers, words for desks. */
import type { QueueDefinition } from '../definition/index.ts'
import type { ReservationRow, TaskRow, WorkerRow } from '../records/index.ts'
import type { Queues } from './matching.ts'
import type { RoutingEmit, RoutingEvent, RoutingRefusal, RoutingStep, RoutingTold } from './port.ts'
import type { Routing, TimerData, TimerKind } from './routing-state.ts'

export class Change {
  readonly routing: Routing
  readonly at: number
  readonly #place: string
  readonly #tasks = new Map<string, TaskRow>()
  readonly #reservations = new Map<string, ReservationRow>()
  readonly #workers = new Map<string, WorkerRow>()
  readonly #timersSet = new Map<string, RoutingStep['timers']['set'][number]>()
  readonly #timersCleared: string[] = []
  readonly #emits: RoutingEmit[] = []
  readonly #told: RoutingTold[] = []
  readonly #workersTold = new Set<string>()
  readonly #queuesTold = new Set<string>()
  #reservationCount = 0
  #timerCount = 0

  constructor(routing: Routing, event: RoutingEvent, queues: Queues) {
    this.routing = routing
    this.at = event.at
    this.#place = `${event.partition}_${event.offset}`
    routing.matching.define(queues)
  }

  queue(name: string): QueueDefinition | undefined {
    return this.routing.matching.queue(name)
  }

  nextReservationId(): string {
    return `res_${this.#place}_${this.#reservationCount++}`
  }

  putTask(row: TaskRow): void {
    this.routing.putTask(row)
    this.#tasks.set(row.id, row)
    this.#queuesTold.add(row.queue)
  }

  putReservation(row: ReservationRow): void {
    this.routing.putReservation(row)
    this.#reservations.set(row.id, row)
    this.#workersTold.add(row.worker)
  }

  putWorker(row: WorkerRow): void {
    this.routing.putWorker(row)
    this.#workers.set(row.id, row)
    this.#workersTold.add(row.id)
  }

  setTimer(kind: TimerKind, of: string, dueAt: number, refused: readonly string[] = []): void {
    const id = `tmr_${this.#place}_${this.#timerCount++}`
    const data: TimerData = refused.length === 0 ? { of } : { of, refused }
    this.routing.setTimer(`${kind}:${of}`, id)
    this.#timersSet.set(id, { id, dueAt, kind, data: JSON.stringify(data) })
  }

  /** Whether one was set. */
  clearTimer(kind: TimerKind, of: string): boolean {
    const id = this.routing.dropTimer(`${kind}:${of}`)
    if (id === undefined) return false
    if (!this.#timersSet.delete(id)) this.#timersCleared.push(id)
    return true
  }

  emit(emit: RoutingEmit): void {
    this.#emits.push(emit)
  }

  tell(told: RoutingTold): void {
    this.#told.push(told)
  }

  step(): RoutingStep {
    const { routing } = this
    for (const queue of routing.matching.takeStirred()) this.#queuesTold.add(queue)
    const workers = [...this.#workersTold]
      .sort()
      .map((id): RoutingTold => ({ kind: 'worker', worker: routing.workers.get(id) as WorkerRow, taken: routing.taken(id) }))
    const queues = [...this.#queuesTold].sort().map((queue): RoutingTold => ({ kind: 'queue', queue }))
    return {
      refusal: null,
      tasks: [...this.#tasks.values()],
      reservations: [...this.#reservations.values()],
      workers: [...this.#workers.values()],
      timers: { set: [...this.#timersSet.values()], cleared: this.#timersCleared },
      emits: this.#emits,
      told: [...this.#told, ...workers, ...queues],
    }
  }
}

/** A refused event: it changed nothing. */
export function refused(refusal: RoutingRefusal): RoutingStep {
  return { refusal, tasks: [], reservations: [], workers: [], timers: { set: [], cleared: [] }, emits: [], told: [] }
}
