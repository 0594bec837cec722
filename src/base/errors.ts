/**
 * The closed list of error codes. The class says whether to retry, the code says which; every message
 * names the value that was wrong and the mend. docs/reference/errors.md lists them and a test proves both equal.
 */
export const errorCodes = {
  APP_INVALID: { status: 422, retry: false, means: 'the app file has a mistake; nothing of it runs' },
  APP_VERSION_UNKNOWN: { status: 404, retry: false, means: 'no app version with this hash is registered here' },
  ATTACHMENT_REFUSED: { status: 422, retry: false, means: 'an attachment is of a type or size that is not taken, or not of this conversation' },
  BATCH_INVALID: { status: 400, retry: false, means: 'a batch is not an array of events, is empty, or is too long' },
  BODY_TOO_LARGE: { status: 413, retry: false, means: 'the request body is over the limit' },
  CHAT_TOKEN_INVALID: { status: 401, retry: false, means: 'the chat token is unknown, expired or for another origin' },
  CONFIG_INVALID: { status: 500, retry: false, means: 'a flag, environment variable or app file setting cannot be used' },
  CONVERSATION_UNKNOWN: { status: 404, retry: false, means: 'no conversation with this id, or it is not yours' },
  CREDENTIALS_INVALID: { status: 401, retry: false, means: 'the name and password do not belong together, or the account is closed' },
  CSRF_REQUIRED: { status: 403, retry: false, means: 'a browser request that changes something lacks its CSRF token' },
  CUSTOMER_UNKNOWN: { status: 404, retry: false, means: 'nothing is known of this customer' },
  DEADLINE_UNREACHABLE: { status: 429, retry: true, means: 'the answer could not be ready within the budget, so nothing was started' },
  DECISION_UNKNOWN: { status: 404, retry: false, means: 'no decision with this id' },
  EVENT_INVALID: { status: 400, retry: false, means: 'the CloudEvent is malformed' },
  EVENT_IN_FUTURE: { status: 422, retry: false, means: 'the event time is more than 60 s ahead of receipt' },
  EVENT_PAYLOAD_INVALID: { status: 422, retry: false, means: 'the payload does not fit the schema of its event type' },
  EVENT_TYPE_UNKNOWN: { status: 422, retry: false, means: 'the app declares no event of this type' },
  FEATURE_UNKNOWN: { status: 404, retry: false, means: 'the app declares no feature of this name' },
  FILE_INVALID: { status: 400, retry: false, means: 'a file that was named cannot be read or does not hold what it should' },
  FLOW_FAILED: { status: 500, retry: false, means: 'a flow or a slot threw, or did not replay; the conversation goes to a person or back to the policy' },
  FLOW_UNKNOWN: { status: 404, retry: false, means: 'the app declares no flow of this name' },
  FORBIDDEN: { status: 403, retry: false, means: 'this key, person or token may not do this' },
  HOST_REFUSED: { status: 403, retry: false, means: 'the Host header is not on the list of allowed hosts' },
  INTERNAL: { status: 500, retry: false, means: 'a mistake in Battuta itself; the server’s output has the details' },
  LINK_CODE_INVALID: { status: 401, retry: false, means: 'the one-use link code is unknown, used or expired' },
  LOG_BEHIND: { status: 500, retry: false, means: 'records are ahead of the log: the log is older than the records beside it' },
  LOG_LOCKED: { status: 500, retry: true, means: 'another process holds the data folder' },
  MESSAGE_INVALID: { status: 400, retry: false, means: 'a chat frame is malformed or its text is empty or too long' },
  MODEL_INVALID: { status: 422, retry: false, means: 'a model file is damaged or not of a version this release reads' },
  MODEL_UNKNOWN: { status: 404, retry: false, means: 'the app declares no model of this name' },
  NOT_FOUND: { status: 404, retry: false, means: 'no such door' },
  NOT_OWNER: { status: 409, retry: false, means: 'the conversation belongs to somebody else; nothing was sent' },
  NOT_READY: { status: 503, retry: true, means: 'recovery is still running' },
  ORIGIN_REFUSED: { status: 403, retry: false, means: 'the Origin header is not on the list of allowed origins' },
  OVERLOADED: { status: 429, retry: true, means: 'more is in flight than can be on time; refused before anything was appended' },
  PERSON_UNKNOWN: { status: 404, retry: false, means: 'no person with this id' },
  POLICY_FAILED: { status: 500, retry: false, means: 'a policy or an answer threw; the event is kept and the decision is nothing' },
  POLICY_IMPURE: { status: 500, retry: false, means: 'a policy or an answer called the clock, chance, a timer or the network' },
  POLICY_UNKNOWN: { status: 404, retry: false, means: 'the app declares no policy of this name' },
  QUEUE_UNKNOWN: { status: 404, retry: false, means: 'the app declares no queue of this name' },
  RECORDS_CONFLICT: { status: 409, retry: false, means: 'a commit met another offset or partition generation than it was made for' },
  REPLAY_DIFFERS: { status: 409, retry: false, means: 'a recorded decision replayed to something else' },
  REQUEST_INVALID: { status: 400, retry: false, means: 'a parameter or body field is missing or of the wrong type' },
  RESERVATION_GONE: { status: 409, retry: false, means: 'the offer was taken by somebody else, timed out, or was withdrawn' },
  STALE_EPOCH: { status: 409, retry: false, means: 'the message carries the epoch of a former owner; nothing was sent' },
  STORAGE_FAILED: { status: 500, retry: true, means: 'the disk refused a write or a read' },
  UNAUTHENTICATED: { status: 401, retry: false, means: 'no key, cookie or token came with the request' },
  WEBHOOK_INVALID: { status: 401, retry: false, means: 'a webhook call is unsigned, wrongly signed or too old' },
  WEBHOOK_REFUSED: { status: 422, retry: false, means: 'a webhook address may not be called: it is private, not https, or cannot be resolved' },
  WEBHOOK_UNKNOWN: { status: 404, retry: false, means: 'no webhook of this name' },
  WORKER_UNKNOWN: { status: 404, retry: false, means: 'no worker with this id' },
} as const satisfies Record<string, { status: number; retry: boolean; means: string }>

export type ErrorCode = keyof typeof errorCodes

/** An operating error: expected, typed, handled. Programmer errors are `assert` failures and crash. */
export class BattutaError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly retryAfterMs: number | undefined
  /** What was wrong, for machines: a field path, an index, the known names. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, more: { retryAfterMs?: number; details?: Record<string, unknown>; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'BattutaError'
    this.code = code
    this.status = errorCodes[code].status
    this.retryAfterMs = more.retryAfterMs
    this.details = more.details ?? {}
  }
}

/** Assertions stay on in production: a broken invariant must stop the process, not spread. */
export function assert(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new AssertionError(sentence)
}

export class AssertionError extends Error {
  constructor(sentence: string) {
    super(sentence)
    this.name = 'AssertionError'
  }
}
