/**
 * Drafts: what the builders return and `setup` names. A draft is frozen plain data; the keys that begin with `~`
 * exist in the types only and carry what the compiler must know of a payload, a value or a label.
 */
import type {
  FeatureOperator,
  FieldDefinition,
  FlowEnd,
  FlowOp,
  FlowStart,
  Moment,
  Outcome,
  Scalar,
  Sender,
  SlotType,
  StandardSchema,
  ToolContext,
  Window,
} from '../definition/index.ts'

/** An event before its key is known; `Payload` is what its schema puts out. */
export interface EventDraft<Payload = unknown> {
  readonly kind: 'event'
  readonly from: Sender
  readonly fields: Readonly<Record<string, FieldDefinition>>
  readonly schema: StandardSchema
  readonly fact: ((data: never) => string | null) | null
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

/** A queue before its key is known. */
export interface QueueDraft {
  readonly kind: 'queue'
  readonly skills: readonly string[]
  /** Null: named after the queue. */
  readonly team: string | null
  readonly serviceLevel: { readonly share: number; readonly withinMs: number }
  readonly offerMs: number
  readonly patienceMs: number | null
  readonly wrapUpMs: number
  readonly wrapUpCodes: readonly string[]
}

/** A tool before its key is known; `Input` is what a flow gives it, `Output` what a flow gets. */
export interface ToolDraft<Input = unknown, Output = unknown> {
  readonly kind: 'tool'
  readonly input: StandardSchema
  readonly output: StandardSchema
  readonly run: (input: never, context: ToolContext) => Promise<unknown>
  readonly changes: boolean
  readonly compensate: ((done: { readonly input: never; readonly output: never }, context: ToolContext) => Promise<unknown>) | null
  readonly timeoutMs: number
  readonly attemptsMax: number
  readonly '~input'?: Input
  readonly '~output'?: Output
}

/** A slot before its key is known. */
export interface SlotDraft<Value = unknown> {
  readonly kind: 'slot'
  readonly label: string
  readonly type: SlotType
  readonly options: readonly string[]
  readonly length: number | null
  readonly read: ((text: string) => unknown) | null
  readonly validate: ((value: never) => true | string) | null
  readonly '~value'?: Value
}

/** A flow before its key is known; `Values` are those of its slots. */
export interface FlowDraft<Values = unknown> {
  readonly kind: 'flow'
  readonly goal: string
  readonly slots: Readonly<Record<string, SlotDraft>>
  readonly tools: Readonly<Record<string, ToolDraft>>
  readonly run: (start: FlowStart) => Generator<FlowOp, FlowEnd, never>
  /** Hash of slots, tools and the body's source. */
  readonly version: string
  readonly '~values'?: Values
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
export type InputOf<Draft> = Draft extends { readonly '~input'?: infer Input } ? Input : never
export type OutputOf<Draft> = Draft extends { readonly '~output'?: infer Output } ? Output : never
export type ValuesOf<Draft> = Draft extends { readonly '~values'?: infer Values } ? Values : never
export type LabelOf<Draft> = Draft extends { readonly '~label'?: infer Label } ? Label & string : never
