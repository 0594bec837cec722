/** The known name that somebody probably meant. */

/** More edits than this, or than a third of the name, is another word and not a slip. */
const editsMax = 3

/**
 * The nearest of the known names by edit distance (Damerau 1964: insertions, deletions, exchanges, swapped neighbours),
 * without regard to letter case; undefined when none is near.
 * @example
 * nearest('declines5', ['spend30d', 'declines5m']) // 'declines5m'
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const limit = Math.min(editsMax, Math.max(1, Math.ceil(name.length / 3)))
  let best: string | undefined
  let bestEdits = limit + 1
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) >= bestEdits) continue
    const edits = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (edits < bestEdits) [best, bestEdits] = [candidate, edits]
  }
  return best
}

/** `; did you mean “declines5m”?`, or nothing when no known name is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  const meant = nearest(name, known)
  return meant === undefined ? '' : `; did you mean “${meant}”?`
}

/** Optimal string alignment distance, in three rows. */
export function editDistance(a: string, b: string): number {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const exchange = at(above, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let edits = Math.min(exchange, at(above, j) + 1, at(row, j - 1) + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) edits = Math.min(edits, at(before, j - 2) + 1)
      row.push(edits)
    }
    before = above
    above = row
  }
  return at(above, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
