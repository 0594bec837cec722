/** What is kept of a decision: enough to explain it, and to make it again bit for bit (I4, I5). */
import type { Act, FeatureStatus, PredictionStatus } from './moment.ts'

export interface RecordedFeature {
  readonly name: string
  readonly value: unknown
  readonly status: FeatureStatus
  readonly at: number | null
  readonly ageMs: number | null
  readonly version: string
  /** Whether the policy or the answer read it. */
  readonly read: boolean
}

export interface RecordedPrediction {
  readonly model: string
  readonly version: string
  readonly tier: string
  readonly status: PredictionStatus
  readonly label: string | null
  readonly confidence: number | null
  /** All scores when the policy read them, else the five highest. */
  readonly scores: Readonly<Record<string, number>> | null
  readonly latencyMs: number
  readonly read: boolean
}

/** The place in the app's source where the outcome was made: this is the rule's name. */
export interface RecordedRule {
  readonly file: string
  readonly line: number
  readonly column: number
  /** Which of the policy's outcomes this is, from 1, and how many there are; 0 of 0 when the source is not known. */
  readonly index: number
  readonly count: number
}

export interface RecordedEffect {
  /** `partition:offset:n`, the idempotency key. */
  readonly key: string
  readonly kind: 'deliver'
  readonly conversation: string
  readonly seq: number
  readonly epoch: number
  readonly text: string
  /** SHA-256 of the canonical content, first 16 hex digits. */
  readonly hash: string
}

/** Milliseconds from receipt at which each stage was done, in the order of the path. */
export interface RecordedStages {
  readonly event: number
  readonly features: number
  readonly predictions: number
  readonly decision: number
  readonly owner: number
}

export interface DecisionRecord {
  readonly id: string
  readonly policy: string
  readonly app: { readonly name: string; readonly version: string }
  readonly customer: string
  readonly conversation: string | null
  readonly partition: number
  readonly offset: number
  readonly event: { readonly id: string; readonly type: string; readonly source: string; readonly time: number; readonly data: unknown }
  /** When the event was received: the moment's clock. */
  readonly receivedAt: number
  readonly budgetMs: number
  readonly features: readonly RecordedFeature[]
  readonly predictions: readonly RecordedPrediction[]
  readonly messages: number
  readonly outcome: { readonly word: 'answer' | 'nothing'; readonly act: Act; readonly name: string | null; readonly because: string | null }
  readonly rule: RecordedRule | null
  /** Set when the policy or the answer failed: the decision is then `nothing`. */
  readonly failure: { readonly code: string; readonly message: string } | null
  /** What was degraded to keep the budget: `intent late`. */
  readonly degraded: readonly string[]
  readonly owner: { readonly before: OwnerRead; readonly after: OwnerRead }
  readonly effects: readonly RecordedEffect[]
  readonly stages: RecordedStages
  /** Receipt to committed and synced; null until the commit is known to be on disk. */
  readonly elapsedMs: number | null
  /** Set when recovery made this decision again after records older than the log were restored. */
  readonly reconciled: { readonly reason: string; readonly redecided: readonly RecordedEffect[] } | null
}

export interface OwnerRead {
  readonly owner: 'bot' | 'agent' | 'human' | null
  readonly epoch: number
}
