/** Fits linear maps from sparse rows to label scores. Training only; one thread; equal seeds give equal weights. */
import { assert, type Chance } from '../base/index.ts'
import type { SparseRows } from './vocabulary.ts'

/** `weights[column · labels + label]`, and a bias per label. */
export interface LinearMap {
  readonly labelCount: number
  readonly weights: Float32Array
  readonly bias: Float64Array
}

/** `targets[row · labels + label]`: 1 yes, 0 no, anything between a soft label, below 0 unknown (never learned from). */
export type Targets = Float32Array

export interface DescentOptions {
  /** The heads in order of their labels. */
  readonly heads: readonly { readonly kind: 'softmax' | 'sigmoid'; readonly labels: number }[]
  readonly epochs: number
  readonly rate: number
  /** Share of a text's features left out at each visit. */
  readonly dropout: number
  /** Label smoothing. */
  readonly smoothing: number
  /** Start from these weights instead of zero. */
  readonly from?: LinearMap
}

/** Keeps the first step of a weight finite. */
const accumulatorStart = 1e-3

function shuffle(order: Int32Array, chance: Chance): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = chance.below(i + 1)
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
}

/** Turns scores into the gradient of the loss, in place. A row whose head is unknown teaches that head nothing. */
function gradient(scores: Float64Array, targets: Targets, at: number, options: DescentOptions): void {
  const { smoothing } = options
  let first = 0
  for (const head of options.heads) {
    const end = first + head.labels
    if (head.kind === 'softmax' && targets[at + first]! < 0) scores.fill(0, first, end)
    else if (head.kind === 'softmax') {
      let top = -Infinity
      for (let c = first; c < end; c++) if (scores[c]! > top) top = scores[c]!
      let sum = 0
      for (let c = first; c < end; c++) sum += scores[c] = Math.exp(scores[c]! - top)
      for (let c = first; c < end; c++) scores[c] = scores[c]! / sum - (targets[at + c]! * (1 - smoothing) + smoothing / head.labels)
    } else {
      for (let c = first; c < end; c++) {
        const target = targets[at + c]!
        scores[c] = target < 0 ? 0 : 1 / (1 + Math.exp(-scores[c]!)) - (target * (1 - smoothing) + smoothing / 2)
      }
    }
    first = end
  }
}

/**
 * Stochastic gradient descent with a rate per weight (Adagrad: Duchi, Hazan and Singer, 2011) falling linearly to
 * zero, cross-entropy loss, and dropout of features.
 */
export function fitDescent(
  rows: SparseRows,
  targets: Targets,
  labelCount: number,
  options: DescentOptions,
  chance: Chance,
  afterEpoch: (done: number) => void = () => {},
): LinearMap {
  const size = rows.columnCount * labelCount
  const weights = options.from === undefined ? new Float32Array(size) : options.from.weights.slice()
  const bias = options.from === undefined ? new Float64Array(labelCount) : options.from.bias.slice()
  assert(weights.length === size, 'the weights to start from must have the shape of the rows')
  const squares = new Float32Array(size).fill(accumulatorStart)
  const biasSquares = new Float64Array(labelCount).fill(accumulatorStart)
  const order = Int32Array.from({ length: rows.count }, (_, i) => i)
  const scores = new Float64Array(labelCount)
  const kept = new Int32Array(65_536)
  const keptValues = new Float64Array(65_536)
  const scale = 1 / (1 - options.dropout)
  const total = options.epochs * rows.count
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    shuffle(order, chance)
    for (let step = 0; step < rows.count; step++) {
      const row = order[step]!
      let n = 0
      for (let k = rows.starts[row]!; k < rows.starts[row + 1]!; k++) {
        if (options.dropout > 0 && chance.next() < options.dropout) continue
        kept[n] = rows.columns[k]! * labelCount
        keptValues[n++] = rows.values[k]! * scale
      }
      scores.set(bias)
      for (let i = 0; i < n; i++) addRow(scores, weights, kept[i]!, keptValues[i]!)
      gradient(scores, targets, row * labelCount, options)
      const rate = options.rate * (1 - (epoch * rows.count + step) / total)
      for (let i = 0; i < n; i++) stepRow(scores, weights, squares, kept[i]!, keptValues[i]!, rate)
      for (let c = 0; c < labelCount; c++) {
        const g = scores[c]!
        biasSquares[c]! += g * g
        bias[c]! -= (rate * g) / Math.sqrt(biasSquares[c]!)
      }
    }
    afterEpoch(epoch + 1)
  }
  return { labelCount, weights, bias }
}

function addRow(scores: Float64Array, weights: Float32Array, at: number, value: number): void {
  for (let c = 0; c < scores.length; c++) scores[c]! += value * weights[at + c]!
}

function stepRow(gradients: Float64Array, weights: Float32Array, squares: Float32Array, at: number, value: number, rate: number): void {
  for (let c = 0; c < gradients.length; c++) {
    const g = gradients[c]! * value
    const square = squares[at + c]! + g * g
    squares[at + c] = square
    weights[at + c]! -= (rate * g) / Math.sqrt(square)
  }
}

export interface MarginOptions {
  /** Cost of an error against the size of the weights. */
  readonly cost: number
  readonly passesMax: number
  /** Stop a label when the projected gradients of a pass differ by less. */
  readonly tolerance: number
}

/**
 * One label against the rest with squared hinge loss, by dual coordinate descent with shrinking
 * (Hsieh, Chang, Lin, Keerthi and Sundararajan, 2008, algorithm 3).
 */
export function fitMargins(
  rows: SparseRows,
  targets: Targets,
  labelCount: number,
  options: MarginOptions,
  chance: Chance,
  afterLabel: (done: number) => void = () => {},
): LinearMap {
  const weights = new Float32Array(rows.columnCount * labelCount)
  const bias = new Float64Array(labelCount)
  const squares = new Float64Array(rows.count)
  for (let row = 0; row < rows.count; row++) {
    let sum = 1
    for (let k = rows.starts[row]!; k < rows.starts[row + 1]!; k++) sum += rows.values[k]! * rows.values[k]!
    squares[row] = sum
  }
  const one = new Float64Array(rows.columnCount + 1)
  for (let label = 0; label < labelCount; label++) {
    one.fill(0)
    fitOneMargin(rows, targets, labelCount, label, options, chance, squares, one)
    for (let column = 0; column < rows.columnCount; column++) weights[column * labelCount + label] = one[column]!
    bias[label] = one[rows.columnCount]!
    afterLabel(label + 1)
  }
  return { labelCount, weights, bias }
}

function fitOneMargin(
  rows: SparseRows,
  targets: Targets,
  labelCount: number,
  label: number,
  options: MarginOptions,
  chance: Chance,
  squares: Float64Array,
  weights: Float64Array,
): void {
  const diagonal = 0.5 / options.cost
  const order = Int32Array.from({ length: rows.count }, (_, i) => i).filter((row) => targets[row * labelCount + label]! >= 0)
  const alpha = new Float64Array(rows.count)
  const biasAt = rows.columnCount
  let active = order.length
  let upperOld = Infinity
  for (let pass = 0; pass < options.passesMax; pass++) {
    let upper = -Infinity
    let lower = Infinity
    for (let i = 0; i < active; i++) {
      const j = i + chance.below(active - i)
      const row = order[j]!
      order[j] = order[i]!
      order[i] = row
    }
    for (let i = 0; i < active; i++) {
      const row = order[i]!
      const sign = targets[row * labelCount + label]! > 0.5 ? 1 : -1
      const from = rows.starts[row]!
      const to = rows.starts[row + 1]!
      let score = weights[biasAt]!
      for (let k = from; k < to; k++) score += weights[rows.columns[k]!]! * rows.values[k]!
      const slope = sign * score - 1 + alpha[row]! * diagonal
      let projected = slope
      if (alpha[row] === 0) {
        if (slope > upperOld) {
          active--
          order[i] = order[active]!
          order[active] = row
          i--
          continue
        }
        if (slope > 0) projected = 0
      }
      if (projected > upper) upper = projected
      if (projected < lower) lower = projected
      if (Math.abs(projected) < 1e-12) continue
      const old = alpha[row]!
      alpha[row] = Math.max(old - slope / (squares[row]! + diagonal), 0)
      const change = (alpha[row] - old) * sign
      for (let k = from; k < to; k++) weights[rows.columns[k]!]! += change * rows.values[k]!
      weights[biasAt]! += change
    }
    if (upper - lower <= options.tolerance) {
      if (active === order.length) return
      active = order.length
      upperOld = Infinity
      continue
    }
    upperOld = upper <= 0 ? Infinity : upper
  }
}

/** a·first + b·second: linear maps average into one linear map. */
export function blend(first: LinearMap, a: number, second: LinearMap, b: number): LinearMap {
  assert(first.weights.length === second.weights.length, 'only maps of one shape can be blended')
  return {
    labelCount: first.labelCount,
    weights: first.weights.map((weight, i) => a * weight + b * second.weights[i]!),
    bias: first.bias.map((weight, i) => a * weight + b * second.bias[i]!),
  }
}
