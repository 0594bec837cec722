/**
 * Evaluates a policy at a moment: its outcome, the rule by call site, what it read, and the text of its answer.
 * A policy that throws or is impure decides `nothing`, with the failure on record; nothing is half-applied (I3, I4).
 *
 * D1 Equal inputs give equal results: a sample is evaluated twice and a difference is a failure.
 */
import { BattutaError, canonicalJson, limits } from '../base/index.ts'
import type { AnswerDefinition, Moment, Outcome, PolicyDefinition } from '../definition/index.ts'
import { momentShape } from './moment.ts'
import type { Inputs, Reads, Site, Words } from './moment.ts'
import { purely } from './purity.ts'
import { standingRules } from './standing.ts'
import type { Overruled } from './standing.ts'

export interface Evaluation {
  readonly outcome: Outcome
  /** What the policy said, where a standing rule said otherwise. */
  readonly overruled: Overruled | null
  /** Why nothing comes of it; null when something does. */
  readonly held: string | null
  /** The answer's text; null for every other word, and when it is held. */
  readonly text: string | null
  readonly site: Site | null
  readonly reads: Reads
  readonly failure: { readonly code: string; readonly message: string } | null
}

export interface Evaluator {
  /** `twice` evaluates again and compares. */
  (inputs: Inputs, twice: boolean): Evaluation
}

const failed: Outcome = Object.freeze({ kind: 'outcome', word: 'nothing', act: 'nothing', name: null, because: 'the policy failed' })

export function evaluatorOf(policy: PolicyDefinition, words: Words): Evaluator {
  const build = momentShape(policy, words)
  const once = (inputs: Inputs): Evaluation => {
    const built = build(inputs)
    let said: Outcome = failed
    let failure: Evaluation['failure'] = null
    try {
      said = purely(`policy ${policy.name}`, () => policy.decide(built.moment))
      checkOutcome(policy, said)
    } catch (error) {
      said = failed
      failure = failureOf(policy, error)
    }
    const { outcome, overruled, held } = standingRules(inputs, said, built.moment.asks, words)
    const decided = { outcome, overruled, held, site: built.siteOf(said), reads: built.reads, failure }
    if (outcome.word !== 'answer' || held !== null) return { ...decided, text: null }
    try {
      return { ...decided, text: textOf(words.answers[outcome.name ?? ''] as AnswerDefinition, built.moment) }
    } catch (error) {
      return { ...decided, outcome: failed, text: null, site: null, failure: failureOf(policy, error) }
    }
  }
  return (inputs, twice) => {
    const first = once(inputs)
    if (!twice || first.failure) return first
    const second = once(inputs)
    if (canonicalJson([first.outcome, first.text, first.site]) === canonicalJson([second.outcome, second.text, second.site])) return first
    const message = `policy ${policy.name} gave “${first.outcome.name ?? 'nothing'}” and then “${second.outcome.name ?? 'nothing'}” for one moment: it keeps state or reads something outside the moment`
    return { ...first, outcome: failed, overruled: null, text: null, site: null, failure: { code: 'POLICY_IMPURE', message } }
  }
}

function failureOf(policy: PolicyDefinition, error: unknown): NonNullable<Evaluation['failure']> {
  const code = error instanceof BattutaError && error.code === 'POLICY_IMPURE' ? 'POLICY_IMPURE' : 'POLICY_FAILED'
  const message = error instanceof BattutaError ? error.message : `policy ${policy.name} threw ${String(error)}`
  return { code, message }
}

function checkOutcome(policy: PolicyDefinition, outcome: Outcome): void {
  if (typeof outcome === 'object' && outcome !== null && outcome.kind === 'outcome') return
  const given = outcome instanceof Promise ? 'a promise (a policy is synchronous)' : String(outcome)
  throw new BattutaError('POLICY_FAILED', `policy ${policy.name} returned ${given}: return one of the moment’s outcomes, such as nothing()`)
}

function textOf(answer: AnswerDefinition, moment: Moment): string {
  const text = typeof answer.text === 'string' ? answer.text : purely(`answer ${answer.name}`, () => (answer.text as (moment: Moment) => string)(moment))
  if (typeof text !== 'string' || text.trim() === '') throw new BattutaError('POLICY_FAILED', `answer ${answer.name} gave no text`)
  return text.length > limits.messageCharsMax ? text.slice(0, limits.messageCharsMax) : text
}
