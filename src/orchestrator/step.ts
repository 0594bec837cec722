/**
 * The step of a customer's lane for an event that decides or changes records: from the folded event to the commit (DESIGN section 1,
 * stages 1 to 6). Synchronous: what it needs is in the lane. It changes nothing but the lane's own memory, so a commit
 * that is never sent leaves nothing behind.
 *
 * S1 One step gives one commit, which holds everything it changed; content is fixed by it. What was refused gives none.
 * S2 What left is history: an event whose marks are in the log, or after which something of its lane left, has exactly the
 *    effects and the owner of its marks; where it would now be decided otherwise the record says so.
 */
import { assert } from '../base/index.ts'
import { readMemory } from '../context/index.ts'
import type { ConversationMemory } from '../context/index.ts'
import type { DeliverEffect, OwnerRead, RecordedEffect } from '../definition/index.ts'
import type { FlowState } from '../flows/index.ts'
import type { ConversationRow, LaneExtra } from '../records/index.ts'
import { assertOwned, firstOwner, ledgerOf } from '../route/index.ts'
import type { Arrival } from './arrival.ts'
import type { Conductor } from './conductor.ts'
import { recordOf } from './decision.ts'
import type { Decision } from './decision.ts'
import { deliveryRow, Draft } from './draft.ts'
import { handOn } from './handle.ts'
import type { Lane } from './lane.ts'
import { outboxRow } from './marks.ts'
import type { Mark } from './marks.ts'
import { conversationOf } from './message.ts'
import type { History, Stepped } from './stepped.ts'

export function step(conductor: Conductor, lane: Lane, arrival: Arrival, history: History | null): Stepped {
  const { world } = conductor
  const { event, offset } = arrival
  const id = conversationOf(lane, arrival)
  const named = id === null ? undefined : lane.conversations.get(id)
  // Whoever names somebody else's conversation gets nothing of it.
  const before = named?.customer === lane.key ? named : null
  const draft = new Draft(arrival, before)
  const decision = handOn(conductor, lane, draft)
  const decidedMono = world.monotonicMs()
  // What left is on record even where this version of the app would do nothing, or refuse.
  const isHistory = history !== null && history.sent.length > 0
  if (!isHistory && (draft.refusal !== null || changesNothing(draft, decision, before, event.type)))
    return { ...nothing(decidedMono), refusal: draft.refusal, assigned: draft.assigned }

  const settled = settle(draft.refusal === null ? draft : new Draft(arrival, before), history)
  const { row } = settled
  if (row !== null) assertOwned(row)
  const ownedMono = world.monotonicMs()
  const record =
    decision === null ? null : recordOf(conductor, lane, arrival, { ...decision, ...settled, before: ownerOf(before, decision), decidedMono, ownedMono })
  const previousOffset = lane.lastOffset
  assert(previousOffset < offset, 'a lane steps in the order of its offsets')
  lane.state = { conversation: openOf(lane, row, event.type), since: lane.state?.since ?? event.time }
  if (row !== null) lane.conversations.set(row.id, row)
  lane.lastOffset = offset
  const deliveries = settled.effects.filter(isDelivery).map((effect) => deliveryRow(effect, event.received))
  return {
    commit: {
      partition: arrival.partition,
      generation: conductor.generation(arrival.partition),
      lane: lane.key,
      previousOffset,
      offset,
      state: JSON.stringify(lane.state),
      conversation: row,
      deliveries: [...(draft.entry ? [draft.entry] : []), ...deliveries],
      decision: null,
      outbox: settled.leaving.map(outboxRow),
      alias: event.type === 'identity.linked' ? { identity: (event.data as { identity: string }).identity, customer: lane.key } : null,
      extra: extraOf(draft, settled.timers),
    },
    record,
    entry: draft.entry ?? deliveries.find((entry) => entry.messageId === event.id) ?? null,
    leaving: settled.leaving,
    row,
    ownerChanged: row !== null && row.epoch !== (before?.epoch ?? firstOwner.epoch),
    notes: draft.notes,
    timers: settled.timers,
    told: [],
    refusal: null,
    assigned: draft.assigned,
    marksMono:
      decision === null ? [decidedMono, decidedMono, decidedMono, ownedMono] : [decision.featuresMono, decision.predictionsMono, decidedMono, ownedMono],
  }
}

/** The conversation that a message without one belongs to: where its customer said something last. */
function openOf(lane: Lane, row: ConversationRow | null, type: string): string | null {
  const held = lane.state?.conversation ?? null
  return row !== null && (held === null || type === 'message.received') ? row.id : held
}

function nothing(mono: number): Stepped {
  return {
    commit: null,
    record: null,
    entry: null,
    leaving: [],
    row: null,
    ownerChanged: false,
    notes: [],
    timers: { set: [], cleared: [] },
    told: [],
    refusal: null,
    assigned: null,
    marksMono: [mono, mono, mono, mono],
  }
}

function changesNothing(draft: Draft, decision: Decision | null, before: ConversationRow | null, type: string): boolean {
  return (
    decision === null &&
    type !== 'identity.linked' &&
    draft.row === before &&
    draft.effects.length === 0 &&
    draft.notes.length === 0 &&
    draft.timersSet.length === 0 &&
    draft.timersCleared.length === 0
  )
}

export interface Settled {
  readonly row: ConversationRow | null
  readonly effects: readonly RecordedEffect[]
  readonly leaving: readonly Mark[]
  readonly timers: Stepped['timers']
  /** What was decided again, where history says otherwise. */
  readonly redecided: readonly RecordedEffect[] | null
}

/** S2: what the step comes to, given what the log says of it. */
function settle(draft: Draft, history: History | null): Settled {
  const decided = draft.row === null ? null : { ...draft.row, memory: JSON.stringify(draft.memory), updatedAt: draft.at }
  const timers = { set: draft.timersSet, cleared: draft.timersCleared }
  if (history === null) return { row: decided, effects: draft.effects, leaving: marked(draft.effects, decided), timers, redecided: null }
  const { sent, finished } = history
  const again = sent.filter(({ effect }) => effect.kind !== 'deliver' && !finished.has(effect.key))
  const same = sent.length === draft.effects.length && sent.every(({ effect }, n) => effect.hash === draft.effects[n]?.hash)
  if (same) return { row: decided, effects: draft.effects, leaving: again, timers, redecided: null }
  const effects = sent.map(({ effect }) => effect)
  const { turn } = draft.memory
  const cleared = turn === null ? timers.cleared : [...timers.cleared, turn.timer]
  return { row: asItWas(draft, sent), effects, leaving: again, timers: { set: [], cleared }, redecided: draft.effects }
}

/** The conversation with the owner and the places that its marks say it had; of what was decided now, it remembers only what can go on. */
function asItWas(draft: Draft, sent: readonly Mark[]): ConversationRow | null {
  const { undecided } = draft
  if (undecided === null) return null
  const last = sent
    .map(({ effect }) => effect)
    .filter(isDelivery)
    .at(-1)
  const ledger = sent.findLast((mark) => mark.ledger !== null)?.ledger ?? null
  const kept = ledger ?? { ...ledgerOf(undecided), epoch: Math.max(undecided.epoch, last?.epoch ?? 0) }
  const row = { ...undecided, ...kept, seq: Math.max(undecided.seq, last?.seq ?? 0), updatedAt: draft.at }
  return { ...row, memory: JSON.stringify(asItMayGoOn(draft, row, sent)) }
}

/**
 * What was decided now did not happen: its turn is dropped, and so is every flow that it touched, since such a flow would wait for
 * calls that were never made, or make one again that was, under the same key.
 */
function asItMayGoOn({ memory, undecided, at }: Draft, row: ConversationRow, sent: readonly Mark[]): ConversationMemory {
  const before = new Set(readMemory(undecided?.memory ?? '{}').flows.map((flow) => JSON.stringify(flow)))
  const called = sent.map(({ effect }) => effect).filter((effect) => effect.kind === 'call')
  const flows = memory.flows.filter((flow) => before.has(JSON.stringify(flow)) && !called.some(({ call }) => call.startsWith(`${(flow as FlowState).id}:`)))
  const waits = row.status === 'open' && row.owner === null
  const kept = row.status === 'open' ? flows : flows.filter((flow) => (flow as FlowState).closing)
  return { ...memory, turn: null, flows: kept, waitingSince: waits ? (memory.waitingSince ?? at) : null }
}

function marked(effects: readonly RecordedEffect[], row: ConversationRow | null): readonly Mark[] {
  if (effects.length === 0) return []
  const ledger = row === null ? null : ledgerOf(row)
  return effects.map((effect) => ({ effect, ledger }))
}

function isDelivery(effect: RecordedEffect): effect is DeliverEffect {
  return effect.kind === 'deliver'
}

function ownerOf(before: ConversationRow | null, decision: Decision): OwnerRead {
  if (decision.onDemand) return { owner: null, epoch: 0 }
  if (decision.inputs.conversation !== null) return { owner: decision.inputs.conversation.owner, epoch: decision.inputs.conversation.epoch }
  return before === null ? { owner: null, epoch: 0 } : { owner: before.owner, epoch: before.epoch }
}

function extraOf({ notes }: Draft, timers: Stepped['timers']): LaneExtra | null {
  const noTimers = timers.set.length === 0 && timers.cleared.length === 0
  if (noTimers && notes.length === 0) return null
  return {
    ...(noTimers ? {} : { timers }),
    ...(notes.length === 0 ? {} : { notes }),
  }
}
