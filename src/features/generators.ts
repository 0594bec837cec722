/** Random definitions and event streams for the property tests of this room. */
import fc from 'fast-check'
import { versionOf } from '../base/index.ts'
import { windows } from '../definition/index.ts'
import type { FeatureDefinition, FeatureOperator, Scalar } from '../definition/index.ts'
import type { FoldEvent } from './engine.ts'

export const windowNames = ['5m', '1h', '1d', '30d'] as const
const operators: readonly FeatureOperator[] = ['count', 'sum', 'mean', 'min', 'max', 'last', 'distinct', 'ewma']

export interface DefinitionParts {
  readonly operator: FeatureOperator
  readonly window: (typeof windowNames)[number]
  readonly event?: string
  readonly field?: string | null
  readonly where?: Readonly<Record<string, Scalar>> | null
  readonly valueType?: FeatureDefinition['valueType']
}

export function definitionOf(name: string, parts: DefinitionParts): FeatureDefinition {
  const { windowMs, hopMs } = windows[parts.window]
  const field = parts.field !== undefined ? parts.field : parts.operator === 'count' ? null : 'amount'
  const content = {
    kind: 'feature',
    operator: parts.operator,
    event: parts.event ?? 'payment',
    field,
    where: parts.where ?? null,
    windowMs,
    window: parts.window,
    hopMs,
    valueType: parts.valueType ?? 'number',
  } as const
  return { ...content, name, version: versionOf(content) }
}

/** Every operator over every window, with and without a filter, `last` of each type: 72 features. */
export const everyDefinition: readonly FeatureDefinition[] = windowNames.flatMap((window) =>
  [null, { currency: 'EUR' }].flatMap((where) => [
    ...operators.map((operator) => definitionOf(`${operator} ${window} ${where ? 'EUR' : 'all'}`, { operator, window, where })),
    ...(['merchant', 'online'] as const).map((field) =>
      definitionOf(`last ${field} ${window} ${where ? 'EUR' : 'all'}`, {
        operator: 'last',
        window,
        where,
        field,
        valueType: field === 'online' ? 'boolean' : 'string',
      }),
    ),
  ]),
)

/** Small whole amounts, so that sums are exact in any order. */
const data = fc.record(
  {
    amount: fc.integer({ min: -5, max: 20 }),
    currency: fc.constantFrom('EUR', 'USD'),
    merchant: fc.constantFrom('bakery', 'garage', 'Käse & Brot', '駅の店', 'half a pair \ud83d'),
    online: fc.boolean(),
  },
  { requiredKeys: ['currency'] },
)

/** How far the clock moves before an event: mostly on, sometimes far, sometimes back, sometimes not at all. */
const stepMs = fc.oneof(
  fc.integer({ min: 0, max: 60_000 }),
  fc.integer({ min: 0, max: 60_000 }),
  fc.integer({ min: -900_000, max: 900_000 }),
  fc.integer({ min: -7_200_000, max: 90_000_000 }),
  fc.integer({ min: -2_700_000_000, max: 2_700_000_000 }),
  fc.constant(0),
)

const startMs = 1_767_225_600_000

/** Out of order, late, of equal times, and with ids that come again. */
export const eventStream: fc.Arbitrary<FoldEvent[]> = fc
  .array(fc.record({ stepMs, type: fc.constantFrom('payment', 'payment', 'payment', 'login'), data, repeat: fc.option(fc.nat(), { freq: 8 }) }), {
    minLength: 1,
    maxLength: 60,
    size: 'max',
  })
  .map((drafts) => {
    const events: FoldEvent[] = []
    let time = startMs
    for (const [i, draft] of drafts.entries()) {
      time += draft.stepMs
      const repeated = draft.repeat === null ? undefined : events[draft.repeat % Math.max(1, events.length)]
      events.push(repeated ?? { type: draft.type, id: `e${i}`, source: 'bank', time, data: draft.data })
    }
    return events
  })
