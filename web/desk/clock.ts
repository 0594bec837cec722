/** The reader's clock in whole seconds, for countdowns and ages, and how far the server's is from it. */
import { computed, signal } from '@preact/signals'

const tickMs = 1_000

export const now = signal(Date.now())
const serverAheadMs = signal(0)

/** What is told by the server (`expiresAt`, `waitingSince`) is compared with its clock, not with the reader's. */
export const serverNow = computed(() => now.value + serverAheadMs.value)

export function serverSays(at: number): void {
  now.value = Date.now()
  serverAheadMs.value = at - now.value
}

export function startClock(): () => void {
  const tick = setInterval(() => (now.value = Date.now()), tickMs)
  return () => clearInterval(tick)
}
