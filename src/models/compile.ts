/** From a fitted map to a model file: rows by importance, weights to a byte, a scale per row. Training only. */
import { createHash } from 'node:crypto'
import type { LinearMap } from './fit.ts'
import { encodeLinear, rowBytesBeside, scaleMax } from './linear-format.ts'
import type { LinearHead, LinearHeader, ModelCard } from './linear-format.ts'
import { idfSteps } from './vocabulary.ts'
import type { SparseRows, Vocabulary } from './vocabulary.ts'

/** Bytes one row takes in the file. */
export const rowBytes = (labelCount: number): number => rowBytesBeside + labelCount

/**
 * The most important columns, in order of column: squared length of the weights times the sum of squared values,
 * which is what the scores lose when the column goes.
 */
export function importantColumns(map: LinearMap, rows: SparseRows, most: number): Int32Array {
  const importance = new Float64Array(rows.columnCount)
  for (let k = 0; k < rows.columns.length; k++) importance[rows.columns[k]!]! += rows.values[k]! * rows.values[k]!
  for (let column = 0; column < rows.columnCount; column++) {
    let square = 0
    for (let c = 0; c < map.labelCount; c++) square += map.weights[column * map.labelCount + c]! ** 2
    importance[column]! *= square
  }
  const order = Int32Array.from({ length: rows.columnCount }, (_, i) => i).sort((a, b) => importance[b]! - importance[a]! || a - b)
  return order.slice(0, most).sort()
}

export interface Quantised {
  readonly unit: number
  readonly scales: Uint16Array
  readonly weights: Int8Array
}

/**
 * Each row times its idf as unit · scale · byte. The unit lets the largest row use the largest scale; a row's scale is
 * the smallest that holds its largest weight, so |error| ≤ unit · scale / 2.
 */
export function quantise(map: LinearMap, idf: Uint8Array): Quantised {
  const { labelCount } = map
  const tops = new Float64Array(idf.length)
  const value = (row: number, c: number): number => map.weights[row * labelCount + c]! * (idf[row]! / idfSteps)
  for (let row = 0; row < idf.length; row++) for (let c = 0; c < labelCount; c++) tops[row] = Math.max(tops[row]!, Math.abs(value(row, c)))
  const unit = (tops.reduce((most, top) => Math.max(most, top), 0) || 1) / (127 * scaleMax)
  const scales = new Uint16Array(idf.length)
  const weights = new Int8Array(idf.length * labelCount)
  for (let row = 0; row < idf.length; row++) {
    const scale = Math.min(scaleMax, Math.ceil(tops[row]! / (127 * unit)))
    scales[row] = scale
    if (scale === 0) continue
    for (let c = 0; c < labelCount; c++) weights[row * labelCount + c] = Math.max(-127, Math.min(127, Math.round(value(row, c) / (unit * scale))))
  }
  return { unit, scales, weights }
}

export interface Description {
  readonly name: string
  readonly heads: readonly LinearHead[]
  readonly trained: { readonly texts: number; readonly seed: string }
  readonly card: ModelCard
}

/** The bytes of the model file. */
export function compileModel(map: LinearMap, vocabulary: Vocabulary, description: Description): Uint8Array {
  const { unit, scales, weights } = quantise(map, vocabulary.idf)
  const header: LinearHeader = {
    ...description,
    unit,
    form: vocabulary.form,
    rows: { inside: vocabulary.insideCount, pair: vocabulary.hashes.length - vocabulary.insideCount },
    bias: [...map.bias],
  }
  return encodeLinear({ header, hashes: vocabulary.hashes, scales, idf: vocabulary.idf, weights }, (content) => createHash('sha256').update(content).digest())
}
