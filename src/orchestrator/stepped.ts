/** What a step comes to, and what the log already says of one. */
import type { DecisionRecord } from '../definition/index.ts'
import type { ConversationRow, DeliveryRow, LaneCommit, NoteRow, TimerRow } from '../records/index.ts'
import type { Refusal, RoutingTold } from '../route/index.ts'
import type { Draft } from './draft.ts'
import type { Mark } from './marks.ts'

export interface Stepped {
  /** Without the decision: `seal` adds it once the event is known to be durable. Null when nothing is to be committed. */
  readonly commit: LaneCommit | null
  readonly record: DecisionRecord | null
  /** What the event's sender said. */
  readonly entry: DeliveryRow | null
  /** Effects that are to leave once marked; empty when they already did. */
  readonly leaving: readonly Mark[]
  readonly row: ConversationRow | null
  readonly ownerChanged: boolean
  readonly notes: readonly NoteRow[]
  readonly timers: { readonly set: readonly TimerRow[]; readonly cleared: readonly string[] }
  readonly told: readonly RoutingTold[]
  readonly refusal: Refusal | null
  readonly assigned: Draft['assigned']
  /** Monotonic times after features, predictions, decision, owner. */
  readonly marksMono: readonly [number, number, number, number]
}

/** What the log says of an event that was stepped before. */
export interface History {
  readonly sent: readonly Mark[]
  /** Calls whose results are in the log, and events for other lanes that are there. */
  readonly finished: ReadonlySet<string>
}
