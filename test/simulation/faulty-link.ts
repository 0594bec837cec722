/**
 * A WebSocket between two ends in one process, over a bad network: frames take their time, whole connections are cut, some fall
 * silent without a word. Within one connection frames keep their order, as TCP does; what a cut swallowed is gone.
 *
 * Owns: connections and what is on its way in them. Does not own: who says what.
 */
import type { Chance, World } from '../../src/base/index.ts'
import type { ChatSocket as ServerSocket } from '../../src/channels/index.ts'
import type { ChatSocket as ClientSocket } from '../../src/client/index.ts'

export interface Faults {
  /** Longest a frame takes, in milliseconds; one in twenty takes ten times as long. */
  readonly delayMs: number
  /** Chance that a frame is the last one of its connection. */
  readonly cut: number
  /** Chance that a cut is not noticed at once by its ends. */
  readonly silent: number
}

export const noFaults: Faults = { delayMs: 2, cut: 0, silent: 0 }

/** Accepts a connection: gets the server's end, gives what takes its frames. */
export type Accept = (socket: ServerSocket) => { receive(data: string): void; closed(): void }

export class Network {
  faults: Faults = noFaults
  readonly #world: World
  readonly #chance: Chance
  /** What ends a connection; told whether the server's end is still there to notice. */
  readonly #open = new Set<(served: boolean) => void>()
  cuts = 0
  /** Counts the processes at the other end. */
  #life = 0

  constructor(world: World, chance: Chance) {
    this.#world = world
    this.#chance = chance
  }

  /** Every connection is gone at once: the process died. Clients notice after a while. */
  drop(): void {
    this.#life++
    for (const cut of this.#open) cut(false)
  }

  /** A client's socket to whoever accepts now; refused when nobody does. */
  connect(accept: Accept | null): ClientSocket {
    const client: ClientSocket = { send: () => undefined, close: () => undefined, onopen: null, onmessage: null, onclose: null }
    const told = (event: 'onopen' | 'onclose'): void => (client[event] as ((event: unknown) => void) | null)?.({})
    if (accept === null) {
      this.#later(() => told('onclose'))
      return client
    }
    let up = true
    let at = 0
    const inOrder = (work: () => void): void => {
      at = Math.max(at, this.#world.monotonicMs() + this.#delay())
      this.#world.setTimer(Math.max(0, at - this.#world.monotonicMs()), work)
    }
    let seat: ReturnType<Accept> | null = null
    const end = (served = true): void => {
      if (!up) return
      up = false
      this.#open.delete(end)
      this.cuts++
      const gone = seat
      const epoch = this.#life
      if (gone && served) this.#later(() => void (epoch === this.#life && gone.closed()), this.#chance.next() < this.faults.silent ? 12_000 : 0)
      this.#later(() => told('onclose'), this.#chance.next() < this.faults.silent ? 12_000 : 0)
    }
    const carry = (work: () => void): void => {
      if (!up) return
      if (this.#chance.next() < this.faults.cut) return end()
      inOrder(() => void (up && work()))
    }
    this.#open.add(end)
    client.send = (data) => carry(() => seat?.receive(data))
    client.close = () => void (up && inOrder(() => end()))
    inOrder(() => {
      if (!up) return
      seat = accept({
        send: (frame) => carry(() => (client.onmessage as ((event: unknown) => void) | null)?.({ data: frame })),
        close: () => void (up && inOrder(() => end())),
        buffered: 0,
      })
      told('onopen')
    })
    return client
  }

  #delay(): number {
    const most = this.#chance.next() < 0.05 ? this.faults.delayMs * 10 : this.faults.delayMs
    return this.#chance.next() * most
  }

  #later(work: () => void, moreMs = 0): void {
    this.#world.setTimer(this.#delay() + moreMs, work)
  }
}
