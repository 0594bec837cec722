/**
 * Folding one event into one aggregation's cells. Allocates nothing, apart from the text of a `distinct` number.
 *
 * F3 A tile holds exactly the events whose time falls into it, in whatever order they came.
 * F4 An older late value never overwrites a newer one.
 */
import { hash53 } from '../base/index.ts'
import { kmvAdd } from '../sketch/index.ts'
import { distinctHashes, headerCells, headMissing } from './layout.ts'
import type { Aggregation } from './layout.ts'

/** Characters of a text that `last` keeps; what is longer is cut there. */
export const lastCharsMax = 1_024

/** What folding did: the event was not for this aggregation, in order, behind its newest, or older than its ring. */
export const foldSkipped = 0
export const foldOnTime = 1
export const foldLate = 2
export const foldTooLate = 3
export type FoldVerdict = 0 | 1 | 2 | 3

export function foldInto(
  aggregation: Aggregation,
  cells: Float64Array,
  base: number,
  texts: (string | null)[],
  time: number,
  data: Readonly<Record<string, unknown>>,
): FoldVerdict {
  const start = base + aggregation.start
  if (cells[start] === headMissing || !passes(aggregation, data)) return foldSkipped
  const value = aggregation.field === null ? 1 : data[aggregation.field]
  if (!usable(aggregation, value)) return foldSkipped
  const newest = cells[start + 1] as number
  if (aggregation.operator === 'last') foldLast(aggregation, cells, start, texts, time, value as never)
  else if (aggregation.operator === 'ewma') foldEwma(aggregation, cells, start, time, value as number)
  else if (!foldTile(aggregation, cells, start, time, value as never)) return foldTooLate
  if (time > newest) cells[start + 1] = time
  return time < newest ? foldLate : foldOnTime
}

function passes(aggregation: Aggregation, data: Readonly<Record<string, unknown>>): boolean {
  for (let i = 0; i < aggregation.whereFields.length; i++) {
    if (data[aggregation.whereFields[i] as string] !== aggregation.whereValues[i]) return false
  }
  return true
}

/** An absent optional field, or one of another type, is no value: the event is not for this aggregation. */
function usable(aggregation: Aggregation, value: unknown): boolean {
  switch (aggregation.operator) {
    case 'count':
      return true
    case 'last':
      return typeof value === aggregation.valueType && (typeof value !== 'number' || Number.isFinite(value))
    case 'distinct':
      return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
    default:
      return Number.isFinite(value)
  }
}

function foldTile(aggregation: Aggregation, cells: Float64Array, start: number, time: number, value: number | string | boolean): boolean {
  const { tiles, width } = aggregation
  const tile = Math.floor(time / aggregation.hopMs)
  const head = cells[start] as number
  if (tile <= head - tiles) return false
  if (tile > head) {
    for (let passed = Math.max(head + 1, tile - tiles + 1); passed <= tile; passed++) {
      const cell = start + headerCells + ringIndex(passed, tiles) * width
      for (let i = cell; i < cell + width; i++) cells[i] = aggregation.empty
    }
    cells[start] = tile
  }
  const cell = start + headerCells + ringIndex(tile, tiles) * width
  switch (aggregation.operator) {
    case 'count':
      cells[cell] = (cells[cell] as number) + 1
      break
    case 'sum':
      cells[cell] = (cells[cell] as number) + (value as number)
      break
    case 'mean':
      cells[cell] = (cells[cell] as number) + (value as number)
      cells[cell + 1] = (cells[cell + 1] as number) + 1
      break
    case 'min':
      if ((value as number) < (cells[cell] as number)) cells[cell] = value as number
      break
    case 'max':
      if ((value as number) > (cells[cell] as number)) cells[cell] = value as number
      break
    default:
      kmvAdd(cells, cell, distinctHashes, hash53(String(value)))
  }
  return true
}

/** Where a tile lies in its ring. Times before 1970 have negative tiles. */
export function ringIndex(tile: number, tiles: number): number {
  const rest = tile % tiles
  return rest < 0 ? rest + tiles : rest
}

function foldLast(
  aggregation: Aggregation,
  cells: Float64Array,
  start: number,
  texts: (string | null)[],
  time: number,
  value: number | string | boolean,
): void {
  cells[start] = 0
  // Of equal times the later in the log wins.
  if (time < (cells[start + 1] as number)) return
  // A lone surrogate would not survive the row's UTF-8, so a reload would change the value.
  if (typeof value === 'string') texts[aggregation.text] = value.slice(0, lastCharsMax).toWellFormed()
  else cells[start + headerCells] = Number(value)
}

/**
 * S = Σ x·2^(-(T-t)/h) and N = Σ 2^(-(T-t)/h), T the newest event's time: moving T scales both alike, so the order of
 * arrival does not matter and S/N needs no clock. The half-life h is the feature's window.
 */
function foldEwma(aggregation: Aggregation, cells: Float64Array, start: number, time: number, value: number): void {
  const newest = cells[start + 1] as number
  const sum = start + headerCells
  const known = cells[start] === 0
  cells[start] = 0
  if (time >= newest) {
    const decay = known ? 2 ** ((newest - time) / aggregation.windowMs) : 0
    cells[sum] = (cells[sum] as number) * decay + value
    cells[sum + 1] = (cells[sum + 1] as number) * decay + 1
  } else {
    const weight = 2 ** ((time - newest) / aggregation.windowMs)
    cells[sum] = (cells[sum] as number) + value * weight
    cells[sum + 1] = (cells[sum + 1] as number) + weight
  }
}
