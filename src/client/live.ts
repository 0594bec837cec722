/**
 * The console's feed: `GET /v1/live`, kept open.
 *
 * Owns the connection and the wait between two of them. Does not own what the frames mean.
 *
 * C1 the state is always known: a feed that has been silent for `silenceMsMax` is not called open.
 * C2 a lost feed is opened again, after a wait that grows, until it is closed or refused.
 */
import type { LiveBeat, LiveDecisions, LiveHello, LiveSecond } from '../definition/index.ts'
import { backoffMs } from './backoff.ts'
import { BattutaClientError } from './error.ts'
import { eventStreamReader } from './event-stream.ts'
import type { Requester } from './request.ts'
import type { ClientTimers } from './timers.ts'

/** The server speaks every second; after this much silence the connection is taken for dead. */
const silenceMsMax = 6_000

/** `lastAt` is when something last arrived (the reader's clock); null when nothing ever has. */
export type LiveState =
  | { readonly kind: 'connecting'; readonly lastAt: number | null }
  | { readonly kind: 'open' }
  | { readonly kind: 'waiting'; readonly lastAt: number | null; readonly retryAt: number; readonly error: BattutaClientError }
  /** The server answered and said no: asking again would change nothing. */
  | { readonly kind: 'refused'; readonly error: BattutaClientError }
  | { readonly kind: 'closed' }

export interface LiveHandlers {
  readonly state?: (state: LiveState) => void
  readonly hello?: (frame: LiveHello) => void
  readonly second?: (frame: LiveSecond) => void
  readonly beat?: (frame: LiveBeat) => void
  readonly decisions?: (frame: LiveDecisions) => void
}

export interface LiveFeed {
  /** Ends the wait, if there is one, and tries at once. */
  readonly retryNow: () => void
  readonly close: () => void
}

const names = ['hello', 'second', 'beat', 'decisions'] as const

export function openLive(requester: Requester, handlers: LiveHandlers, timers: ClientTimers): LiveFeed {
  let closed = false
  let lastAt: number | null = null
  let attempt = 0
  let abort = new AbortController()
  let wake = () => {}

  const read = async () => {
    abort = new AbortController()
    const current = abort
    let stopWatch = timers.after(silenceMsMax, () => current.abort())
    try {
      const reply = await requester.open('GET', '/v1/live', { signal: current.signal })
      if (!reply.body) throw new BattutaClientError('REPLY_UNREADABLE', 'The feed came without a body.')
      const decoder = new TextDecoder()
      const parse = eventStreamReader()
      for await (const bytes of chunksOf(reply.body)) {
        stopWatch()
        stopWatch = timers.after(silenceMsMax, () => current.abort())
        lastAt = timers.now()
        for (const { event, data } of parse(decoder.decode(bytes, { stream: true }))) {
          if (event === 'hello') {
            attempt = 0
            handlers.state?.({ kind: 'open' })
          }
          dispatch(handlers, event, data)
        }
      }
    } finally {
      stopWatch()
    }
  }

  const run = async () => {
    for (;;) {
      handlers.state?.({ kind: 'connecting', lastAt })
      const error = await read().then(() => new BattutaClientError('UNREACHABLE', 'The feed ended.'), asClientError)
      if (closed) return
      if (error.status === 401 || error.status === 403) {
        handlers.state?.({ kind: 'refused', error })
        return
      }
      attempt++
      const delayMs = error.retryAfterMs ?? backoffMs(attempt, timers.chance())
      handlers.state?.({ kind: 'waiting', lastAt, retryAt: timers.now() + delayMs, error })
      await new Promise<void>((resolve) => {
        const cancel = timers.after(delayMs, resolve)
        wake = () => (cancel(), resolve())
      })
    }
  }
  void run()

  return {
    retryNow: () => wake(),
    close: () => {
      if (closed) return
      closed = true
      abort.abort()
      wake()
      handlers.state?.({ kind: 'closed' })
    },
  }
}

function dispatch(handlers: LiveHandlers, event: string, data: string): void {
  const name = names.find((known) => known === event)
  if (name) (handlers[name] as ((frame: unknown) => void) | undefined)?.(JSON.parse(data))
}

/** Reads a body piece by piece; not every browser can iterate a stream. */
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

function asClientError(cause: unknown): BattutaClientError {
  return cause instanceof BattutaClientError ? cause : new BattutaClientError('UNREACHABLE', 'The feed was cut.', { cause })
}
