/**
 * Who is typing. Owns: typists and when each of them must be heard of again. Ephemeral: nothing of it is kept.
 *
 * T1 Told are changes only, however often a page says the same: on with a conversation's first typist, off with its last.
 * T2 Nobody types for longer than `typingMsMax` without saying so again; a typist that is gone does not type.
 */
import type { Timer, World } from '../base/index.ts'

/** Typing is over when it is not said again within this time. */
export const typingMsMax = 6_000

interface Typing {
  readonly conversation: string
  until: number
  timer: Timer
}

export class Typists<Typist extends object> {
  readonly #world: World
  readonly #told: (conversation: string, on: boolean, typist: Typist) => void
  readonly #typing = new Map<Typist, Typing>()
  readonly #counts = new Map<string, number>()

  constructor(world: World, told: (conversation: string, on: boolean, typist: Typist) => void) {
    this.#world = world
    this.#told = told
  }

  /** A typist types in one conversation at a time. */
  typing(typist: Typist, conversation: string, on: boolean): void {
    const held = this.#typing.get(typist)
    if (held !== undefined && held.conversation === conversation && on) {
      held.until = this.#world.monotonicMs() + typingMsMax
      return
    }
    this.stops(typist)
    if (!on) return
    const until = this.#world.monotonicMs() + typingMsMax
    this.#typing.set(typist, { conversation, until, timer: this.#timer(typist, typingMsMax) })
    const count = this.#counts.get(conversation) ?? 0
    this.#counts.set(conversation, count + 1)
    if (count === 0) this.#told(conversation, true, typist)
  }

  /** Types no more: said so, said it all, or is gone. */
  stops(typist: Typist): void {
    const held = this.#typing.get(typist)
    if (held === undefined) return
    held.timer.cancel()
    this.#typing.delete(typist)
    const count = (this.#counts.get(held.conversation) ?? 1) - 1
    if (count > 0) {
      this.#counts.set(held.conversation, count)
      return
    }
    this.#counts.delete(held.conversation)
    this.#told(held.conversation, false, typist)
  }

  /** One timer for each typist, set again only when it finds that they typed on. */
  #timer(typist: Typist, delayMs: number): Timer {
    return this.#world.setTimer(delayMs, () => {
      const held = this.#typing.get(typist)
      if (held === undefined) return
      const left = held.until - this.#world.monotonicMs()
      if (left <= 0) this.stops(typist)
      else held.timer = this.#timer(typist, left)
    })
  }
}
