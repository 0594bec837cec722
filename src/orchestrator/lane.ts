/**
 * A lane: one customer's events, one step each, in order. Plain state; the steps are in step.ts, the order in lanes.ts.
 */
import { assert } from '../base/index.ts'
import type { LaneState } from '../context/index.ts'
import type { Slot } from '../features/index.ts'
import type { ConversationRow } from '../records/index.ts'
import type { RoutingState } from '../route/index.ts'
import type { Arrival } from './arrival.ts'

export interface Lane {
  readonly key: string
  readonly partition: number
  /** The lane's place in the feature engine; set once it is loaded. */
  slot: Slot | null
  /** Offset of the newest step sent to records; -1 before the first. */
  lastOffset: number
  state: LaneState | null
  /** Of a routing lane; null in a customer's. */
  routing: RoutingState | null
  readonly conversations: Map<string, ConversationRow>
  /** Events that wait for their step. */
  readonly queue: Arrival[]
  /** `loading` until its row and records are here; `waiting` while a step needs something that is being read. */
  phase: 'loading' | 'idle' | 'ready' | 'waiting'
  /** Commits sent and not yet on disk. */
  inFlight: number
  /** What is to leave, in order: each waits for the one before. */
  tail: Promise<unknown>
  /** Deliveries that have not left yet. */
  leaving: number
  /** Called once nothing is in flight and nothing waits to leave. */
  readonly waiters: (() => void)[]
  /** Set when used since the last look of the evicting clock. */
  used: boolean
}

export function newLane(key: string, partition: number): Lane {
  return {
    key,
    partition,
    slot: null,
    lastOffset: -1,
    state: null,
    routing: null,
    conversations: new Map(),
    queue: [],
    phase: 'loading',
    inFlight: 0,
    tail: Promise.resolve(),
    leaving: 0,
    waiters: [],
    used: true,
  }
}

export function slotOf(lane: Lane): Slot {
  assert(lane.slot !== null, 'a lane is stepped only once it is loaded')
  return lane.slot
}
