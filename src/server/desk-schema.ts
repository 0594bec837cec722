/** JSON Schemas of people, conversations and routing, as definition/desk.ts has them. */
import { choice, instant, integer, list, number, object, orNull, page, ref, text, yesNo } from './schema.ts'
import type { JsonSchema } from './schema.ts'

const owner = choice('bot', 'agent', 'human', null)
const author = choice('bot', 'agent', 'human', 'system', 'customer')
const presence = choice('available', 'busy', 'away', 'offline')
const role = choice('admin', 'supervisor', 'desk')
const told = object({ text, at: instant })
const hand = object({ owner: choice('bot', 'agent', 'human'), name: orNull(text) })
const emotion = list(object({ seq: integer, at: instant, level: { type: 'number', minimum: 0, maximum: 1 } }))

const item = {
  conversation: text,
  customer: text,
  channel: text,
  status: choice('open', 'resolved'),
  owner,
  worker: orNull(text),
  queue: orNull(text),
  task: orNull(text),
  epoch: integer,
  seq: integer,
  waitingSince: orNull(instant),
  priority: integer,
  goal: text,
  because: orNull(text),
  last: orNull(object({ from: author, text, at: instant })),
  updatedAt: instant,
} as const

const conversations: Readonly<Record<string, JsonSchema>> = {
  InboxItem: object(item),
  Conversations: page(ref('InboxItem')),
  Attachment: object({ id: text, name: text, type: text, bytes: integer }),
  Notice: object({ kind: choice('waiting', 'joined', 'returned', 'transferred', 'lost', 'unanswered', 'resolved'), team: orNull(text) }),
  Entry: object({
    seq: integer,
    epoch: integer,
    at: instant,
    from: author,
    by: orNull(text),
    text,
    notice: orNull(ref('Notice')),
    attachments: list(ref('Attachment')),
  }),
  Note: object({ id: text, at: instant, by: text, text, afterSeq: integer }),
  Packet: object({
    from: hand,
    to: hand,
    at: instant,
    goal: text,
    facts: list(object({ text, status: choice('claimed', 'verified'), source: text, at: instant })),
    tried: list(told),
    promised: list(told),
    question: orNull(text),
    emotion,
    because: orNull(text),
    decision: orNull(text),
    agreed: list(told),
  }),
  Flow: object({
    name: text,
    goal: text,
    asking: orNull(text),
    slots: list(object({ name: text, label: text, type: text, options: list(text), value: {} })),
  }),
  Conversation: object({
    ...item,
    openedAt: instant,
    messages: integer,
    entries: list(ref('Entry')),
    notes: list(ref('Note')),
    packet: orNull(ref('Packet')),
    emotion,
    flow: orNull(ref('Flow')),
    wrapUpCodes: list(text),
  }),
  MessageRequest: object({ epoch: integer, id: text, text, attachments: list(text) }, ['attachments']),
  Said: object({ seq: integer }),
  NoteRequest: object({ id: text, text }),
  HandoffTarget: {
    oneOf: [
      object({ kind: choice('queue'), queue: text }),
      object({ kind: choice('worker'), worker: text }),
      object({ kind: choice('bot'), flow: text, slots: { type: 'object' } }, ['flow', 'slots']),
    ],
  },
  HandoffRequest: object({ epoch: integer, to: ref('HandoffTarget'), because: text, agreed: list(text) }, ['because', 'agreed']),
  ResolveRequest: object({ epoch: integer, wrapUpCode: text }),
}

const routing: Readonly<Record<string, JsonSchema>> = {
  Queue: object({
    name: text,
    team: text,
    skills: list(text),
    waiting: integer,
    longestWaitMs: number,
    serviceLevel: object({ share: number, withinMs: number, measured: orNull(number), count: integer }),
    workersAvailable: integer,
    wrapUpCodes: list(text),
  }),
  Queues: page(ref('Queue')),
  Worker: object({
    id: text,
    name: text,
    kind: choice('human', 'webhook'),
    presence,
    connected: yesNo,
    skills: list(text),
    capacity: integer,
    taken: integer,
    since: instant,
  }),
  Workers: page(ref('Worker')),
  Offer: object({
    reservation: text,
    conversation: text,
    customer: text,
    channel: text,
    queue: text,
    priority: integer,
    goal: text,
    because: orNull(text),
    offeredAt: instant,
    expiresAt: instant,
  }),
  PresenceRequest: object({ state: presence }),
  ReservationRequest: object({ worker: text }, ['worker']),
  RejectRequest: object({ worker: text, reason: text }, ['worker', 'reason']),
  CompleteRequest: object({ worker: text, wrapUpCode: text }, ['worker']),
  Taken: object({ conversation: text, epoch: integer }),
}

const account = { name: text, role, skills: list(text), capacity: { type: 'integer', minimum: 1, maximum: 20 }, password: orNull(text) } as const
const webhook = { url: text, kind: choice('channel', 'desk'), skills: list(text), capacity: integer } as const
const webhookReply = {
  name: text,
  ...webhook,
  createdAt: instant,
  worker: orNull(text),
  state: choice('working', 'failing', 'stopped'),
  failure: orNull(text),
  waiting: integer,
} as const

export const deskSchemas: Readonly<Record<string, JsonSchema>> = Object.freeze({
  ...conversations,
  ...routing,
  Person: object({ id: text, name: text, role, skills: list(text), capacity: integer }),
  People: page(ref('Person')),
  PersonRequest: object(account, ['skills', 'capacity', 'password']),
  PersonChange: object(account, Object.keys(account)),
  Webhook: object(webhookReply),
  Webhooks: page(ref('Webhook')),
  WebhookRequest: object({ ...webhook, renewSecret: yesNo }, ['skills', 'capacity', 'renewSecret']),
  WebhookChanged: object({ ...webhookReply, secret: { ...orNull(text), description: 'when it is new, and never again' } }),
  WebhookTaken: object({ conversation: text, seq: orNull(integer) }),
})
