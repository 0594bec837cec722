/** Events that every app has. Their names hold a dot, so no key of an app's own can meet them. */
import { versionOf } from '../base/index.ts'
import type { EventDefinition, FieldDefinition, Sender, StandardSchema } from './types.ts'

type Fields = Record<string, FieldDefinition['type'] | `${'string' | 'number'}?`>

function builtin(name: string, from: Sender, fields: Fields): EventDefinition {
  const definitions: Record<string, FieldDefinition> = {}
  for (const [field, type] of Object.entries(fields)) {
    definitions[field] = { type: type.replace('?', '') as FieldDefinition['type'], optional: type.endsWith('?'), pii: null }
  }
  return Object.freeze({ kind: 'event', name, from, fields: Object.freeze(definitions), schema: schemaOf(definitions), version: versionOf({ name, fields }) })
}

function schemaOf(fields: Record<string, FieldDefinition>): StandardSchema {
  const names = Object.keys(fields)
  const validate: StandardSchema['~standard']['validate'] = (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return { issues: [{ message: 'expected an object', path: [] }] }
    const input = value as Record<string, unknown>
    const output: Record<string, unknown> = {}
    for (const name of names) {
      const field = fields[name] as FieldDefinition
      const held = input[name]
      if (held === undefined && field.optional) continue
      const fits = field.type === 'other' ? held !== undefined : typeof held === field.type && (field.type !== 'number' || Number.isFinite(held))
      if (!fits) return { issues: [{ message: `expected ${field.type}, received ${held === undefined ? 'nothing' : typeof held}`, path: [name] }] }
      output[name] = held
    }
    return { value: output }
  }
  return { '~standard': { version: 1, vendor: 'battuta', validate } }
}

/** A customer said something. `conversation` is the open one of the customer when absent. */
export const messageReceived: EventDefinition = builtin('message.received', 'customer', { text: 'string', conversation: 'string?', channel: 'string?' })

/** Something was sent to a customer. Appended before it leaves, with the effect's key and content: the outbox's mark. */
export const messageSent: EventDefinition = builtin('message.sent', 'battuta', {
  key: 'string',
  hash: 'string',
  conversation: 'string',
  seq: 'number',
  epoch: 'number',
  author: 'string',
  text: 'string',
})

/** `identity` is the same person as the event's subject. */
export const identityLinked: EventDefinition = builtin('identity.linked', 'service', { identity: 'string' })

/** Somebody asked for a decision now, over `POST /v1/decisions/{policy}`. */
export const decisionRequested: EventDefinition = builtin('decision.requested', 'battuta', { policy: 'string', input: 'other', budgetMs: 'number?' })

export const builtinEvents: Readonly<Record<string, EventDefinition>> = Object.freeze({
  'message.received': messageReceived,
  'message.sent': messageSent,
  'identity.linked': identityLinked,
  'decision.requested': decisionRequested,
})
