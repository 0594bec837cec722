/**
 * A log-linear histogram of latencies: every octave is cut into 64 equal buckets, so a bucket's middle lies within
 * 1/129 (0.78 %) of anything in it. The index is read straight from the double's exponent and first mantissa bits.
 * (The layout of HdrHistogram, Tene 2012; the bound is the relative error of DDSketch, Masson, Rim and Lee, VLDB 2019.)
 *
 * Owns: one flat array of counts. Does not own: time; whoever wants a trailing window merges several.
 *
 * H1 A quantile is within 1 % of the exact nearest-rank quantile for values between 1 µs and 10 min; values outside
 *    are counted as the nearer end.
 * H2 Merging equals recording everything in one histogram, in any order.
 */
import { assert } from '../base/index.ts'

const latencyMsMin = 0.001
const latencyMsMax = 600_000
/** 64 buckets an octave: six mantissa bits stay in the index. */
const bucketsPerOctave = 64
const mantissaShift = 20 - Math.log2(bucketsPerOctave)

const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)
double[0] = 1
const highWord = words[1] === 0 ? 0 : 1

function wordIndex(ms: number): number {
  double[0] = ms
  return (words[highWord] as number) >>> mantissaShift
}

const firstIndex = wordIndex(latencyMsMin)
const bucketCount = wordIndex(latencyMsMax) - firstIndex + 1

/** The middle of a bucket. */
function middleOf(bucket: number): number {
  words[1 - highWord] = 0
  words[highWord] = (firstIndex + bucket) << mantissaShift
  const lower = double[0] as number
  words[highWord] = (firstIndex + bucket + 1) << mantissaShift
  return (lower + (double[0] as number)) / 2
}

/**
 * Counts latencies in milliseconds and gives their quantiles. About 7.5 kB; a bucket holds up to 2^32 - 1.
 * @example
 * const latency = new LogHistogram()
 * latency.record(2.3)
 * latency.quantile(0.99) // 2.3
 */
export class LogHistogram {
  readonly #counts = new Uint32Array(bucketCount)
  #count = 0
  #min = Infinity
  #max = -Infinity

  /** How many values were recorded. */
  get count(): number {
    return this.#count
  }

  /** Allocates nothing. What is not a number counts as the shortest. */
  record(ms: number): void {
    const held = ms > latencyMsMin ? (ms < latencyMsMax ? ms : latencyMsMax) : latencyMsMin
    double[0] = held
    const bucket = ((words[highWord] as number) >>> mantissaShift) - firstIndex
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1
    this.#count++
    if (held < this.#min) this.#min = held
    if (held > this.#max) this.#max = held
  }

  /** The value at the nearest rank `ceil(q × count)`; null when nothing was recorded. */
  quantile(q: number): number | null {
    assert(q >= 0 && q <= 1, `a quantile lies between 0 and 1, not at ${q}`)
    if (this.#count === 0) return null
    const rank = Math.max(1, Math.ceil(q * this.#count))
    let seen = 0
    let bucket = 0
    for (; bucket < bucketCount - 1; bucket++) {
      seen += this.#counts[bucket] as number
      if (seen >= rank) break
    }
    return Math.min(this.#max, Math.max(this.#min, middleOf(bucket)))
  }

  /** The largest value recorded, exactly (clamped to the range); null when nothing was. */
  get max(): number | null {
    return this.#count === 0 ? null : this.#max
  }

  /** Adds all that `other` counted. */
  merge(other: LogHistogram): void {
    for (let i = 0; i < bucketCount; i++) this.#counts[i] = (this.#counts[i] as number) + (other.#counts[i] as number)
    this.#count += other.#count
    this.#min = Math.min(this.#min, other.#min)
    this.#max = Math.max(this.#max, other.#max)
  }

  reset(): void {
    this.#counts.fill(0)
    this.#count = 0
    this.#min = Infinity
    this.#max = -Infinity
  }
}
