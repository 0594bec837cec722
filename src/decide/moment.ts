/**
 * Builds what a policy sees, and notes what it reads. One `MomentShape` per policy: its `features` and `models` are
 * objects with one getter a name, so that reading costs a flag and nothing else.
 */
import { assert, BattutaError, seededChance } from '../base/index.ts'
import { asksForPerson } from '../context/index.ts'
import type {
  AppDefinition,
  BotOptions,
  FeatureRead,
  FlowReading,
  HumanOptions,
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
  /** How the flow that is under way reads the message; null when there is none. */
  readonly reading: FlowReading | null
}

/** The part of an app that its policies speak with. */
export type Words = Pick<AppDefinition, 'answers' | 'flows' | 'queues' | 'personTo'>

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
 * const build = momentShape(policy, app)
 * const { moment, reads } = build(inputs)
 */
export function momentShape(policy: PolicyDefinition, words: Words): (inputs: Inputs) => Built {
  const features = readerOf(policy.features)
  const models = readerOf(policy.models)
  return (inputs) => {
    assert(inputs.features.length === policy.features.length && inputs.predictions.length === policy.models.length, 'a moment holds what its policy lists')
    const reads: Reads = { features: policy.features.map(() => false), models: policy.models.map(() => false), scores: policy.models.map(() => false) }
    const sites = new Map<Outcome, Site | null>()
    let chance: (() => number) | undefined
    const moment = {
      event: inputs.event,
      customer: { id: inputs.customer },
      conversation: inputs.conversation,
      asks: { person: asksForPerson(textOf(inputs.event.data)) },
      features: features(inputs.features, reads.features),
      models: models(
        inputs.predictions.map((prediction, index) => notingScores(prediction, index, reads.scores)),
        reads.models,
      ),
      now: inputs.now,
      random: () => (chance ??= seededChance(inputs.decisionId).next)(),
      ...outcomeWords(policy, words, sites),
    }
    return { moment: Object.freeze(moment) as Moment, reads, siteOf: (outcome) => sites.get(outcome) ?? null }
  }
}

function textOf(data: unknown): string {
  const text = (data as { text?: unknown } | null)?.text
  return typeof text === 'string' ? text : ''
}

/** The words whose kind the app declares. Each outcome remembers the line that said it. */
function outcomeWords(policy: PolicyDefinition, words: Words, sites: Map<Outcome, Site | null>): Partial<Pick<Moment, 'answer' | 'bot' | 'human' | 'nothing'>> {
  const known = (kind: 'answers' | 'flows' | 'queues', what: string, name: string): void => {
    if (!Object.hasOwn(words[kind], name))
      throw new BattutaError('POLICY_FAILED', `policy ${policy.name} returned ${what} “${name}”, which the app does not declare`)
  }
  const say = (outcome: Omit<Outcome, 'kind'>, below: (...args: never[]) => Outcome): Outcome => {
    const said: Outcome = Object.freeze({ kind: 'outcome', ...outcome })
    sites.set(said, callSite(below))
    return said
  }
  const answer = (name: string, options?: OutcomeOptions): Outcome => {
    known('answers', 'answer', name)
    return say({ word: 'answer', act: 'bot', name, because: options?.because ?? null }, answer)
  }
  const bot = (name: string, options?: BotOptions): Outcome => {
    known('flows', 'flow', name)
    const slots = options?.slots
    return say({ word: 'bot', act: 'bot', name, because: options?.because ?? null, ...(slots === undefined ? {} : { slots }) }, bot)
  }
  const human = (name: string, options?: HumanOptions): Outcome => {
    known('queues', 'queue', name)
    return say({ word: 'human', act: 'human', name, because: options?.because ?? null, priority: priorityOf(policy, options?.priority) }, human)
  }
  const nothing = (options?: OutcomeOptions): Outcome => say({ word: 'nothing', act: 'nothing', name: null, because: options?.because ?? null }, nothing)
  const has = (kind: 'answers' | 'flows' | 'queues'): boolean => Object.keys(words[kind]).length > 0
  return { ...(has('answers') ? { answer } : {}), ...(has('flows') ? { bot } : {}), ...(has('queues') ? { human } : {}), nothing }
}

const priorityMax = 10

function priorityOf(policy: PolicyDefinition, priority: number | undefined): number {
  if (priority === undefined) return 0
  if (priority >= 0 && priority <= priorityMax) return priority
  throw new BattutaError('POLICY_FAILED', `policy ${policy.name} gave priority ${String(priority)}: it is from 0 to ${priorityMax}`)
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
