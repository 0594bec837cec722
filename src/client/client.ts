/** Battuta's doors, typed, for Node and for browsers. */
import type {
  Attachment,
  CloudEvent,
  ConversationReply,
  CustomerReply,
  DecisionBrief,
  DecisionRecord,
  DecisionReply,
  FeatureReply,
  InboxItem,
  Page,
  PersonReply,
  QueueReply,
  ReplayReply,
  TimelineItem,
  WorkerReply,
} from '../definition/index.ts'
import { Chat } from './chat.ts'
import type { ChatOptions } from './chat.ts'
import { Desk } from './desk.ts'
import type { DeskOptions } from './desk.ts'
import { openLive } from './live.ts'
import type { LiveFeed, LiveHandlers } from './live.ts'
import { openRequester } from './request.ts'
import { systemTimers } from './timers.ts'
import type { ClientTimers } from './timers.ts'

export interface ClientOptions {
  /** Where the server listens: `http://127.0.0.1:4321`. */
  readonly url: string
  /** A service's bearer key. Leave it out in browsers, which have a cookie. */
  readonly key?: string
  readonly fetch?: typeof fetch
  readonly timers?: ClientTimers
}

export interface PageQuery {
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

export interface DecisionsQuery extends PageQuery {
  readonly search?: string | undefined
  readonly act?: string | undefined
  readonly status?: string | undefined
  readonly customer?: string | undefined
  readonly policy?: string | undefined
}

export interface ConversationsQuery extends PageQuery {
  readonly status?: 'open' | 'resolved' | undefined
  readonly owner?: 'bot' | 'agent' | 'human' | 'waiting' | undefined
  readonly worker?: string | undefined
  readonly queue?: string | undefined
  readonly customer?: string | undefined
}

export interface InferReply {
  readonly output: { readonly label: string; readonly scores: Readonly<Record<string, number>> }
  readonly confidence: number
  readonly tier: string
  readonly model: string
  readonly version: string
  readonly elapsedMs: number
}

export interface SessionReply {
  readonly role: string
  /** Null for a key, and for an administrator who came by a link that names nobody. */
  readonly person?: PersonReply | null
  /** Null for a key: only browsers need one. */
  readonly csrf: string | null
  readonly expiresAt: number | null
}

export interface ChatSessionReply {
  readonly token: string
  readonly expiresAt: number
  readonly conversation?: string
}

export type BattutaClient = ReturnType<typeof battutaClient>

/**
 * Opens nothing by itself; each method is one request.
 * @example
 * const battuta = battutaClient({ url: 'http://127.0.0.1:4321', key: serviceKey })
 * await battuta.events.send({ specversion: '1.0', id: '1', source: 'shop', type: 'message.received', subject: 'user:42', data: { text: 'Hello' } })
 */
export function battutaClient({ url, key, fetch, timers = systemTimers }: ClientOptions) {
  const requester = openRequester({ url, key, fetch })
  const { json, useCsrf } = requester
  const withCsrf = async (reply: Promise<SessionReply>) => {
    const session = await reply
    useCsrf(session.csrf)
    return session
  }
  return {
    events: {
      /** One event. It is durable when this resolves. */
      send: (event: CloudEvent) => json<{ accepted: number }>('POST', '/v1/events', { body: event, contentType: 'application/cloudevents+json' }),
      /** All of them or none: one bad event refuses the batch. */
      sendBatch: (events: readonly CloudEvent[]) =>
        json<{ accepted: number }>('POST', '/v1/events', { body: events, contentType: 'application/cloudevents-batch+json' }),
    },
    customers: {
      get: (id: string) => json<CustomerReply>('GET', `/v1/customers/${part(id)}`),
      features: (id: string, names: readonly string[] = []) =>
        json<{ features: Readonly<Record<string, FeatureReply>> }>('GET', `/v1/customers/${part(id)}/features`, { query: { names: names.join(',') } }),
      timeline: (id: string, page: PageQuery = {}) => json<Page<TimelineItem>>('GET', `/v1/customers/${part(id)}/timeline`, { query: { ...page } }),
    },
    decisions: {
      list: (query: DecisionsQuery = {}, signal?: AbortSignal) => json<Page<DecisionBrief>>('GET', '/v1/decisions', { query: { ...query }, signal }),
      get: (id: string) => json<DecisionReply>('GET', `/v1/decisions/${part(id)}`),
      /** Decides now. The reply is the record, as it was committed. */
      decide: (policy: string, request: { customer: string; input: unknown; budgetMs?: number }) =>
        json<DecisionRecord>('POST', `/v1/decisions/${part(policy)}`, { body: request }),
      /** Makes the decision again from what was recorded, and compares. */
      replay: (id: string) => json<ReplayReply>('POST', `/v1/decisions/${part(id)}/replay`, { body: {} }),
    },
    models: {
      infer: (name: string, input: { text: string }, budgetMs?: number) =>
        json<InferReply>('POST', `/v1/models/${part(name)}/infer`, { body: budgetMs === undefined ? { input } : { input, budgetMs } }),
    },
    session: {
      /** Who this browser is signed in as; refused with 401 when nobody. */
      get: () => withCsrf(json<SessionReply>('GET', '/v1/session')),
      /** Exchanges the one-use code of a sign-in link for a cookie. */
      open: (code: string) => withCsrf(json<SessionReply>('POST', '/v1/session', { body: { code } })),
      /** Signs a person in by their name and password. */
      signIn: (name: string, password: string) => withCsrf(json<SessionReply>('POST', '/v1/session', { body: { name, password } })),
      /** Ends the browser's session. */
      end: async () => {
        await requester.open('DELETE', '/v1/session')
        useCsrf(null)
      },
    },
    conversations: {
      list: (query: ConversationsQuery = {}) => json<Page<InboxItem>>('GET', '/v1/conversations', { query: { ...query } }),
      get: (id: string) => json<ConversationReply>('GET', `/v1/conversations/${part(id)}`),
    },
    attachments: {
      /** Puts a file beside a conversation; its id then goes with a message. */
      upload: (conversation: string, file: Blob, name: string) =>
        json<Attachment>('POST', '/v1/chat/attachments', { query: { conversation, name }, file, ...(file.type === '' ? {} : { contentType: file.type }) }),
      /** Where it is downloaded from, by whoever may read its conversation. */
      addressOf: (id: string): string => `${url.replace(/\/+$/, '')}/v1/attachments/${part(id)}`,
    },
    queues: { list: async () => itemsOf(await json<Listed<QueueReply>>('GET', '/v1/queues')) },
    workers: { list: async () => itemsOf(await json<Listed<WorkerReply>>('GET', '/v1/workers')) },
    /** Admins only. */
    people: { list: async () => itemsOf(await json<Listed<PersonReply>>('GET', '/v1/people')) },
    chatSessions: {
      /** A token for `chat`, for whoever this page is. */
      open: (request: { jwt?: string } = {}) => json<ChatSessionReply>('POST', '/v1/chat/sessions', { body: request }),
    },
    /** What the console shows, as it happens. */
    live: (handlers: LiveHandlers): LiveFeed => openLive(requester, handlers, timers),
    chat: (options: Omit<ChatOptions, 'url' | 'timers'>): Chat => new Chat({ ...options, url, timers }),
    /** A person's desk. A line that is silent or turned away is asked about at `GET /v1/queues`. */
    desk: (options: Omit<DeskOptions, 'url' | 'key' | 'timers' | 'probe'>): Desk =>
      new Desk({ ...options, url, timers, probe: () => json('GET', '/v1/queues'), ...(key === undefined ? {} : { key }) }),
  }
}

interface Listed<Item> {
  readonly items: readonly Item[]
}

function itemsOf<Item>(listed: Listed<Item>): readonly Item[] {
  return listed.items
}

/** One path segment: a customer's id may hold a slash or a hash. */
function part(text: string): string {
  return encodeURIComponent(text)
}
