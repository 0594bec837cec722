/**
 * From feature definitions to the flat layout of one lane: which cells of its slot belong to which aggregation.
 * Features of one version (same operator, event, field, filter and window) share one aggregation under several names.
 */
import { assert, BattutaError } from '../base/index.ts'
import type { FeatureDefinition, FeatureOperator, Scalar } from '../definition/index.ts'
import { kmvCells } from '../sketch/index.ts'

/** Smallest hashes a `distinct` tile keeps: exact up to 32, then with a standard error of 18 %. */
export const distinctHashes = 32
/** Every aggregation begins with two cells: its head tile, and the event time of the newest event in it. */
export const headerCells = 2
/** Head of an aggregation that has folded nothing yet. */
export const headNone = -Infinity
/** Head of an aggregation today's app has and the stored row had not: not served until the lane is refolded. */
export const headMissing = Infinity

export interface Aggregation {
  readonly version: string
  /** The version's 48 bits as a number: its name inside a row. */
  readonly key: number
  readonly operator: FeatureOperator
  readonly event: string
  readonly field: string | null
  readonly whereFields: readonly string[]
  readonly whereValues: readonly Scalar[]
  readonly windowMs: number
  readonly hopMs: number
  readonly valueType: FeatureDefinition['valueType']
  /** Its first cell, counted from the slot's. */
  readonly start: number
  /** Tiles in the ring: window / hop + 1; 0 for `last` and `ewma`, which have none. */
  readonly tiles: number
  /** Cells of one tile. */
  readonly width: number
  /** What an empty tile's cells hold. */
  readonly empty: number
  /** Index among the slot's texts, -1 when it keeps none. */
  readonly text: number
}

export interface Layout {
  readonly aggregations: readonly Aggregation[]
  readonly byEvent: ReadonlyMap<string, readonly Aggregation[]>
  readonly byName: ReadonlyMap<string, Aggregation>
  readonly byKey: ReadonlyMap<number, Aggregation>
  readonly cells: number
  readonly texts: number
  /** A slot that has folded nothing. */
  readonly template: Float64Array
}

/** What a policy or a door reads, in this order; made once, used for every read. */
export interface FeaturePlan {
  readonly names: readonly string[]
  readonly aggregations: readonly Aggregation[]
}

const tileWidths: Readonly<Record<FeatureOperator, number>> = {
  count: 1,
  sum: 1,
  mean: 2,
  min: 1,
  max: 1,
  distinct: kmvCells(distinctHashes),
  // Cells beside the header, once: `last` its value, `ewma` the decayed sum and weight.
  last: 1,
  ewma: 2,
}

/**
 * Cells one aggregation takes in a lane's slot, 8 bytes each.
 * @example
 * cellsOf('count', 12) // 15: a header of 2 and 13 tiles
 */
export function cellsOf(operator: FeatureOperator, hops: number): number {
  const tiled = operator !== 'last' && operator !== 'ewma'
  return headerCells + tileWidths[operator] * (tiled ? hops + 1 : 1)
}

export function layoutOf(definitions: readonly FeatureDefinition[]): Layout {
  const aggregations: Aggregation[] = []
  const byEvent = new Map<string, Aggregation[]>()
  const byName = new Map<string, Aggregation>()
  const byKey = new Map<number, Aggregation>()
  let cells = 0
  let texts = 0
  for (const definition of definitions) {
    const key = keyOf(definition)
    let aggregation = byKey.get(key)
    if (!aggregation) {
      const keepsText = definition.operator === 'last' && definition.valueType === 'string'
      aggregation = aggregationOf(definition, key, cells, keepsText ? texts++ : -1)
      cells += cellsOf(definition.operator, definition.windowMs / definition.hopMs)
      aggregations.push(aggregation)
      byKey.set(key, aggregation)
      const ofEvent = byEvent.get(definition.event)
      if (ofEvent) ofEvent.push(aggregation)
      else byEvent.set(definition.event, [aggregation])
    }
    byName.set(definition.name, aggregation)
  }
  const template = new Float64Array(cells)
  for (const aggregation of aggregations) clearAggregation(aggregation, template, 0)
  return { aggregations, byEvent, byName, byKey, cells, texts, template }
}

/** Sets an aggregation's cells to "nothing folded yet". */
export function clearAggregation(aggregation: Aggregation, cells: Float64Array, base: number): void {
  const start = base + aggregation.start
  cells[start] = headNone
  cells[start + 1] = -Infinity
  cells.fill(aggregation.empty, start + headerCells, start + headerCells + aggregation.width * Math.max(1, aggregation.tiles))
}

/** Throws FEATURE_UNKNOWN for a name the app does not declare. */
export function planOf(layout: Layout, names: readonly string[]): FeaturePlan {
  const aggregations = names.map((name) => {
    const aggregation = layout.byName.get(name)
    if (!aggregation) {
      const known = [...layout.byName.keys()]
      throw new BattutaError('FEATURE_UNKNOWN', `the app declares no feature “${name}”; it declares ${known.join(', ') || 'none'}`, {
        details: { name, known },
      })
    }
    return aggregation
  })
  return { names: [...names], aggregations }
}

function keyOf(definition: FeatureDefinition): number {
  assert(/^[0-9a-f]{12}$/.test(definition.version), `the version of feature “${definition.name}” is 12 hex digits, not “${definition.version}”`)
  return Number.parseInt(definition.version, 16)
}

function aggregationOf(definition: FeatureDefinition, key: number, start: number, text: number): Aggregation {
  const { name, operator, windowMs, hopMs } = definition
  assert(hopMs > 0 && windowMs > 0 && windowMs % hopMs === 0, `the window of feature “${name}” is a whole number of hops`)
  assert(operator === 'count' || definition.field !== null, `feature “${name}” reads a field`)
  const where = Object.entries(definition.where ?? {})
  return Object.freeze({
    version: definition.version,
    key,
    operator,
    event: definition.event,
    field: definition.field,
    whereFields: where.map(([field]) => field),
    whereValues: where.map(([, value]) => value),
    windowMs,
    hopMs,
    valueType: definition.valueType,
    start,
    tiles: operator === 'last' || operator === 'ewma' ? 0 : windowMs / hopMs + 1,
    width: tileWidths[operator],
    empty: operator === 'min' ? Infinity : operator === 'max' ? -Infinity : 0,
    text,
  })
}
