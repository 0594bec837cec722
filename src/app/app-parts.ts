/** What an app says once: who is there for whoever asks for a person, how emotion is read, how long a burst of messages may go on. */
import type { Duration } from '../base/index.ts'
import type { AppDefinition } from '../definition/index.ts'
import type { LabelOf, PolicyDraft } from './draft.ts'
import { onlyKeys } from './keys.ts'
import type { QueueName } from './moment.ts'
import { copied, millis } from './options.ts'

/** The model's name, or a sentence. */
export type ToneName<Models, Name extends string> = Name extends keyof Models
  ? Name
  : Name extends ''
    ? keyof Models
    : `No model “${Name}” is declared in setup({ models }).`

export interface EmotionOptions<Models, Tone extends string> {
  /** A text model of `models`. */
  readonly model: ToneName<Models, Tone>
  /** Labels that mean angry. */
  readonly angry: readonly NoInfer<Tone extends keyof Models ? LabelOf<Models[Tone]> : never>[]
  /** Labels that mean worried. What is not named is calm. */
  readonly worried?: readonly NoInfer<Tone extends keyof Models ? LabelOf<Models[Tone]> : never>[]
}

export interface TurnOptions {
  /** Quiet for this long, and not typing: the customer's turn is over; `400ms` when it is not said, and `0ms` answers every message at once. */
  readonly settle?: Duration
  /** Answered after this long even while the customer types on; `6s` when it is not said. */
  readonly longest?: Duration
}

export interface AppOptions<Models, Queues extends string, PersonTo extends string, Tone extends string> {
  readonly name: string
  readonly policies: Readonly<Record<string, PolicyDraft>>
  /** The queue of whoever asks for a person; the first one when it is not said. */
  readonly personTo?: QueueName<Queues, PersonTo>
  /** How the course of a customer's emotion is read; without it, it is not. */
  readonly emotion?: EmotionOptions<Models, Tone> | undefined
  readonly turn?: TurnOptions
}

export interface LooseAppOptions {
  readonly name: string
  readonly policies: Readonly<Record<string, PolicyDraft>>
  readonly personTo?: string
  readonly emotion?: { readonly model: string; readonly angry: readonly string[]; readonly worried?: readonly string[] } | undefined
  readonly turn?: TurnOptions
}

export function partsOfApp({ personTo, emotion, turn }: LooseAppOptions, queues: readonly string[]): Pick<AppDefinition, 'personTo' | 'emotion' | 'turn'> {
  onlyKeys('app(…).emotion', emotion, ['model', 'angry', 'worried'])
  onlyKeys('app(…).turn', turn, ['settle', 'longest'])
  return {
    personTo: personTo ?? queues[0] ?? null,
    emotion: emotion === undefined ? null : { model: emotion.model, angry: copied(emotion.angry), worried: copied(emotion.worried ?? []) },
    turn: { settleMs: millis('app(…)', 'turn.settle', turn?.settle ?? '400ms'), longestMs: millis('app(…)', 'turn.longest', turn?.longest ?? '6s') },
  }
}
