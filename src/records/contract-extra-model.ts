/** A plain model of what a commit's `extra` leaves behind, and of what is looked up from it. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { ReservationState, TaskState } from '../definition/index.ts'
import { noteOf, reservationOf, taskOf, timerOf, workerOf } from './fixture.ts'
import type { StepPart } from './fixture.ts'
import type { LaneExtra, NoteRow, Records, ReservationRow, TaskRow, TimerRow, WorkerRow } from './port.ts'

const taskStates: readonly TaskState[] = ['pending', 'reserved', 'assigned', 'wrapping', 'completed', 'canceled']
const reservationStates: readonly ReservationState[] = ['pending', 'accepted', 'rejected', 'timeout', 'canceled', 'rescinded', 'wrapping', 'completed']
const queues = ['cards', 'transfers']
/** Tasks are queued at 0 to 9, so that by the World's clock all of them have waited longer than this. */
const withinMs = 3

export interface ExtraIntent {
  readonly cleared: readonly number[]
  readonly timers: readonly { readonly id: number; readonly dueAt: number }[]
  readonly notes: readonly { readonly id: number; readonly afterSeq: number }[]
  readonly tasks: readonly {
    readonly id: number
    readonly state: TaskState
    readonly queue: string
    readonly queuedAt: number
    readonly waitedMs: number | null
  }[]
  readonly reservations: readonly { readonly id: number; readonly state: ReservationState; readonly offeredAt: number }[]
  readonly workers: readonly { readonly id: number; readonly connected: boolean }[]
}

/** Ids are few, so that rows are replaced often. */
const id = fc.nat(3)
const few = { maxLength: 2 }

export const extraIntents: fc.Arbitrary<ExtraIntent> = fc.record({
  cleared: fc.array(id, few),
  timers: fc.array(fc.record({ id, dueAt: fc.nat(4) }), few),
  notes: fc.array(fc.record({ id, afterSeq: fc.nat(3) }), few),
  tasks: fc.array(
    fc.record({
      id,
      state: fc.constantFrom(...taskStates),
      queue: fc.constantFrom(...queues),
      queuedAt: fc.nat(9),
      waitedMs: fc.option(fc.nat(6)),
    }),
    few,
  ),
  reservations: fc.array(fc.record({ id, state: fc.constantFrom(...reservationStates), offeredAt: fc.nat(4) }), few),
  workers: fc.array(fc.record({ id, connected: fc.boolean() }), few),
})

/** Rows of every table, each with what its columns find hard. */
export function wholeExtra(part: StepPart, own: (id: string) => string): LaneExtra {
  return {
    timers: { set: [timerOf(part, own('b'), { dueAt: 2.5 }), timerOf(part, own('a'), { dueAt: 2.5 }), timerOf(part, own('c'), { dueAt: 1 })], cleared: [] },
    notes: [noteOf(part.lane, 'second', { afterSeq: 2, at: 1 }), noteOf(part.lane, 'first', { afterSeq: 1, at: 2, text: 'grüße 🙂' })],
    tasks: [
      taskOf(part, own('task'), {
        state: 'wrapping',
        priority: -1.5,
        because: 'they asked',
        onlyWorker: 'ada',
        exceptWorker: 'ben',
        worker: 'ada',
        assignedAt: 2,
        endedAt: 3,
        wrapUpCode: 'solved',
      }),
    ],
    reservations: [reservationOf(part, own('reservation'), { state: 'accepted', endedAt: 4.25 })],
    workers: [workerOf(part, 'ben', { connected: false, kind: 'webhook', presence: 'offline', idleSince: 0.5 }), workerOf(part, 'ada')],
  }
}

export async function holdsExtra(
  { desk }: Records,
  { partition, lane }: StepPart,
  { timers, notes = [], tasks = [], reservations, workers = [] }: LaneExtra,
): Promise<void> {
  const [b, a, c] = timers?.set ?? []
  assert.deepEqual(await desk.timers(partition), [c, a, b])
  assert.deepEqual(await desk.routing(lane), { tasks, reservations, workers: workers.toReversed() })
  assert.deepEqual(await desk.notes(lane), notes.toReversed())
  assert.deepEqual(await desk.task(tasks[0]?.id ?? ''), tasks[0])
  assert.deepEqual(await desk.reservation(reservations?.[0]?.id ?? ''), reservations?.[0])
}

export class ExtraModel {
  readonly #partition: number
  readonly #timers = new Map<string, TimerRow>()
  readonly #notes = new Map<string, NoteRow>()
  readonly #tasks = new Map<string, TaskRow>()
  readonly #reservations = new Map<string, ReservationRow>()
  readonly #workers = new Map<string, WorkerRow>()

  constructor(partition: number) {
    this.#partition = partition
  }

  /** Ids belong to the partition, as all runs share one disk; a worker's to its lane, and a note's to its conversation. */
  extraOf(part: StepPart, intent: ExtraIntent): LaneExtra {
    const own = (number: number): string => `${this.#partition}-${number}`
    const { offset } = part
    return {
      timers: {
        cleared: intent.cleared.map(own),
        set: intent.timers.map(({ id: number, dueAt }) => timerOf(part, own(number), { dueAt, data: `{"offset":${offset}}` })),
      },
      notes: intent.notes.map(({ id: number, afterSeq }) => noteOf(part.lane, `n${number}`, { afterSeq, text: `written at ${offset}` })),
      tasks: intent.tasks.map(({ id: number, state, queue, queuedAt, waitedMs }) =>
        taskOf(part, own(number), {
          state,
          queue: `${queue}-${this.#partition}`,
          queuedAt,
          assignedAt: waitedMs === null ? null : queuedAt + waitedMs,
          worker: waitedMs === null ? null : 'ada',
          priority: offset / 4,
        }),
      ),
      reservations: intent.reservations.map(({ id: number, state, offeredAt }) => reservationOf(part, own(number), { state, offeredAt, expiresAt: offset })),
      workers: intent.workers.map(({ id: number, connected }) => workerOf(part, `w${number}`, { connected, since: offset })),
    }
  }

  apply({ timers, notes, tasks, reservations, workers }: LaneExtra): void {
    for (const cleared of timers?.cleared ?? []) this.#timers.delete(cleared)
    for (const row of timers?.set ?? []) this.#timers.set(row.id, row)
    for (const row of notes ?? []) this.#notes.set(`${row.conversation} ${row.id}`, row)
    for (const row of tasks ?? []) this.#tasks.set(row.id, row)
    for (const row of reservations ?? []) this.#reservations.set(row.id, row)
    for (const row of workers ?? []) this.#workers.set(`${row.lane} ${row.id}`, row)
  }

  async compare(records: Records, lanes: readonly string[]): Promise<void> {
    const { desk } = records
    assert.deepEqual(await desk.timers(this.#partition), ordered([...this.#timers.values()], 'dueAt'))
    for (const lane of lanes) {
      const tasks = [...this.#tasks.values()].filter((row) => row.lane === lane && !['completed', 'canceled'].includes(row.state))
      const reservations = [...this.#reservations.values()].filter((row) => row.lane === lane && ['pending', 'accepted', 'wrapping'].includes(row.state))
      const workers = [...this.#workers.values()].filter((row) => row.lane === lane)
      assert.deepEqual(await desk.routing(lane), {
        tasks: ordered(tasks, 'queuedAt'),
        reservations: ordered(reservations, 'offeredAt'),
        workers: workers.sort((left, right) => left.id.localeCompare(right.id)),
      })
      const notes = [...this.#notes.values()].filter((row) => row.conversation === lane)
      assert.deepEqual(
        await desk.notes(lane),
        notes.sort((left, right) => left.afterSeq - right.afterSeq || left.id.localeCompare(right.id)),
      )
    }
    for (const row of this.#tasks.values()) assert.deepEqual(await desk.task(row.id), row)
    for (const row of this.#reservations.values()) assert.deepEqual(await desk.reservation(row.id), row)
    await this.#compareAnswered(records)
  }

  async #compareAnswered({ desk }: Records): Promise<void> {
    const since = 4
    const names = queues.map((queue) => `${queue}-${this.#partition}`)
    const expected = names.map((queue) => {
      const tasks = [...this.#tasks.values()].filter((row) => row.queue === queue && row.queuedAt >= since)
      const within = tasks.filter(({ assignedAt, queuedAt }) => assignedAt !== null && assignedAt - queuedAt <= withinMs)
      return [queue, { count: tasks.length, within: within.length }]
    })
    assert.deepEqual(await desk.answered(since, Object.fromEntries(names.map((queue) => [queue, withinMs]))), Object.fromEntries(expected))
  }
}

function ordered<Key extends string, Row extends { readonly id: string } & { readonly [key in Key]: number }>(rows: Row[], key: Key): Row[] {
  return rows.sort((left, right) => left[key] - right[key] || left.id.localeCompare(right.id))
}
