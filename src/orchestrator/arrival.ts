/** An event on its way through its lane. */
import type { DecisionRecord, LoggedEvent } from '../definition/index.ts'
import type { DeliveryRow } from '../records/index.ts'
import type { Refusal } from '../route/index.ts'

/** What came of an event's step, once committed. */
export interface Done {
  readonly duplicate: boolean
  readonly record: DecisionRecord | null
  /** What the event's own sender said, at its place in the conversation. */
  readonly entry: DeliveryRow | null
  /** Why it changed nothing; null when it did, or was seen before. */
  readonly refusal: Refusal | null
}

export const nothingDone: Done = Object.freeze({ duplicate: false, record: null, entry: null, refusal: null })

export interface Arrival {
  readonly event: LoggedEvent
  readonly partition: number
  readonly offset: number
  /** Monotonic time of receipt: the budget runs from here. */
  readonly receivedMono: number
  /** Resolves once the event is on disk. */
  readonly durable: Promise<unknown>
  /** Monotonic time at which it was; null before. */
  durableMono: number | null
  /** Read from the log again by recovery. */
  readonly recovered: boolean
  /** Whoever waits for the step: a chat, a desk, a `POST /v1/decisions`. */
  readonly done: ((done: Done) => void) | null
  readonly failed: ((error: unknown) => void) | null
}
