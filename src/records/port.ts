/**
 * The records' port: transactional state in SQL. One schema, one set of migrations, group commit off the main thread.
 *
 * R1 A commit that resolved survives `kill -9` and power loss; one that did not is there whole or not at all.
 * R2 A commit is conditional on the lane's offset and on the partition's generation: otherwise it rejects with
 *    RECORDS_CONFLICT and changes nothing.
 * R3 A delivery is appended only under the epoch its conversation has after this commit (I2); otherwise the whole commit
 *    rejects with STALE_EPOCH.
 * R4 Commits of one lane are applied in the order they were given.
 */
import type { Act, ChatAuthor } from '../definition/index.ts'

export interface ConversationRow {
  readonly id: string
  readonly customer: string
  readonly channel: string
  readonly owner: 'bot' | 'agent' | 'human' | null
  readonly epoch: number
  /** The last sequence number used. */
  readonly seq: number
  readonly messages: number
  readonly status: 'open' | 'resolved'
  readonly openedAt: number
  readonly updatedAt: number
}

/** One entry of a conversation's sequence: what the customer said, and what was sent to them. */
export interface DeliveryRow {
  readonly conversation: string
  readonly seq: number
  readonly epoch: number
  readonly author: ChatAuthor
  readonly text: string
  /** `partition:offset:n` of the effect; null for the customer's own message. */
  readonly key: string | null
  /** The id the customer's page gave its message. */
  readonly messageId: string | null
  readonly at: number
}

export interface DecisionRow {
  readonly id: string
  readonly partition: number
  readonly offset: number
  readonly at: number
  readonly policy: string
  readonly customer: string
  readonly conversation: string | null
  readonly eventType: string
  readonly act: Act
  readonly name: string | null
  readonly because: string | null
  readonly budgetMs: number
  readonly status: 'on-beat' | 'late' | 'failed'
  readonly appVersion: string
  /** The decision record as JSON. */
  readonly record: string
}

export interface OutboxRow {
  readonly key: string
  readonly kind: 'deliver'
  readonly hash: string
  /** The effect as JSON. */
  readonly content: string
}

/** Everything one step changes; one transaction. */
export interface LaneCommit {
  readonly partition: number
  readonly generation: number
  readonly lane: string
  /** The lane's `lastOffset` before this step; -1 when it has none. */
  readonly previousOffset: number
  readonly offset: number
  /** The lane's own state as JSON. */
  readonly state: string
  readonly conversation: ConversationRow | null
  readonly deliveries: readonly DeliveryRow[]
  readonly decision: DecisionRow | null
  readonly outbox: readonly OutboxRow[]
  /** An identity that now names this lane's customer. */
  readonly alias: { readonly identity: string; readonly customer: string } | null
}

export interface LaneRow {
  readonly lane: string
  readonly partition: number
  readonly lastOffset: number
  readonly state: string
}

/** What happened to an effect or a decision after its commit; folded into a later group, never waited for. */
export interface Settled {
  /** Outbox rows to delete. */
  readonly released: readonly string[]
  readonly decision: { readonly id: string; readonly elapsedMs: number; readonly status: 'on-beat' | 'late' | 'failed' } | null
}

export interface DecisionFilter {
  readonly customer?: string
  readonly policy?: string
  readonly act?: Act
  /** Found in id, customer, outcome name or reason. */
  readonly search?: string
  readonly status?: 'on-beat' | 'late' | 'failed'
}

export interface StoredDecision extends DecisionRow {
  readonly elapsedMs: number | null
}

export interface AppVersionRow {
  readonly version: string
  readonly name: string
  readonly registeredAt: number
  /** The source files of the app as JSON: `{ path: text }`. */
  readonly sources: string
}

export interface Records {
  readonly kind: string
  /** Resolves once on disk. Commits made while one group is being written form the next. */
  commit(commit: LaneCommit): Promise<void>
  /** Buffered; rides in the next group, or in one of its own after a short while. */
  settle(settled: Settled): void
  /** Takes the partition over: raises and returns its generation. Older generations can no longer commit. */
  takeOver(partition: number): Promise<number>
  /** Synchronous where the driver is embedded, so that a hot lane never waits. */
  lane(lane: string): LaneRow | undefined | Promise<LaneRow | undefined>
  conversation(id: string): ConversationRow | undefined | Promise<ConversationRow | undefined>
  /** The customer an identity was linked to. */
  alias(identity: string): string | undefined | Promise<string | undefined>
  /** Identities linked to a customer. */
  identities(customer: string): Promise<readonly string[]>
  /** The highest `lastOffset` of any lane in the partition; -1 when none. Recovery asserts that the log reaches it. */
  highest(partition: number): Promise<number>
  /** The offset below which every decision is committed; 0 when none. Set by `position`, folded into a later group. */
  position(partition: number): Promise<number>
  advance(partition: number, position: number): void
  /** Effects committed and not yet released, in key order. */
  unreleased(partition: number): Promise<readonly OutboxRow[]>
  /** Entries of a conversation's sequence after `after`, in order. */
  deliveries(conversation: string, after: number, limit: number): Promise<readonly DeliveryRow[]>
  decision(id: string): Promise<StoredDecision | undefined>
  /** Newest first. `cursor` is what the last page gave. */
  decisions(
    filter: DecisionFilter,
    limit: number,
    cursor: string | null,
  ): Promise<{ readonly items: readonly StoredDecision[]; readonly nextCursor: string | null }>
  /** Decisions of one customer whose offset is in the list; for the timeline. */
  decisionsAt(partition: number, offsets: readonly number[]): Promise<readonly StoredDecision[]>
  openConversations(): Promise<Readonly<Record<string, number>>>
  registerApp(row: AppVersionRow): Promise<void>
  appVersions(): Promise<readonly AppVersionRow[]>
  /** Small durable facts about this installation (its keys' hashes, its creation). */
  setting(name: string): Promise<string | undefined>
  putSetting(name: string, value: string): Promise<void>
  /** Waits for everything given so far, then lets go of the files. */
  close(): Promise<void>
}
