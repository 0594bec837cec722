/** From an evaluation to the record that is kept, and back again for replay. */
import { canonicalJson, sha256 } from '../base/index.ts'
import type { DecisionBrief, DecisionRecord, FeatureRead, PredictionRead, RecordedEffect, RecordedFeature, RecordedPrediction } from '../definition/index.ts'
import type { Inputs, Reads } from './moment.ts'

/** Scores kept of a prediction whose scores the policy did not read. */
const scoresKept = 5

export interface Timed {
  readonly model: string
  readonly version: string
  readonly tier: string
  readonly latencyMs: number
}

export function recordFeatures(names: readonly string[], reads: readonly FeatureRead[], read: Reads): RecordedFeature[] {
  return reads.map((feature, index) => ({
    name: names[index] as string,
    value: feature.value,
    status: feature.status,
    at: feature.at,
    ageMs: feature.ageMs,
    version: feature.version,
    read: read.features[index] === true,
  }))
}

export function recordPredictions(predictions: readonly (PredictionRead & Timed)[], read: Reads): RecordedPrediction[] {
  return predictions.map((prediction, index) => ({
    model: prediction.model,
    version: prediction.version,
    tier: prediction.tier,
    status: prediction.status,
    label: prediction.label,
    confidence: prediction.confidence,
    scores:
      prediction.scores === null
        ? null
        : read.scores[index]
          ? ({ ...prediction.scores } as Record<string, number>)
          : highest(prediction.scores as Record<string, number>),
    latencyMs: round(prediction.latencyMs),
    read: read.models[index] === true,
  }))
}

function highest(scores: Readonly<Record<string, number>>): Record<string, number> {
  const top: [string, number][] = []
  for (const name in scores) {
    const score = scores[name] as number
    if (top.length === scoresKept && score <= (top.at(-1) as [string, number])[1]) continue
    let at = top.length
    while (at > 0 && (top[at - 1] as [string, number])[1] < score) at--
    top.splice(at, 0, [name, score])
    if (top.length > scoresKept) top.pop()
  }
  return Object.fromEntries(top)
}

/** Milliseconds with microseconds behind the point: what a record holds of a duration. */
export function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

type Unhashed<Effect> = Effect extends unknown ? Omit<Effect, 'hash' | 'key'> : never

/** The content hash that the outbox's mark carries: of everything but the key. */
export function effectHash(effect: Unhashed<RecordedEffect>): string {
  return sha256(canonicalJson(effect)).slice(0, 16)
}

/** What the policy saw, from the record alone: recorded features, predictions, clock and seed (I4). */
export function recordedInputs(record: DecisionRecord): Inputs {
  return {
    decisionId: record.id,
    event: record.event,
    customer: record.customer,
    conversation:
      record.conversation === null
        ? null
        : {
            id: record.conversation,
            owner: record.owner.before.owner,
            epoch: record.owner.before.epoch,
            messages: record.messages,
            waitsIn: record.talk?.waitsIn ?? null,
            flow: record.talk?.flow ?? null,
          },
    features: record.features.map(({ value, status, at, ageMs, version }) => ({ value, status, at, ageMs, version })),
    predictions: record.predictions.map(({ status, label, confidence, scores }) => ({ status, label, confidence, scores })),
    now: record.receivedAt,
    reading: record.talk?.reading ?? null,
  }
}

export function statusOf(record: Pick<DecisionRecord, 'failure' | 'budgetMs'>, elapsedMs: number): 'on-beat' | 'late' | 'failed' {
  return record.failure ? 'failed' : elapsedMs > record.budgetMs ? 'late' : 'on-beat'
}

export function briefOf(record: DecisionRecord, elapsedMs: number): DecisionBrief {
  return {
    id: record.id,
    at: record.receivedAt,
    policy: record.policy,
    customer: record.customer,
    event: record.event.type,
    act: record.outcome.act,
    name: record.outcome.name,
    because: record.outcome.because,
    budgetMs: record.budgetMs,
    elapsedMs: round(elapsedMs),
    status: statusOf(record, elapsedMs),
  }
}
