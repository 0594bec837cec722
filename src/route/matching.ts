/**
 * Who is offered what: waiting tasks and workers with a free place, each kept in order per queue, so that an event looks at what
 * it changed and never sorts.
 *
 * Owns: the order of tasks and workers, who fits, who refused. Does not own: rows, timers, reservations.
 *
 * M1 `next` gives the pair that a full sort would give first: the task of the highest priority, then the oldest, then the lowest
 *    id, of those that anybody could be offered; for it the worker with the fewest places taken, then the longest idle.
 * M2 Only what was touched since `next` last said null is looked at: everything else had no pair then, and an offer makes none.
 */
import type { QueueDefinition } from '../definition/index.ts'
import type { TaskRow, WorkerRow } from '../records/index.ts'
import { Ordered } from './ordered.ts'

export type Queues = Readonly<Record<string, QueueDefinition>>

interface Line {
  readonly queue: QueueDefinition
  readonly waiting: Ordered<TaskRow>
  readonly free: Ordered<Seat>
  /** Of `waiting`, those that somebody is not to have. */
  readonly excepting: Set<TaskRow>
  /** Workers with the skills: how many are not offline, and how many of them take offers. */
  onDuty: number
  takers: number
}

/** A worker as it stood when it was last touched. */
interface Seat {
  readonly row: WorkerRow
  readonly taken: number
  /** Of the queues whose skills it has. */
  readonly lines: readonly Line[]
  readonly onDuty: boolean
  readonly takes: boolean
  readonly free: boolean
}

const byId = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const byRank = (a: TaskRow, b: TaskRow): number => b.priority - a.priority || a.queuedAt - b.queuedAt || byId(a.id, b.id)
const byIdleness = (a: Seat, b: Seat): number => a.taken - b.taken || a.row.idleSince - b.row.idleSince || byId(a.row.id, b.row.id)
const nobody: readonly string[] = []

/** Whether a worker is offered anything at all: it is there, and says so. */
export const takesOffers = (worker: WorkerRow): boolean => worker.connected && worker.presence === 'available'

export class Matching {
  #queues: Queues | null = null
  #lines = new Map<string, Line>()
  readonly #seats = new Map<string, Seat>()
  readonly #waiting = new Map<string, TaskRow>()
  readonly #refused = new Map<string, readonly string[]>()
  readonly #newTasks = new Set<string>()
  readonly #newSeats = new Set<string>()
  readonly #stirred = new Set<string>()

  /** Takes the queues as they are now; when they are others than before, everything is looked at again. */
  define(queues: Queues): void {
    if (this.#queues === queues) return
    this.#queues = queues
    const waiting = Map.groupBy(this.#waiting.values(), (task) => task.queue)
    this.#lines = new Map(Object.values(queues).map((queue) => [queue.name, emptyLine(queue, waiting.get(queue.name) ?? [])]))
    for (const seat of this.#seats.values()) this.#sit(seat.row, seat.taken)
  }

  queue(name: string): QueueDefinition | undefined {
    return this.#lines.get(name)?.queue
  }

  /** Workers who could be offered something of this queue now. */
  freeWorkers(queue: string): number {
    return this.#lines.get(queue)?.free.items.length ?? 0
  }

  /** Puts the worker where its row and its places say. */
  place(row: WorkerRow, taken: number): void {
    const before = this.#seats.get(row.id)
    for (const line of before?.lines ?? []) {
      if (before?.free) line.free.remove(before)
      if (before?.onDuty) line.onDuty--
      if (before?.takes) line.takers--
    }
    const seat = this.#sit(row, taken)
    if (before?.free !== seat.free || before.row.skills !== row.skills)
      for (const line of [...(before?.lines ?? []), ...seat.lines]) this.#stirred.add(line.queue.name)
    for (const line of before?.lines ?? []) if (line.onDuty <= 1) for (const task of line.excepting) this.#newTasks.add(task.id)
  }

  #sit(row: WorkerRow, taken: number): Seat {
    const before = this.#seats.get(row.id)
    const line = before?.lines[0]
    const known = before && line && before.row.skills === row.skills && this.#lines.get(line.queue.name) === line
    const onDuty = row.presence !== 'offline'
    const takes = takesOffers(row)
    const seat: Seat = { row, taken, lines: known ? before.lines : this.#linesOf(row), onDuty, takes, free: takes && taken < row.capacity }
    this.#seats.set(row.id, seat)
    for (const each of seat.lines) {
      if (seat.free) each.free.insert(seat)
      if (onDuty) each.onDuty++
      if (takes) each.takers++
    }
    if (seat.free) this.#newSeats.add(row.id)
    else this.#newSeats.delete(row.id)
    return seat
  }

  #linesOf(row: WorkerRow): readonly Line[] {
    const skills = new Set(JSON.parse(row.skills) as string[])
    return [...this.#lines.values()].filter((line) => line.queue.skills.every((skill) => skills.has(skill)))
  }

  /** The task waits to be offered. */
  wait(task: TaskRow): void {
    this.#waiting.set(task.id, task)
    this.#newTasks.add(task.id)
    this.#stirred.add(task.queue)
    const line = this.#lines.get(task.queue)
    line?.waiting.insert(task)
    if (task.exceptWorker !== null) line?.excepting.add(task)
  }

  /** The task waits no longer, or is offered. */
  leave(id: string): void {
    const task = this.#waiting.get(id)
    if (!task) return
    this.#waiting.delete(id)
    this.#newTasks.delete(id)
    this.#stirred.add(task.queue)
    const line = this.#lines.get(task.queue)
    line?.waiting.remove(task)
    line?.excepting.delete(task)
  }

  /** Who refused the task, or let its offer pass, since its last round began; sorted. */
  refusedBy(task: string): readonly string[] {
    return this.#refused.get(task) ?? nobody
  }

  /** An empty list begins a new round. */
  setRefused(task: string, workers: readonly string[]): void {
    if (workers.length === 0) this.#refused.delete(task)
    else this.#refused.set(task, [...workers].sort())
    if (this.#waiting.has(task)) this.#newTasks.add(task)
  }

  /** Whether somebody who takes offers was not asked yet in this round; that everybody is busy just now does not count. */
  someoneLeft(task: TaskRow): boolean {
    const line = this.#lines.get(task.queue)
    if (!line) return false
    const barred = new Set(this.refusedBy(task.id))
    if (task.exceptWorker !== null && line.onDuty > 1) barred.add(task.exceptWorker)
    let left = line.takers
    for (const worker of barred) {
      const seat = this.#seats.get(worker)
      if (seat?.takes && seat.lines.includes(line)) left--
    }
    return left > 0
  }

  /** Whether this worker could be offered something now, whatever its skills. */
  isFree(worker: string): boolean {
    return this.#seats.get(worker)?.free ?? false
  }

  /** Queues whose figures changed since it was last asked. */
  takeStirred(): readonly string[] {
    const queues = [...this.#stirred]
    this.#stirred.clear()
    return queues
  }

  /** The next offer to make; null when no free worker and task fit each other. */
  next(): { readonly task: TaskRow; readonly worker: string } | null {
    let first: TaskRow | null = null
    for (const id of this.#newTasks) {
      const task = this.#waiting.get(id) as TaskRow
      if (!this.#seatFor(task)) this.#newTasks.delete(id)
      else if (!first || byRank(task, first) < 0) first = task
    }
    for (const id of this.#newSeats) {
      const task = this.#taskFor(this.#seats.get(id) as Seat)
      if (!task) this.#newSeats.delete(id)
      else if (!first || byRank(task, first) < 0) first = task
    }
    const seat = first && this.#seatFor(first)
    return first && seat ? { task: first, worker: seat.row.id } : null
  }

  #seatFor(task: TaskRow): Seat | undefined {
    const line = this.#lines.get(task.queue)
    return line?.free.items.find((seat) => this.#offerable(task, seat, line))
  }

  #taskFor(seat: Seat): TaskRow | null {
    let best: TaskRow | null = null
    for (const line of seat.lines) {
      for (const task of line.waiting.items) {
        if (best && byRank(task, best) > 0) break
        if (!this.#offerable(task, seat, line)) continue
        best = task
        break
      }
    }
    return best
  }

  /** `except` holds while anybody else with the skills is on duty: they may come back to their desk, or get a place free. */
  #offerable(task: TaskRow, seat: Seat, line: Line): boolean {
    if (task.exceptWorker === seat.row.id && line.onDuty > 1) return false
    return !this.refusedBy(task.id).includes(seat.row.id)
  }
}

function emptyLine(queue: QueueDefinition, waiting: readonly TaskRow[]): Line {
  return {
    queue,
    waiting: new Ordered(byRank, waiting),
    free: new Ordered(byIdleness),
    excepting: new Set(waiting.filter((task) => task.exceptWorker !== null)),
    onDuty: 0,
    takers: 0,
  }
}
