/** What a policy sees, and what it may return. A moment is frozen and holds all that the record will hold. */

/**
 * `PRESENT` a value as of this event · `NULL_VALUE` events are known but the window holds none to take a value from ·
 * `NOT_FOUND` no such event was ever seen · `OUTSIDE_MAX_AGE` the last value is older than the window, and so not served.
 */
export type FeatureStatus = 'PRESENT' | 'NULL_VALUE' | 'NOT_FOUND' | 'OUTSIDE_MAX_AGE'

export interface FeatureRead<Value = unknown> {
  readonly value: Value | null
  readonly status: FeatureStatus
  /** Event time of the newest event in it, milliseconds since the epoch. */
  readonly at: number | null
  readonly ageMs: number | null
  readonly version: string
}

/** `late` the deadline came first, `failed` the model threw, `not-asked` it was not run; all leave label, confidence and scores null. */
export type PredictionStatus = 'on-time' | 'late' | 'failed' | 'not-asked'

export interface PredictionRead<Label extends string = string> {
  readonly status: PredictionStatus
  readonly label: Label | null
  readonly confidence: number | null
  readonly scores: Readonly<Partial<Record<Label, number>>> | null
}

export type Act = 'bot' | 'agent' | 'human' | 'reachOut' | 'nothing'

export interface Outcome {
  readonly kind: 'outcome'
  /** Which word the policy used: `answer` or `nothing`. */
  readonly word: 'answer' | 'nothing'
  /** Who acts by it. */
  readonly act: Act
  /** The answer's name; null for `nothing`. */
  readonly name: string | null
  readonly because: string | null
}

export interface OutcomeOptions {
  /** Why, as half a sentence that a customer could read: `an angry customer of value`. */
  readonly because?: string
}

export interface MomentEvent {
  readonly id: string
  readonly type: string
  readonly source: string
  readonly time: number
  readonly data: unknown
}

export interface MomentConversation {
  readonly id: string
  readonly owner: 'bot' | 'agent' | 'human' | null
  readonly epoch: number
  /** Messages so far, this one included. */
  readonly messages: number
}

export interface Moment {
  readonly event: MomentEvent
  readonly customer: { readonly id: string }
  readonly conversation: MomentConversation | null
  readonly features: Readonly<Record<string, FeatureRead>>
  readonly models: Readonly<Record<string, PredictionRead>>
  /** The moment's clock: when the event was received, milliseconds since the epoch. The only clock a policy has. */
  readonly now: number
  /** Seeded by the decision's id: the only chance a policy has. Uniform in [0, 1). */
  readonly random: () => number
  readonly answer: (name: string, options?: OutcomeOptions) => Outcome
  readonly nothing: (options?: OutcomeOptions) => Outcome
}
