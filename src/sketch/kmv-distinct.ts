/**
 * Distinct counts by k minimum values (Bar-Yossef et al., RANDOM 2002; the unbiased form of Beyer et al., SIGMOD 2007):
 * keep the smallest hashes seen; n of them fill the unit interval evenly, so the m-th smallest lies near m/n.
 *
 * The sketch is a run of `kmvCells(k)` = k + 1 doubles inside somebody's array, ascending, zero when unused. The one
 * cell more than k tells "exactly k" from "more": up to k distinct values the count is exact, beyond it the estimate is
 * k / u, u being the (k+1)-th smallest hash as a fraction, with a relative standard error of about 1/sqrt(k - 1).
 *
 * K1 Adding in any order, with any repeats, gives the same cells. K2 Merging equals adding everything to one sketch.
 */

/** Hashes are integers in 1 … 2^53 - 1, as `hash53` makes them. */
const hashSpace = 2 ** 53

/** Cells a sketch of parameter `k` takes. */
export function kmvCells(k: number): number {
  return k + 1
}

/** Adds one hash; says whether it is among the smallest. */
export function kmvAdd(cells: Float64Array, start: number, k: number, hash: number): boolean {
  const last = start + k
  const largest = cells[last] as number
  if (largest !== 0 && hash >= largest) return false
  let at = start
  for (; at <= last; at++) {
    const held = cells[at] as number
    if (held === hash) return false
    if (held === 0 || held > hash) break
  }
  cells.copyWithin(at + 1, at, last)
  cells[at] = hash
  return true
}

/** Adds the sketch at `fromStart` of `from` to the one at `start`. */
export function kmvMerge(cells: Float64Array, start: number, k: number, from: Float64Array, fromStart: number): void {
  const end = fromStart + k + 1
  for (let at = fromStart; at < end; at++) {
    const hash = from[at] as number
    if (hash === 0) return
    const largest = cells[start + k] as number
    // Both runs ascend: nothing after this one can be small enough either.
    if (largest !== 0 && hash > largest) return
    kmvAdd(cells, start, k, hash)
  }
}

/** Exact up to `k`, then an unbiased estimate, rounded to a whole number. */
export function kmvEstimate(cells: Float64Array, start: number, k: number): number {
  const largest = cells[start + k] as number
  if (largest !== 0) return Math.round((k * hashSpace) / largest)
  let count = 0
  while (count < k && cells[start + count] !== 0) count++
  return count
}
