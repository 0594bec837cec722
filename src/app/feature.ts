/**
 * Features: values derived from a customer's events. Fields and filters are names and values, never closures, so that one
 * declaration runs in the lane and compiles to SQL.
 */
import { windows } from '../definition/index.ts'
import type { FeatureOperator, FieldDefinition, Scalar, Window } from '../definition/index.ts'
import type { EventDraft, FeatureDraft } from './draft.ts'
import { deepFreeze } from './freeze.ts'
import { onlyKeys } from './keys.ts'

/** Only events whose payload has exactly these values. */
export type Where<Payload> = { readonly [Field in keyof Payload as NonNullable<Payload[Field]> extends Scalar ? Field : never]?: NonNullable<Payload[Field]> }

export interface FeatureOptions<Payload> {
  readonly where?: Where<Payload>
}

/** Names of the fields that hold what is asked for: what an editor completes an empty name to. */
type FieldsOf<Payload, Type> = { [Field in keyof Payload]: NonNullable<Payload[Field]> extends Type ? Field : never }[keyof Payload]

/** The field's name, or a sentence where it is not a number field of the event. */
export type NumberField<Payload, Field extends string> = Field extends keyof Payload
  ? NonNullable<Payload[Field]> extends number
    ? Field
    : `The field “${Field}” is not a number: this feature calculates, so choose a number field.`
  : Field extends ''
    ? FieldsOf<Payload, number>
    : `The event has no field “${Field}”.`

/** The field's name, or a sentence where it is not a text, number or boolean of the event. */
export type ScalarField<Payload, Field extends string> = Field extends keyof Payload
  ? NonNullable<Payload[Field]> extends Scalar
    ? Field
    : `The field “${Field}” is neither text nor number nor boolean: choose one that is.`
  : Field extends ''
    ? FieldsOf<Payload, Scalar>
    : `The event has no field “${Field}”.`

/** A feature that does not yet know how far it looks back. */
export interface FeatureWithoutWindow<Value> {
  readonly kind: 'feature without a window'
  /** How far it looks back: `5m`, `1h`, `1d` or `30d`. For `ewma` this is the half-life. */
  readonly over: (window: Window) => FeatureDraft<Value>
}

/**
 * How many events.
 * @example
 * count(cardDeclined, { where: { reason: 'limit' } }).over('5m')
 */
export function count<Payload>(event: EventDraft<Payload>, options?: FeatureOptions<Payload>): FeatureWithoutWindow<number> {
  return feature('count', event, null, options)
}

/**
 * The sum of a number field.
 * @example
 * sum(payment, 'amount', { where: { currency: 'EUR' } }).over('30d')
 */
export function sum<Payload, const Field extends string>(
  event: EventDraft<Payload>,
  field: NumberField<Payload, Field>,
  options?: FeatureOptions<Payload>,
): FeatureWithoutWindow<number> {
  return feature('sum', event, field, options)
}

/** The arithmetic mean of a number field. */
export function mean<Payload, const Field extends string>(
  event: EventDraft<Payload>,
  field: NumberField<Payload, Field>,
  options?: FeatureOptions<Payload>,
): FeatureWithoutWindow<number> {
  return feature('mean', event, field, options)
}

/** The least value of a number field. */
export function min<Payload, const Field extends string>(
  event: EventDraft<Payload>,
  field: NumberField<Payload, Field>,
  options?: FeatureOptions<Payload>,
): FeatureWithoutWindow<number> {
  return feature('min', event, field, options)
}

/** The greatest value of a number field. */
export function max<Payload, const Field extends string>(
  event: EventDraft<Payload>,
  field: NumberField<Payload, Field>,
  options?: FeatureOptions<Payload>,
): FeatureWithoutWindow<number> {
  return feature('max', event, field, options)
}

/**
 * A field of the newest event, by event time. Of an enum field the value is typed as that enum.
 * @example
 * last(cardDeclined, 'merchant').over('1h')
 */
export function last<Payload, const Field extends string>(
  event: EventDraft<Payload>,
  field: ScalarField<Payload, Field>,
  options?: FeatureOptions<Payload>,
): FeatureWithoutWindow<NonNullable<Payload[Field & keyof Payload]>> {
  return feature('last', event, field, options)
}

/** How many different values a field had. */
export function distinct<Payload, const Field extends string>(
  event: EventDraft<Payload>,
  field: ScalarField<Payload, Field>,
  options?: FeatureOptions<Payload>,
): FeatureWithoutWindow<number> {
  return feature('distinct', event, field, options)
}

/**
 * The exponentially weighted mean of a number field: an event's weight halves with every window that passes.
 * @example
 * ewma(payment, 'amount').over('1h') // half-life one hour
 */
export function ewma<Payload, const Field extends string>(
  event: EventDraft<Payload>,
  field: NumberField<Payload, Field>,
  options?: FeatureOptions<Payload>,
): FeatureWithoutWindow<number> {
  return feature('ewma', event, field, options)
}

function feature<Value>(
  operator: FeatureOperator,
  event: EventDraft,
  field: string | null,
  options: { readonly where?: object } | undefined,
): FeatureWithoutWindow<Value> {
  onlyKeys(`${operator}(…)`, options, ['where'])
  const where = options?.where ? { ...(options.where as Record<string, Scalar>) } : null
  const valueType = operator === 'last' ? scalarType(event?.fields?.[field ?? '']) : 'number'
  return Object.freeze({
    kind: 'feature without a window',
    over: (window: Window) => deepFreeze({ kind: 'feature', operator, event, field, where, window, ...sizeOf(window), valueType } satisfies FeatureDraft),
  })
}

/** A window that does not exist keeps its name with no width, and is refused with its place when the app is validated. */
function sizeOf(window: Window): { windowMs: number; hopMs: number } {
  return Object.hasOwn(windows, window) ? windows[window] : { windowMs: 0, hopMs: 0 }
}

function scalarType(field: FieldDefinition | undefined): FeatureDraft['valueType'] {
  return field?.type === 'number' || field?.type === 'boolean' ? field.type : 'string'
}
