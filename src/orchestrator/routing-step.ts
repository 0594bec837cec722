/**
 * The step of a routing lane: its event goes through the pure state machine of `route`; what that says becomes one commit, like any
 * other lane's. What it assigns leaves as events for the customers' lanes.
 */
import { assert } from '../base/index.ts'
import { effectHash } from '../decide/index.ts'
import type { RecordedEffect } from '../definition/index.ts'
import type { TimerRow } from '../records/index.ts'
import { routeEvent } from '../route/index.ts'
import type { RoutingStep } from '../route/index.ts'
import type { Arrival } from './arrival.ts'
import type { Conductor } from './conductor.ts'
import type { Lane } from './lane.ts'
import { effectKey, outboxRow } from './marks.ts'
import type { Mark } from './marks.ts'
import type { History, Stepped } from './stepped.ts'

export const routingPrefix = 'routing:'

export function isRouting(lane: string): boolean {
  return lane.startsWith(routingPrefix)
}

export function stepRouting(conductor: Conductor, lane: Lane, arrival: Arrival, history: History | null): Stepped {
  const { partition, offset, event } = arrival
  assert(lane.routing !== null, 'a routing lane is stepped once its state is loaded')
  const mono = conductor.world.monotonicMs()
  const routed = routeEvent(lane.routing, { type: event.type, partition, offset, at: event.received, data: event.data }, conductor.app.queues)
  const base = {
    record: null,
    entry: null,
    row: null,
    ownerChanged: false,
    notes: [],
    refusal: routed.refusal,
    assigned: null,
    told: routed.told,
    marksMono: [mono, mono, mono, mono] as const,
  }
  if (isEmpty(routed)) return { ...base, commit: null, leaving: [], timers: { set: [], cleared: [] } }
  const set: TimerRow[] = routed.timers.set.map((timer) => ({ ...timer, lane: lane.key, partition }))
  const timers = { set, cleared: routed.timers.cleared }
  const effects = routed.emits.map(({ customer, type, data }, n): RecordedEffect => {
    const content = { kind: 'emit' as const, lane: customer, type, data }
    return { key: effectKey(partition, offset, n), ...content, hash: effectHash(content) }
  })
  const leaving = leavingOf(effects, history)
  const previousOffset = lane.lastOffset
  lane.lastOffset = offset
  lane.state ??= { conversation: null, since: event.time }
  const inLane = <Row extends object>(rows: readonly Row[]): Row[] => rows.map((row) => ({ ...row, lane: lane.key }))
  return {
    ...base,
    commit: {
      partition,
      generation: conductor.generation(partition),
      lane: lane.key,
      previousOffset,
      offset,
      state: JSON.stringify(lane.state),
      conversation: null,
      deliveries: [],
      decision: null,
      outbox: leaving.map(outboxRow),
      alias: null,
      extra: { timers, tasks: inLane(routed.tasks), reservations: inLane(routed.reservations), workers: inLane(routed.workers) },
    },
    leaving,
    timers,
  }
}

/**
 * What left is history, and is sent again only where it never arrived. What had not left is sent even so: with other queues than
 * then a task may end otherwise, and its conversation must not wait for it for ever. The customer's lane disposes.
 */
function leavingOf(effects: readonly RecordedEffect[], history: History | null): readonly Mark[] {
  const sent = new Set(history?.sent.map(({ effect }) => effect.key))
  const again = history?.sent.filter(({ effect }) => !history.finished.has(effect.key)) ?? []
  return [...again, ...effects.filter(({ key }) => !sent.has(key)).map((effect) => ({ effect, ledger: null }))]
}

function isEmpty({ tasks, reservations, workers, timers, emits }: RoutingStep): boolean {
  return tasks.length + reservations.length + workers.length + timers.set.length + timers.cleared.length + emits.length === 0
}
