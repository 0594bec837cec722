/** Every door of this release and who may use it. Access, the OpenAPI document and the tests of roles are all read from here. */
import { limits } from '../base/index.ts'

/**
 * `customer` is a chat token; `service` and `admin` are keys. People sign in as `desk`, `supervisor` or `admin`. What each may
 * reach behind a door stands in may.ts.
 */
export type Role = 'customer' | 'desk' | 'supervisor' | 'service' | 'admin'

export interface Door {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  /** Null lets everybody in. */
  readonly roles: readonly Role[] | null
  readonly summary: string
  /** What the body is, when the door takes one. */
  readonly body?: 'events' | 'json' | 'json?' | 'bytes'
  /** Other than `limits.bodyBytesMax`. */
  readonly bodyBytesMax?: number
  /** Open to pages of allow-listed origins, not only to our own. */
  readonly crossOrigin?: true
}

/** One file that somebody sends in a conversation. */
export const attachmentBytesMax: number = 5 * 1024 * 1024
/** One call of a webhook. */
export const webhookBytesMax: number = 256 * 1024

const staff: readonly Role[] = ['desk', 'supervisor', 'service', 'admin']
const overseers: readonly Role[] = ['supervisor', 'service', 'admin']
const machines: readonly Role[] = ['service', 'admin']
const signedIn: readonly Role[] = ['desk', 'supervisor', 'admin']
const leaders: readonly Role[] = ['supervisor', 'admin']
const admins: readonly Role[] = ['admin']

const conversations = {
  conversations: { method: 'GET', path: '/v1/conversations', roles: staff, summary: 'Conversations, the latest change first' },
  conversation: { method: 'GET', path: '/v1/conversations/:id', roles: staff, summary: 'One conversation: what was said and noted, and its hand-off packet' },
  say: {
    method: 'POST',
    path: '/v1/conversations/:id/messages',
    roles: staff,
    body: 'json',
    summary: 'Says something as the owner, under the epoch they own it by',
  },
  note: { method: 'POST', path: '/v1/conversations/:id/notes', roles: staff, body: 'json', summary: 'A private note for colleagues' },
  handOff: {
    method: 'POST',
    path: '/v1/conversations/:id/handoff',
    roles: staff,
    body: 'json',
    summary: 'Hands the conversation to a queue, a worker or the bot',
  },
  resolve: { method: 'POST', path: '/v1/conversations/:id/resolve', roles: staff, body: 'json', summary: 'Ends the conversation with a wrap-up code' },
  attach: {
    method: 'POST',
    path: '/v1/chat/attachments',
    roles: ['customer', ...staff],
    body: 'bytes',
    bodyBytesMax: attachmentBytesMax,
    crossOrigin: true,
    summary: 'Keeps a file for a message that names it',
  },
  attachment: { method: 'GET', path: '/v1/attachments/:id', roles: ['customer', ...staff], crossOrigin: true, summary: 'The file, for download' },
} as const satisfies Record<string, Door>

const routing = {
  queues: { method: 'GET', path: '/v1/queues', roles: staff, summary: 'Who waits where, and how long' },
  workers: { method: 'GET', path: '/v1/workers', roles: staff, summary: 'Who works, and how they are' },
  presence: { method: 'PUT', path: '/v1/workers/:id/presence', roles: staff, body: 'json', summary: 'Says how a worker is' },
  acceptReservation: {
    method: 'POST',
    path: '/v1/reservations/:id/accept',
    roles: staff,
    body: 'json?',
    summary: 'Takes an offer; the conversation is the worker’s when answered',
  },
  rejectReservation: { method: 'POST', path: '/v1/reservations/:id/reject', roles: staff, body: 'json?', summary: 'Passes an offer on' },
  completeReservation: { method: 'POST', path: '/v1/reservations/:id/complete', roles: staff, body: 'json', summary: 'Ends the wrap-up' },
} as const satisfies Record<string, Door>

const administration = {
  people: { method: 'GET', path: '/v1/people', roles: leaders, summary: 'Open accounts' },
  addPerson: { method: 'POST', path: '/v1/people', roles: admins, body: 'json', summary: 'Opens an account' },
  changePerson: { method: 'PUT', path: '/v1/people/:id', roles: admins, body: 'json', summary: 'Changes an account; a new password or role ends its sessions' },
  closePerson: { method: 'DELETE', path: '/v1/people/:id', roles: admins, summary: 'Closes an account and ends its sessions' },
  webhooks: { method: 'GET', path: '/v1/webhooks', roles: admins, summary: 'Webhooks' },
  putWebhook: { method: 'PUT', path: '/v1/webhooks/:name', roles: admins, body: 'json', summary: 'Adds a webhook or changes it; its secret is shown once' },
  deleteWebhook: { method: 'DELETE', path: '/v1/webhooks/:name', roles: admins, summary: 'Takes a webhook away' },
  webhookIn: {
    method: 'POST',
    path: '/v1/webhooks/:name/in',
    roles: null,
    body: 'bytes',
    bodyBytesMax: webhookBytesMax,
    summary: 'What the other system says, signed with the webhook’s secret',
  },
} as const satisfies Record<string, Door>

const session = {
  signIn: { method: 'POST', path: '/v1/session', roles: null, body: 'json', summary: 'Exchanges the code of a link, or a name and password, for a cookie' },
  session: { method: 'GET', path: '/v1/session', roles: signedIn, summary: 'Who this browser is signed in as, and its CSRF token' },
  signOut: { method: 'DELETE', path: '/v1/session', roles: signedIn, summary: 'Ends the browser session' },
  signInLink: { method: 'POST', path: '/v1/session/links', roles: admins, body: 'json?', summary: 'A new one-use code, for oneself or for a person' },
} as const satisfies Record<string, Door>

const table = {
  events: {
    method: 'POST',
    path: '/v1/events',
    roles: ['customer', ...machines],
    body: 'events',
    crossOrigin: true,
    summary: 'One CloudEvent or a batch; durable when answered, refused whole when one is bad',
  },
  customer: { method: 'GET', path: '/v1/customers/:id', roles: staff, summary: 'Who a customer is' },
  features: { method: 'GET', path: '/v1/customers/:id/features', roles: staff, summary: 'Live features, as of now' },
  timeline: { method: 'GET', path: '/v1/customers/:id/timeline', roles: staff, summary: 'What happened, newest first, personal fields masked' },
  decide: { method: 'POST', path: '/v1/decisions/:policy', roles: machines, body: 'json', summary: 'Decides now; the decision record' },
  decisions: { method: 'GET', path: '/v1/decisions', roles: staff, summary: 'Decisions, newest first' },
  decision: { method: 'GET', path: '/v1/decisions/:id', roles: staff, summary: 'One decision and the source of its rule' },
  replay: {
    method: 'POST',
    path: '/v1/decisions/:id/replay',
    roles: overseers,
    body: 'json?',
    summary: 'Makes a decision again from what was recorded, and compares',
  },
  infer: { method: 'POST', path: '/v1/models/:name/infer', roles: machines, body: 'json', summary: 'Runs a model within a budget' },
  ...conversations,
  ...routing,
  chatSession: { method: 'POST', path: '/v1/chat/sessions', roles: null, body: 'json?', crossOrigin: true, summary: 'A token for the chat socket' },
  live: { method: 'GET', path: '/v1/live', roles: overseers, summary: 'What happens, as server-sent events' },
  ...session,
  ...administration,
  health: { method: 'GET', path: '/healthz', roles: null, summary: 'The process runs' },
  ready: { method: 'GET', path: '/readyz', roles: null, summary: 'Recovery is over and every door works' },
  metrics: { method: 'GET', path: '/metrics', roles: null, summary: 'Figures for Prometheus' },
  openapi: { method: 'GET', path: '/openapi.json', roles: null, summary: 'These doors as OpenAPI 3.1' },
  asyncapi: { method: 'GET', path: '/asyncapi.json', roles: null, summary: 'The events and the sockets as AsyncAPI 3.0' },
} as const satisfies Record<string, Door>

export type DoorName = keyof typeof table

export const doors: Readonly<Record<DoorName, Door>> = Object.freeze(table)

/** The most bytes a door reads. */
export function bodyBytesMaxOf({ bodyBytesMax }: Door): number {
  return bodyBytesMax ?? limits.bodyBytesMax
}
