/**
 * Builds what a policy sees, and notes what it reads. One `MomentShape` per policy: its `features` and `models` are
 * objects with one getter a name, so that reading costs a flag and nothing else.
 */
import { assert, BattutaError, seededChance } from '../base/index.ts'
import type {
  AnswerDefinition,
  FeatureRead,
  Moment,
  MomentConversation,
  MomentEvent,
  Outcome,
  OutcomeOptions,
  PolicyDefinition,
  PredictionRead,
} from '../definition/index.ts'

/** What a step knows before it decides; a recorded decision gives the same. */
export interface Inputs {
  readonly decisionId: string
  readonly event: MomentEvent
  readonly customer: string
  readonly conversation: MomentConversation | null
  /** In the order of the policy's `features`. */
  readonly features: readonly FeatureRead[]
  /** In the order of the policy's `models`. */
  readonly predictions: readonly PredictionRead[]
  readonly now: number
}

export interface Reads {
  readonly features: boolean[]
  readonly models: boolean[]
  /** Models whose `scores` were read. */
  readonly scores: boolean[]
}

export interface Site {
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface Built {
  readonly moment: Moment
  readonly reads: Reads
  /** Where an outcome was made. */
  siteOf(outcome: Outcome): Site | null
}

/**
 * @example
 * const build = momentShape(policy, answers)
 * const { moment, reads } = build(inputs)
 */
export function momentShape(policy: PolicyDefinition, answers: Readonly<Record<string, AnswerDefinition>>): (inputs: Inputs) => Built {
  const features = readerOf(policy.features)
  const models = readerOf(policy.models)
  const hasAnswers = Object.keys(answers).length > 0
  return (inputs) => {
    assert(inputs.features.length === policy.features.length && inputs.predictions.length === policy.models.length, 'a moment holds what its policy lists')
    const reads: Reads = { features: policy.features.map(() => false), models: policy.models.map(() => false), scores: policy.models.map(() => false) }
    const sites = new Map<Outcome, Site | null>()
    const answer = (name: string, options?: OutcomeOptions): Outcome => {
      if (!Object.hasOwn(answers, name))
        throw new BattutaError('POLICY_FAILED', `policy ${policy.name} returned answer “${name}”, which the app does not declare`)
      const outcome: Outcome = Object.freeze({ kind: 'outcome', word: 'answer', act: 'bot', name, because: options?.because ?? null })
      sites.set(outcome, callSite(answer))
      return outcome
    }
    const nothing = (options?: OutcomeOptions): Outcome => {
      const outcome: Outcome = Object.freeze({ kind: 'outcome', word: 'nothing', act: 'nothing', name: null, because: options?.because ?? null })
      sites.set(outcome, callSite(nothing))
      return outcome
    }
    let chance: (() => number) | undefined
    const moment = {
      event: inputs.event,
      customer: { id: inputs.customer },
      conversation: inputs.conversation,
      features: features(inputs.features, reads.features),
      models: models(
        inputs.predictions.map((prediction, index) => notingScores(prediction, index, reads.scores)),
        reads.models,
      ),
      now: inputs.now,
      random: () => (chance ??= seededChance(inputs.decisionId).next)(),
      ...(hasAnswers ? { answer } : {}),
      nothing,
    }
    return { moment: Object.freeze(moment) as Moment, reads, siteOf: (outcome) => sites.get(outcome) ?? null }
  }
}

/** An object per call whose getters note that they were read. */
function readerOf(names: readonly string[]): <Value>(values: readonly Value[], read: boolean[]) => Readonly<Record<string, Value>> {
  class Reader {
    readonly #values: readonly unknown[]
    readonly #read: boolean[]
    constructor(values: readonly unknown[], read: boolean[]) {
      this.#values = values
      this.#read = read
    }
    static {
      names.forEach((name, index) => {
        Object.defineProperty(this.prototype, name, {
          enumerable: true,
          get(this: Reader) {
            this.#read[index] = true
            return this.#values[index]
          },
        })
      })
    }
  }
  return (values, read) => Object.freeze(new Reader(values, read)) as never
}

function notingScores(prediction: PredictionRead, index: number, noted: boolean[]): PredictionRead {
  return Object.freeze({
    status: prediction.status,
    label: prediction.label,
    confidence: prediction.confidence,
    get scores() {
      noted[index] = true
      return prediction.scores
    },
  })
}

/** The caller of `below`: the line of the app that made the outcome. */
function callSite(below: (...args: never[]) => unknown): Site | null {
  const holder: { stack?: Site | null } = {}
  const { prepareStackTrace, stackTraceLimit } = Error
  Error.stackTraceLimit = 1
  Error.prepareStackTrace = (_error, frames) => siteOfFrame(frames[0])
  try {
    Error.captureStackTrace(holder, below)
    return holder.stack ?? null
  } finally {
    Error.prepareStackTrace = prepareStackTrace
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** Sites by file and position: finding a line in a source costs far more than finding the position. */
const sites = new Map<string, Site>()

function siteOfFrame(frame: NodeJS.CallSite | undefined): Site | null {
  const file = frame?.getFileName()
  if (!frame || !file) return null
  const at = `${frame.getPosition()} ${file}`
  let site = sites.get(at)
  if (!site) sites.set(at, (site = { file, line: frame.getLineNumber() ?? 0, column: frame.getColumnNumber() ?? 0 }))
  return site
}
