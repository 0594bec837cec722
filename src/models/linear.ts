/**
 * A linear text model: hashed tokens, neighbouring pairs and character 3-5-grams to calibrated probabilities.
 * Browser-safe: the same file and the same code give the same answer on a server and on a customer's device.
 *
 *     scores = Σ over tokens inside(token) / √Σ idf² + Σ over pairs pair / √Σ idf² + bias
 *
 * The sums are over occurrences, so a token's part never depends on its neighbours: it is worked out once and kept in a
 * bounded table. They are sums of integers, so no order of adding changes a bit; floating point begins with the division.
 *
 * Owns: one model's tables and scratch buffers. Does not own: files, clocks, deadlines (runner.ts).
 * Invariants (tests cite them):
 *   M3 equal text gives equal bits, whatever was asked before and on whatever machine
 *   M4 probabilities are rounded to 1e-4 before anybody sees them
 */
import { decodeLinear, labelsOf } from './linear-format.ts'
import type { LinearFile, LinearHead, ModelCard } from './linear-format.ts'
import { newTokens, pairFeature, plainHash, tokenFeatures, tokenFeaturesMax, tokenise, tokenUnitsMax, unitClasses } from './tokens.ts'
import type { Tokens } from './tokens.ts'

export interface TextPrediction {
  /** The most probable label of the first head. */
  readonly label: string
  /** Its probability. */
  readonly confidence: number
  /** The probability of every label of every head. Built when first read; otherwise an ordinary property. */
  readonly scores: Readonly<Record<string, number>>
}

export interface LinearModel {
  readonly name: string
  /** The first 12 hex digits of SHA-256 of the file's content. */
  readonly version: string
  /** Every label of every head, in the order of the dense arrays. */
  readonly labels: readonly string[]
  readonly heads: readonly LinearHead[]
  readonly card: ModelCard
  predict(text: string): TextPrediction
  /**
   * Fills `into` with the rounded probability of every label and returns the index of the top one of the first head.
   * Allocates nothing: for whole files of texts.
   */
  probabilities(text: string, into: Float64Array): number
  /** Fills `into` with the uncalibrated score of every label: what calibration is fitted on. */
  rawScores(text: string, into: Float64Array): void
}

/** Steps a probability is rounded to. */
export const probabilitySteps = 10_000
/** Tokens whose vectors are kept. A power of two. */
export const tokenCacheMax = 4_096

const idfSteps = 24
/** An array each would cost as much as the scores; a slab of few predictions is not kept alive for long by one. */
const predictionsPerSlab = 16
/** Tokens whose vectors are added in 32 bits before the sum moves on to doubles (see `scaleMax`). */
const tokensPerSum = 16
/** 2^-k, so that exp needs no platform's own. */
const halves: Float64Array = Float64Array.from({ length: 1024 }, (_, k) => 2 ** -k)

/**
 * e^x for x ≤ 0 from multiplications and additions alone, which IEEE 754 fixes: equal bits on every platform.
 * Taylor's series to the eleventh power on |r| ≤ ln 2 / 2, a relative error below 1e-14.
 */
export function expNegative(x: number): number {
  if (x < -700) return 0
  const k = Math.floor(0.5 - x * Math.LOG2E)
  const r = x + k * Math.LN2
  const high = 1 / 720 + r * (1 / 5040 + r * (1 / 40320 + r * (1 / 362880 + r * (1 / 3628800 + r * (1 / 39916800)))))
  return (1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * high)))))) * halves[k]!
}

const rounded = (probability: number): number => Math.round(probability * probabilitySteps) / probabilitySteps

/**
 * Reads a model file. Throws `MODEL_INVALID` for a damaged one.
 *
 * @example
 * const intent = readLinearModel(bytes)
 * intent.predict('my card has not arrived') // { label: 'card_arrival', confidence: 0.93, scores: { … } }
 */
export function readLinearModel(bytes: Uint8Array): LinearModel {
  return new LinearTextModel(decodeLinear(bytes))
}

class LinearTextModel implements LinearModel {
  readonly name: string
  readonly version: string
  readonly labels: readonly string[]
  readonly heads: readonly LinearHead[]
  readonly card: ModelCard
  readonly #file: LinearFile
  readonly #classes: Uint8Array
  readonly #tokens: Tokens = newTokens()
  readonly #found: Int32Array = new Int32Array(tokenFeaturesMax)
  readonly #bias: Float64Array
  readonly #dense: Float64Array
  // Probabilities of the newest predictions, in steps, until their scores are asked for by name.
  #steps: Uint16Array = new Uint16Array(0)
  #stepsAt = 0
  /** Labels rounded up to a multiple of four: vectors are added four at a time. */
  readonly #stride: number
  readonly #weights: Int8Array
  readonly #insideSum: Int32Array
  readonly #pairSum: Int32Array
  readonly #insideTotal: Float64Array
  readonly #pairTotal: Float64Array
  readonly #inside: RowTable
  readonly #pair: RowTable
  // The token table: open addressing, emptied when tokenCacheMax are kept.
  readonly #places: Int16Array = new Int16Array(tokenCacheMax * 2).fill(-1)
  #keptCount = 0
  readonly #kept: Uint16Array = new Uint16Array(tokenCacheMax * tokenUnitsMax)
  readonly #keptLengths: Uint8Array = new Uint8Array(tokenCacheMax)
  readonly #keptHashes: Int32Array = new Int32Array(tokenCacheMax)
  readonly #squares: Float64Array = new Float64Array(tokenCacheMax)
  readonly #vectors: Int32Array

  constructor(file: LinearFile) {
    const { header } = file
    this.name = header.name
    this.version = file.version
    this.labels = Object.freeze(labelsOf(header))
    this.heads = header.heads
    this.card = header.card
    this.#file = file
    this.#classes = unitClasses(header.form)
    this.#bias = Float64Array.from(header.bias)
    this.#dense = new Float64Array(this.labels.length)
    this.#stride = Math.ceil(this.labels.length / 4) * 4
    this.#weights = padRows(file.weights, this.labels.length, this.#stride)
    this.#insideSum = new Int32Array(this.#stride)
    this.#pairSum = new Int32Array(this.#stride)
    this.#insideTotal = new Float64Array(this.labels.length)
    this.#pairTotal = new Float64Array(this.labels.length)
    this.#vectors = new Int32Array(tokenCacheMax * this.#stride)
    this.#inside = new RowTable(file.hashes, 0, header.rows.inside)
    this.#pair = new RowTable(file.hashes, header.rows.inside, file.hashes.length)
  }

  predict(text: string): TextPrediction {
    const dense = this.#dense
    const labels = this.labels
    const top = this.probabilities(text, dense)
    if (this.#stepsAt === this.#steps.length) {
      this.#steps = new Uint16Array(dense.length * predictionsPerSlab)
      this.#stepsAt = 0
    }
    const steps = this.#steps
    const from = this.#stepsAt
    this.#stepsAt = from + dense.length
    for (let c = 0; c < dense.length; c++) steps[from + c] = dense[c]! * probabilitySteps + 0.5
    let scores: Record<string, number> | undefined
    return {
      label: labels[top]!,
      confidence: dense[top]!,
      get scores() {
        return (scores ??= namedScores(labels, steps, from))
      },
    }
  }

  probabilities(text: string, into: Float64Array): number {
    this.rawScores(text, into)
    let first = 0
    let top = 0
    for (const head of this.heads) {
      const found = applyHead(into, first, head)
      if (first === 0) top = found
      first += head.labels.length
    }
    return top
  }

  rawScores(text: string, into: Float64Array): void {
    const tokens = this.#tokens
    const insideSum = this.#insideSum
    const pairSum = this.#pairSum
    const vectors = this.#vectors
    const stride = this.#stride
    const { idf, scales } = this.#file
    const count = tokenise(text, this.#file.header.form, this.#classes, tokens)
    insideSum.fill(0)
    pairSum.fill(0)
    let squares = 0
    let pairSquares = 0
    let left = 0
    for (let at = 0; at < count; at++) {
      if (at > 0 && at % tokensPerSum === 0) this.#carry()
      const place = this.#place(at)
      squares += this.#squares[place]!
      addVector(insideSum, vectors, place * stride)
      const right = plainHash(tokens, at)
      const row = at > 0 ? this.#pair.find(pairFeature(left, right)) : -1
      left = right
      if (row < 0) continue
      pairSquares += idf[row]! * idf[row]!
      addScaled(pairSum, 0, this.#weights, row * stride, stride, scales[row]!)
    }
    this.#carry()
    const { unit } = this.#file.header
    const insideScale = squares > 0 ? (unit * idfSteps) / Math.sqrt(squares) : 0
    const pairScale = pairSquares > 0 ? (unit * idfSteps) / Math.sqrt(pairSquares) : 0
    this.#finish(into, insideScale, pairScale)
  }

  /** Moves the 32-bit sums into doubles, which hold every integer up to 2^53. */
  #carry(): void {
    const insideTotal = this.#insideTotal
    const pairTotal = this.#pairTotal
    for (let c = 0; c < insideTotal.length; c++) {
      insideTotal[c]! += this.#insideSum[c]!
      pairTotal[c]! += this.#pairSum[c]!
    }
    this.#insideSum.fill(0)
    this.#pairSum.fill(0)
  }

  #finish(into: Float64Array, insideScale: number, pairScale: number): void {
    const insideTotal = this.#insideTotal
    const pairTotal = this.#pairTotal
    const bias = this.#bias
    for (let c = 0; c < insideTotal.length; c++) into[c] = insideTotal[c]! * insideScale + pairTotal[c]! * pairScale + bias[c]!
    insideTotal.fill(0)
    pairTotal.fill(0)
  }

  /** The place of a token's vector, worked out first if it is not kept. */
  #place(at: number): number {
    const places = this.#places
    const mask = places.length - 1
    const hash = this.#tokens.hashes[at]!
    let slot = (Math.imul(hash, 0x9e3779b1) >>> 16) & mask
    for (let place = places[slot]!; place >= 0; place = places[slot]!) {
      if (this.#keptHashes[place] === hash && this.#holds(place, at)) return place
      slot = (slot + 1) & mask
    }
    if (this.#keptCount === tokenCacheMax) {
      places.fill(-1)
      this.#keptCount = 0
      return this.#place(at)
    }
    const place = this.#keptCount++
    places[slot] = place
    this.#keep(place, hash, at)
    return place
  }

  #holds(place: number, at: number): boolean {
    const { units, starts, shouts } = this.#tokens
    const start = starts[at]!
    const length = starts[at + 1]! - start
    if (this.#keptLengths[place] !== length + (shouts[at]! << 6)) return false
    const kept = place * tokenUnitsMax
    for (let i = 0; i < length; i++) if (this.#kept[kept + i] !== units[start + i]) return false
    return true
  }

  #keep(place: number, hash: number, at: number): void {
    const { units, starts, shouts } = this.#tokens
    const start = starts[at]!
    const length = starts[at + 1]! - start
    for (let i = 0; i < length; i++) this.#kept[place * tokenUnitsMax + i] = units[start + i]!
    this.#keptLengths[place] = length + (shouts[at]! << 6)
    this.#keptHashes[place] = hash
    const stride = this.#stride
    this.#vectors.fill(0, place * stride, (place + 1) * stride)
    let squares = 0
    const found = tokenFeatures(this.#tokens, at, this.#found)
    for (let i = 0; i < found; i++) {
      const row = this.#inside.find(this.#found[i]!)
      if (row < 0) continue
      squares += this.#file.idf[row]! * this.#file.idf[row]!
      addScaled(this.#vectors, place * stride, this.#weights, row * stride, stride, this.#file.scales[row]!)
    }
    this.#squares[place] = squares
  }
}

function namedScores(labels: readonly string[], steps: Uint16Array, from: number): Record<string, number> {
  const scores: Record<string, number> = {}
  for (let c = 0; c < labels.length; c++) scores[labels[c]!] = steps[from + c]! / probabilitySteps
  return Object.freeze(scores)
}

function padRows(weights: Int8Array, labels: number, stride: number): Int8Array {
  const rows = weights.length / labels
  const padded = new Int8Array(rows * stride)
  for (let row = 0; row < rows; row++) for (let c = 0; c < labels; c++) padded[row * stride + c] = weights[row * labels + c]!
  return padded
}

/** sum += vectors[from …], four at a time: twice as fast as one at a time. */
function addVector(sum: Int32Array, vectors: Int32Array, from: number): void {
  for (let c = 0, v = from; c < sum.length; c += 4, v += 4) {
    sum[c] = (sum[c]! + vectors[v]!) | 0
    sum[c + 1] = (sum[c + 1]! + vectors[v + 1]!) | 0
    sum[c + 2] = (sum[c + 2]! + vectors[v + 2]!) | 0
    sum[c + 3] = (sum[c + 3]! + vectors[v + 3]!) | 0
  }
}

/** sum[at …] += scale · weights[from …]. */
function addScaled(sum: Int32Array, at: number, weights: Int8Array, from: number, stride: number, scale: number): void {
  const end = at + stride
  for (let c = at, w = from; c < end; c += 4, w += 4) {
    sum[c] = (sum[c]! + Math.imul(scale, weights[w]!)) | 0
    sum[c + 1] = (sum[c + 1]! + Math.imul(scale, weights[w + 1]!)) | 0
    sum[c + 2] = (sum[c + 2]! + Math.imul(scale, weights[w + 2]!)) | 0
    sum[c + 3] = (sum[c + 3]! + Math.imul(scale, weights[w + 3]!)) | 0
  }
}

/** From the hash of an n-gram to its row: open addressing, at most half full; hash and row lie side by side. */
class RowTable {
  readonly #slots: Int32Array
  readonly #mask: number

  constructor(hashes: Int32Array, from: number, to: number) {
    let size = 16
    while (size < (to - from) * 2) size *= 2
    this.#mask = size - 1
    this.#slots = new Int32Array(size * 2).fill(-1)
    for (let row = from; row < to; row++) {
      let slot = this.#slot(hashes[row]!)
      while (this.#slots[slot * 2 + 1]! >= 0) slot = (slot + 1) & this.#mask
      this.#slots[slot * 2] = hashes[row]!
      this.#slots[slot * 2 + 1] = row
    }
  }

  #slot(hash: number): number {
    const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
    return (mixed ^ (mixed >>> 13)) & this.#mask
  }

  /** The row, or -1. */
  find(hash: number): number {
    const slots = this.#slots
    const mask = this.#mask
    for (let slot = this.#slot(hash); ; slot = (slot + 1) & mask) {
      const row = slots[slot * 2 + 1]!
      if (row < 0 || slots[slot * 2] === hash) return row
    }
  }
}

/** Turns the scores of one head, from `first` on, into rounded probabilities and returns the index of the top one. */
export function applyHead(values: Float64Array, first: number, head: LinearHead): number {
  return head.kind === 'softmax' ? softmax(values, first, head) : sigmoids(values, first, head)
}

/** Scores to rounded probabilities that compete; returns the index of the top one. */
function softmax(values: Float64Array, first: number, head: LinearHead): number {
  const end = first + head.labels.length
  const slope = head.slopes[0]!
  let top = first
  for (let c = first + 1; c < end; c++) if (values[c]! > values[top]!) top = c
  const most = values[top]!
  let sum = 0
  for (let c = first; c < end; c++) sum += values[c] = expNegative(slope * (values[c]! - most))
  for (let c = first; c < end; c++) values[c] = rounded(values[c]! / sum)
  return top
}

/** Scores to rounded probabilities, each by itself; returns the index of the top one. */
function sigmoids(values: Float64Array, first: number, head: LinearHead): number {
  let top = first
  let most = -Infinity
  for (let i = 0; i < head.labels.length; i++) {
    const score = head.slopes[i]! * values[first + i]! + head.offsets[i]!
    if (score > most) {
      most = score
      top = first + i
    }
    const e = expNegative(-Math.abs(score))
    values[first + i] = rounded(score >= 0 ? 1 / (1 + e) : e / (1 + e))
  }
  return top
}
