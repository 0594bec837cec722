/**
 * One socket, in both directions. Owns: the order of its frames and whether it is still written to.
 * Does not own: what a frame means, nor the socket itself (the server does).
 *
 * S1 Frames are handled in the order they came: what comes while one is being answered waits for it.
 * S2 A socket that does not read, or sends more than is answered, is let go; one that missed a frame gets none after it. Its
 *    page comes back and says what it has.
 * S3 A socket that is gone hears nothing more, and nothing it says is handled.
 */
import type { ChatSocket } from './port.ts'

/** A page that does not read is let go before it fills the memory. */
export const bufferedBytesMax = 1_000_000
/** Frames of one socket that may wait for the answer to an earlier one. */
export const waitingFramesMax = 128

export class SocketLine {
  readonly #socket: ChatSocket
  readonly #handle: (data: string) => Promise<void> | void
  readonly #left: () => void
  #waiting: string[] = []
  #busy = false
  #gone = false

  /** `handle` gives a promise when what follows must wait for it; `left` is told once, when the line ends, whoever ends it. */
  constructor(socket: ChatSocket, handle: (data: string) => Promise<void> | void, left: () => void) {
    this.#socket = socket
    this.#handle = handle
    this.#left = left
  }

  get gone(): boolean {
    return this.#gone
  }

  receive(data: string): void {
    if (this.#gone) return
    if (!this.#busy) this.#take(data)
    else if (this.#waiting.length < waitingFramesMax) this.#waiting.push(data)
    else this.letGo(1008, 'too many frames wait for an answer')
  }

  write(frame: string): void {
    if (this.#gone) return
    if (this.#socket.buffered > bufferedBytesMax) this.letGo(1013, 'the page does not read')
    else this.#socket.send(frame)
  }

  letGo(code: number, reason: string): void {
    if (this.#gone) return
    this.closed()
    this.#socket.close(code, reason)
  }

  /** The socket is closed, or about to be. */
  closed(): void {
    if (this.#gone) return
    this.#gone = true
    this.#waiting = []
    this.#left()
  }

  #take(data: string): void {
    const answered = this.#handle(data)
    if (answered === undefined) return
    this.#busy = true
    void this.#after(answered)
  }

  async #after(answered: Promise<void>): Promise<void> {
    await answered
    this.#busy = false
    while (!this.#busy) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.#take(next)
    }
  }
}
