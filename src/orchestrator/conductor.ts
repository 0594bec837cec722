/** What every step needs of the app: its policies compiled, its models, its clock. Built once at start; frozen. */
import type { World } from '../base/index.ts'
import { BattutaError } from '../base/index.ts'
import { evaluatorOf, placeOf, ruleAt } from '../decide/index.ts'
import type { Evaluator, ReplayApp, Site } from '../decide/index.ts'
import { builtinEvents } from '../definition/index.ts'
import type { AppDefinition, LoggedEvent, PolicyDefinition, PredictionRead, RecordedRule } from '../definition/index.ts'
import type { FeatureEngine, FeaturePlan } from '../features/index.ts'
import type { Models, Prediction } from '../models/index.ts'

/** A policy that an event asks. */
export interface Asked {
  readonly policy: PolicyDefinition
  readonly budgetMs: number
  readonly plan: FeaturePlan
  /** The payload the policy sees. */
  readonly data: unknown
  readonly text: string | null
  readonly evaluate: Evaluator
  readonly ruleOf: (site: Site | null) => RecordedRule | null
}

export interface Conductor {
  readonly world: World
  readonly app: AppDefinition
  readonly appVersion: string
  readonly features: FeatureEngine
  readonly twiceEvery: number
  generation(partition: number): number
  /** Whether an event of this type takes a full step: it decides, or it changes records. */
  steps(type: string): boolean
  asked(event: LoggedEvent): Asked | null
  predict(asked: Asked, deadlineMono: number): readonly (PredictionRead & Prediction)[]
  readonly replayApp: ReplayApp
}

export interface ConductorParts {
  readonly world: World
  readonly app: AppDefinition
  readonly appVersion: string
  readonly sources: Readonly<Record<string, string>>
  /** URL of the app file's folder, with a slash at its end. */
  readonly folderUrl: string
  readonly features: FeatureEngine
  readonly models: Models
  readonly generation: (partition: number) => number
}

/** Events of Battuta's own that change records; marks only fold. */
const steppingAlways = Object.keys(builtinEvents).filter((type) => type !== 'message.sent' && type !== 'effect.released')
/** One decision in this many is evaluated twice (I4). */
const twiceEvery = 64

type Compiled = Omit<Asked, 'data' | 'text' | 'budgetMs'>

export function openConductor(parts: ConductorParts): Conductor {
  const { world, app, features, models } = parts
  const compiled = new Map<string, Compiled>(Object.values(app.policies).map((policy) => [policy.name, compile(policy, parts)]))
  const byEvent = new Map([...compiled.values()].map((held) => [held.policy.on, held]))
  const stepping = new Set([...steppingAlways, ...byEvent.keys()])

  const asked = (event: LoggedEvent): Asked | null => {
    if (event.type !== 'decision.requested') {
      const held = byEvent.get(event.type)
      return held ? { ...held, budgetMs: held.policy.budgetMs, data: event.data, text: textOf(event.data) } : null
    }
    const { policy, input, budgetMs } = event.data as { policy: string; input: unknown; budgetMs?: number }
    const held = compiled.get(policy)
    return held ? { ...held, budgetMs: budgetMs ?? held.policy.budgetMs, data: input, text: textOf(input) } : null
  }
  const evaluators = Object.fromEntries([...compiled].map(([name, held]) => [name, held.evaluate]))
  return {
    world,
    app,
    appVersion: parts.appVersion,
    features,
    twiceEvery,
    generation: parts.generation,
    steps: (type) => stepping.has(type),
    asked,
    predict: ({ policy, text }, deadlineMono) =>
      policy.models.map((name) => (text === null ? models.notAsked(name) : models.run(name, { text }, deadlineMono - world.monotonicMs()))),
    replayApp: {
      version: parts.appVersion,
      evaluators,
      ruleOf: (policy, site) => compiled.get(policy)?.ruleOf(site) ?? null,
    },
  }
}

function compile(policy: PolicyDefinition, parts: ConductorParts): Compiled {
  const place = placeOf(policy, parts.sources)
  return {
    policy,
    plan: parts.features.plan(policy.features),
    evaluate: evaluatorOf(policy, parts.app),
    ruleOf: (site) => ruleAt(site, place, parts.folderUrl),
  }
}

function textOf(data: unknown): string | null {
  const text = (data as { text?: unknown } | null)?.text
  return typeof text === 'string' ? text : null
}

/** The policy a door asks for by name. Throws POLICY_UNKNOWN. */
export function policyNamed(app: AppDefinition, name: string): PolicyDefinition {
  const policy = Object.hasOwn(app.policies, name) ? app.policies[name] : undefined
  if (!policy) throw new BattutaError('POLICY_UNKNOWN', `no policy “${name}” in ${app.name}; it has ${Object.keys(app.policies).join(', ') || 'none'}`)
  return policy
}
