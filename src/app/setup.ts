/** `setup` gives an app its vocabulary: what can happen, what is known of a customer, what is said, and who acts. */
import { BattutaError, limits, versionOf } from '../base/index.ts'
import type {
  AnswerDefinition,
  AppDefinition,
  EventDefinition,
  FeatureDefinition,
  ModelDefinition,
  Outcome,
  PolicyDefinition,
  QueueDefinition,
} from '../definition/index.ts'
import type { AnswerText } from './answer.ts'
import { partsOfApp } from './app-parts.ts'
import type { AppOptions, LooseAppOptions } from './app-parts.ts'
import type { AnswerDraft, EventDraft, FeatureDraft, FlowDraft, ModelDraft, PolicyDraft, QueueDraft } from './draft.ts'
import { flowsAndTools } from './flow-definitions.ts'
import { deepFreeze } from './freeze.ts'
import { onlyKeys } from './keys.ts'
import { mapped } from './mapped.ts'
import type { EventName, FeatureName, ModelName, PolicyMoment } from './moment.ts'
import { millis } from './options.ts'

/** What an app is said with. Names are the keys. */
export interface SetupOptions<Events, Features, Models, Answers extends string, Queues extends string, Flows> {
  readonly events: Events
  readonly features?: Features
  readonly models?: Models
  readonly answers?: { readonly [Name in Answers]: AnswerText<Features, Models> }
  /** The queues of people. The first one is for whoever asks for a person, unless the app says another. */
  readonly queues?: { readonly [Name in Queues]: QueueDraft }
  /** The bot's flows. Their tools come with them. */
  readonly flows?: Flows
}

export interface PolicyOptions<Events, Features, Models, On extends string, FeatureNames extends string, ModelNames extends string> {
  /** The event that asks for the decision: one of the app's own, or `message.received`. */
  readonly on: EventName<Events, On>
  /** How long the decision may take from receipt, `1ms` to `60s`; 300 ms when it is not said. */
  readonly budget?: `${number}ms` | `${number}s`
  /** The features that the policy and its answers read. */
  readonly features?: readonly FeatureName<Features, FeatureNames>[]
  /** The models that read the event's `text` within the budget. */
  readonly models?: readonly ModelName<Events, Models, On, ModelNames>[]
}

/** An app's vocabulary, in which its policies are written. */
export interface Vocabulary<Events, Features, Models, Answers extends string, Queues extends string, Flows> {
  /**
   * A policy: a pure function from a moment to an outcome.
   * @example
   * bank.policy({ on: 'message.received', features: ['declines5m'] }, ({ features, answer, nothing }) =>
   *   (features.declines5m.value ?? 0) > 0 ? answer('declined', { because: 'a card was just declined' }) : nothing())
   */
  policy<const On extends string, const FeatureNames extends string = never, const ModelNames extends string = never>(
    options: PolicyOptions<Events, Features, Models, On, FeatureNames, ModelNames>,
    decide: (moment: PolicyMoment<Events, Features, Models, Answers, Queues, Flows, On, FeatureNames, ModelNames>) => Outcome,
  ): PolicyDraft
  /** The app: frozen plain data, the default export of an app file. */
  app<const PersonTo extends string = never, const Tone extends string = never>(options: AppOptions<Models, Queues, PersonTo, Tone>): AppDefinition
}

/**
 * The vocabulary of an app.
 * @example
 * const bank = setup({
 *   events: { cardDeclined },
 *   features: { declines5m: count(cardDeclined).over('5m') },
 *   models: { intent: linear<Intent>('intent') },
 *   answers: { declined: ({ features }) => `Your card was declined ${features.declines5m?.value ?? 0} times.` },
 *   queues: { cards: queue({ skills: ['cards'] }) },
 *   flows: { unblockCard },
 * })
 * export default bank.app({ name: 'harbour-bank', policies: { inbound: bank.policy(…) } })
 */
export function setup<
  const Events extends Readonly<Record<string, EventDraft>>,
  const Features extends Readonly<Record<string, FeatureDraft>> = {},
  const Models extends Readonly<Record<string, ModelDraft>> = {},
  const Answers extends string = never,
  const Queues extends string = never,
  const Flows extends Readonly<Record<string, FlowDraft>> = {},
>(options: SetupOptions<Events, Features, Models, Answers, Queues, Flows>): Vocabulary<Events, Features, Models, Answers, Queues, Flows> {
  onlyKeys('setup(…)', options ?? null, ['events', 'features', 'models', 'answers', 'queues', 'flows'])
  const names = namesOf(options.events)
  const words = {
    events: mapped<EventDefinition>(options.events, (draft, name) => ({ ...(draft as EventDraft), name })),
    features: mapped<FeatureDefinition>(options.features, (draft, name) => featureDefinition(draft as FeatureDraft, name, names)),
    models: mapped<ModelDefinition>(options.models, (draft, name) => ({ ...(draft as ModelDraft), name })),
    answers: mapped<AnswerDefinition>(answerDrafts(options.answers), (draft, name) => ({ ...(draft as AnswerDraft), name })),
    queues: mapped<QueueDefinition>(options.queues, (draft, name) => ({ ...(draft as QueueDraft), name, team: (draft as QueueDraft).team ?? teamOf(name) })),
    ...flowsAndTools(options.flows),
  }
  return Object.freeze({
    policy: (where: LoosePolicyOptions, decide: unknown) => policyDraft(where, decide),
    app: (what: LooseAppOptions) => {
      onlyKeys('app(…)', what ?? null, ['name', 'policies', 'personTo', 'emotion', 'turn'])
      const policies = mapped<PolicyDefinition>(what.policies, (draft, name) => ({ ...(draft as PolicyDraft), name }))
      return deepFreeze<AppDefinition>({ kind: 'app', name: what.name, ...words, policies, ...partsOfApp(what, Object.keys(words.queues)) })
    },
  })
}

/** `cards` is the `Cards team`, `lostCards` the `Lost cards team`. */
function teamOf(name: string): string {
  const said = name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, ' ').toLowerCase()
  return `${said.charAt(0).toUpperCase()}${said.slice(1)} team`
}

/** A bare text or function is an answer, too. */
function answerDrafts(answers: object | undefined): Record<string, unknown> {
  const isBare = (given: unknown): boolean => typeof given === 'string' || typeof given === 'function'
  return Object.fromEntries(Object.entries(answers ?? {}).map(([name, given]) => [name, isBare(given) ? { kind: 'answer', text: given } : given]))
}

/** An event is known by the very object that `event(…)` returned, so it may stand under one key only. */
function namesOf(events: Readonly<Record<string, EventDraft>>): Map<unknown, string> {
  const names = new Map<unknown, string>()
  for (const [name, draft] of Object.entries(events ?? {})) {
    const first = names.get(draft)
    if (first !== undefined) throw new BattutaError('APP_INVALID', `events.${name}: is the same event as events.${first}; call event(…) once for each`)
    names.set(draft, name)
  }
  return names
}

function featureDefinition(draft: FeatureDraft, name: string, names: ReadonlyMap<unknown, string>): FeatureDefinition {
  const event = names.get(draft.event) ?? (draft.event as Partial<EventDefinition> | undefined)?.name ?? ''
  const definition = { ...draft, event }
  return { ...definition, name, version: versionOf(definition) }
}

interface LoosePolicyOptions {
  readonly on: string
  readonly budget?: string
  readonly features?: readonly string[]
  readonly models?: readonly string[]
}

function policyDraft(options: LoosePolicyOptions, decide: unknown): PolicyDraft {
  onlyKeys('policy(…)', options ?? null, ['on', 'budget', 'features', 'models'])
  const { on, budget, features = [], models = [] } = options
  return deepFreeze({
    kind: 'policy',
    on,
    budgetMs: budget === undefined ? limits.budgetMsDefault : millis('policy(…)', 'budget', budget),
    features: [...features],
    models: [...models],
    decide: decide as PolicyDraft['decide'],
  })
}
