/**
 * Drafts: what the builders return and `setup` names. A draft is frozen plain data; the keys that begin with `~`
 * exist in the types only and carry what the compiler must know of a payload, a value or a label.
 */
import type { FeatureOperator, FieldDefinition, Moment, Outcome, Scalar, Sender, StandardSchema, Window } from '../definition/index.ts'

/** An event before its key is known; `Payload` is what its schema puts out. */
export interface EventDraft<Payload = unknown> {
  readonly kind: 'event'
  readonly from: Sender
  readonly fields: Readonly<Record<string, FieldDefinition>>
  readonly schema: StandardSchema
  readonly version: string
  readonly '~payload'?: Payload
}

/** A feature before its key is known; `Value` is what a read of it may hold. */
export interface FeatureDraft<Value = unknown> {
  readonly kind: 'feature'
  readonly operator: FeatureOperator
  readonly event: EventDraft
  readonly field: string | null
  readonly where: Readonly<Record<string, Scalar>> | null
  readonly window: Window
  readonly windowMs: number
  readonly hopMs: number
  readonly valueType: 'number' | 'string' | 'boolean'
  readonly '~value'?: Value
}

/** A model before its key is known; `Label` is what it may answer. */
export interface ModelDraft<Label extends string = string> {
  readonly kind: 'model'
  readonly backend: 'linear'
  readonly file: string
  readonly '~label'?: Label
}

/** An answer before its key is known. */
export interface AnswerDraft {
  readonly kind: 'answer'
  readonly text: string | ((moment: Moment) => string)
}

/** A policy before its key is known. */
export interface PolicyDraft {
  readonly kind: 'policy'
  readonly on: string
  readonly budgetMs: number
  readonly features: readonly string[]
  readonly models: readonly string[]
  readonly decide: (moment: Moment) => Outcome
}

/** What a draft carries in its types. */
export type PayloadOf<Draft> = Draft extends { readonly '~payload'?: infer Payload } ? Payload : never
export type ValueOf<Draft> = Draft extends { readonly '~value'?: infer Value } ? Value : never
export type LabelOf<Draft> = Draft extends { readonly '~label'?: infer Label } ? Label & string : never
