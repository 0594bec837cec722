/** Frames of the sockets, for the AsyncAPI document: field → schema, beside `type`. A field that ends in `?` may be absent. */
import { choice, instant, integer, list, number, orNull, ref, text, yesNo } from './schema.ts'
import type { JsonSchema } from './schema.ts'

type Frames = Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>

const owner = choice('bot', 'agent', 'human', null)

export const chatFrames: { readonly received: Frames; readonly sent: Frames } = {
  received: {
    hello: { token: text, after: integer },
    message: { id: text, text, 'attachments?': list(text) },
    typing: { on: yesNo },
    seen: { seq: integer },
  },
  sent: {
    welcome: { conversation: text, seq: integer },
    accepted: { id: text, seq: integer },
    delivery: {
      seq: integer,
      epoch: integer,
      from: choice('bot', 'agent', 'human', 'system', 'customer'),
      text,
      at: instant,
      'id?': text,
      'notice?': ref('Notice'),
      'attachments?': list(ref('Attachment')),
    },
    owner: { epoch: integer, role: owner, team: orNull(text) },
    typing: { epoch: integer, from: choice('bot', 'agent', 'human'), on: yesNo },
    read: { seq: integer },
    error: { code: text, detail: text, 'id?': text, 'retryAfterMs?': number },
  },
}

export const deskFrames: { readonly received: Frames; readonly sent: Frames } = {
  received: {
    hello: { 'key?': text, 'worker?': text },
    presence: { state: choice('available', 'busy', 'away') },
    accept: { reservation: text, 'ref?': text },
    reject: { reservation: text, 'reason?': text, 'ref?': text },
    complete: { reservation: text, wrapUpCode: text, 'ref?': text },
    watch: { conversation: orNull(text), 'after?': integer },
    message: { conversation: text, id: text, epoch: integer, text, 'attachments?': list(text) },
    note: { conversation: text, id: text, text },
    typing: { conversation: text, on: yesNo },
    handoff: { conversation: text, epoch: integer, to: ref('HandoffTarget'), 'because?': text, 'agreed?': list(text), 'ref?': text },
    resolve: { conversation: text, epoch: integer, wrapUpCode: text, 'ref?': text },
  },
  sent: {
    welcome: {
      person: ref('Person'),
      presence: text,
      queues: list(ref('Queue')),
      offers: list(ref('Offer')),
      inbox: list(ref('InboxItem')),
      at: instant,
    },
    offer: { offer: ref('Offer'), packet: ref('Packet') },
    rescinded: { reservation: text, reason: choice('taken', 'timeout', 'canceled', 'rejected') },
    item: { item: ref('InboxItem') },
    gone: { conversation: text },
    delivery: { conversation: text, entry: ref('Entry'), 'id?': text },
    note: { conversation: text, note: ref('Note') },
    owner: { conversation: text, epoch: integer, role: owner, worker: orNull(text), queue: orNull(text) },
    context: { conversation: text, features: { type: 'object', additionalProperties: ref('Feature') }, emotion: { type: 'array' } },
    typing: { conversation: text, from: choice('customer', 'human'), by: orNull(text), on: yesNo },
    seen: { conversation: text, seq: integer },
    presence: { state: text, taken: integer, capacity: integer },
    queues: { queues: list(ref('Queue')) },
    wrapping: { reservation: text, conversation: text, endsAt: instant, codes: list(text) },
    accepted: { id: text, conversation: text, seq: integer },
    done: { ref: text },
    error: { code: text, detail: text, 'id?': text, 'ref?': text, 'conversation?': text, 'retryAfterMs?': number },
  },
}
