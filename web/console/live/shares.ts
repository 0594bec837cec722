/** Who acted, over the last hour, as shares of all decisions. Pure. */
import type { Act, LiveSecond } from '../../../src/client/index.ts'

export interface ActShare {
  readonly act: Act
  /** 0 … 1 of the hour's decisions. */
  readonly share: number
  readonly decisions: number
  readonly perS: number
  readonly open: number
}

/** One row for each act the server counts; the shares sum to 1 unless nothing was decided. */
export function actShares(second: LiveSecond): ActShare[] {
  const sums = second.shareActs.map((_, index) => second.sharesLastHour.reduce((sum, minute) => sum + (minute[index] ?? 0), 0))
  const total = sums.reduce((sum, part) => sum + part, 0)
  return second.shareActs.map((act, index) => {
    const decisions = sums[index] ?? 0
    return { act, decisions, share: total === 0 ? 0 : decisions / total, perS: second.actsPerS[act] ?? 0, open: second.conversationsOpen[act] ?? 0 }
  })
}

/** The hour's minutes from the first in which something was decided; empty when nothing was. */
export function minutesDecided(second: LiveSecond): readonly (readonly number[])[] {
  const first = second.sharesLastHour.findIndex((minute) => minute.some((part) => part > 0))
  return first < 0 ? [] : second.sharesLastHour.slice(first)
}

export interface Band {
  /** The first minute it covers, from 0, oldest. */
  readonly from: number
  /** Lower and upper edge of each of its minutes, 0 … 1. */
  readonly edges: readonly (readonly [number, number])[]
}

/**
 * The stacked band of one act: one piece per run of minutes in which something was decided. A minute without decisions
 * has no shares, so the band breaks there.
 */
export function bands(minutes: readonly (readonly number[])[], act: number): Band[] {
  const pieces: { from: number; edges: (readonly [number, number])[] }[] = []
  let open = false
  for (const [index, counts] of minutes.entries()) {
    const total = counts.reduce((sum, part) => sum + part, 0)
    if (total === 0) {
      open = false
      continue
    }
    const below = counts.slice(0, act).reduce((sum, part) => sum + part, 0)
    if (!open) pieces.push({ from: index, edges: [] })
    open = true
    pieces.at(-1)?.edges.push([below / total, (below + (counts[act] ?? 0)) / total])
  }
  return pieces
}
