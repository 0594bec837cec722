/** Bots as data: flows with typed slots, tools that act on the outside, queues of people. Built by `app`, run by `flows` and `route`. */
import type { StandardSchema } from './schema.ts'

/** A queue of people with a skill. */
export interface QueueDefinition {
  readonly kind: 'queue'
  readonly name: string
  /** A worker needs all of them. */
  readonly skills: readonly string[]
  /** What a customer reads: `Cards team`. */
  readonly team: string
  readonly serviceLevel: { readonly share: number; readonly withinMs: number }
  /** How long one worker may think about an offer. */
  readonly offerMs: number
  /** How long a conversation waits before it goes back to the bot; null: until somebody takes it. */
  readonly patienceMs: number | null
  /** How long a worker may note down after a conversation. */
  readonly wrapUpMs: number
  readonly wrapUpCodes: readonly string[]
}

export type SlotType = 'text' | 'choice' | 'amount' | 'yesNo' | 'digits'

/** One thing a flow must learn. `read` finds it in what a customer wrote; both functions are pure. */
export interface SlotDefinition {
  readonly kind: 'slot'
  readonly name: string
  /** What people call it: `card number`. Corrections name it so (“no, the card is …”). */
  readonly label: string
  readonly type: SlotType
  readonly options: readonly string[]
  /** For `digits`: how many. */
  readonly length: number | null
  readonly read: ((text: string) => unknown) | null
  /** True, or a sentence that says what would do. */
  readonly validate: ((value: never) => true | string) | null
}

export interface ToolContext {
  /** The same for every attempt of one call: the back end must act once for it. */
  readonly idempotencyKey: string
  readonly customer: string
  /** Aborted at the tool's timeout and when the process closes. */
  readonly signal: AbortSignal
}

/** Something outside that a flow may ask or change. Runs outside the lane, at least once, under one idempotency key. */
export interface ToolDefinition {
  readonly kind: 'tool'
  readonly name: string
  readonly input: StandardSchema
  readonly output: StandardSchema
  readonly run: (input: never, context: ToolContext) => Promise<unknown>
  /** Whether it changes something outside. What only reads may be asked again after a correction. */
  readonly changes: boolean
  /** Undoes the change, given what was asked and what came of it, when a correction or a cancellation makes it wrong. */
  readonly compensate: ((done: { readonly input: never; readonly output: never }, context: ToolContext) => Promise<unknown>) | null
  readonly timeoutMs: number
  readonly attemptsMax: number
}

/** What a flow's generator yields; the engine answers each from its journal. */
export type FlowOp =
  /** `again`: the value there is does not do; the answer is taken as a correction. */
  | { readonly op: 'ask'; readonly slot: string; readonly prompt: string; readonly again?: true }
  | { readonly op: 'say'; readonly text: string }
  | { readonly op: 'call'; readonly tool: string; readonly input: unknown }
  | { readonly op: 'note'; readonly kind: 'fact' | 'tried' | 'promised' | 'question'; readonly text: string; readonly source: string | null }
  | { readonly op: 'handOff'; readonly queue: string; readonly because: string; readonly question: string | null; readonly priority: number }

export interface FlowEnd {
  /** Whether the customer's matter is done. */
  readonly resolved: boolean
  readonly summary: string | null
}

/** What a flow's body sees of the world: nothing that a replay could not give it again. */
export interface FlowStart {
  readonly customer: string
  /** When the flow began, milliseconds since the epoch. */
  readonly startedAt: number
  /** What colleagues agreed with the customer while they had the conversation, oldest first. */
  readonly agreed: readonly string[]
}

export interface FlowDefinition {
  readonly kind: 'flow'
  readonly name: string
  /** What the customer gets by it, as half a sentence: `use the card again`. */
  readonly goal: string
  readonly slots: Readonly<Record<string, SlotDefinition>>
  /** Tools it may call. */
  readonly tools: readonly string[]
  /** Run from its beginning at every step, answered from the journal: it must be deterministic. */
  readonly run: (start: FlowStart) => Generator<FlowOp, FlowEnd, never>
  /** Hash of slots, tools and the body's source. */
  readonly version: string
}

/** How the app reads emotion: a text model whose labels stand for a level. Labels that are not named are calm. */
export interface EmotionDefinition {
  readonly model: string
  readonly angry: readonly string[]
  readonly worried: readonly string[]
}

/** How long a burst of messages may go on before it is answered. */
export interface TurnDefinition {
  /** Quiet for this long, and not typing: the turn is over. 0 answers each message at once. */
  readonly settleMs: number
  /** Answered after this long even while the customer types on. */
  readonly longestMs: number
}
