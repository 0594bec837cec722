/** How good a classifier is: accuracy with its interval, F1, calibration error. Pure functions, formulas with sources. */

export interface Interval {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** A share and its 95 % score interval (Wilson, 1927). */
export function wilson(successes: number, total: number, z = 1.959963984540054): Interval {
  if (total === 0) return { value: Number.NaN, low: 0, high: 1 }
  const share = successes / total
  const square = (z * z) / total
  const middle = (share + square / 2) / (1 + square)
  const half = (z / (1 + square)) * Math.sqrt((share * (1 - share)) / total + square / (4 * total))
  return { value: share, low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}

/** F1 from true positives, false positives and false negatives; 0 when there is nothing to find and nothing found. */
export function f1(hits: number, wrong: number, missed: number): number {
  const total = 2 * hits + wrong + missed
  return total === 0 ? 0 : (2 * hits) / total
}

/** The mean of the labels' F1 for exactly one label per text; labels that never occur and are never said are left out. */
export function macroF1(said: ArrayLike<number>, truth: ArrayLike<number>, labelCount: number): number {
  const hits = new Int32Array(labelCount)
  const saidCounts = new Int32Array(labelCount)
  const truthCounts = new Int32Array(labelCount)
  for (let i = 0; i < truth.length; i++) {
    saidCounts[said[i]!]!++
    truthCounts[truth[i]!]!++
    if (said[i] === truth[i]) hits[said[i]!]!++
  }
  let sum = 0
  let labels = 0
  for (let c = 0; c < labelCount; c++) {
    if (saidCounts[c]! + truthCounts[c]! === 0) continue
    labels++
    sum += f1(hits[c]!, saidCounts[c]! - hits[c]!, truthCounts[c]! - hits[c]!)
  }
  return labels === 0 ? 0 : sum / labels
}

/**
 * Expected calibration error with equal-width bins (Naeini, Cooper and Hauskrecht, 2015): the mean distance between
 * stated confidence and share right, weighted by how many fall into each bin.
 */
export function expectedCalibrationError(confidences: ArrayLike<number>, right: ArrayLike<boolean | number>, bins = 10): number {
  const counts = new Float64Array(bins)
  const stated = new Float64Array(bins)
  const correct = new Float64Array(bins)
  for (let i = 0; i < confidences.length; i++) {
    const bin = Math.min(bins - 1, Math.floor(confidences[i]! * bins))
    counts[bin]!++
    stated[bin]! += confidences[i]!
    if (right[i]) correct[bin]!++
  }
  let sum = 0
  for (let b = 0; b < bins; b++) sum += Math.abs(stated[b]! - correct[b]!)
  return confidences.length === 0 ? 0 : sum / confidences.length
}

/** The threshold at which F1 of `probability ≥ threshold` is greatest, and that F1. */
export function bestThreshold(probabilities: ArrayLike<number>, truth: ArrayLike<boolean | number>): { threshold: number; f1: number } {
  const order = Int32Array.from({ length: truth.length }, (_, i) => i).sort((a, b) => probabilities[b]! - probabilities[a]! || a - b)
  let positives = 0
  for (let i = 0; i < truth.length; i++) if (truth[i]) positives++
  let best = { threshold: 0.5, f1: 0 }
  let hits = 0
  for (let n = 0; n < order.length; n++) {
    const row = order[n]!
    if (truth[row]) hits++
    if (n + 1 < order.length && probabilities[order[n + 1]!] === probabilities[row]) continue
    const score = f1(hits, n + 1 - hits, positives - hits)
    if (score > best.f1) best = { threshold: probabilities[row]!, f1: score }
  }
  return best
}
