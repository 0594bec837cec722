/** What the orchestrator offers to doors: everything enters here as an event, and everything about it is read here. */
import type { CustomerReply, DecisionBrief, DecisionRecord, FeatureReply, Page, ReplayReply, RuleSource, Sender, TimelineItem } from '../definition/index.ts'
import type { DecisionFilter } from '../records/index.ts'

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
  }): Promise<Said>
  /** Decides now: the request is an event too. Resolves once committed. */
  decide(policy: string, request: { readonly customer: string; readonly input: unknown; readonly budgetMs?: number }): Promise<DecisionRecord>
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
