/** JSON Schemas of what goes over the doors: an app's events by their fields, and the shapes of definition/wire.ts. Those of people and conversations stand in desk-schema.ts. */
import { limits } from '../base/index.ts'
import { builtinEvents } from '../definition/index.ts'
import type { AppDefinition, EventDefinition } from '../definition/index.ts'
import { deskSchemas } from './desk-schema.ts'
import { instant, number, object, orNull, page, ref, text } from './schema.ts'
import type { JsonSchema } from './schema.ts'

/** The events somebody outside may send: the app's own, and the built-in ones. */
export function sendableEvents(app: AppDefinition): readonly EventDefinition[] {
  return [...Object.values(builtinEvents), ...Object.values(app.events)].filter((event) => event.from !== 'battuta')
}

/** The payload of an event. Fields with personal data say of what kind. */
export function payloadSchema(event: EventDefinition): JsonSchema {
  const properties: Record<string, JsonSchema> = {}
  for (const [name, field] of Object.entries(event.fields)) {
    properties[name] = { ...(field.type === 'other' ? {} : { type: field.type }), ...(field.pii === null ? {} : { 'x-pii': field.pii }) }
  }
  return { type: 'object', properties, required: Object.keys(event.fields).filter((name) => !event.fields[name]?.optional) }
}

/** The envelope of one event type. */
export function eventSchema(event: EventDefinition): JsonSchema {
  const id = { type: 'string', minLength: 1, maxLength: limits.idCharsMax }
  return object(
    {
      specversion: { const: '1.0' },
      id,
      source: id,
      type: { const: event.name },
      subject: { ...id, description: 'the customer, by any known identity: user:42, email:…, phone:…, cookie:…' },
      time: { type: 'string', format: 'date-time' },
      data: payloadSchema(event),
    },
    ['time', ...(Object.values(event.fields).every((field) => field.optional) ? ['data'] : [])],
  )
}

/** Schemas that do not depend on the app, by name. */
export const wireSchemas: Readonly<Record<string, JsonSchema>> = Object.freeze({
  Problem: object({ type: text, title: text, status: { type: 'integer' }, detail: text, code: text, retryAfterMs: number }, ['retryAfterMs']),
  Accepted: object({ accepted: { type: 'integer' } }),
  Feature: object({
    value: {},
    status: { enum: ['PRESENT', 'NULL_VALUE', 'NOT_FOUND', 'OUTSIDE_MAX_AGE'] },
    at: orNull(instant),
    ageMs: orNull(number),
    version: text,
  }),
  Features: object({ features: { type: 'object', additionalProperties: ref('Feature') } }),
  Customer: object({
    id: text,
    identities: { type: 'array', items: text },
    firstSeenAt: orNull(instant),
    lastSeenAt: orNull(instant),
    conversation: orNull(object({ id: text, owner: orNull(text), epoch: { type: 'integer' }, messages: { type: 'integer' } })),
  }),
  DecisionBrief: object({
    id: text,
    at: instant,
    policy: text,
    customer: text,
    event: text,
    act: { enum: ['bot', 'agent', 'human', 'reachOut', 'nothing'] },
    name: orNull(text),
    because: orNull(text),
    budgetMs: number,
    elapsedMs: orNull(number),
    status: { enum: ['on-beat', 'late', 'failed'] },
  }),
  DecisionRecord: {
    type: 'object',
    description: 'everything that was decided on and what was decided: event, features, predictions, outcome, rule, owner, effects, stages',
  },
  Decision: object({
    decision: ref('DecisionRecord'),
    source: orNull(object({ file: text, firstLine: { type: 'integer' }, lines: { type: 'array', items: text }, line: { type: 'integer' } })),
  }),
  Decisions: page(ref('DecisionBrief')),
  TimelineItem: object({
    at: instant,
    partition: { type: 'integer' },
    offset: { type: 'integer' },
    event: object({ id: text, type: text, source: text, data: {} }),
    decision: orNull(ref('DecisionBrief')),
  }),
  Timeline: page(ref('TimelineItem')),
  Replay: object({
    mode: { const: 'recorded' },
    version: text,
    equal: { type: 'boolean' },
    differences: { type: 'array', items: object({ path: text, recorded: {}, replayed: {} }) },
  }),
  Inference: object({
    output: object({ label: text, scores: { type: 'object', additionalProperties: number } }),
    confidence: number,
    tier: text,
    model: text,
    version: text,
    elapsedMs: number,
  }),
  ChatSession: object({ token: text, expiresAt: instant, conversation: text }),
  Session: object({ role: text, person: orNull(ref('Person')), csrf: orNull(text), expiresAt: orNull(instant) }),
  LinkCode: object({ code: text, expiresAt: instant }),
  DecisionRequest: object({ customer: text, input: {}, budgetMs: number }, ['budgetMs']),
  InferenceRequest: object({ input: object({ text }), budgetMs: number }, ['budgetMs']),
  ReplayRequest: object({ version: text }, ['version']),
  ChatSessionRequest: object({ jwt: text }, ['jwt']),
  SessionRequest: { oneOf: [object({ code: text }), object({ name: text, password: text })] },
  LinkRequest: object({ person: text }, ['person']),
  ...deskSchemas,
})
