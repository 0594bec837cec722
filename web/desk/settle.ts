/**
 * In which order a list is shown while somebody points at it. Pure.
 *
 * O1 while held, no row that is shown moves or goes; what comes new stands below.
 * O2 when let go, the list is what it should be.
 */

/** Ids to show, in order. `held` while the pointer or the focus is in the list. */
export function settled(shown: readonly string[], wanted: readonly string[], held: boolean): readonly string[] {
  if (!held) return same(shown, wanted) ? shown : wanted
  const known = new Set(shown)
  const fresh = wanted.filter((id) => !known.has(id))
  return fresh.length === 0 ? shown : [...shown, ...fresh]
}

/** Rows keep the places they have; what comes new stands first, what is gone leaves. */
export function kept(shown: readonly string[], present: readonly string[]): readonly string[] {
  const here = new Set(present)
  const known = new Set(shown)
  const next = [...present.filter((id) => !known.has(id)), ...shown.filter((id) => here.has(id))]
  return same(shown, next) ? shown : next
}

function same(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((id, index) => id === right[index])
}
