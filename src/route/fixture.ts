/** Queues, events and a lane with its rows, for the tests of this room. */
import type { QueueDefinition } from '../definition/index.ts'
import type { ReservationRow, TaskRow, TimerRow, WorkerRow } from '../records/index.ts'
import type { RoutingEvent, RoutingRows, RoutingState, RoutingStep } from './port.ts'
import { routeEvent } from './routing.ts'
import { emptyRouting, restoreRouting } from './routing-state.ts'

export function queueOf(name: string, skills: readonly string[], more: Partial<QueueDefinition> = {}): QueueDefinition {
  return {
    kind: 'queue',
    name,
    skills,
    team: `${name} team`,
    serviceLevel: { share: 0.8, withinMs: 20_000 },
    offerMs: 20_000,
    patienceMs: null,
    wrapUpMs: 30_000,
    wrapUpCodes: ['solved', 'other'],
    ...more,
  }
}

/** What a lane would have on disk: rows by their last version, timers that are set. */
export class Shelf {
  readonly tasks = new Map<string, TaskRow>()
  readonly reservations = new Map<string, ReservationRow>()
  readonly workers = new Map<string, WorkerRow>()
  readonly timers = new Map<string, Omit<TimerRow, 'lane' | 'partition'>>()

  put(step: RoutingStep): void {
    for (const row of step.tasks) this.tasks.set(row.id, row)
    for (const row of step.reservations) this.reservations.set(row.id, row)
    for (const row of step.workers) this.workers.set(row.id, row)
    for (const row of step.timers.set) this.timers.set(row.id, row)
    for (const id of step.timers.cleared) this.timers.delete(id)
  }

  /** What `DeskRecords.routing` gives: what has not ended, in no order that means anything. */
  rows(): RoutingRows {
    const tasks = [...this.tasks.values()].filter((row) => !['completed', 'canceled'].includes(row.state))
    const reservations = [...this.reservations.values()].filter((row) => ['pending', 'accepted', 'wrapping'].includes(row.state))
    return { tasks: tasks.reverse(), reservations: reservations.reverse(), workers: [...this.workers.values()].reverse() }
  }

  restored(): RoutingState {
    return restoreRouting(this.rows(), [...this.timers.values()].reverse())
  }
}

/** A lane that one can talk to: `at` is the time of the next event. */
export class LaneUnderTest {
  readonly queues: Readonly<Record<string, QueueDefinition>>
  readonly shelf = new Shelf()
  readonly state: RoutingState = emptyRouting()
  at = 1_000_000
  #offset = 0

  constructor(queues: readonly QueueDefinition[]) {
    this.queues = Object.fromEntries(queues.map((queue) => [queue.name, queue]))
  }

  event(type: string, data: Readonly<Record<string, unknown>> = {}): RoutingEvent {
    return { type, partition: 3, offset: this.#offset++, at: this.at, data }
  }

  send(type: string, data: Readonly<Record<string, unknown>> = {}): RoutingStep {
    const step = routeEvent(this.state, this.event(type, data), this.queues)
    this.shelf.put(step)
    return step
  }

  /** A person at the desk, there and available. */
  person(id: string, skills: readonly string[], more: Readonly<Record<string, unknown>> = {}): RoutingStep {
    this.send('worker.connected', { worker: id })
    return this.send('worker.presence', { worker: id, name: id, kind: 'human', state: 'available', skills, capacity: 1, ...more })
  }

  queued(id: string, queue: string, more: Readonly<Record<string, unknown>> = {}): RoutingStep {
    return this.send('task.queued', {
      task: id,
      conversation: `conv-${id}`,
      customer: `user:${id}`,
      channel: 'chat',
      queue,
      priority: 0,
      goal: 'help',
      ...more,
    })
  }

  /** The timer set for this is due. */
  due(key: string): RoutingStep {
    return this.send('timer.due', { timer: this.state.timers.get(key), kind: key.slice(0, key.indexOf(':')) })
  }

  /** The live reservation of a task. */
  reservation(task: string): ReservationRow | undefined {
    return [...this.state.reservations.values()].find((row) => row.task === task)
  }

  /** Who is offered the task, or has it. */
  holder(task: string): string | undefined {
    return this.reservation(task)?.worker
  }

  accept(task: string): RoutingStep {
    const { id, worker } = this.reservation(task) as ReservationRow
    return this.send('reservation.accepted', { reservation: id, worker })
  }
}
