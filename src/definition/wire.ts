/** What goes over the doors, beyond events and decision records. Instants are `…At` in ms since the epoch, durations `…Ms`. */
import type { Act, FeatureStatus } from './moment.ts'
import type { Attachment, ChatAuthor, Notice, OwnerKind } from './talk.ts'

/** Every error is a problem document, RFC 9457. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly retryAfterMs?: number
  readonly [more: string]: unknown
}

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly nextCursor: string | null
}

export interface FeatureReply {
  readonly value: unknown
  readonly status: FeatureStatus
  readonly at: number | null
  readonly ageMs: number | null
  readonly version: string
}

export interface CustomerReply {
  readonly id: string
  readonly identities: readonly string[]
  readonly firstSeenAt: number | null
  readonly lastSeenAt: number | null
  readonly conversation: { readonly id: string; readonly owner: Act | null; readonly epoch: number; readonly messages: number } | null
}

export interface TimelineItem {
  readonly at: number
  readonly partition: number
  readonly offset: number
  /** `data` has personal fields masked as `{ pii: 'IBAN_CODE' }`. */
  readonly event: { readonly id: string; readonly type: string; readonly source: string; readonly data: unknown }
  /** The decision this event asked for, when there was one. */
  readonly decision: DecisionBrief | null
}

/** One row of the stream of decisions. */
export interface DecisionBrief {
  readonly id: string
  readonly at: number
  readonly policy: string
  readonly customer: string
  readonly event: string
  readonly act: Act
  readonly name: string | null
  readonly because: string | null
  readonly budgetMs: number
  /** Null until the commit is known to be on disk. */
  readonly elapsedMs: number | null
  readonly status: 'on-beat' | 'late' | 'failed'
}

/** The app's source around a decision's rule. */
export interface RuleSource {
  readonly file: string
  readonly firstLine: number
  readonly lines: readonly string[]
  /** The line of the outcome that was taken. */
  readonly line: number
}

export interface DecisionReply {
  readonly decision: import('./record.ts').DecisionRecord
  readonly source: RuleSource | null
}

export interface ReplayReply {
  readonly mode: 'recorded'
  readonly version: string
  readonly equal: boolean
  readonly differences: readonly { readonly path: string; readonly recorded: unknown; readonly replayed: unknown }[]
}

export const stageNames = ['event', 'features', 'predictions', 'decision', 'owner', 'outbox'] as const
export type StageName = (typeof stageNames)[number]

/** First frame of `GET /v1/live` (`event: hello`). */
export interface LiveHello {
  readonly app: { readonly name: string; readonly version: string }
  /** `embedded, one node` */
  readonly deployment: string
  readonly budgetMs: number
  readonly beatMs: number
  readonly stages: readonly { readonly name: StageName; readonly sliceMs: number }[]
  readonly models: readonly { readonly name: string; readonly version: string; readonly labels: number }[]
  readonly features: readonly { readonly name: string; readonly operator: string; readonly event: string; readonly window: string; readonly version: string }[]
  readonly startedAt: number
  readonly at: number
  /** The last beats, oldest first, so that a page is full when it opens. */
  readonly beats: readonly LiveBeat[]
  readonly decisions: readonly DecisionBrief[]
}

/** `event: second`, once a second. */
export interface LiveSecond {
  readonly at: number
  readonly eventsPerS: number
  readonly foldOnlyPerS: number
  readonly decisionsPerS: number
  readonly actsPerS: Readonly<Record<Act, number>>
  /** Events through each stage in the last second, in the order of `stageNames`. */
  readonly stagePerS: readonly number[]
  /** Over the last five minutes. */
  readonly onBeat: { readonly total: number; readonly late: number }
  /** Over the last two minutes; null where too few decisions were made (100 for p99, 1,000 for p99.9). */
  readonly endToEndMs: Quantiles
  readonly conversationsOpen: Readonly<Record<Act, number>>
  /** Decisions per minute and act over the last hour, oldest first. */
  readonly sharesLastHour: readonly (readonly number[])[]
  readonly shareActs: readonly Act[]
  readonly watches: readonly Watch[]
  /** Times at which events arrived in the last second, as fractions of it (at most 26). */
  readonly arrivals: readonly number[]
  readonly refused: number
  readonly loopStallMs: number
}

export interface Quantiles {
  readonly p50: number | null
  readonly p99: number | null
  readonly p999: number | null
  readonly count: number
}

/** `event: beat`, every five seconds. */
export interface LiveBeat {
  readonly at: number
  /** In the order of `stageNames`; p99.9 is over the trailing two minutes. */
  readonly stages: readonly (Quantiles & { readonly steady: boolean })[]
}

/** `event: decisions`: at most four rows a second, the surplus counted. */
export interface LiveDecisions {
  readonly rows: readonly DecisionBrief[]
  readonly notShown: number
}

/** Something that is watched, in a sentence with its yardstick. */
export interface Watch {
  readonly name: string
  readonly state: 'steady' | 'strained' | 'broken'
  readonly title: string
  readonly sentence: string
}

/** Frames of `WS /v1/chat`. */
export type ChatClientFrame =
  | { readonly type: 'hello'; readonly token: string; readonly after: number }
  | { readonly type: 'message'; readonly id: string; readonly text: string; readonly attachments?: readonly string[] }
  | { readonly type: 'typing'; readonly on: boolean }
  | { readonly type: 'seen'; readonly seq: number }

export type ChatServerFrame =
  | { readonly type: 'welcome'; readonly conversation: string; readonly seq: number }
  | { readonly type: 'accepted'; readonly id: string; readonly seq: number }
  | {
      readonly type: 'delivery'
      readonly seq: number
      readonly epoch: number
      readonly from: ChatAuthor
      readonly text: string
      readonly at: number
      readonly id?: string
      readonly notice?: Notice
      readonly attachments?: readonly Attachment[]
    }
  | { readonly type: 'owner'; readonly epoch: number; readonly role: OwnerKind | null; readonly team: string | null }
  /** Ephemeral: somebody is about to say something, or no longer. One with an old epoch means nothing. */
  | { readonly type: 'typing'; readonly epoch: number; readonly from: OwnerKind; readonly on: boolean }
  /** Ephemeral: whoever answers has the conversation open and read up to here. */
  | { readonly type: 'read'; readonly seq: number }
  | { readonly type: 'error'; readonly code: string; readonly detail: string; readonly id?: string; readonly retryAfterMs?: number }
