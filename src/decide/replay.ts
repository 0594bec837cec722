/** Recorded replay (I4): the policy is evaluated again on what was recorded, and everything it decided must be equal, bit for bit. */
import { canonicalJson } from '../base/index.ts'
import type { DecisionRecord, ReplayReply } from '../definition/index.ts'
import type { Evaluator } from './evaluate.ts'
import { recordedInputs } from './record.ts'
import { ruleAt } from './rules.ts'
import { recordedOutcome } from './standing.ts'
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
  const recorded = decided(
    [recordedOutcome(record.outcome), record.overruled ?? null, record.held ?? null],
    record.rule,
    record.failure,
    textOf(record),
    record.features.filter((f) => f.read).map((f) => f.name),
    record.predictions.filter((p) => p.read).map((p) => p.model),
  )
  const replayed = decided(
    [recordedOutcome(evaluation.outcome), evaluation.overruled, evaluation.held],
    app.ruleOf(record.policy, evaluation.site),
    evaluation.failure,
    record.conversation === null ? null : evaluation.text,
    record.features.filter((_, index) => evaluation.reads.features[index]).map((f) => f.name),
    record.predictions.filter((_, index) => evaluation.reads.models[index]).map((p) => p.model),
  )
  const differences = Object.keys(recorded)
    .filter((path) => canonicalJson(recorded[path] ?? null) !== canonicalJson(replayed[path] ?? null))
    .map((path) => ({ path, recorded: recorded[path], replayed: replayed[path] }))
  return { mode: 'recorded', version: app.version, equal: differences.length === 0, differences }
}

/** What the answer said when it was decided: on record by itself where it waited for the end of a turn. */
function textOf(record: DecisionRecord): string | null {
  if (record.said !== undefined) return record.said
  const sent = record.reconciled ? record.reconciled.redecided : record.effects
  const first = sent.find((effect) => effect.kind === 'deliver')
  return record.outcome.word === 'answer' && !record.held ? (first?.text ?? null) : null
}

function decided(
  outcome: readonly unknown[],
  rule: unknown,
  failure: unknown,
  text: string | null,
  features: readonly string[],
  models: readonly string[],
): Record<string, unknown> {
  return { outcome, rule, failure, text, featuresRead: features, modelsRead: models }
}
