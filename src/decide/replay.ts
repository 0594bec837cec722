/** Recorded replay (I4): the policy is evaluated again on what was recorded, and everything it decided must be equal, bit for bit. */
import { canonicalJson } from '../base/index.ts'
import type { DecisionRecord, ReplayReply } from '../definition/index.ts'
import type { Evaluator } from './evaluate.ts'
import { recordedInputs } from './record.ts'
import { ruleAt } from './rules.ts'
import type { Site } from './moment.ts'

export interface ReplayApp {
  readonly version: string
  readonly evaluators: Readonly<Record<string, Evaluator>>
  readonly ruleOf: (policy: string, site: Site | null) => ReturnType<typeof ruleAt>
}

export function replayRecorded(record: DecisionRecord, app: ReplayApp): ReplayReply {
  const evaluate = app.evaluators[record.policy]
  if (!evaluate) return { mode: 'recorded', version: app.version, equal: false, differences: [{ path: 'policy', recorded: record.policy, replayed: null }] }
  const evaluation = evaluate(recordedInputs(record), false)
  const { word, act, name, because } = evaluation.outcome
  const sent = record.reconciled ? record.reconciled.redecided : record.effects
  const recorded = decided(
    record.outcome,
    record.rule,
    record.failure,
    sent.map((effect) => effect.text),
    record.features.filter((f) => f.read).map((f) => f.name),
    record.predictions.filter((p) => p.read).map((p) => p.model),
  )
  const replayed = decided(
    { word, act, name, because },
    app.ruleOf(record.policy, evaluation.site),
    evaluation.failure,
    evaluation.text === null || record.conversation === null ? [] : [evaluation.text],
    record.features.filter((_, index) => evaluation.reads.features[index]).map((f) => f.name),
    record.predictions.filter((_, index) => evaluation.reads.models[index]).map((p) => p.model),
  )
  const differences = Object.keys(recorded)
    .filter((path) => canonicalJson(recorded[path] ?? null) !== canonicalJson(replayed[path] ?? null))
    .map((path) => ({ path, recorded: recorded[path], replayed: replayed[path] }))
  return { mode: 'recorded', version: app.version, equal: differences.length === 0, differences }
}

function decided(
  outcome: object,
  rule: unknown,
  failure: unknown,
  texts: readonly string[],
  features: readonly string[],
  models: readonly string[],
): Record<string, unknown> {
  return { outcome, rule, failure, texts, featuresRead: features, modelsRead: models }
}
