/**
 * The main thread's end of a thread link.
 *
 * Owns: the worker, and the promises of requests it has not answered yet. Does not own: what the messages mean.
 * T1 Replies settle requests in the order they were sent. T2 When the thread ends unasked, every outstanding request rejects
 * with STORAGE_FAILED and `onEnd` is told once.
 */
import { Worker } from 'node:worker_threads'
import { assert, BattutaError } from '../base/index.ts'
import type { ThreadReply } from './thread-server.ts'

/** What a thread is told when it starts. */
export interface ThreadData {
  readonly file: string
}

interface Outstanding {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: BattutaError) => void
}

export class ThreadLink {
  readonly #worker: Worker
  readonly #onEnd: (error: BattutaError) => void
  /** The first is the opening itself. */
  readonly #outstanding: Outstanding[] = []
  readonly #exited: Promise<void>
  #ended: BattutaError | null = null
  #closing = false

  private constructor(url: URL, data: ThreadData, onEnd: (error: BattutaError) => void) {
    this.#onEnd = onEnd
    this.#worker = new Worker(url, { workerData: data })
    this.#worker.on('message', (reply: ThreadReply) => this.#receive(reply))
    this.#worker.on('error', (error) => this.#end(`a thread of the records failed: ${(error as Error).message}`))
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#end(`a thread of the records ended with code ${code}`)
        resolve()
      })
    })
  }

  /** Starts `name` beside this file: `.ts` in the repository, `.js` where it was compiled. Rejects with what the thread says when it cannot begin. */
  static async open(name: string, data: ThreadData, onEnd: (error: BattutaError) => void): Promise<ThreadLink> {
    const ending = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
    let opened = false
    const link = new ThreadLink(new URL(`./${name}${ending}`, import.meta.url), data, (error) => {
      if (opened) onEnd(error)
    })
    try {
      await link.#expect()
      opened = true
      return link
    } catch (error) {
      link.#closing = true
      await link.#exited
      throw error
    }
  }

  request<Answer>(message: unknown): Promise<Answer> {
    if (this.#ended !== null) return Promise.reject(this.#ended)
    assert(!this.#closing, 'a thread of the records was asked after it was closed')
    const answer = this.#expect() as Promise<Answer>
    this.#worker.postMessage(message)
    return answer
  }

  /** Resolves when the thread has let go of its files, or had ended before. */
  async close(): Promise<void> {
    if (this.#ended === null && !this.#closing) {
      this.#closing = true
      const closed = this.#expect()
      this.#worker.postMessage(null)
      await closed.finally(() => this.#exited)
    }
    await this.#exited
  }

  #expect(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#outstanding.push({ resolve, reject })
    })
  }

  #receive(reply: ThreadReply): void {
    const first = this.#outstanding.shift()
    assert(first !== undefined, 'a thread of the records answers only what it was asked')
    if (reply.kind === 'failed') first.reject(new BattutaError('STORAGE_FAILED', reply.message))
    else first.resolve(reply.kind === 'answer' ? reply.answer : undefined)
  }

  #end(message: string): void {
    if (this.#ended !== null) return
    this.#ended = new BattutaError('STORAGE_FAILED', message)
    for (const outstanding of this.#outstanding.splice(0)) outstanding.reject(this.#ended)
    if (!this.#closing) this.#onEnd(this.#ended)
  }
}
