/**
 * The step of a lane for an event that decides or changes records: from the folded event to the commit (DESIGN section 1,
 * stages 1 to 6). Synchronous: what it needs is in the lane. It changes nothing but the lane's own memory, so a commit
 * that is never sent leaves nothing behind.
 *
 * S1 One step gives one commit, which holds everything it changed; content is fixed by it.
 * S2 What left is history: an event whose marks are in the log, or after which something of its lane left, has exactly the
 *    effects of its marks; they are sent nowhere again, and where it would now be decided otherwise the record says so.
 */
import { assert } from '../base/index.ts'
import { conversationIdAt, openConversation, withMessage } from '../context/index.ts'
import { effectHash, recordFeatures, recordPredictions, round, statusOf } from '../decide/index.ts'
import type { Evaluation, Inputs } from '../decide/index.ts'
import type { DecisionRecord, OwnerRead, RecordedEffect } from '../definition/index.ts'
import type { ConversationRow, DeliveryRow, LaneCommit } from '../records/index.ts'
import { afterAct, firstOwner } from '../route/index.ts'
import type { Arrival } from './arrival.ts'
import { slotOf } from './lane.ts'
import type { Lane } from './lane.ts'
import { effectKey, effectOf } from './marks.ts'
import type { Mark } from './marks.ts'
import type { Asked, Conductor } from './conductor.ts'

export interface Stepped {
  /** Without the decision: `seal` adds it once the event is known to be durable. */
  readonly commit: LaneCommit
  readonly record: DecisionRecord | null
  readonly entry: DeliveryRow | null
  /** Effects that are to leave once marked; empty when they already did. */
  readonly leaving: readonly RecordedEffect[]
  readonly ownerChanged: OwnerRead | null
  /** Monotonic times after features, predictions, decision, owner. */
  readonly marksMono: readonly [number, number, number, number]
}

/** The conversation an event belongs to, as the lane's memory holds it; null when the event has none. */
export function conversationOf(lane: Lane, arrival: Arrival): string | null {
  const { event } = arrival
  const named = event.type === 'message.received' ? (event.data as { conversation?: string }).conversation : undefined
  return named ?? lane.state?.conversation ?? (event.type === 'message.received' ? conversationIdAt(arrival.partition, arrival.offset) : null)
}

export function step(conductor: Conductor, lane: Lane, arrival: Arrival, sent: readonly Mark[] | null): Stepped {
  const { world, generation } = conductor
  const { event, partition, offset } = arrival
  const asked = conductor.asked(event)
  const talk = converse(lane, arrival)
  const inputs = gather(conductor, lane, arrival, asked, talk.before)
  const evaluation = asked === null || inputs === null ? null : asked.evaluate(inputs.inputs, offset % conductor.twiceEvery === 0)
  const decidedMono = world.monotonicMs()

  const before: OwnerRead = talk.row && event.type !== 'decision.requested' ? { owner: talk.row.owner, epoch: talk.row.epoch } : { owner: null, epoch: 0 }
  const after = evaluation === null || before.owner === null ? before : afterAct(before, evaluation.outcome.act)
  const spoken = speak(arrival, talk.row, after, evaluation, sent)
  const ownedMono = world.monotonicMs()

  const record =
    asked === null || inputs === null || evaluation === null
      ? null
      : recordOf(conductor, lane, arrival, { asked, inputs, evaluation, before, after, spoken, decidedMono, ownedMono, messages: talk.row?.messages ?? 0 })
  const entries = [...(talk.entry ? [talk.entry] : []), ...spoken.deliveries]
  const previousOffset = lane.lastOffset
  lane.state = { conversation: spoken.row?.id ?? lane.state?.conversation ?? null, since: lane.state?.since ?? event.time }
  if (spoken.row) lane.conversations.set(spoken.row.id, spoken.row)
  lane.lastOffset = offset
  assert(previousOffset < offset, 'a lane steps in the order of its offsets')

  return {
    commit: {
      partition,
      generation: generation(partition),
      lane: lane.key,
      previousOffset,
      offset,
      state: JSON.stringify(lane.state),
      conversation: spoken.row,
      deliveries: entries,
      decision: null,
      outbox: spoken.leaving.map((effect) => ({
        key: effect.key,
        kind: effect.kind,
        hash: effect.hash,
        content: JSON.stringify({ ...effect, customer: lane.key, author: 'bot' }),
      })),
      alias: event.type === 'identity.linked' ? { identity: (event.data as { identity: string }).identity, customer: lane.key } : null,
    },
    record,
    entry: talk.entry,
    leaving: spoken.leaving,
    ownerChanged: after.epoch === before.epoch ? null : after,
    marksMono: [inputs?.featuresMono ?? decidedMono, inputs?.predictionsMono ?? decidedMono, decidedMono, ownedMono],
  }
}

interface Talk {
  /** The conversation with the customer's message in it. */
  readonly row: ConversationRow | null
  readonly before: ConversationRow | null
  readonly entry: DeliveryRow | null
}

/** Context: which conversation, and the customer's message at its place in the sequence. */
function converse(lane: Lane, arrival: Arrival): Talk {
  const { event } = arrival
  const id = conversationOf(lane, arrival)
  const held = id === null ? undefined : lane.conversations.get(id)
  if (event.type !== 'message.received') return { row: held ?? null, before: held ?? null, entry: null }
  const { text, channel } = event.data as { text: string; channel?: string }
  const own =
    held && held.customer === lane.key
      ? held
      : openConversation(held ? conversationIdAt(arrival.partition, arrival.offset) : (id as string), event, channel ?? 'api', firstOwner)
  const { row, entry } = withMessage(own, event, text)
  return { row, before: own, entry }
}

interface Gathered {
  readonly inputs: Inputs
  readonly reads: ReturnType<Conductor['features']['read']>
  readonly predictions: ReturnType<Conductor['predict']>
  readonly featuresMono: number
  readonly predictionsMono: number
  readonly degraded: readonly string[]
}

/** Features and predictions, as of this event and within what is left of the budget. */
function gather(conductor: Conductor, lane: Lane, arrival: Arrival, asked: Asked | null, conversation: ConversationRow | null): Gathered | null {
  if (asked === null) return null
  const { world, features } = conductor
  const { event } = arrival
  const reads = features.read(slotOf(lane), asked.plan, event.time)
  const featuresMono = world.monotonicMs()
  const predictions = conductor.predict(asked, arrival.receivedMono + asked.budgetMs)
  const predictionsMono = world.monotonicMs()
  return {
    inputs: {
      decisionId: decisionId(arrival.partition, arrival.offset),
      event: { id: event.id, type: asked.policy.on, source: event.source, time: event.time, data: asked.data },
      customer: lane.key,
      conversation:
        conversation && event.type !== 'decision.requested'
          ? {
              id: conversation.id,
              owner: conversation.owner,
              epoch: conversation.epoch,
              messages: conversation.messages + (event.type === 'message.received' ? 1 : 0),
            }
          : null,
      features: reads,
      predictions,
      now: event.received,
    },
    reads,
    predictions,
    featuresMono,
    predictionsMono,
    degraded: predictions.filter((prediction) => prediction.status !== 'on-time').map((prediction) => `${prediction.model} ${prediction.status}`),
  }
}

interface Spoken {
  readonly row: ConversationRow | null
  readonly effects: readonly RecordedEffect[]
  readonly deliveries: readonly DeliveryRow[]
  readonly leaving: readonly RecordedEffect[]
  readonly redecided: readonly RecordedEffect[] | null
}

/** What the outcome says to the customer, at its place in the sequence and under the owner's epoch. `sent` is null where nothing is history yet. */
function speak(arrival: Arrival, row: ConversationRow | null, after: OwnerRead, evaluation: Evaluation | null, sent: readonly Mark[] | null): Spoken {
  if (row === null || arrival.event.type === 'decision.requested') return { row: null, effects: [], deliveries: [], leaving: [], redecided: null }
  const content =
    evaluation?.text == null ? [] : [{ kind: 'deliver' as const, conversation: row.id, seq: row.seq + 1, epoch: after.epoch, text: evaluation.text }]
  const decided: RecordedEffect[] = content.map((effect, n) => ({ key: effectKey(arrival.partition, arrival.offset, n), ...effect, hash: effectHash(effect) }))
  const same = sent === null || (sent.length === decided.length && sent.every((mark, n) => mark.hash === decided[n]?.hash))
  const effects = same ? decided : sent.map(effectOf)
  const last = effects.at(-1)
  return {
    row: {
      ...row,
      owner: after.owner,
      epoch: Math.max(after.epoch, last?.epoch ?? 0),
      seq: Math.max(row.seq, last?.seq ?? 0),
      updatedAt: arrival.event.received,
    },
    effects,
    deliveries: effects.map((effect) => ({
      conversation: row.id,
      seq: effect.seq,
      epoch: effect.epoch,
      author: 'bot',
      text: effect.text,
      key: effect.key,
      messageId: null,
      at: arrival.event.received,
    })),
    leaving: sent === null ? effects : [],
    redecided: same ? null : decided,
  }
}

interface Decided {
  readonly asked: Asked
  readonly inputs: Gathered
  readonly evaluation: Evaluation
  readonly before: OwnerRead
  readonly after: OwnerRead
  readonly spoken: Spoken
  readonly decidedMono: number
  readonly ownedMono: number
  readonly messages: number
}

function recordOf(conductor: Conductor, lane: Lane, arrival: Arrival, decided: Decided): DecisionRecord {
  const { asked, inputs, evaluation, before, after, spoken } = decided
  const since = (mono: number): number => round(mono - arrival.receivedMono)
  const { word, act, name, because } = evaluation.outcome
  return {
    id: inputs.inputs.decisionId,
    policy: asked.policy.name,
    app: { name: conductor.app.name, version: conductor.appVersion },
    customer: lane.key,
    conversation: inputs.inputs.conversation?.id ?? null,
    partition: arrival.partition,
    offset: arrival.offset,
    event: inputs.inputs.event,
    receivedAt: arrival.event.received,
    budgetMs: asked.budgetMs,
    features: recordFeatures(asked.policy.features, inputs.reads, evaluation.reads),
    predictions: recordPredictions(inputs.predictions, evaluation.reads),
    messages: inputs.inputs.conversation?.messages ?? 0,
    outcome: { word, act, name, because },
    rule: asked.ruleOf(evaluation.site),
    failure: evaluation.failure,
    degraded: inputs.degraded,
    owner: { before, after },
    effects: spoken.effects,
    stages: {
      event: 0,
      features: since(inputs.featuresMono),
      predictions: since(inputs.predictionsMono),
      decision: since(decided.decidedMono),
      owner: since(decided.ownedMono),
    },
    elapsedMs: null,
    reconciled:
      spoken.redecided === null
        ? null
        : { reason: 'the records were older than the log: what had left was kept, this is what was decided again', redecided: spoken.redecided },
  }
}

export function decisionId(partition: number, offset: number): string {
  return `dec_${partition}_${offset}`
}

/** The commit as it is sent: the record now knows when its event was durable. */
export function seal(stepped: Stepped, arrival: Arrival): { readonly commit: LaneCommit; readonly record: DecisionRecord | null } {
  if (stepped.record === null) return { commit: stepped.commit, record: null }
  const event = round(Math.max(0, (arrival.durableMono ?? arrival.receivedMono) - arrival.receivedMono))
  const record = { ...stepped.record, stages: { ...stepped.record.stages, event } }
  return { commit: { ...stepped.commit, decision: decisionRow(record, arrival) }, record }
}

function decisionRow(record: DecisionRecord, arrival: Arrival): LaneCommit['decision'] {
  const { act, name, because } = record.outcome
  return {
    id: record.id,
    partition: record.partition,
    offset: record.offset,
    at: record.receivedAt,
    policy: record.policy,
    customer: record.customer,
    conversation: record.conversation,
    eventType: arrival.event.type,
    act,
    name,
    because,
    budgetMs: record.budgetMs,
    status: statusOf(record, 0),
    appVersion: record.app.version,
    record: JSON.stringify(record),
  }
}
