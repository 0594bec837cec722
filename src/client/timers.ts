/**
 * What the client needs of time and chance. This is its only file that touches the platform's clock, so a test hands
 * in its own and holds time still.
 */
export interface ClientTimers {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Runs `run` once, `delayMs` from now; the function returned cancels it. */
  readonly after: (delayMs: number, run: () => void) => () => void
  /** Uniform in [0, 1): spreads reconnects and makes message ids. */
  readonly chance: () => number
}

/** The platform's own timers, in Node and in browsers, on secure and on plain pages alike. */
export const systemTimers: ClientTimers = {
  now: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
  chance: () => (crypto.getRandomValues(new Uint32Array(1))[0] as number) / 2 ** 32,
}
