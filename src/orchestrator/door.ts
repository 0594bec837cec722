/**
 * The door of the path: turns what arrives into events the log may hold, or says exactly what is wrong with it.
 * Nothing is appended unless every event of a request fits.
 */
import { BattutaError, limits } from '../base/index.ts'
import { builtinEvents } from '../definition/index.ts'
import type { AppDefinition, EventDefinition, LoggedEvent, Sender } from '../definition/index.ts'
import type { Caller } from './runtime.ts'

const rank: Readonly<Record<Sender, number>> = { customer: 0, service: 1, battuta: 2 }
const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/

export interface Door {
  /** The event as the log keeps it; `customer` is still the subject as given. */
  read(event: unknown, index: number | null, caller: Caller, receivedAt: number): LoggedEvent
  /** The payload as its schema gives it back. */
  payload(definition: EventDefinition, data: unknown, place: string): unknown
}

export function openDoor(app: AppDefinition): Door {
  const definitions = new Map<string, EventDefinition>([...Object.entries(builtinEvents), ...Object.entries(app.events)])

  const payload = (definition: EventDefinition, data: unknown, place: string): unknown => {
    const result = definition.schema['~standard'].validate(data)
    if (result instanceof Promise)
      throw new BattutaError('EVENT_PAYLOAD_INVALID', `${place}data: the schema of ${definition.name} is asynchronous; a door only takes synchronous ones`)
    if (result.issues === undefined) return result.value
    const issue = result.issues[0]
    const path = (issue?.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
    const field = path === '' ? 'data' : `data.${path}`
    throw new BattutaError('EVENT_PAYLOAD_INVALID', `${place}${field} of ${definition.name}: ${issue?.message ?? 'does not fit the schema'}`, {
      details: { field },
    })
  }

  const read = (input: unknown, index: number | null, caller: Caller, receivedAt: number): LoggedEvent => {
    const place = index === null ? '' : `event ${index}: `
    const wrong = (field: string, message: string): BattutaError =>
      new BattutaError('EVENT_INVALID', `${place}${field} ${message}`, { details: { field, ...(index === null ? {} : { index }) } })
    if (typeof input !== 'object' || input === null || Array.isArray(input)) throw wrong('the event', 'must be a JSON object')
    // A page knows its token, not its customer's id: what it leaves out is its own.
    const own = caller.role === 'customer' && !Object.hasOwn(input, 'subject') ? { subject: caller.customer } : {}
    const event: Record<string, unknown> = { ...(input as Record<string, unknown>), ...own }
    if (event['specversion'] !== '1.0') throw wrong('specversion', `is ${JSON.stringify(event['specversion']) ?? 'missing'}; send "1.0"`)
    for (const field of ['id', 'source', 'type', 'subject']) {
      const value = event[field]
      if (typeof value !== 'string' || value === '') throw wrong(field, value === undefined ? 'is missing' : 'must be a non-empty string')
      if (value.length > limits.idCharsMax) throw wrong(field, `has ${value.length} characters; at most ${limits.idCharsMax} are kept`)
    }
    const { id, source, type, subject } = event as Record<'id' | 'source' | 'type' | 'subject', string>
    const definition = definitions.get(type)
    if (!definition)
      throw withIndex(new BattutaError('EVENT_TYPE_UNKNOWN', `${place}type “${type}” is not declared by this app; it knows ${known(definitions)}`), index)
    if (rank[caller.role] < rank[definition.from])
      throw withIndex(new BattutaError('FORBIDDEN', `${place}a ${caller.role} may not send ${type}; it is for a ${definition.from}`), index)
    if (caller.role === 'customer' && caller.customer !== subject)
      throw withIndex(new BattutaError('FORBIDDEN', `${place}subject must be the customer of the token`), index)
    const time = timeOf(event['time'], receivedAt, wrong)
    if (time > receivedAt + limits.eventAheadMsMax)
      throw withIndex(
        new BattutaError(
          'EVENT_IN_FUTURE',
          `${place}time ${String(event['time'])} is ${Math.round((time - receivedAt) / 1000)} s ahead of receipt; at most ${limits.eventAheadMsMax / 1000} s is taken: check the sender's clock`,
        ),
        index,
      )
    let data: unknown
    try {
      data = payload(definition, event['data'] ?? {}, place)
    } catch (error) {
      throw error instanceof BattutaError ? withIndex(error, index) : error
    }
    return { id, source, type, customer: subject, time, received: receivedAt, from: caller.role, data }
  }
  return { read, payload }
}

function timeOf(value: unknown, receivedAt: number, wrong: (field: string, message: string) => BattutaError): number {
  if (value === undefined) return receivedAt
  const time = typeof value === 'string' && rfc3339.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(time)) throw wrong('time', `${JSON.stringify(value)} is not an RFC 3339 time such as 2026-01-31T10:00:00Z`)
  return time
}

function withIndex(error: BattutaError, index: number | null): BattutaError {
  return index === null ? error : new BattutaError(error.code, error.message, { details: { ...error.details, index } })
}

function known(definitions: ReadonlyMap<string, EventDefinition>): string {
  const names = [...definitions.keys()].filter((name) => definitions.get(name)?.from !== 'battuta')
  return names.length <= 12 ? names.join(', ') : `${names.slice(0, 12).join(', ')} and ${names.length - 12} more`
}
