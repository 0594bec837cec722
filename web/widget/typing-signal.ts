/**
 * Turns keystrokes into the few words the other side needs: writes, still writes, rests.
 * Owns when the last was said and the wait for the next key. Does not own the connection.
 *
 * T1 `true` is said at once, then at most every `repeatMs`; `false` is said once, and only after a `true`.
 */
import type { ClientTimers } from '../../src/client/index.ts'

/** A page that opens meanwhile learns of it within this time. */
export const repeatMs = 3_000
/** Without a key for this long nobody is writing. */
export const restMs = 5_000

export class TypingSignal {
  readonly #timers: ClientTimers
  readonly #say: (on: boolean) => void
  /** When `true` was last said; null while resting. */
  #saidAt: number | null = null
  #cancelRest = () => {}

  constructor(timers: ClientTimers, say: (on: boolean) => void) {
    this.#timers = timers
    this.#say = say
  }

  /** A key changed the text. */
  key(): void {
    const now = this.#timers.now()
    if (this.#saidAt === null || now - this.#saidAt >= repeatMs) {
      this.#saidAt = now
      this.#say(true)
    }
    this.#cancelRest()
    this.#cancelRest = this.#timers.after(restMs, () => this.rest())
  }

  /** Sent, emptied, left, or nothing for a while. */
  rest(): void {
    this.#cancelRest()
    if (this.#saidAt === null) return
    this.#saidAt = null
    this.#say(false)
  }
}
