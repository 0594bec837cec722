/**
 * Routing, as pure data: what a routing lane holds, what an event does to it, and what leaves by it. Nothing here reads a clock;
 * the event brings its time.
 */
import type { ReservationRow, TaskRow, TimerRow, WorkerRow } from '../records/index.ts'

/** Everything a routing lane holds in memory, tasks and reservations until they end. It changes only through `routeEvent`. */
export interface RoutingState {
  readonly lane: string
  readonly tasks: ReadonlyMap<string, TaskRow>
  readonly reservations: ReadonlyMap<string, ReservationRow>
  readonly workers: ReadonlyMap<string, WorkerRow>
  /**
   * Ids of timers that are set, by what they are for: `offer:RESERVATION`, `lease:WORKER`, `wrap:RESERVATION`, `patience:TASK`,
   * `round:TASK` (it may be offered to everybody again), `withdrawn:TASK` (withdrawn before it was queued).
   */
  readonly timers: ReadonlyMap<string, string>
}

/** What records hold of a routing lane: see `DeskRecords.routing`. */
export interface RoutingRows {
  readonly tasks: readonly TaskRow[]
  readonly reservations: readonly ReservationRow[]
  readonly workers: readonly WorkerRow[]
}

export interface RoutingEvent {
  readonly type: string
  /** Event's place: ids of what it makes derive from it. */
  readonly partition: number
  readonly offset: number
  /** Receipt, milliseconds since the epoch: the only clock. */
  readonly at: number
  readonly data: unknown
}

/** An event for a customer's lane. */
export interface RoutingEmit {
  readonly customer: string
  readonly type: 'conversation.assigned' | 'conversation.unassigned'
  readonly data: Readonly<Record<string, unknown>>
}

/** What desks are told once the step is committed. */
export type RoutingTold =
  | { readonly kind: 'offered'; readonly reservation: ReservationRow; readonly task: TaskRow }
  | {
      readonly kind: 'ended'
      readonly reservation: ReservationRow
      readonly task: TaskRow
      readonly reason: 'accepted' | 'taken' | 'timeout' | 'canceled' | 'rejected'
    }
  | { readonly kind: 'wrapping'; readonly reservation: ReservationRow; readonly task: TaskRow; readonly endsAt: number }
  | { readonly kind: 'worker'; readonly worker: WorkerRow; readonly taken: number }
  | { readonly kind: 'queue'; readonly queue: string }

export interface RoutingRefusal {
  readonly code: 'RESERVATION_GONE' | 'WORKER_UNKNOWN' | 'REQUEST_INVALID'
  readonly message: string
}

/** What one event changed. `refusal` is set when it changed nothing. */
export interface RoutingStep {
  readonly refusal: RoutingRefusal | null
  readonly tasks: readonly TaskRow[]
  readonly reservations: readonly ReservationRow[]
  readonly workers: readonly WorkerRow[]
  /** `lane` and `partition` are filled in by the caller's lane. */
  readonly timers: { readonly set: readonly Omit<TimerRow, 'lane' | 'partition'>[]; readonly cleared: readonly string[] }
  readonly emits: readonly RoutingEmit[]
  readonly told: readonly RoutingTold[]
}
