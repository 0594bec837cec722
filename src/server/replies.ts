/** Counts replies by the class of their status, for Prometheus. */

export interface Replies {
  count(status: number): void
  /** How many replies had status 1xx, 2xx, … 5xx. */
  readonly byClass: readonly number[]
}

export function openReplies(): Replies {
  const byClass = [0, 0, 0, 0, 0]
  return {
    byClass,
    count(status) {
      const index = Math.floor(status / 100) - 1
      byClass[index] = (byClass[index] ?? 0) + 1
    },
  }
}
