/** How long to wait before connecting again: doubling from half a second, spread over the upper half, never over 15 s. */

const firstDelayMs = 500
const delayMsMax = 15_000

/**
 * @param attempt how many attempts failed in a row, from 1
 * @param chance uniform in [0, 1): many pages that lost one server must not return in one instant
 */
export function backoffMs(attempt: number, chance: number): number {
  const full = Math.min(delayMsMax, firstDelayMs * 2 ** (attempt - 1))
  return Math.round(full / 2 + (full / 2) * chance)
}
