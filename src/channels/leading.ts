/**
 * Leads what somebody else was told of each of many things to what is true of them.
 *
 * Owns: what is true, what was told, one call at a time for each. Does not own: what it means.
 *
 * L1 Whatever fails, in the end the last value that was set is the last that was told.
 */
import type { Timer, World } from '../base/index.ts'

/** Until it is told again what could not be told. */
export const retryMs = 1_000

interface Led<Value> {
  wanted: Value
  told: Value
  isBusy: boolean
}

export class Leading<Value> {
  readonly #world: World
  readonly #rest: Value
  readonly #tell: (name: string, value: Value) => Promise<void>
  readonly #led = new Map<string, Led<Value>>()
  readonly #retries = new Set<Timer>()
  #isClosed = false

  /** `rest` is what holds of whatever nothing was told of. */
  constructor(world: World, rest: Value, tell: (name: string, value: Value) => Promise<void>) {
    this.#world = world
    this.#rest = rest
    this.#tell = tell
  }

  want(name: string, value: Value): void {
    const led = this.#led.get(name) ?? { wanted: value, told: this.#rest, isBusy: false }
    this.#led.set(name, led)
    led.wanted = value
    if (!led.isBusy) void this.#lead(name, led)
  }

  close(): void {
    this.#isClosed = true
    for (const timer of this.#retries) timer.cancel()
  }

  async #lead(name: string, led: Led<Value>): Promise<void> {
    led.isBusy = true
    while (led.told !== led.wanted && !this.#isClosed) {
      const value = led.wanted
      try {
        await this.#tell(name, value)
        led.told = value
      } catch {
        await this.#later()
      }
    }
    led.isBusy = false
    if (led.told === this.#rest) this.#led.delete(name)
  }

  #later(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#world.setTimer(retryMs, () => {
        this.#retries.delete(timer)
        resolve()
      })
      this.#retries.add(timer)
    })
  }
}
