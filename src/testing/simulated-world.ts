/**
 * A world of its own time and chance: nothing happens until it is run, and one seed replays a run exactly.
 *
 * Owns: virtual clocks, timers, deferred work, ids. Does not own: promises; between two pieces of work every promise
 * that can settle does.
 */
import { assert, seededChance } from '../base/index.ts'
import type { World } from '../base/index.ts'

export interface SimulatedWorld extends World {
  /** Runs everything that is due, and what that starts, until `ms` have passed. */
  advance(ms: number): Promise<void>
  /** Runs until `done` holds; fails when nothing is left to run or after `msMax` of virtual time. */
  until(done: () => boolean, msMax?: number): Promise<void>
  /** Waits for a promise while the world runs. */
  settle<T>(promise: Promise<T>, msMax?: number): Promise<T>
  /** Drops everything that was to happen: the process died. What was to happen outside of it still does. */
  crash(): void
  /** The wall clock is set, forward or back; the monotonic one goes on. */
  jump(ms: number): void
  /** The same time, for what is not part of the process: networks, browsers, other people's servers. */
  readonly outside: World
}

interface Task {
  readonly at: number
  readonly order: number
  readonly run: () => void
  readonly outside: boolean
}

const epoch = Date.UTC(2026, 0, 5, 9)
/** Virtual time of one deferred turn. */
const turnMs = 0.01

/**
 * @example
 * const world = simulatedWorld('seed-1')
 * world.setTimer(1000, () => console.log('one second'))
 * await world.advance(1000)
 */
export function simulatedWorld(seed: string, startAt: number = epoch): SimulatedWorld {
  const chance = seededChance(seed)
  let tasks: Task[] = []
  let elapsed = 0
  let order = 0
  let jumped = 0

  const add = (delay: number, run: () => void, outside: boolean): Task => {
    const task = { at: elapsed + delay, order: order++, run, outside }
    let index = tasks.length
    while (index > 0 && before(task, tasks[index - 1] as Task)) index--
    tasks.splice(index, 0, task)
    return task
  }
  const next = async (limit: number): Promise<boolean> => {
    await settled()
    const task = tasks[0]
    if (!task || task.at > limit) return false
    tasks.shift()
    elapsed = Math.max(elapsed, task.at)
    task.run()
    return true
  }
  const part = (outside: boolean): World => ({
    now: () => Math.floor(startAt + elapsed + jumped),
    monotonicMs: () => elapsed,
    random: chance.next,
    randomBytes: (length) => Uint8Array.from({ length }, () => chance.below(256)),
    setTimer: (delayMs, callback) => {
      const task = add(delayMs, callback, outside)
      return { cancel: () => void (tasks = tasks.filter((held) => held !== task)) }
    },
    defer: (callback) => void add(turnMs, callback, outside),
  })
  const world: SimulatedWorld = {
    ...part(false),
    outside: part(true),
    jump: (ms) => void (jumped += ms),
    async advance(ms) {
      const limit = elapsed + ms
      while (await next(limit));
      elapsed = limit
      await settled()
    },
    async until(done, msMax = 60_000) {
      const limit = elapsed + msMax
      await settled()
      while (!done()) assert(await next(limit), `the world stood still at ${elapsed.toFixed(2)} ms before what was waited for`)
    },
    async settle(promise, msMax = 60_000) {
      let over = false
      const end = (): void => void (over = true)
      promise.then(end, end)
      await world.until(() => over, msMax)
      return promise
    },
    crash: () => void (tasks = tasks.filter((task) => task.outside)),
  }
  return world
}

function before(a: Task, b: Task): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** One real turn of the event loop: every promise that can settle has settled after it. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
