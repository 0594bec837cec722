/** The place after which a page goes on: time and id of the last row that was looked at. */
import { BattutaError } from '../base/index.ts'

export interface Place {
  readonly at: number
  readonly id: string
}

export function cursorOf({ at, id }: Place): string {
  return `${at}_${id}`
}

export function placeOf(cursor: string): Place {
  const cut = cursor.indexOf('_')
  const at = Number(cursor.slice(0, Math.max(cut, 0)))
  const id = cursor.slice(cut + 1)
  if (cut < 1 || !Number.isFinite(at) || id === '')
    throw new BattutaError('REQUEST_INVALID', `“${cursor}” is not a cursor: leave it out, or give the nextCursor of the page before`)
  return { at, id }
}
