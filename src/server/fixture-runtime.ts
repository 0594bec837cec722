/** What stands behind the doors in this room's tests: a few conversations, and parts that say what they were asked. */
import { BattutaError, realWorld } from '../base/index.ts'
import type { DeskHub, WebhookReply, Webhooks } from '../channels/index.ts'
import type { ConversationReply, DecisionRecord, InboxItem, OfferReply } from '../definition/index.ts'
import type { Caller, Runtime } from '../orchestrator/index.ts'

/** What a part was asked, newest last. */
export interface Asked {
  readonly call: string
  readonly args: readonly unknown[]
}

type Note = (call: string, ...args: unknown[]) => void

const noteIn =
  (asked: Asked[]): Note =>
  (call, ...args) =>
    void asked.push({ call, args })

/** Conversations of the tests: some are a person's, `conv_offer` is offered to Ana, `conv_had` was hers. */
const places: Readonly<Record<string, Partial<ConversationReply>>> = {
  ...Object.fromEntries(
    ['ana', 'ben', 'sam', 'ada'].map((name) => [`conv_${name}`, { owner: 'human', worker: `person:${name}`, queue: 'loans', epoch: 3 } as const]),
  ),
  conv_cards: { owner: null, queue: 'cards', epoch: 2 },
  conv_loans: { owner: null, queue: 'loans', epoch: 2 },
  conv_offer: { owner: null, queue: 'loans', epoch: 2 },
  conv_bot: { owner: 'bot', epoch: 1 },
  conv_had: { owner: 'human', worker: 'person:ben', queue: 'cards', epoch: 5 },
}

export function conversationNamed(id: string): ConversationReply {
  const place = places[id]
  if (place === undefined) throw new BattutaError('CONVERSATION_UNKNOWN', `there is no conversation ${id}`)
  const now = realWorld().now()
  const entry = { seq: 1, epoch: 3, at: now, from: 'human', by: 'person:ana', text: 'hello', notice: null, attachments: [] } as const
  return {
    conversation: id,
    customer: id.replace('conv_', 'user:'),
    channel: 'web',
    status: 'open',
    owner: null,
    worker: null,
    queue: null,
    task: null,
    epoch: 1,
    seq: 1,
    waitingSince: null,
    priority: 0,
    goal: '',
    because: null,
    last: null,
    updatedAt: now,
    openedAt: now,
    messages: 1,
    entries: id === 'conv_had' ? [entry] : [],
    notes: [],
    packet: null,
    emotion: [],
    flow: null,
    wrapUpCodes: ['solved'],
    ...place,
  }
}

export function fakeRuntime(asked: Asked[]): Runtime {
  const note = noteIn(asked)
  const record = { id: 'dec_1', customer: 'user:ana' } as DecisionRecord
  const others = { id: 'dec_2', customer: 'user:ben' } as DecisionRecord
  return {
    desk: fakeCommands(note),
    view: fakeViews(note),
    typing: (...args) => note('typing', ...args),
    recovery: { done: true, events: 3, total: 3 },
    accept: async (events, caller: Caller) => (note('accept', events, caller), { accepted: events.length }),
    say: async (message) => (note('say', message), { seq: 1, conversation: message.conversation ?? 'conv_open', duplicate: false, decision: record }),
    decide: async (policy, request) => (note('decide', policy, request), record),
    left: async () => {},
    features: async (customer, names) => (note('features', customer, names), {}),
    async customer(id) {
      note('customer', id)
      if (id === 'user:unknown') throw new BattutaError('CUSTOMER_UNKNOWN', 'nothing is known of user:unknown')
      return { id, identities: [id], firstSeenAt: 1, lastSeenAt: 2, conversation: { id: 'conv_open', owner: 'bot', epoch: 1, messages: 1 } }
    },
    timeline: async (...args) => (note('timeline', ...args), { items: [], nextCursor: null }),
    decision: async (id) => (note('decision', id), { decision: id === 'dec_2' ? others : record, source: null }),
    decisions: async (...args) => (note('decisions', ...args), { items: [], nextCursor: null }),
    replay: async (...args) => (note('replay', ...args), { mode: 'recorded', version: 'v1', equal: true, differences: [] }),
    close: async () => {},
  }
}

/** Refuses what the ledger would: a stale epoch, somebody else's reservation. */
function fakeCommands(note: Note): Runtime['desk'] {
  const checkEpoch = ({ conversation, epoch }: { conversation: string; epoch: number }): void => {
    const { epoch: now } = conversationNamed(conversation)
    if (epoch !== now) throw new BattutaError('STALE_EPOCH', `epoch ${epoch} is over; it is ${now}`)
  }
  const checkReservation = (reservation: string, worker: string): void => {
    if (reservation !== `res_${worker}`) throw new BattutaError('RESERVATION_GONE', `${reservation} is not offered to ${worker}`)
  }
  return {
    async compose(message) {
      note('compose', message)
      checkEpoch(message)
      return { seq: 7 }
    },
    note: async (given) => note('note', given),
    async handOff(handoff) {
      note('handOff', handoff)
      checkEpoch(handoff)
    },
    async resolve(resolved) {
      note('resolve', resolved)
      checkEpoch(resolved)
    },
    presence: async (worker) => note('presence', worker),
    connected: async (...args) => note('connected', ...args),
    async accept(reservation, worker) {
      note('accept reservation', reservation, worker)
      checkReservation(reservation, worker)
      return { conversation: 'conv_offer', epoch: 3 }
    },
    async reject(reservation, worker, reason) {
      note('reject', reservation, worker, reason)
      checkReservation(reservation, worker)
    },
    async complete(reservation, worker, wrapUpCode) {
      note('complete', reservation, worker, wrapUpCode)
      checkReservation(reservation, worker)
    },
  }
}

function fakeViews(note: Note): Runtime['view'] {
  return {
    conversation: async (id) => conversationNamed(id),
    async conversations(filter, limit, cursor) {
      note('conversations', filter, limit, cursor)
      const items: InboxItem[] = Object.keys(places).map(conversationNamed)
      return { items: items.filter(({ customer }) => filter.customer === undefined || customer === filter.customer), nextCursor: null }
    },
    queues: async () => [],
    workers: async () => [
      { id: 'person:ana', name: 'Ana', kind: 'human', presence: 'available', connected: true, skills: ['cards'], capacity: 3, taken: 1, since: 1 },
    ],
    item: async ({ id }) => conversationNamed(id),
    offers: async (worker) => (worker === 'person:ana' ? [{ reservation: 'res_person:ana', conversation: 'conv_offer' } as OfferReply] : []),
    packet: async () => null,
  }
}

export function fakeDesk(asked: Asked[]): DeskHub {
  const note = noteIn(asked)
  return {
    open(socket, person) {
      note('desk open', person?.id ?? null)
      return {
        receive: (data) => {
          note('desk receive', person?.id ?? null, data)
          socket.send(JSON.stringify({ type: 'done', ref: data }))
        },
        closed: () => note('desk closed', person?.id ?? null),
      }
    },
  } as DeskHub
}

export function fakeWebhooks(asked: Asked[]): Webhooks {
  const note = noteIn(asked)
  const partner: WebhookReply = {
    name: 'partner',
    url: 'https://partner.example/in',
    kind: 'desk',
    skills: ['cards'],
    capacity: 5,
    createdAt: 1,
    worker: 'webhook:partner',
    state: 'working',
    failure: null,
    waiting: 0,
  }
  return {
    list: () => [partner],
    put: async (settings) => (note('put webhook', settings), { ...partner, secret: 'shown once' }),
    delete: async (name) => note('delete webhook', name),
    async receive(name, headers, body) {
      note('webhook in', name, Buffer.from(body).toString())
      if (headers['webhook-signature'] !== 'right') throw new BattutaError('WEBHOOK_INVALID', 'the signature is wrong')
      return { conversation: 'conv_1', seq: 1 }
    },
    start: async () => {},
    close: async () => {},
    deliver: () => {},
    owner: () => {},
    changed: () => {},
    note: () => {},
    routed: () => {},
    thinking: () => {},
  }
}
