/** Every door of this release and who may use it. Access, the OpenAPI document and the tests of roles are all read from here. */

/** `customer` is a chat token; `service` and `admin` are keys; a browser's cookie is `admin`. */
export type Role = 'customer' | 'service' | 'admin'

export interface Door {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  /** Null lets everybody in. */
  readonly roles: readonly Role[] | null
  readonly summary: string
  /** What the body is, when the door takes one. */
  readonly body?: 'events' | 'json' | 'json?'
  /** Open to pages of allow-listed origins, not only to our own. */
  readonly crossOrigin?: true
}

const staff: readonly Role[] = ['service', 'admin']
const anyone: readonly Role[] = ['customer', 'service', 'admin']

export type DoorName =
  | 'events'
  | 'customer'
  | 'features'
  | 'timeline'
  | 'decide'
  | 'decisions'
  | 'decision'
  | 'replay'
  | 'infer'
  | 'chatSession'
  | 'live'
  | 'signIn'
  | 'session'
  | 'signOut'
  | 'signInLink'
  | 'health'
  | 'ready'
  | 'metrics'
  | 'openapi'
  | 'asyncapi'

export const doors: Readonly<Record<DoorName, Door>> = Object.freeze({
  events: {
    method: 'POST',
    path: '/v1/events',
    roles: anyone,
    body: 'events',
    crossOrigin: true,
    summary: 'One CloudEvent or a batch; durable when answered, refused whole when one is bad',
  },
  customer: { method: 'GET', path: '/v1/customers/:id', roles: staff, summary: 'Who a customer is' },
  features: { method: 'GET', path: '/v1/customers/:id/features', roles: staff, summary: 'Live features, as of now' },
  timeline: { method: 'GET', path: '/v1/customers/:id/timeline', roles: staff, summary: 'What happened, newest first, personal fields masked' },
  decide: { method: 'POST', path: '/v1/decisions/:policy', roles: staff, body: 'json', summary: 'Decides now; the decision record' },
  decisions: { method: 'GET', path: '/v1/decisions', roles: staff, summary: 'Decisions, newest first' },
  decision: { method: 'GET', path: '/v1/decisions/:id', roles: staff, summary: 'One decision and the source of its rule' },
  replay: {
    method: 'POST',
    path: '/v1/decisions/:id/replay',
    roles: staff,
    body: 'json?',
    summary: 'Makes a decision again from what was recorded, and compares',
  },
  infer: { method: 'POST', path: '/v1/models/:name/infer', roles: staff, body: 'json', summary: 'Runs a model within a budget' },
  chatSession: { method: 'POST', path: '/v1/chat/sessions', roles: null, body: 'json?', crossOrigin: true, summary: 'A token for the chat socket' },
  live: { method: 'GET', path: '/v1/live', roles: staff, summary: 'What happens, as server-sent events' },
  signIn: { method: 'POST', path: '/v1/session', roles: null, body: 'json', summary: 'Exchanges the one-use code of a link for a cookie' },
  session: { method: 'GET', path: '/v1/session', roles: ['admin'], summary: 'Who this browser is signed in as, and its CSRF token' },
  signOut: { method: 'DELETE', path: '/v1/session', roles: ['admin'], summary: 'Ends the browser session' },
  signInLink: { method: 'POST', path: '/v1/session/links', roles: ['admin'], body: 'json?', summary: 'A new one-use code, for `battuta link`' },
  health: { method: 'GET', path: '/healthz', roles: null, summary: 'The process runs' },
  ready: { method: 'GET', path: '/readyz', roles: null, summary: 'Recovery is over and every door works' },
  metrics: { method: 'GET', path: '/metrics', roles: null, summary: 'Figures for Prometheus' },
  openapi: { method: 'GET', path: '/openapi.json', roles: null, summary: 'These doors as OpenAPI 3.1' },
  asyncapi: { method: 'GET', path: '/asyncapi.json', roles: null, summary: 'The events and the chat socket as AsyncAPI 3.0' },
})
