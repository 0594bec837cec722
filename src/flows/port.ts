/** Running a flow, as pure data: its durable state, what comes in, what comes out. */
import type { Fact, FlowReading } from '../definition/index.ts'

/** One answered operation of the flow's generator. A replay meets the same operations in the same order, or the flow has changed. */
export type JournalEntry =
  | { readonly op: 'ask'; readonly slot: string }
  /** `hash` of the text: what was said once is not said again when a correction replays the flow. */
  | { readonly op: 'say'; readonly hash: string }
  | { readonly op: 'note'; readonly hash: string }
  | CallEntry
  /** `agreed` is what came back with the conversation. */
  | { readonly op: 'handOff'; readonly queue: string; readonly agreed: readonly string[] }

export interface CallEntry {
  readonly op: 'call'
  readonly tool: string
  readonly call: string
  readonly inputHash: string
  readonly input: unknown
  /** Null while it is awaited. */
  readonly result: CallResult | null
}

export type CallResult = { readonly ok: true; readonly output: unknown } | { readonly ok: false; readonly error: string }

export interface SlotValue {
  readonly value: unknown
  /** Who said it: the customer, a colleague, or the policy that began the flow. */
  readonly from: 'customer' | 'colleague' | 'policy'
  readonly at: number
}

/** A flow under way: plain JSON, kept in the conversation's memory, committed with every step. */
export interface FlowState {
  readonly flow: string
  readonly version: string
  /** Unique in the conversation: calls and late results carry it. */
  readonly id: string
  readonly startedAt: number
  readonly slots: Readonly<Record<string, SlotValue>>
  readonly journal: readonly JournalEntry[]
  /** The slot it waits for, and what it asked; null while it waits for a tool or for a person. */
  readonly asking: { readonly slot: string; readonly prompt: string; readonly times: number } | null
  /** The call it waits for. */
  readonly waitsFor: string | null
  /** Calls made so far: numbers the next one. */
  readonly calls: number
  readonly agreed: readonly string[]
  /** Calls that a correction took off the path, until it is certain that the path does not come by them again. */
  readonly left: readonly LeftCall[]
  /** Answers that did not do, by slot. */
  readonly tries: Readonly<Record<string, number>>
  /** Whether it said that it is still at work on the call it waits for. */
  readonly told: boolean
  /** How it ended, while calls that have to be undone are still out: it takes no more messages, only their results. */
  readonly closing: FlowEnded | null
}

/** `doomed`: it is off the path for good, and undone as soon as it is known to have acted. */
export interface LeftCall extends CallEntry {
  readonly doomed: boolean
}

export interface FlowEnded {
  readonly resolved: boolean
  readonly canceled: boolean
  readonly summary: string | null
}

export type FlowInput =
  | { readonly kind: 'start'; readonly slots: Readonly<Record<string, unknown>>; readonly text: string | null }
  | { readonly kind: 'message'; readonly text: string; readonly reading: FlowReading }
  /** `hold`: somebody else has the conversation. The result is kept, and the flow goes on from it when it resumes. */
  | { readonly kind: 'result'; readonly call: string; readonly result: CallResult; readonly hold?: true }
  /** Comes back from a person, or from a flow that was put on top: says where it is. */
  | { readonly kind: 'resume'; readonly agreed: readonly string[]; readonly slots: Readonly<Record<string, unknown>> }
  /** Somebody else answered the customer in between: asks its question again. */
  | { readonly kind: 'askAgain' }

export interface FlowCall {
  /** The flow's own number for it: `FLOWID:3`. */
  readonly call: string
  readonly tool: string
  readonly input: unknown
  /** Set for a compensation: what came of the call it undoes. Its own number is `FLOWID:3:undo`. */
  readonly undoes?: { readonly output: unknown }
}

export interface FlowAdvance {
  /** Null when the flow is over. */
  readonly state: FlowState | null
  readonly says: readonly string[]
  readonly calls: readonly FlowCall[]
  /** `queue` is empty where the flow names none: the app's `personTo` then, and with nobody there the flow asks on when it is resumed. */
  readonly handOff: { readonly queue: string; readonly because: string; readonly question: string | null; readonly priority: number } | null
  /** Given once, with the step after which `state` is null. */
  readonly ended: FlowEnded | null
  readonly facts: readonly Fact[]
  readonly tried: readonly string[]
  readonly promised: readonly string[]
  /** What is open now: the question it waits for. */
  readonly question: string | null
  /** Set when the flow threw or did not replay: it is over, and the conversation must go elsewhere. */
  readonly failure: { readonly code: 'FLOW_FAILED'; readonly message: string } | null
}
