/** What the orchestrator offers to doors: everything enters here as an event, and everything about it is read here. */
import type {
  Attachment,
  ConversationReply,
  CustomerReply,
  DecisionBrief,
  DecisionRecord,
  FeatureReply,
  HandoffPacket,
  HandoffTarget,
  InboxItem,
  OfferReply,
  Page,
  Presence,
  QueueReply,
  ReplayReply,
  RuleSource,
  Sender,
  TimelineItem,
  WorkerReply,
} from '../definition/index.ts'
import type { ConversationFilter, ConversationRow, DecisionFilter } from '../records/index.ts'

/** Who stands at the door. A customer may only speak for `customer`. */
export interface Caller {
  readonly role: Sender
  readonly customer?: string
}

export interface Said {
  /** Sequence number of the customer's message in its conversation. */
  readonly seq: number
  readonly conversation: string
  readonly duplicate: boolean
  readonly decision: DecisionRecord | null
}

export interface Runtime {
  /**
   * Validates every event first, then appends all; resolves once they are durable. One bad event refuses all.
   * Throws BATCH_INVALID, EVENT_INVALID, EVENT_TYPE_UNKNOWN, EVENT_PAYLOAD_INVALID, EVENT_IN_FUTURE, FORBIDDEN, OVERLOADED, NOT_READY.
   */
  accept(events: readonly unknown[], caller: Caller): Promise<{ readonly accepted: number }>
  /** A customer's chat message, through its whole step; resolves once committed. */
  say(message: {
    readonly customer: string
    readonly conversation: string | null
    readonly id: string
    readonly text: string
    readonly channel: string
    readonly attachments?: readonly Attachment[]
  }): Promise<Said>
  /** Decides now: the request is an event too. Resolves once committed. */
  decide(policy: string, request: { readonly customer: string; readonly input: unknown; readonly budgetMs?: number }): Promise<DecisionRecord>
  /** What people and other desks do. Each is an event, stepped in its lane; resolves once committed. */
  readonly desk: DeskCommands
  /** What people look at. */
  readonly view: DeskViews
  /** Whether the customer is typing: a turn is not ended under their fingers. Ephemeral. */
  typing(conversation: string, on: boolean): void
  /** Resolves once everything that is committed for this customer has left: what records hold of it may then be shown (X1). */
  left(customer: string): Promise<void>
  /** The live values as of now. Throws FEATURE_UNKNOWN. */
  features(customer: string, names: readonly string[] | null): Promise<Readonly<Record<string, FeatureReply>>>
  /** Throws CUSTOMER_UNKNOWN. */
  customer(id: string): Promise<CustomerReply>
  timeline(customer: string, limit: number, cursor: string | null): Promise<Page<TimelineItem>>
  decision(id: string): Promise<{ readonly decision: DecisionRecord; readonly source: RuleSource | null }>
  decisions(filter: DecisionFilter, limit: number, cursor: string | null): Promise<Page<DecisionBrief>>
  /** Recorded replay against the app version that made it, or `version`. Throws DECISION_UNKNOWN, APP_VERSION_UNKNOWN. */
  replay(id: string, version: string | null): Promise<ReplayReply>
  /** Whether recovery is over, and how far it is. */
  readonly recovery: { readonly done: boolean; readonly events: number; readonly total: number }
  /** Waits for lanes to finish what they began, flushes, and lets go. Does not close log, records or stores. */
  close(): Promise<void>
}

/** Who does it: a person's id, a webhook's name, or `service` for a key. */
export interface DeskCommands {
  /** Says something as the owner. Throws CONVERSATION_UNKNOWN, STALE_EPOCH, NOT_OWNER. A repeated id gives the first one's place. */
  compose(message: {
    readonly conversation: string
    readonly epoch: number
    readonly id: string
    readonly text: string
    readonly role: 'human' | 'bot'
    readonly worker: string
    readonly attachments?: readonly Attachment[]
  }): Promise<{ readonly seq: number }>
  /** Throws CONVERSATION_UNKNOWN. */
  note(note: { readonly conversation: string; readonly id: string; readonly text: string; readonly worker: string }): Promise<void>
  /** Throws CONVERSATION_UNKNOWN, STALE_EPOCH, NOT_OWNER, QUEUE_UNKNOWN, WORKER_UNKNOWN, FLOW_UNKNOWN. `force` is a supervisor's: whoever has it. */
  handOff(handoff: {
    readonly conversation: string
    readonly epoch: number
    readonly to: HandoffTarget
    readonly worker: string
    readonly because: string | null
    readonly agreed: readonly string[]
    readonly force?: boolean
  }): Promise<void>
  /** Throws CONVERSATION_UNKNOWN, STALE_EPOCH, NOT_OWNER. */
  resolve(resolved: {
    readonly conversation: string
    readonly epoch: number
    readonly worker: string
    readonly wrapUpCode: string
    readonly force?: boolean
  }): Promise<void>
  presence(worker: {
    readonly id: string
    readonly name: string
    readonly kind: 'human' | 'webhook'
    readonly skills: readonly string[]
    readonly capacity: number
    readonly state: Presence
  }): Promise<void>
  /** The first socket of a worker opened, or the last one closed. */
  connected(worker: string, on: boolean): Promise<void>
  /** Resolves once the worker owns the conversation. Throws RESERVATION_GONE. */
  accept(reservation: string, worker: string): Promise<{ readonly conversation: string; readonly epoch: number }>
  /** Throws RESERVATION_GONE. */
  reject(reservation: string, worker: string, reason: string | null): Promise<void>
  /** Ends the wrap-up. Throws RESERVATION_GONE. */
  complete(reservation: string, worker: string, wrapUpCode: string): Promise<void>
}

export interface DeskViews {
  /** Throws CONVERSATION_UNKNOWN. */
  conversation(id: string): Promise<ConversationReply>
  conversations(filter: ConversationFilter, limit: number, cursor: string | null): Promise<Page<InboxItem>>
  /** The row as an inbox shows it. */
  item(row: ConversationRow): Promise<InboxItem>
  /** As the routing lane has it now. */
  queues(): Promise<readonly QueueReply[]>
  workers(): Promise<readonly WorkerReply[]>
  /** Offers that wait for the worker's answer. */
  offers(worker: string): Promise<readonly OfferReply[]>
  /** Null when the conversation was never handed over. Throws CONVERSATION_UNKNOWN. */
  packet(conversation: string): Promise<HandoffPacket | null>
}
