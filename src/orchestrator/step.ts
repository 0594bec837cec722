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
import type { DeliverEffect, OwnerRead, RecordedEffect } from '../definition/index.ts'
import type { ConversationRow, LaneExtra } from '../records/index.ts'
import { assertOwned, firstOwner } from '../route/index.ts'
import type { Arrival } from './arrival.ts'
import type { Conductor } from './conductor.ts'
import { recordOf } from './decision.ts'
import type { Decision } from './decision.ts'
import { deliveryRow, Draft } from './draft.ts'
import { handOn } from './handle.ts'
import type { Lane } from './lane.ts'
import type { Mark } from './marks.ts'
import { conversationOf } from './message.ts'
import type { History, Stepped } from './stepped.ts'

export function step(conductor: Conductor, lane: Lane, arrival: Arrival, history: History | null): Stepped {
  const { world } = conductor
  const { event, offset } = arrival
  const id = conversationOf(lane, arrival)
  const before = (id === null ? undefined : lane.conversations.get(id)) ?? null
  const draft = new Draft(arrival, before)
  const decision = handOn(conductor, lane, draft)
  const decidedMono = world.monotonicMs()
  if (draft.refusal !== null || changesNothing(draft, decision, before, event.type))
    return { ...nothing(decidedMono), refusal: draft.refusal, assigned: draft.assigned }

  const settled = settle(draft, before, history)
  const { row } = settled
  if (row !== null) assertOwned(row)
  const ownedMono = world.monotonicMs()
  const record =
    decision === null ? null : recordOf(conductor, lane, arrival, { ...decision, ...settled, before: ownerOf(before, decision), decidedMono, ownedMono })
  const previousOffset = lane.lastOffset
  assert(previousOffset < offset, 'a lane steps in the order of its offsets')
  lane.state = { conversation: row?.id ?? lane.state?.conversation ?? null, since: lane.state?.since ?? event.time }
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
      outbox: settled.leaving.map(({ effect }) => ({ key: effect.key, kind: effect.kind, hash: effect.hash, content: JSON.stringify(effect) })),
      alias: event.type === 'identity.linked' ? { identity: (event.data as { identity: string }).identity, customer: lane.key } : null,
      extra: extraOf(draft),
    },
    record,
    entry: draft.entry ?? deliveries.find((entry) => entry.messageId === event.id) ?? null,
    leaving: settled.leaving,
    row,
    ownerChanged: row !== null && row.epoch !== (before?.epoch ?? firstOwner.epoch),
    notes: draft.notes,
    timers: { set: draft.timersSet, cleared: draft.timersCleared },
    told: [],
    refusal: null,
    assigned: draft.assigned,
    marksMono:
      decision === null ? [decidedMono, decidedMono, decidedMono, ownedMono] : [decision.featuresMono, decision.predictionsMono, decidedMono, ownedMono],
  }
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
  /** What was decided again, where history says otherwise. */
  readonly redecided: readonly RecordedEffect[] | null
}

/** S2: what the step comes to, given what the log says of it. */
function settle(draft: Draft, before: ConversationRow | null, history: History | null): Settled {
  const decided = draft.row === null ? null : { ...draft.row, memory: JSON.stringify(draft.memory), updatedAt: draft.at }
  if (history === null) return { row: decided, effects: draft.effects, leaving: marked(draft.effects, decided), redecided: null }
  const { sent, finished } = history
  const again = sent.filter(({ effect }) => effect.kind === 'emit' || (effect.kind === 'call' && !finished.has(effect.key)))
  const same = sent.length === draft.effects.length && sent.every(({ effect }, n) => effect.hash === draft.effects[n]?.hash)
  if (same) return { row: decided, effects: draft.effects, leaving: again, redecided: null }
  const effects = sent.map(({ effect }) => effect)
  return { row: decided === null ? null : asItWas(draft, decided, before, sent), effects, leaving: again, redecided: draft.effects }
}

/** The conversation with the owner and the places that its marks say it had. */
function asItWas(draft: Draft, decided: ConversationRow, before: ConversationRow | null, sent: readonly Mark[]): ConversationRow {
  const deliveries = sent.map(({ effect }) => effect).filter(isDelivery)
  const last = deliveries.at(-1)
  const ledger = sent.findLast((mark) => mark.ledger !== null)?.ledger ?? null
  const kept = ledger ?? { ...pickLedger(before ?? decided), epoch: Math.max(before?.epoch ?? decided.epoch, last?.epoch ?? 0) }
  return { ...decided, ...kept, seq: Math.max(draft.entry?.seq ?? before?.seq ?? 0, last?.seq ?? 0) }
}

function pickLedger({ owner, worker, queue, task, status }: ConversationRow): Omit<NonNullable<Mark['ledger']>, 'epoch'> {
  return { owner, worker, queue, task, status }
}

function marked(effects: readonly RecordedEffect[], row: ConversationRow | null): readonly Mark[] {
  if (effects.length === 0) return []
  const ledger = row === null ? null : { ...pickLedger(row), epoch: row.epoch }
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

function extraOf(draft: Draft): LaneExtra | null {
  const { timersSet, timersCleared, notes } = draft
  if (timersSet.length === 0 && timersCleared.length === 0 && notes.length === 0) return null
  return {
    ...(timersSet.length === 0 && timersCleared.length === 0 ? {} : { timers: { set: timersSet, cleared: timersCleared } }),
    ...(notes.length === 0 ? {} : { notes }),
  }
}
