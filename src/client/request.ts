/**
 * The one place that calls `fetch`. It owns the address, the key and, in browsers, the CSRF token that goes with every
 * request that changes something; it turns problem documents into `BattutaClientError`. It does not retry.
 */
import { BattutaClientError, errorFromReply } from './error.ts'

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined
  readonly body?: unknown
  readonly contentType?: string
  /** A body that is sent as it is, in place of `body`. */
  readonly file?: Blob
  readonly signal?: AbortSignal | undefined
}

export type Method = 'GET' | 'POST' | 'DELETE'

export interface Requester {
  /** The JSON of the reply. */
  readonly json: <Reply>(method: Method, path: string, options?: RequestOptions) => Promise<Reply>
  /** The reply itself, once its status is known to be good: for streams, and for replies without a body. */
  readonly open: (method: Method, path: string, options?: RequestOptions) => Promise<Response>
  /** From the session's reply; sent as `x-battuta-csrf` with everything but GET from then on. */
  readonly useCsrf: (token: string | null) => void
}

export interface RequesterOptions {
  /** Where the server listens: `http://127.0.0.1:4321`. */
  readonly url: string
  /** A service's bearer key. Browsers have a cookie instead. */
  readonly key?: string | undefined
  readonly fetch?: typeof fetch | undefined
}

export function openRequester({ url, key, fetch: given }: RequesterOptions): Requester {
  const base = url.replace(/\/+$/, '')
  // `fetch` must be called on its own global, so it is looked up at each call and never detached.
  const send: typeof fetch = given ?? ((input, init) => fetch(input, init))
  let csrf: string | null = null

  const open: Requester['open'] = async (method, path, options = {}) => {
    const headers: Record<string, string> = { accept: 'application/json' }
    if (key !== undefined) headers['authorization'] = `Bearer ${key}`
    if (method !== 'GET' && csrf !== null) headers['x-battuta-csrf'] = csrf
    const init: RequestInit = { method, headers, credentials: 'same-origin' }
    if (options.signal) init.signal = options.signal
    if (options.body !== undefined) {
      headers['content-type'] = options.contentType ?? 'application/json'
      init.body = JSON.stringify(options.body)
    }
    if (options.file !== undefined) {
      headers['content-type'] = options.contentType ?? 'application/octet-stream'
      init.body = options.file
    }
    const reply = await send(base + path + queryOf(options.query), init).catch((cause: unknown) => {
      throw new BattutaClientError('UNREACHABLE', `Nothing answers at ${base}. Is the server running?`, { cause })
    })
    if (!reply.ok) throw errorFromReply(reply.status, await reply.json().catch(() => null))
    return reply
  }

  return {
    open,
    json: async <Reply>(method: Method, path: string, options?: RequestOptions) => {
      const reply = await open(method, path, options)
      return (await reply.json().catch((cause: unknown) => {
        throw new BattutaClientError('REPLY_UNREADABLE', `${method} ${path} was answered with something that is not JSON.`, { status: reply.status, cause })
      })) as Reply
    },
    useCsrf: (token) => {
      csrf = token
    },
  }
}

function queryOf(query: RequestOptions['query']): string {
  const entries = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== '')
  if (entries.length === 0) return ''
  return `?${new URLSearchParams(entries.map(([name, value]): [string, string] => [name, String(value)])).toString()}`
}
