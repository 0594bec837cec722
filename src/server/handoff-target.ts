/** Where a body says that a conversation is to go. */
import { limits } from '../base/index.ts'
import type { HandoffTarget } from '../definition/index.ts'
import { choiceField, invalid, optionalText, textField } from './request-body.ts'

export function handoffTarget(body: Readonly<Record<string, unknown>>): HandoffTarget {
  const to = objectIn(body, 'to')
  if (to === null) throw invalid('to', 'must be an object such as { "kind": "queue", "queue": "cards" }')
  const kind = choiceField({ 'to.kind': to['kind'] }, 'to.kind', ['queue', 'worker', 'bot'])
  if (kind === 'queue') return { kind, queue: textField(to, 'queue', limits.idCharsMax) }
  if (kind === 'worker') return { kind, worker: textField(to, 'worker', limits.idCharsMax) }
  const flow = optionalText(to, 'flow', limits.idCharsMax)
  const slots = objectIn(to, 'slots')
  if (slots !== null && flow === null) throw invalid('to.slots', 'come with to.flow, the flow they belong to')
  return { kind, ...(flow === null ? {} : { flow }), ...(slots === null ? {} : { slots }) }
}

function objectIn(body: Readonly<Record<string, unknown>>, field: string): Readonly<Record<string, unknown>> | null {
  const value = body[field]
  if (value === undefined || value === null) return null
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid(field, 'must be an object')
  return value as Record<string, unknown>
}
