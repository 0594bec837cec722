/** The decision of a step: what was gathered, what came out, and the record of it (I5). */
import { recordedOutcome, recordFeatures, recordPredictions, round, statusOf } from '../decide/index.ts'
import type { Evaluation, Inputs } from '../decide/index.ts'
import type { DecisionRecord, FlowReading, OwnerRead, RecordedEffect } from '../definition/index.ts'
import type { ConversationRow, LaneCommit } from '../records/index.ts'
import type { Arrival } from './arrival.ts'
import type { Asked, Conductor } from './conductor.ts'
import { slotOf } from './lane.ts'
import type { Lane } from './lane.ts'
import type { Stepped } from './stepped.ts'

export interface Decision {
  readonly asked: Asked
  readonly inputs: Inputs
  readonly reads: ReturnType<Conductor['features']['read']>
  readonly predictions: ReturnType<Conductor['predict']>
  readonly evaluation: Evaluation
  /** The texts of the burst, the last one newest; one where the message stands alone. */
  readonly texts: readonly string[]
  /** Whether what follows waits for the end of the turn. */
  readonly waits: boolean
  readonly onDemand: boolean
  readonly featuresMono: number
  readonly predictionsMono: number
}

export interface Asking {
  readonly asked: Asked
  readonly conversation: ConversationRow | null
  readonly flow: string | null
  readonly reading: FlowReading | null
  readonly texts: readonly string[]
}

/** Features, predictions and the policy, as of this event and within what is left of the budget. */
export function decide(conductor: Conductor, lane: Lane, arrival: Arrival, { asked, conversation, flow, reading, texts }: Asking): Decision {
  const { world, features } = conductor
  const { event } = arrival
  const onDemand = event.type === 'decision.requested'
  const reads = features.read(slotOf(lane), asked.plan, event.time)
  const featuresMono = world.monotonicMs()
  const predictions = conductor.predict(asked, arrival.receivedMono + asked.budgetMs)
  const predictionsMono = world.monotonicMs()
  const inputs: Inputs = {
    decisionId: decisionId(arrival.partition, arrival.offset),
    event: { id: event.id, type: asked.policy.on, source: event.source, time: event.time, data: asked.data },
    customer: lane.key,
    conversation:
      conversation === null || onDemand
        ? null
        : {
            id: conversation.id,
            owner: conversation.owner,
            epoch: conversation.epoch,
            messages: conversation.messages,
            waitsIn: conversation.status === 'open' && conversation.owner === null ? conversation.queue : null,
            flow,
          },
    features: reads,
    predictions,
    now: event.received,
    reading,
  }
  const evaluation = asked.evaluate(inputs, arrival.offset % conductor.twiceEvery === 0)
  return { asked, inputs, reads, predictions, evaluation, texts, waits: false, onDemand, featuresMono, predictionsMono }
}

export interface Decided extends Decision {
  readonly before: OwnerRead
  readonly row: ConversationRow | null
  readonly effects: readonly RecordedEffect[]
  readonly redecided: readonly RecordedEffect[] | null
  readonly decidedMono: number
  readonly ownedMono: number
}

export function recordOf(conductor: Conductor, lane: Lane, arrival: Arrival, decided: Decided): DecisionRecord {
  const { asked, inputs, evaluation, before, row } = decided
  const since = (mono: number): number => round(mono - arrival.receivedMono)
  const talk = inputs.conversation
  return {
    id: inputs.decisionId,
    policy: asked.policy.name,
    app: { name: conductor.app.name, version: conductor.appVersion },
    customer: lane.key,
    conversation: talk?.id ?? null,
    partition: arrival.partition,
    offset: arrival.offset,
    event: inputs.event,
    receivedAt: arrival.event.received,
    budgetMs: asked.budgetMs,
    features: recordFeatures(asked.policy.features, decided.reads, evaluation.reads),
    predictions: recordPredictions(decided.predictions, evaluation.reads),
    messages: talk?.messages ?? 0,
    outcome: recordedOutcome(evaluation.outcome),
    ...(evaluation.overruled === null ? {} : { overruled: evaluation.overruled }),
    ...(evaluation.held === null ? {} : { held: evaluation.held }),
    ...(talk === null || (talk.waitsIn === null && talk.flow === null) ? {} : { talk: { waitsIn: talk.waitsIn, flow: talk.flow, reading: inputs.reading } }),
    ...(decided.waits && evaluation.text !== null ? { said: evaluation.text } : {}),
    ...(decided.texts.length > 1 ? { turn: decided.texts } : {}),
    rule: asked.ruleOf(evaluation.site),
    failure: evaluation.failure,
    degraded: decided.predictions.filter((prediction) => prediction.status !== 'on-time').map((prediction) => `${prediction.model} ${prediction.status}`),
    owner: { before, after: row === null || decided.onDemand ? before : { owner: row.owner, epoch: row.epoch } },
    effects: decided.effects,
    stages: {
      event: 0,
      features: since(decided.featuresMono),
      predictions: since(decided.predictionsMono),
      decision: since(decided.decidedMono),
      owner: since(decided.ownedMono),
    },
    elapsedMs: null,
    reconciled:
      decided.redecided === null
        ? null
        : { reason: 'the records were older than the log: what had left was kept, this is what was decided again', redecided: decided.redecided },
  }
}

export function decisionId(partition: number, offset: number): string {
  return `dec_${partition}_${offset}`
}

/** The commit as it is sent: the record now knows when its event was durable. */
export function seal(
  stepped: Stepped & { readonly commit: LaneCommit },
  arrival: Arrival,
): { readonly commit: LaneCommit; readonly record: DecisionRecord | null } {
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
