/**
 * A plain model of routing, for tests and as the baseline of the benchmark: it sorts everything at every event, keeps no index,
 * no rows and no timers of its own. It says who is offered what, and what state everything is in.
 */
import type { Presence, QueueDefinition, TaskState } from '../definition/index.ts'
import type { Queues } from './matching.ts'
import type { RoutingEvent } from './port.ts'

interface PlainTask {
  readonly id: string
  readonly queue: string
  readonly priority: number
  readonly except: string | null
  readonly queuedAt: number
  state: TaskState
  /** Who is offered it, or has it. */
  worker: string | null
  /** The id its offer got from the real one. */
  reservation: string | null
  refused: string[]
}

interface PlainWorker {
  readonly id: string
  kind: 'human' | 'webhook'
  presence: Presence
  connected: boolean
  skills: readonly string[]
  capacity: number
  idleSince: number
}

const rank = (a: PlainTask, b: PlainTask): number => b.priority - a.priority || a.queuedAt - b.queuedAt || (a.id < b.id ? -1 : 1)

export class PlainRouting {
  readonly tasks = new Map<string, PlainTask>()
  readonly workers = new Map<string, PlainWorker>()
  readonly withdrawn = new Set<string>()
  readonly #queues: ReadonlyMap<string, QueueDefinition>

  constructor(queues: Queues) {
    this.#queues = new Map(Object.entries(queues))
  }

  /** Applies the event; `due` is what a timer is for. Gives the offers it leads to, in order. */
  apply(event: RoutingEvent, due: string | null): readonly PlainTask[] {
    const asked = this.#apply(event.type, event.data as Record<string, unknown>, event.at, due)
    const offers: PlainTask[] = asked ? [asked] : []
    for (let task = this.#offerFirst(); task; task = this.#offerFirst()) offers.push(task)
    return offers
  }

  taken(worker: string): number {
    return [...this.tasks.values()].filter((task) => task.worker === worker).length
  }

  fitting(queue: string): readonly PlainWorker[] {
    return [...this.workers.values()].filter((worker) => this.#queues.get(queue)?.skills.every((skill) => worker.skills.includes(skill)))
  }

  #offerFirst(): PlainTask | null {
    const taken = new Map<string, number>()
    for (const task of this.tasks.values()) if (task.worker !== null) taken.set(task.worker, (taken.get(task.worker) ?? 0) + 1)
    const load = (worker: PlainWorker): number => taken.get(worker.id) ?? 0
    const free = [...this.workers.values()].filter((worker) => takes(worker) && load(worker) < worker.capacity)
    if (free.length === 0) return null
    const idlest = free.sort((a, b) => load(a) - load(b) || a.idleSince - b.idleSince || (a.id < b.id ? -1 : 1))
    for (const task of [...this.tasks.values()].filter((each) => each.state === 'pending').sort(rank)) {
      const fitting = this.fitting(task.queue)
      const others = fitting.some((worker) => worker.id !== task.except && worker.presence !== 'offline')
      const worker = idlest.find((each) => fitting.includes(each) && !task.refused.includes(each.id) && (each.id !== task.except || !others))
      if (!worker) continue
      task.state = 'reserved'
      task.worker = worker.id
      return task
    }
    return null
  }

  #apply(type: string, data: Record<string, unknown>, at: number, due: string | null): PlainTask | null {
    const byReservation = [...this.tasks.values()].find(
      (task) => task.reservation !== null && task.reservation === data['reservation'] && task.worker === data['worker'],
    )
    const task = this.tasks.get(data['task'] as string) ?? byReservation
    const worker = this.workers.get(data['worker'] as string)
    if (type === 'task.queued') return task ? null : this.#queue(data, at)
    if (type === 'task.withdrawn' && !task) this.withdrawn.add(data['task'] as string)
    if (type === 'task.withdrawn' && task && task.state !== 'wrapping') this.#end(task, at)
    if (type === 'task.released' && task) this.#release(task, data['wrapUpCode'] !== undefined, at)
    if (type === 'reservation.accepted' && byReservation?.state === 'reserved') byReservation.state = 'assigned'
    if (type === 'reservation.rejected' && byReservation?.state === 'reserved') this.#passOn(byReservation)
    if (type === 'reservation.completed' && byReservation?.state === 'wrapping' && this.#codes(byReservation).includes(data['wrapUpCode'] as string)) {
      this.#end(byReservation, at)
    }
    if (type === 'worker.presence') this.#presence(data, at)
    if (type === 'worker.connected') this.#worker(data['worker'] as string, at).connected = true
    if (type === 'worker.disconnected' && worker?.kind === 'human') worker.connected = false
    if (type === 'routing.started') for (const each of this.workers.values()) each.connected = each.kind === 'webhook'
    if (type === 'timer.due' && due !== null) this.#due(due.slice(0, due.indexOf(':')), due.slice(due.indexOf(':') + 1), at)
    return null
  }

  #codes(task: PlainTask): readonly string[] {
    return this.#queues.get(task.queue)?.wrapUpCodes ?? []
  }

  #queue(data: Record<string, unknown>, at: number): PlainTask | null {
    const id = data['task'] as string
    if (this.withdrawn.delete(id) || !this.#queues.has(data['queue'] as string)) return null
    const task: PlainTask = {
      id,
      queue: data['queue'] as string,
      priority: data['priority'] as number,
      except: (data['except'] as string | undefined) ?? null,
      queuedAt: at,
      state: 'pending',
      worker: null,
      reservation: null,
      refused: [],
    }
    const asked = this.workers.get(data['worker'] as string)
    this.tasks.set(id, task)
    if (!asked || asked.id === task.except || !takes(asked) || this.taken(asked.id) >= asked.capacity) return null
    task.state = 'reserved'
    task.worker = asked.id
    return task
  }

  #release(task: PlainTask, noted: boolean, at: number): void {
    if (noted || task.state === 'pending' || task.state === 'reserved' || this.#queues.get(task.queue)?.wrapUpMs === 0) this.#end(task, at)
    else task.state = 'wrapping'
  }

  #end(task: PlainTask, at: number): void {
    this.tasks.delete(task.id)
    const worker = this.workers.get(task.worker ?? '')
    if (worker && task.state !== 'reserved') worker.idleSince = at
  }

  #passOn(task: PlainTask): void {
    task.refused.push(task.worker as string)
    task.state = 'pending'
    task.worker = null
    task.reservation = null
  }

  #worker(id: string, at: number): PlainWorker {
    const worker = this.workers.get(id) ?? { id, kind: 'human', presence: 'offline', connected: false, skills: [], capacity: 0, idleSince: at }
    this.workers.set(id, worker)
    return worker
  }

  #presence(data: Record<string, unknown>, at: number): void {
    const worker = this.#worker(data['worker'] as string, at)
    const presence = data['state'] as Presence
    if (presence === 'available' && worker.presence !== 'available') worker.idleSince = at
    worker.connected = data['kind'] === 'webhook' || (worker.connected && worker.kind === 'human')
    worker.presence = presence
    worker.kind = data['kind'] as PlainWorker['kind']
    worker.skills = data['skills'] as readonly string[]
    worker.capacity = data['capacity'] as number
  }

  #due(kind: string, of: string, at: number): void {
    const task = this.tasks.get(of) ?? [...this.tasks.values()].find((each) => each.reservation === of)
    const worker = this.workers.get(kind === 'lease' ? of : (task?.worker ?? ''))
    if (kind === 'withdrawn') this.withdrawn.delete(of)
    if (kind === 'offer' && task && worker) {
      this.#passOn(task)
      if (worker.presence === 'available') worker.presence = 'away'
    }
    if ((kind === 'wrap' || kind === 'patience') && task) this.#end(task, at)
    if (kind === 'round' && task && !this.#someoneLeft(task)) task.refused = []
    if (kind !== 'lease' || !worker) return
    worker.presence = 'offline'
    for (const each of [...this.tasks.values()].filter((held) => held.worker === of)) {
      if (each.state === 'reserved') this.#passOn(each)
      else if (each.state === 'assigned') this.#end(each, at)
    }
  }

  #someoneLeft(task: PlainTask): boolean {
    const fitting = this.fitting(task.queue)
    const onDuty = fitting.filter((worker) => worker.presence !== 'offline').length
    return fitting.some((worker) => takes(worker) && !task.refused.includes(worker.id) && (worker.id !== task.except || onDuty <= 1))
  }
}

const takes = (worker: PlainWorker): boolean => worker.connected && worker.presence === 'available'
