/**
 * The records' port: transactional state in SQL. One schema, one set of migrations, group commit off the main thread.
 *
 * R1 A commit that resolved survives `kill -9` and power loss; one that did not is there whole or not at all.
 * R2 A commit is conditional on the lane's offset and on the partition's generation: otherwise it rejects with
 *    RECORDS_CONFLICT and changes nothing.
 * R3 A delivery is appended only under an epoch that is not over (I2): the one its conversation has after this commit, or, where it
 *    changes hands in it, the one it had until then; otherwise the whole commit rejects with STALE_EPOCH.
 * R4 Commits of one lane are applied in the order they were given.
 */
import type { Act, ChatAuthor, PersonRole, Presence, ReservationState, TaskState } from '../definition/index.ts'

export interface ConversationRow {
  readonly id: string
  readonly customer: string
  readonly channel: string
  /** Null while it waits in `queue`, and once it is resolved. */
  readonly owner: 'bot' | 'agent' | 'human' | null
  /** Who it is, where the owner is a person or another desk. */
  readonly worker: string | null
  /** Where it waits, or through which its worker got it. */
  readonly queue: string | null
  /** Its task in the routing lane, from the hand-over until somebody gives it back or resolves it. */
  readonly task: string | null
  readonly epoch: number
  /** The last sequence number used. */
  readonly seq: number
  readonly messages: number
  readonly status: 'open' | 'resolved'
  readonly openedAt: number
  readonly updatedAt: number
  /** What the conversation remembers (context room), as JSON. */
  readonly memory: string
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
  /** The id the sender gave its message. */
  readonly messageId: string | null
  readonly at: number
  /** Who said it, a notice, attachments (EntryExtra), as JSON; null for text alone. */
  readonly extra: string | null
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
  readonly kind: 'deliver' | 'emit' | 'call'
  readonly hash: string
  /** The effect, and whose the conversation was once it was decided, as JSON. */
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
  /** What few steps change; null for the others, so that they cost nothing. */
  readonly extra: LaneExtra | null
}

/** Rows are put whole (insert or replace by their key), and refused with the commit they belong to. */
export interface LaneExtra {
  /** Of the commit's partition; cleared by id first, then set. */
  readonly timers?: { readonly set: readonly TimerRow[]; readonly cleared: readonly string[] }
  readonly notes?: readonly NoteRow[]
  readonly tasks?: readonly TaskRow[]
  readonly reservations?: readonly ReservationRow[]
  readonly workers?: readonly WorkerRow[]
}

/** A timer of a lane. Due, it is appended to the lane as `timer.due`, once: the event's id is the timer's. */
export interface TimerRow {
  /** Unique over all lanes, fixed by the step that set it. */
  readonly id: string
  readonly partition: number
  readonly lane: string
  readonly dueAt: number
  readonly kind: string
  /** JSON. */
  readonly data: string
}

export interface NoteRow {
  /** Unique in its conversation. */
  readonly id: string
  readonly conversation: string
  readonly afterSeq: number
  readonly at: number
  readonly worker: string
  readonly text: string
}

export interface TaskRow {
  readonly id: string
  /** The routing lane. */
  readonly lane: string
  readonly conversation: string
  readonly customer: string
  readonly channel: string
  readonly queue: string
  readonly priority: number
  readonly goal: string
  readonly because: string | null
  readonly state: TaskState
  /** Offered to this one only; null: to whoever fits. */
  readonly onlyWorker: string | null
  readonly exceptWorker: string | null
  /** Who has it, once assigned. */
  readonly worker: string | null
  readonly queuedAt: number
  readonly assignedAt: number | null
  readonly endedAt: number | null
  readonly wrapUpCode: string | null
}

export interface ReservationRow {
  readonly id: string
  readonly lane: string
  readonly task: string
  readonly worker: string
  readonly state: ReservationState
  readonly offeredAt: number
  readonly expiresAt: number
  readonly endedAt: number | null
}

export interface WorkerRow {
  /** Unique in its lane. */
  readonly id: string
  readonly lane: string
  readonly name: string
  readonly kind: 'human' | 'webhook'
  readonly presence: Presence
  readonly connected: boolean
  /** JSON array. */
  readonly skills: string
  readonly capacity: number
  /** Since when it is in this state. */
  readonly since: number
  /** Since when it has had nothing to do: the longest idle is offered first. */
  readonly idleSince: number
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
  /** By owner; those without one count as `waiting`. */
  openConversations(): Promise<Readonly<Record<string, number>>>
  readonly desk: DeskRecords
  readonly directory: Directory
  registerApp(row: AppVersionRow): Promise<void>
  appVersions(): Promise<readonly AppVersionRow[]>
  /** Small durable facts about this installation (its keys' hashes, its creation). */
  setting(name: string): Promise<string | undefined>
  putSetting(name: string, value: string): Promise<void>
  /** Waits for everything given so far, then lets go of the files. */
  close(): Promise<void>
}

export interface ConversationFilter {
  readonly status?: 'open' | 'resolved'
  readonly owner?: 'bot' | 'agent' | 'human' | 'waiting'
  readonly worker?: string
  /** Any of them. */
  readonly queues?: readonly string[]
  readonly customer?: string
}

/** What people and the routing lane look up. */
export interface DeskRecords {
  /** Timers of the partition, by due time. */
  timers(partition: number): Promise<readonly TimerRow[]>
  /**
   * Tasks of a routing lane that are not completed or canceled, in the order they were queued; reservations that are pending,
   * accepted or wrapping, in the order they were offered; all workers. As of the last commit that resolved.
   */
  routing(
    lane: string,
  ): Promise<{ readonly tasks: readonly TaskRow[]; readonly reservations: readonly ReservationRow[]; readonly workers: readonly WorkerRow[] }>
  task(id: string): Promise<TaskRow | undefined>
  reservation(id: string): Promise<ReservationRow | undefined>
  /**
   * Per queue of `within`, tasks queued since `since`: how many were assigned within the queue's milliseconds, and how many there
   * were that were assigned, gave up, or have waited longer by now.
   */
  answered(since: number, within: Readonly<Record<string, number>>): Promise<Readonly<Record<string, { readonly within: number; readonly count: number }>>>
  /** Newest change first, by (updatedAt, id). `cursor` is what the last page gave. */
  conversations(
    filter: ConversationFilter,
    limit: number,
    cursor: string | null,
  ): Promise<{ readonly items: readonly ConversationRow[]; readonly nextCursor: string | null }>
  /** The newest entry of each conversation that has one, in no order. */
  lastEntries(conversations: readonly string[]): Promise<readonly DeliveryRow[]>
  /** In the order of the entries they stand after. */
  notes(conversation: string): Promise<readonly NoteRow[]>
}

export interface PersonRow {
  readonly id: string
  readonly name: string
  readonly role: PersonRole
  /** JSON array. */
  readonly skills: string
  readonly capacity: number
  /** scrypt, as `salt$hash`; null: signs in by link only. */
  readonly password: string | null
  readonly createdAt: number
  /** Sessions begun before it are over. */
  readonly sessionsFrom: number
  readonly closedAt: number | null
}

export interface WebhookRow {
  readonly name: string
  readonly url: string
  /** `channel` the customer's side of another system · `desk` a worker: another desk or bot. */
  readonly kind: 'channel' | 'desk'
  /** JSON array: of a `desk`. */
  readonly skills: string
  readonly capacity: number
  /** Sealed. */
  readonly secret: string
  readonly createdAt: number
}

export interface AttachmentRow {
  readonly id: string
  readonly conversation: string
  readonly name: string
  readonly type: string
  readonly bytes: number
  /** SHA-256 of the content: its file's name. */
  readonly hash: string
  readonly at: number
  readonly by: string
}

/** Small tables that no lane owns. Writes resolve once on disk. */
export interface Directory {
  people(): Promise<readonly PersonRow[]>
  putPerson(row: PersonRow): Promise<void>
  webhooks(): Promise<readonly WebhookRow[]>
  putWebhook(row: WebhookRow): Promise<void>
  /** Its cursors go with it. */
  deleteWebhook(name: string): Promise<void>
  /** The last entry the webhook took of the conversation; 0 when none. */
  cursors(webhook: string): Promise<readonly { readonly conversation: string; readonly seq: number }[]>
  putCursor(webhook: string, conversation: string, seq: number): Promise<void>
  attachment(id: string): Promise<AttachmentRow | undefined>
  putAttachment(row: AttachmentRow): Promise<void>
}
