/** Answers: what the bot can say, by name. */
import type { FeatureRead, MomentConversation, MomentEvent, PredictionRead, Scalar } from '../definition/index.ts'
import type { AnswerDraft, FeatureDraft, LabelOf, ModelDraft, ValueOf } from './draft.ts'

/**
 * What an answer's function sees: the moment of the decision, without its outcomes. Any policy may give the answer, and each
 * lists features and models of its own: what this one did not list is `undefined`, and must be handled.
 */
export interface AnswerMoment<Features = Record<string, FeatureDraft<Scalar>>, Models = Record<string, ModelDraft>> {
  readonly event: MomentEvent
  readonly customer: { readonly id: string }
  readonly conversation: MomentConversation | null
  readonly features: { readonly [Name in keyof Features]?: FeatureRead<ValueOf<Features[Name]>> }
  readonly models: { readonly [Name in keyof Models]?: PredictionRead<LabelOf<Models[Name]>> }
  readonly now: number
  readonly random: () => number
}

/** An answer as `setup` takes it. A function written in place is typed with the features and models beside it. */
export type AnswerText<Features, Models> = string | AnswerDraft | ((moment: AnswerMoment<Features, Models>) => string)

/**
 * An answer: a text, or a pure function of the moment. Written in `setup` without this word, a function is typed with the
 * features beside it; wrapped in it, it may live in another file and takes any name.
 * @example
 * answer('We are open around the clock.')
 * answer(({ features }) => `Your card was declined ${features.declines5m?.value ?? 0} times.`)
 */
export function answer(text: string | ((moment: AnswerMoment) => string)): AnswerDraft {
  return Object.freeze({ kind: 'answer', text: text as AnswerDraft['text'] })
}
