/** Events that every app has. Their names hold a dot, so no key of an app's own can meet them. */
import { versionOf } from '../base/index.ts'
import type { EventDefinition, FieldDefinition, Sender, StandardSchema } from './types.ts'

type Fields = Record<string, FieldDefinition['type'] | `${FieldDefinition['type']}?`>

function builtin(name: string, from: Sender, fields: Fields): EventDefinition {
  const definitions: Record<string, FieldDefinition> = {}
  for (const [field, type] of Object.entries(fields)) {
    definitions[field] = { type: type.replace('?', '') as FieldDefinition['type'], optional: type.endsWith('?'), pii: null }
  }
  return Object.freeze({
    kind: 'event',
    name,
    from,
    fields: Object.freeze(definitions),
    schema: schemaOf(definitions),
    fact: null,
    version: versionOf({ name, fields }),
  })
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
export const messageReceived: EventDefinition = builtin('message.received', 'customer', {
  text: 'string',
  conversation: 'string?',
  channel: 'string?',
  attachments: 'other?',
})

/** Something was sent to a customer. Appended before it leaves, with the effect's key and content: the outbox's mark. */
export const messageSent: EventDefinition = builtin('message.sent', 'battuta', {
  key: 'string',
  hash: 'string',
  conversation: 'string',
  seq: 'number',
  epoch: 'number',
  author: 'string',
  text: 'string',
  extra: 'other?',
  ledger: 'other?',
})

/** `identity` is the same person as the event's subject. */
export const identityLinked: EventDefinition = builtin('identity.linked', 'service', { identity: 'string' })

/** Somebody asked for a decision now, over `POST /v1/decisions/{policy}`. */
export const decisionRequested: EventDefinition = builtin('decision.requested', 'battuta', { policy: 'string', input: 'other', budgetMs: 'number?' })

/** Another effect left: an event for another lane, a tool's work. The outbox's mark, as `message.sent` is for what a customer sees. */
export const effectReleased: EventDefinition = builtin('effect.released', 'battuta', { key: 'string', hash: 'string', effect: 'other', ledger: 'other?' })

/** Whoever owns a conversation says something in it, under the epoch they own it by. */
export const messageComposed: EventDefinition = builtin('message.composed', 'battuta', {
  conversation: 'string',
  epoch: 'number',
  text: 'string',
  /** `human` or `bot`. */
  role: 'string',
  worker: 'string',
  attachments: 'other?',
})

/** A colleague notes something down for colleagues. */
export const noteAdded: EventDefinition = builtin('note.added', 'battuta', { conversation: 'string', text: 'string', worker: 'string' })

/** The owner hands the conversation over: `to` is a HandoffTarget, `agreed` what was agreed with the customer. */
export const conversationHanded: EventDefinition = builtin('conversation.handed', 'battuta', {
  conversation: 'string',
  epoch: 'number',
  to: 'other',
  worker: 'string',
  because: 'string?',
  agreed: 'other?',
  /** A supervisor's: whoever has it. */
  force: 'boolean?',
})

export const conversationResolved: EventDefinition = builtin('conversation.resolved', 'battuta', {
  conversation: 'string',
  epoch: 'number',
  worker: 'string',
  wrapUpCode: 'string',
  force: 'boolean?',
})

/** From the routing lane: somebody accepted the task. */
export const conversationAssigned: EventDefinition = builtin('conversation.assigned', 'battuta', {
  conversation: 'string',
  task: 'string',
  reservation: 'string',
  worker: 'string',
  queue: 'string',
})

/** From the routing lane: the task's worker is gone (`lost`), or nobody took it in time (`unanswered`). */
export const conversationUnassigned: EventDefinition = builtin('conversation.unassigned', 'battuta', {
  conversation: 'string',
  task: 'string',
  reason: 'string',
})

/** What came of a tool's call: `output` when `ok`, else `error`. */
export const toolFinished: EventDefinition = builtin('tool.finished', 'battuta', {
  conversation: 'string',
  epoch: 'number',
  flow: 'string',
  call: 'string',
  tool: 'string',
  ok: 'boolean',
  output: 'other?',
  error: 'string?',
})

/** A timer that a step set is due. */
export const timerDue: EventDefinition = builtin('timer.due', 'battuta', { timer: 'string', kind: 'string', data: 'other?' })

/** The node that holds the routing lane starts: whoever was connected is so no longer. */
export const routingStarted: EventDefinition = builtin('routing.started', 'battuta', {})
export const workerConnected: EventDefinition = builtin('worker.connected', 'battuta', { worker: 'string' })
export const workerDisconnected: EventDefinition = builtin('worker.disconnected', 'battuta', { worker: 'string' })
/** A worker says how they are; name, kind, skills and capacity are those of the moment. */
export const workerPresence: EventDefinition = builtin('worker.presence', 'battuta', {
  worker: 'string',
  name: 'string',
  /** `human` or `webhook`. */
  kind: 'string',
  state: 'string',
  skills: 'other',
  capacity: 'number',
})
/** From a customer's lane: a conversation waits. */
export const taskQueued: EventDefinition = builtin('task.queued', 'battuta', {
  task: 'string',
  conversation: 'string',
  customer: 'string',
  channel: 'string',
  queue: 'string',
  priority: 'number',
  goal: 'string',
  because: 'string?',
  /** Only this worker is offered it, until it times out. */
  worker: 'string?',
  /** Not this one. */
  except: 'string?',
})
/** From a customer's lane: the conversation waits no longer, and nobody is to have it. */
export const taskWithdrawn: EventDefinition = builtin('task.withdrawn', 'battuta', { task: 'string', reason: 'string' })
/** From a customer's lane: the worker of the task has no more to do in it, but perhaps to note it down. */
export const taskReleased: EventDefinition = builtin('task.released', 'battuta', { task: 'string', outcome: 'string', wrapUpCode: 'string?' })
export const reservationAccepted: EventDefinition = builtin('reservation.accepted', 'battuta', { reservation: 'string', worker: 'string' })
export const reservationRejected: EventDefinition = builtin('reservation.rejected', 'battuta', { reservation: 'string', worker: 'string', reason: 'string?' })
export const reservationCompleted: EventDefinition = builtin('reservation.completed', 'battuta', {
  reservation: 'string',
  worker: 'string',
  wrapUpCode: 'string',
})

export const builtinEvents: Readonly<Record<string, EventDefinition>> = Object.freeze(
  Object.fromEntries(
    [
      messageReceived,
      messageSent,
      identityLinked,
      decisionRequested,
      effectReleased,
      messageComposed,
      noteAdded,
      conversationHanded,
      conversationResolved,
      conversationAssigned,
      conversationUnassigned,
      toolFinished,
      timerDue,
      routingStarted,
      workerConnected,
      workerDisconnected,
      workerPresence,
      taskQueued,
      taskWithdrawn,
      taskReleased,
      reservationAccepted,
      reservationRejected,
      reservationCompleted,
    ].map((definition) => [definition.name, definition]),
  ),
)
