/** Events: what can happen, and what it carries. */
import { z } from 'zod'
import { BattutaError, versionOf } from '../base/index.ts'
import {
  decisionRequested as decisionRequestedDefinition,
  identityLinked as identityLinkedDefinition,
  messageReceived as messageReceivedDefinition,
  messageSent as messageSentDefinition,
} from '../definition/index.ts'
import type { FieldDefinition, Sender, StandardSchema } from '../definition/index.ts'
import type { EventDraft } from './draft.ts'
import { fieldsOf, isZod } from './fields.ts'
import { deepFreeze } from './freeze.ts'
import { onlyKeys } from './keys.ts'

export interface EventOptions<Payload = unknown> {
  /** The least trusted sender that may send it. `service` when it is not said. */
  readonly from?: 'service' | 'customer'
  /** What a colleague should know of it when a conversation is handed over, in a few words; null where it says nothing. Pure. */
  readonly fact?: (data: Payload) => string | null
}

/** A field of a schema that Battuta cannot read by itself. */
export interface FieldSpec {
  readonly type: FieldDefinition['type']
  readonly optional?: boolean
  readonly pii?: string
}

export interface ForeignEventOptions<Payload> extends EventOptions<Payload> {
  /** The fields by name: a schema of another library than zod 4 does not say them. */
  readonly fields: { readonly [Field in keyof Payload]-?: FieldSpec }
}

/**
 * An event of the app, from a zod shape, a zod object or any Standard Schema of an object.
 * @example
 * const cardDeclined = event({ merchant: z.string(), amount: z.number(), reason: z.enum(['limit', 'blocked']) })
 * const appOpened = event({ screen: z.string() }, { from: 'customer', fact: ({ screen }) => `Looked at ${screen}` })
 */
export function event<Shape extends z.core.$ZodShape>(
  shape: Shape,
  options?: EventOptions<z.core.$InferObjectOutput<Shape, {}>>,
): EventDraft<z.core.$InferObjectOutput<Shape, {}>>
export function event<Shape extends z.core.$ZodShape>(
  schema: z.core.$ZodObject<Shape>,
  options?: EventOptions<z.core.$InferObjectOutput<Shape, {}>>,
): EventDraft<z.core.$InferObjectOutput<Shape, {}>>
export function event<Payload extends object>(schema: StandardSchema<Payload>, options: ForeignEventOptions<Payload>): EventDraft<Payload>
export function event(
  given: z.core.$ZodShape | StandardSchema,
  options: EventOptions<never> & { readonly fields?: Readonly<Record<string, FieldSpec>> } = {},
): EventDraft {
  onlyKeys('event(…)', options, ['from', 'fact', 'fields'])
  const schema = isStandard(given) ? given : (z.object(given) as StandardSchema)
  const fields = isZod(schema) ? fieldsOf(schema) : declaredFields(options.fields)
  if (!fields) throw new BattutaError('APP_INVALID', whyNoFields(schema))
  const from: Sender = options.from ?? 'service'
  return deepFreeze({ kind: 'event', from, fields, schema, fact: options.fact ?? null, version: versionOf({ fields }) })
}

function isStandard(given: object): given is StandardSchema {
  return '~standard' in given
}

function declaredFields(specs: Readonly<Record<string, FieldSpec>> | undefined): Record<string, FieldDefinition> | undefined {
  if (!specs) return undefined
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, { type: spec.type, optional: spec.optional ?? false, pii: spec.pii ?? null }]))
}

function whyNoFields(schema: StandardSchema): string {
  if (isZod(schema)) return `event(…) was given a zod ${schema._zod.def.type}: an event's payload is an object, write event({ … }) or event(z.object({ … }))`
  return `event(…) was given a schema of ${schema['~standard'].vendor}, which does not say its fields: add them, event(schema, { fields: { amount: { type: 'number' } } })`
}

/** Payloads of the events that every app has. */
export interface BuiltinPayloads {
  readonly 'message.received': { text: string; conversation?: string; channel?: string }
  readonly 'message.sent': { key: string; hash: string; conversation: string; seq: number; epoch: number; author: string; text: string }
  readonly 'identity.linked': { identity: string }
  readonly 'decision.requested': { policy: string; input: unknown; budgetMs?: number }
}

/** A customer said something: `count(messageReceived).over('1h')`. */
export const messageReceived: EventDraft<BuiltinPayloads['message.received']> = messageReceivedDefinition
/** Something was sent to a customer. */
export const messageSent: EventDraft<BuiltinPayloads['message.sent']> = messageSentDefinition
/** Two identities turned out to be one person. */
export const identityLinked: EventDraft<BuiltinPayloads['identity.linked']> = identityLinkedDefinition
/** Somebody asked for a decision over `POST /v1/decisions/{policy}`. */
export const decisionRequested: EventDraft<BuiltinPayloads['decision.requested']> = decisionRequestedDefinition
