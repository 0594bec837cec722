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
  /** Which word was used. `flow` is never a policy's: a running flow goes on with what the customer said. */
  readonly word: OutcomeWord
  /** Who acts by it. */
  readonly act: Act
  /** The answer's, flow's or queue's name; null for `nothing`. */
  readonly name: string | null
  readonly because: string | null
  /** Of `human`: higher goes first, 0 to 10. */
  readonly priority?: number
  /** Of `bot`: what the flow need not ask. */
  readonly slots?: Readonly<Record<string, unknown>>
}

export type OutcomeWord = 'answer' | 'bot' | 'flow' | 'human' | 'nothing'

export interface OutcomeOptions {
  /** Why, as half a sentence that a customer could read: `an angry customer of value`. */
  readonly because?: string
}

export interface BotOptions extends OutcomeOptions {
  /** Slots of the flow that are known already. */
  readonly slots?: Readonly<Record<string, unknown>>
}

export interface HumanOptions extends OutcomeOptions {
  /** Higher goes first, 0 to 10; 0 when it is not said. */
  readonly priority?: number
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
  /** The queue it waits in for a person; null when it does not wait. */
  readonly waitsIn: string | null
  /** The flow the bot is in; null when it is in none. */
  readonly flow: string | null
}

/** What the customer's words ask of the conversation itself, found by fixed rules. */
export interface Asks {
  /** “A person, please.” */
  readonly person: boolean
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
  readonly asks: Asks
  readonly answer: (name: string, options?: OutcomeOptions) => Outcome
  readonly bot: (flow: string, options?: BotOptions) => Outcome
  readonly human: (queue: string, options?: HumanOptions) => Outcome
  readonly nothing: (options?: OutcomeOptions) => Outcome
}
