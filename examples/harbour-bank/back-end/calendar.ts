/** Days as banks write them, `2026-01-31`, and counting in them. */

const dayMs = 86_400_000

/** The day of an instant, in UTC. */
export function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10)
}

export function addDays(day: string, days: number): string {
  return dayOf(Date.parse(day) + days * dayMs)
}

/** Counts Monday to Friday. */
export function addWorkingDays(day: string, days: number): string {
  let reached = day
  for (let left = days; left > 0;) {
    reached = addDays(reached, 1)
    const weekday = new Date(reached).getUTCDay()
    if (weekday !== 0 && weekday !== 6) left--
  }
  return reached
}
