/** Every error leaves as a problem document (RFC 9457) with a code of the closed list. */
import type { FastifyError, FastifyReply } from 'fastify'
import { BattutaError, errorCodes, limits } from '../base/index.ts'
import type { Problem } from '../definition/index.ts'

const own = new Set(['type', 'title', 'status', 'detail', 'code', 'retryAfterMs'])

export function problemOf(error: BattutaError): Problem {
  const details = Object.fromEntries(Object.entries(error.details).filter(([name]) => !own.has(name)))
  return {
    type: `urn:battuta:error:${error.code}`,
    title: errorCodes[error.code].means,
    status: error.status,
    detail: error.message,
    code: error.code,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    ...details,
  }
}

export function sendProblem(reply: FastifyReply, error: BattutaError): void {
  if (error.retryAfterMs !== undefined) reply.header('retry-after', String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))))
  if (error.status === 401) reply.header('www-authenticate', 'Bearer')
  reply
    .code(error.status)
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify(problemOf(error)))
}

/** What the HTTP layer found wrong, in our words; INTERNAL for what nobody foresaw. */
export function asBattutaError(error: unknown): BattutaError {
  if (error instanceof BattutaError) return error
  const { code, message } = error as FastifyError
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new BattutaError('BODY_TOO_LARGE', `the body is over ${limits.bodyBytesMax} bytes; send fewer events at once`)
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new BattutaError(
        'REQUEST_INVALID',
        'content-type must be application/json; events may also be application/cloudevents+json or application/cloudevents-batch+json',
      )
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new BattutaError('REQUEST_INVALID', 'the body is not as long as its content-length says')
    case 'FST_ERR_BAD_URL':
      return new BattutaError('REQUEST_INVALID', 'the path is not a well-formed URL: check its percent-encoding')
    default:
      return new BattutaError('INTERNAL', 'something went wrong that was not foreseen; the server’s output has the details', {
        cause: error,
        details: { reason: typeof message === 'string' ? 'unexpected' : 'unknown' },
      })
  }
}
