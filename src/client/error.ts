import type { Problem } from '../definition/index.ts'

/**
 * What a door refused, or why it could not be reached. `code` is the server's (docs/reference/errors.md) or one of the
 * client's own two: `UNREACHABLE` nothing answered, `REPLY_UNREADABLE` something answered that is not Battuta.
 */
export class BattutaClientError extends Error {
  readonly code: string
  /** One or two sentences: the value that was wrong and the mend. */
  readonly detail: string
  /** The HTTP status; 0 when nothing answered. */
  readonly status: number
  /** Set when the same request may succeed after this long. */
  readonly retryAfterMs: number | undefined

  constructor(code: string, detail: string, more: { status?: number; retryAfterMs?: number | undefined; cause?: unknown } = {}) {
    super(`${code}: ${detail}`, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'BattutaClientError'
    this.code = code
    this.detail = detail
    this.status = more.status ?? 0
    this.retryAfterMs = more.retryAfterMs
  }
}

/** Turns whatever came back with a status of 400 or more into an error that can be shown. */
export function errorFromReply(status: number, body: unknown): BattutaClientError {
  if (isProblem(body)) return new BattutaClientError(body.code, body.detail, { status, retryAfterMs: body.retryAfterMs })
  return new BattutaClientError('REPLY_UNREADABLE', `The server answered ${status} without saying why. Is this the address of a Battuta server?`, { status })
}

function isProblem(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false
  const { code, detail } = body as Record<string, unknown>
  return typeof code === 'string' && typeof detail === 'string'
}
