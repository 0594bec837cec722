/** Pages of the memory driver: newest first, by time and id, as the SQL drivers give them. */
import { cursorOf, placeOf } from './cursor.ts'
import type { Place } from './cursor.ts'

export function newestPage<Row>(
  rows: readonly Row[],
  place: (row: Row) => Place,
  limit: number,
  cursor: string | null,
): { readonly items: readonly Row[]; readonly nextCursor: string | null } {
  const from = cursor === null ? null : placeOf(cursor)
  const sorted = rows.toSorted((left, right) => newestFirst(place(left), place(right)))
  const older = from === null ? sorted : sorted.filter((row) => newestFirst(place(row), from) > 0)
  const items = older.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: older.length > limit && last !== undefined ? cursorOf(place(last)) : null }
}

function newestFirst(left: Place, right: Place): number {
  return right.at - left.at || (left.id === right.id ? 0 : left.id < right.id ? 1 : -1)
}
