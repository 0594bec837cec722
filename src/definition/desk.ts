/** The human side in plain data: who may act, where a conversation waits, what a hand-off carries, and the frames of the desk. */
import type { Attachment, ChatAuthor, Notice, OwnerKind } from './talk.ts'
import type { FeatureReply } from './wire.ts'

/** `available` takes offers · `busy` keeps what it has, takes none · `away` the same, and says so · `offline` has no lease. */
export type Presence = 'available' | 'busy' | 'away' | 'offline'

/** Roles of named people, and of keys: what each may do stands in the server's table of doors. */
export type PersonRole = 'admin' | 'supervisor' | 'desk'

export interface PersonReply {
  readonly id: string
  readonly name: string
  readonly role: PersonRole
  readonly skills: readonly string[]
  /** Conversations at once. */
  readonly capacity: number
}

/** Task states are TaskRouter's: `pending` waits, `reserved` is offered, `assigned` is with somebody, `wrapping` is being noted down. */
export type TaskState = 'pending' | 'reserved' | 'assigned' | 'wrapping' | 'completed' | 'canceled'
/** Reservation states are TaskRouter's. */
export type ReservationState = 'pending' | 'accepted' | 'rejected' | 'timeout' | 'canceled' | 'rescinded' | 'wrapping' | 'completed'

/** One line of a conversation as the desk reads it. */
export interface EntryReply {
  readonly seq: number
  readonly epoch: number
  readonly at: number
  readonly from: ChatAuthor
  /** Which person, flow or webhook said it; null where it does not matter. */
  readonly by: string | null
  readonly text: string
  readonly notice: Notice | null
  readonly attachments: readonly Attachment[]
}

/** What a colleague wrote down for colleagues. Never leaves the desk. */
export interface NoteReply {
  readonly id: string
  readonly at: number
  readonly by: string
  readonly text: string
  /** It stands after this entry. */
  readonly afterSeq: number
}

/** Something known about the matter. `verified` came from an event, a tool or a colleague; `claimed` from the customer. */
export interface Fact {
  readonly text: string
  readonly status: 'claimed' | 'verified'
  /** Where it comes from: `cardDeclined`, `cardStatus`, `chat`, a person's id. */
  readonly source: string
  readonly at: number
}

/** One place on the course of the customer's emotion: 0 calm, 0.5 worried, 1 angry. Read from the customer's text only. */
export interface EmotionPoint {
  readonly seq: number
  readonly at: number
  readonly level: number
}

export interface Told {
  readonly text: string
  readonly at: number
}

/** Everything somebody who takes over must know. No transcript: that is the conversation itself. */
export interface HandoffPacket {
  readonly from: { readonly owner: OwnerKind; readonly name: string | null }
  readonly to: { readonly owner: OwnerKind; readonly name: string | null }
  readonly at: number
  readonly goal: string
  readonly facts: readonly Fact[]
  readonly tried: readonly Told[]
  readonly promised: readonly Told[]
  /** What has to be answered next; null when nothing was left open. */
  readonly question: string | null
  readonly emotion: readonly EmotionPoint[]
  readonly because: string | null
  /** The decision that handed over; null when a person did. */
  readonly decision: string | null
  /** What colleagues and customer agreed, for whoever goes on. */
  readonly agreed: readonly Told[]
}

/** One row of the desk's inbox. */
export interface InboxItem {
  readonly conversation: string
  readonly customer: string
  readonly channel: string
  readonly status: 'open' | 'resolved'
  readonly owner: OwnerKind | null
  readonly worker: string | null
  readonly queue: string | null
  readonly task: string | null
  readonly epoch: number
  readonly seq: number
  /** Since when it waits in `queue`; null when somebody has it. */
  readonly waitingSince: number | null
  readonly priority: number
  /** What it is about, in one line. */
  readonly goal: string
  readonly because: string | null
  readonly last: { readonly from: ChatAuthor; readonly text: string; readonly at: number } | null
  readonly updatedAt: number
}

export interface ConversationReply extends InboxItem {
  readonly openedAt: number
  readonly messages: number
  readonly entries: readonly EntryReply[]
  readonly notes: readonly NoteReply[]
  readonly packet: HandoffPacket | null
  readonly emotion: readonly EmotionPoint[]
  /** The flow the bot is in, or would go on with; its slots as they are, so that a colleague can fill them. */
  readonly flow: FlowReply | null
  readonly wrapUpCodes: readonly string[]
}

export interface FlowReply {
  readonly name: string
  readonly goal: string
  readonly asking: string | null
  readonly slots: readonly {
    readonly name: string
    readonly label: string
    readonly type: string
    readonly options: readonly string[]
    readonly value: unknown
  }[]
}

export interface QueueReply {
  readonly name: string
  readonly team: string
  readonly skills: readonly string[]
  readonly waiting: number
  readonly longestWaitMs: number
  readonly serviceLevel: {
    readonly share: number
    readonly withinMs: number
    /** Share answered within it over the last day, of all that were offered or gave up; null before the first. */
    readonly measured: number | null
    readonly count: number
  }
  readonly workersAvailable: number
  readonly wrapUpCodes: readonly string[]
}

export interface WorkerReply {
  readonly id: string
  readonly name: string
  readonly kind: 'human' | 'webhook'
  readonly presence: Presence
  readonly connected: boolean
  readonly skills: readonly string[]
  readonly capacity: number
  /** Places taken: offered, assigned or wrapping. */
  readonly taken: number
  readonly since: number
}

export interface OfferReply {
  readonly reservation: string
  readonly conversation: string
  readonly customer: string
  readonly channel: string
  readonly queue: string
  readonly priority: number
  readonly goal: string
  readonly because: string | null
  readonly offeredAt: number
  readonly expiresAt: number
}

/** Where somebody hands a conversation to. `bot` goes on with `flow` (or waits for the next message) and knows what was agreed. */
export type HandoffTarget =
  | { readonly kind: 'queue'; readonly queue: string }
  | { readonly kind: 'worker'; readonly worker: string }
  | { readonly kind: 'bot'; readonly flow?: string; readonly slots?: Readonly<Record<string, unknown>> }

/** Frames of `WS /v1/desk`. `ref` comes back on the frame that answers. */
export type DeskClientFrame =
  | { readonly type: 'hello'; readonly key?: string; readonly worker?: string }
  | { readonly type: 'presence'; readonly state: Exclude<Presence, 'offline'> }
  | { readonly type: 'accept'; readonly reservation: string; readonly ref?: string }
  | { readonly type: 'reject'; readonly reservation: string; readonly reason?: string; readonly ref?: string }
  | { readonly type: 'complete'; readonly reservation: string; readonly wrapUpCode: string; readonly ref?: string }
  | { readonly type: 'watch'; readonly conversation: string | null; readonly after?: number }
  | {
      readonly type: 'message'
      readonly conversation: string
      readonly id: string
      readonly epoch: number
      readonly text: string
      readonly attachments?: readonly string[]
    }
  | { readonly type: 'note'; readonly conversation: string; readonly id: string; readonly text: string }
  | { readonly type: 'typing'; readonly conversation: string; readonly on: boolean }
  | {
      readonly type: 'handoff'
      readonly conversation: string
      readonly epoch: number
      readonly to: HandoffTarget
      readonly because?: string
      readonly agreed?: readonly string[]
      readonly ref?: string
    }
  | { readonly type: 'resolve'; readonly conversation: string; readonly epoch: number; readonly wrapUpCode: string; readonly ref?: string }

export type DeskServerFrame =
  | {
      readonly type: 'welcome'
      readonly person: PersonReply
      readonly presence: Presence
      readonly queues: readonly QueueReply[]
      readonly offers: readonly OfferReply[]
      readonly inbox: readonly InboxItem[]
      readonly at: number
    }
  | { readonly type: 'offer'; readonly offer: OfferReply; readonly packet: HandoffPacket }
  | { readonly type: 'rescinded'; readonly reservation: string; readonly reason: 'taken' | 'timeout' | 'canceled' | 'rejected' }
  | { readonly type: 'item'; readonly item: InboxItem }
  | { readonly type: 'gone'; readonly conversation: string }
  | { readonly type: 'delivery'; readonly conversation: string; readonly entry: EntryReply; readonly id?: string }
  | { readonly type: 'note'; readonly conversation: string; readonly note: NoteReply }
  | {
      readonly type: 'owner'
      readonly conversation: string
      readonly epoch: number
      readonly role: OwnerKind | null
      readonly worker: string | null
      readonly queue: string | null
    }
  | {
      readonly type: 'context'
      readonly conversation: string
      readonly features: Readonly<Record<string, FeatureReply>>
      readonly emotion: readonly EmotionPoint[]
    }
  | { readonly type: 'typing'; readonly conversation: string; readonly from: 'customer' | 'human'; readonly by: string | null; readonly on: boolean }
  | { readonly type: 'seen'; readonly conversation: string; readonly seq: number }
  | { readonly type: 'presence'; readonly state: Presence; readonly taken: number; readonly capacity: number }
  | { readonly type: 'queues'; readonly queues: readonly QueueReply[] }
  | { readonly type: 'wrapping'; readonly reservation: string; readonly conversation: string; readonly endsAt: number; readonly codes: readonly string[] }
  | { readonly type: 'accepted'; readonly id: string; readonly conversation: string; readonly seq: number }
  | { readonly type: 'done'; readonly ref: string }
  | {
      readonly type: 'error'
      readonly code: string
      readonly detail: string
      readonly id?: string
      readonly ref?: string
      readonly conversation?: string
      readonly retryAfterMs?: number
    }
