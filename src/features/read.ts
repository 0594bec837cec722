/**
 * Reading one aggregation as of an event time T. A window reaches from the tile that holds T - window to the tile that
 * holds T, both whole: exact at the head as long as nothing newer than T was folded, and between window and window + hop
 * long at the tail (the sawtooth of Chronon's tiles).
 *
 * F5 An expired value is never served as present.
 */
import type { FeatureRead, FeatureStatus } from '../definition/index.ts'
import { kmvCells, kmvEstimate, kmvMerge } from '../sketch/index.ts'
import { ringIndex } from './fold.ts'
import { distinctHashes, headerCells, headMissing, headNone } from './layout.ts'
import type { Aggregation } from './layout.ts'

/** After this many half-lives without an event an `ewma` is not served: the newest value weighs less than 0.1 %. */
export const ewmaHalfLivesMax = 10

const merged = new Float64Array(kmvCells(distinctHashes))

export function readFrom(aggregation: Aggregation, cells: Float64Array, base: number, texts: readonly (string | null)[], asOf: number): FeatureRead {
  const start = base + aggregation.start
  const head = cells[start] as number
  if (head === headNone || head === headMissing) return { value: null, status: 'NOT_FOUND', at: null, ageMs: null, version: aggregation.version }
  const at = cells[start + 1] as number
  const ageMs = Math.max(0, asOf - at)
  const read = (value: unknown, status: FeatureStatus): FeatureRead => ({ value, status, at, ageMs, version: aggregation.version })
  switch (aggregation.operator) {
    case 'last':
      if (ageMs > aggregation.windowMs) return read(null, 'OUTSIDE_MAX_AGE')
      return read(lastValue(aggregation, cells, start, texts), 'PRESENT')
    case 'ewma':
      if (ageMs > aggregation.windowMs * ewmaHalfLivesMax) return read(null, 'OUTSIDE_MAX_AGE')
      return read((cells[start + headerCells] as number) / (cells[start + headerCells + 1] as number), 'PRESENT')
    default: {
      const value = readTiles(aggregation, cells, start, head, asOf)
      return value === null ? read(null, 'NULL_VALUE') : read(value, 'PRESENT')
    }
  }
}

function lastValue(aggregation: Aggregation, cells: Float64Array, start: number, texts: readonly (string | null)[]): unknown {
  const held = cells[start + headerCells] as number
  if (aggregation.valueType === 'string') return texts[aggregation.text]
  return aggregation.valueType === 'boolean' ? held === 1 : held
}

/** Null when the window holds no event and the operator has no value for that. */
function readTiles(aggregation: Aggregation, cells: Float64Array, start: number, head: number, asOf: number): number | null {
  const { operator, tiles, width, hopMs, windowMs } = aggregation
  const from = Math.max(Math.floor((asOf - windowMs) / hopMs), head - tiles + 1)
  const to = Math.min(Math.floor(asOf / hopMs), head)
  let value = aggregation.empty
  let events = 0
  if (operator === 'distinct') merged.fill(0)
  for (let tile = from; tile <= to; tile++) {
    const cell = start + headerCells + ringIndex(tile, tiles) * width
    const held = cells[cell] as number
    switch (operator) {
      case 'min':
        if (held < value) value = held
        break
      case 'max':
        if (held > value) value = held
        break
      case 'distinct':
        kmvMerge(merged, 0, distinctHashes, cells, cell)
        break
      case 'mean':
        value += held
        events += cells[cell + 1] as number
        break
      default:
        value += held
    }
  }
  if (operator === 'distinct') return kmvEstimate(merged, 0, distinctHashes)
  if (operator === 'mean') return events === 0 ? null : value / events
  return Number.isFinite(value) || operator === 'count' || operator === 'sum' ? value : null
}
