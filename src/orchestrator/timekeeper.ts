/**
 * Timers of lanes: a step sets them, its commit keeps them, and when one is due it comes back to its lane as an event.
 *
 * Owns: the clocks that run. Does not own: the rows (records), what a timer means (the lane that set it).
 *
 * Y1 A timer that is committed comes back exactly once, as an event with its id, however often the process dies: the row stays until
 *    the step of that event clears it, and the lane knows the id.
 * Y2 One that was cleared before it was due may still come back; its lane finds nothing to do.
 * Y3 What is left to wait is counted from when it is set: a wall clock that is put back makes nobody wait longer.
 */
import type { Timer, World } from '../base/index.ts'
import type { LoggedEvent } from '../definition/index.ts'
import type { TimerRow } from '../records/index.ts'

/** The longest wait a platform's timer can count. */
const waitMsMax = 2_000_000_000
/** How often a timer that is put off is looked at again. */
const putOffMs = 150

export interface Timekeeper {
  set(timer: TimerRow): void
  clear(id: string): void
  readonly size: number
  /** Lets every clock go; the rows stay. */
  close(): void
}

export interface TimekeeperParts {
  readonly world: World
  /** Appends the event to the timer's lane. */
  readonly due: (event: LoggedEvent) => void
  /** Whether something makes it wait a little longer: a customer who is typing. `overdueMs`: how long it was put off so far. */
  readonly putOff: (timer: TimerRow, overdueMs: number) => boolean
}

export const timerSource = 'battuta:timer'

export function openTimekeeper({ world, due, putOff }: TimekeeperParts): Timekeeper {
  const running = new Map<string, Timer>()
  let closed = false

  const start = (timer: TimerRow, dueMono: number, waitMs: number): void => {
    running.set(
      timer.id,
      world.setTimer(Math.min(waitMs, waitMsMax), () => ring(timer, dueMono)),
    )
  }
  const ring = (timer: TimerRow, dueMono: number): void => {
    if (closed) return
    const overdueMs = world.monotonicMs() - dueMono
    // The platform's timers may ring a little early; at most a millisecond.
    if (overdueMs < -1) return start(timer, dueMono, -overdueMs)
    if (putOff(timer, Math.max(0, overdueMs))) return start(timer, dueMono, putOffMs)
    running.delete(timer.id)
    const now = world.now()
    const data = JSON.parse(timer.data) as { readonly conversation?: string }
    due({
      id: timer.id,
      source: timerSource,
      type: 'timer.due',
      customer: timer.lane,
      time: now,
      received: now,
      from: 'battuta',
      data: { timer: timer.id, kind: timer.kind, data, ...(data.conversation === undefined ? {} : { conversation: data.conversation }) },
    })
  }
  return {
    set(timer) {
      running.get(timer.id)?.cancel()
      const waitMs = Math.max(0, timer.dueAt - world.now())
      if (!closed) start(timer, world.monotonicMs() + waitMs, waitMs)
    },
    clear(id) {
      running.get(id)?.cancel()
      running.delete(id)
    },
    get size() {
      return running.size
    },
    close() {
      closed = true
      for (const timer of running.values()) timer.cancel()
      running.clear()
    },
  }
}
