/**
 * The World is the only way to time, timers, chance and ids. Simulation replaces it whole, so one seed replays a run.
 *
 * Owns: reading the host's clocks and randomness. Does not own: deadlines, which travel as plain numbers.
 */
import { randomBytes } from 'node:crypto'

export interface Timer {
  cancel(): void
}

export interface World {
  /** Wall clock, milliseconds since the epoch. */
  now(): number
  /** Monotonic clock in milliseconds, with a fraction. Only differences mean anything. */
  monotonicMs(): number
  /** Uniform in [0, 1). */
  random(): number
  /** Cryptographically strong in the real world; seeded in a simulated one. */
  randomBytes(length: number): Uint8Array
  /** Runs `callback` once after `delayMs`. Does not keep the process alive by itself. */
  setTimer(delayMs: number, callback: () => void): Timer
  /** Runs `callback` after the current turn of the event loop (setImmediate). */
  defer(callback: () => void): void
}

export function realWorld(): World {
  return {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    random: () => Math.random(),
    randomBytes: (length) => randomBytes(length),
    setTimer: (delayMs, callback) => {
      const timer = setTimeout(callback, delayMs)
      timer.unref()
      return { cancel: () => clearTimeout(timer) }
    },
    defer: (callback) => {
      setImmediate(callback)
    },
  }
}
