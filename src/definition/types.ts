/**
 * The vocabulary in the middle: an app is frozen plain data, built by `app`, read by every engine.
 * Functions appear in few places only: schemas, an event's `fact`, an answer's text, a policy's `decide`, slots and bodies of flows, which
 * are pure; and `run` and `compensate` of tools, which act outside.
 */
import type { EmotionDefinition, FlowDefinition, QueueDefinition, ToolDefinition, TurnDefinition } from './flow.ts'
import type { Moment, Outcome } from './moment.ts'
import type { StandardSchema } from './schema.ts'

export type { StandardResult, StandardSchema } from './schema.ts'

export type Scalar = string | number | boolean

/** Who may send an event: a key, a customer's own chat token, or Battuta itself. */
export type Sender = 'service' | 'customer' | 'battuta'

export interface FieldDefinition {
  readonly type: 'string' | 'number' | 'boolean' | 'other'
  readonly optional: boolean
  /** The kind of personal data the field holds (`IBAN_CODE`, …); such a field is masked wherever people look. */
  readonly pii: string | null
}

export interface EventDefinition {
  readonly kind: 'event'
  readonly name: string
  /** The least trusted sender that may send it: `customer` lets services send it too. */
  readonly from: Sender
  readonly fields: Readonly<Record<string, FieldDefinition>>
  readonly schema: StandardSchema
  /** What a colleague should know of it when a conversation is handed over, in a few words; null where it says nothing. Pure. */
  readonly fact: ((data: never) => string | null) | null
  /** Hash of the fields; travels as `dataschema`. */
  readonly version: string
}

export type FeatureOperator = 'count' | 'sum' | 'mean' | 'min' | 'max' | 'last' | 'distinct' | 'ewma'

export interface FeatureDefinition {
  readonly kind: 'feature'
  readonly name: string
  readonly operator: FeatureOperator
  /** Event type it folds. */
  readonly event: string
  /** Payload field it reads; null for `count`. */
  readonly field: string | null
  /** Only events whose payload has exactly these values. */
  readonly where: Readonly<Record<string, Scalar>> | null
  /** 5 m, 1 h, 1 d or 30 d in milliseconds. */
  readonly windowMs: number
  readonly window: '5m' | '1h' | '1d' | '30d'
  /** Width of one tile: the tail of a window is exact to one hop. */
  readonly hopMs: number
  readonly valueType: 'number' | 'string' | 'boolean'
  /** Hash of everything above but the name. */
  readonly version: string
}

export interface ModelDefinition {
  readonly kind: 'model'
  readonly name: string
  readonly backend: 'linear'
  /** File beside the app file, without folder and ending: `intent` is `models/intent.model`. */
  readonly file: string
}

export interface AnswerDefinition {
  readonly kind: 'answer'
  readonly name: string
  readonly text: string | ((moment: Moment) => string)
}

export interface PolicyDefinition {
  readonly kind: 'policy'
  readonly name: string
  /** Event type that asks for the decision. */
  readonly on: string
  readonly budgetMs: number
  readonly features: readonly string[]
  readonly models: readonly string[]
  readonly decide: (moment: Moment) => Outcome
}

export interface AppDefinition {
  readonly kind: 'app'
  readonly name: string
  readonly events: Readonly<Record<string, EventDefinition>>
  readonly features: Readonly<Record<string, FeatureDefinition>>
  readonly models: Readonly<Record<string, ModelDefinition>>
  readonly answers: Readonly<Record<string, AnswerDefinition>>
  readonly policies: Readonly<Record<string, PolicyDefinition>>
  readonly queues: Readonly<Record<string, QueueDefinition>>
  readonly tools: Readonly<Record<string, ToolDefinition>>
  readonly flows: Readonly<Record<string, FlowDefinition>>
  /** The queue of whoever asks for a person; null when the app has no queues. */
  readonly personTo: string | null
  readonly emotion: EmotionDefinition | null
  readonly turn: TurnDefinition
}
