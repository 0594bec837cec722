/**
 * The type of the moment that a policy sees: only what it listed, and only the outcomes whose kind the app declares.
 * A name that fits nothing becomes a sentence, which the compiler prints; the empty one, which an editor completes, becomes
 * the names there are.
 */
import type { Asks, FeatureRead, HumanOptions, MomentConversation, Outcome, OutcomeOptions, PredictionRead } from '../definition/index.ts'
import type { LabelOf, PayloadOf, ValueOf, ValuesOf } from './draft.ts'
import type { BuiltinPayloads } from './event.ts'

/** Events of Battuta's own that may ask for a decision. What Battuta says itself never does: it would answer itself. */
export type BuiltinTrigger = 'message.received' | 'identity.linked'

/** The event's name, or a sentence where the app has none of this name. */
export type EventName<Events, On extends string> = On extends (keyof Events & string) | BuiltinTrigger
  ? On
  : On extends ''
    ? (keyof Events & string) | BuiltinTrigger
    : `No event “${On}” is declared in setup({ events }).`

/** The feature's name, or a sentence. */
export type FeatureName<Features, Name extends string> = Name extends keyof Features
  ? Name
  : Name extends ''
    ? keyof Features
    : `No feature “${Name}” is declared in setup({ features }).`

/** The model's name, or a sentence: also where the policy's event has no text to read. */
export type ModelName<Events, Models, On extends string, Name extends string> = Name extends keyof Models
  ? PayloadFor<Events, On> extends { text: string }
    ? Name
    : `The model “${Name}” reads the field “text”, and “${On}” has no such text field.`
  : Name extends ''
    ? keyof Models
    : `No model “${Name}” is declared in setup({ models }).`

/** The answer's name, or a sentence. */
export type AnswerName<Answers extends string, Name extends string> = [Answers] extends [never]
  ? 'This app declares no answers: add them in setup({ answers }) before a policy can answer.'
  : Name extends Answers
    ? Name
    : Name extends ''
      ? Answers
      : `No answer “${Name}” is declared in setup({ answers }).`

/** The flow's name, or a sentence. */
export type FlowName<Flows, Name extends string> = [keyof Flows] extends [never]
  ? 'This app declares no flows: add them in setup({ flows }) before a policy can start one.'
  : Name extends keyof Flows
    ? Name
    : Name extends ''
      ? keyof Flows
      : `No flow “${Name}” is declared in setup({ flows }).`

/** The queue's name, or a sentence. */
export type QueueName<Queues extends string, Name extends string> = [Queues] extends [never]
  ? 'This app declares no queues: add them in setup({ queues }) before a policy can ask for a person.'
  : Name extends Queues
    ? Name
    : Name extends ''
      ? Queues
      : `No queue “${Name}” is declared in setup({ queues }).`

export type PayloadFor<Events, On extends string> = On extends keyof BuiltinPayloads
  ? BuiltinPayloads[On]
  : On extends keyof Events
    ? PayloadOf<Events[On]>
    : unknown

/** Says the answer of this name. Where the app declares none, no name fits, and the compiler says why. */
export type SayAnswer<Answers extends string> = <const Name extends string>(name: AnswerName<Answers, Name>, options?: OutcomeOptions) => Outcome

export interface FlowOptionsOf<Flow> extends OutcomeOptions {
  /** Slots of the flow that are known already: it does not ask for them. */
  readonly slots?: Partial<ValuesOf<Flow>>
}

/** Starts the flow of this name. */
export type StartFlow<Flows> = <const Name extends string>(
  name: FlowName<Flows, Name>,
  options?: FlowOptionsOf<Name extends keyof Flows ? Flows[Name] : never>,
) => Outcome

/** Hands over to the people of the queue of this name. */
export type AskPerson<Queues extends string> = <const Name extends string>(name: QueueName<Queues, Name>, options?: HumanOptions) => Outcome

/** What a policy decides on: frozen, and all that the decision's record will hold. */
export interface PolicyMoment<
  Events,
  Features,
  Models,
  Answers extends string,
  Queues extends string,
  Flows,
  On extends string,
  FeatureNames extends string,
  ModelNames extends string,
> {
  /** The event that asks, with its payload as its schema puts it out. */
  readonly event: { readonly id: string; readonly type: On; readonly source: string; readonly time: number; readonly data: PayloadFor<Events, On> }
  readonly customer: { readonly id: string }
  readonly conversation: MomentConversation | null
  /** The features that the policy listed, as of this event. */
  readonly features: { readonly [Name in FeatureNames]: FeatureRead<Name extends keyof Features ? ValueOf<Features[Name]> : never> }
  /** The predictions of the models that the policy listed; each may be late. */
  readonly models: { readonly [Name in ModelNames]: PredictionRead<Name extends keyof Models ? LabelOf<Models[Name]> : never> }
  /** When the event was received, milliseconds since the epoch: the only clock a policy has. */
  readonly now: number
  /** Uniform in [0, 1), seeded by the decision's id: the only chance a policy has. */
  readonly random: () => number
  /** What the customer's words ask of the conversation itself, found by fixed rules. */
  readonly asks: Asks
  readonly answer: SayAnswer<Answers>
  readonly bot: StartFlow<Flows>
  readonly human: AskPerson<Queues>
  /** Does nothing, and says why. */
  readonly nothing: (options?: OutcomeOptions) => Outcome
}
