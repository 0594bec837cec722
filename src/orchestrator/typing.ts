/** Who is typing, so that a turn is not ended under a customer's fingers. Ephemeral: a restart forgets it, and loses nothing by it. */
import type { World } from '../base/index.ts'
import type { TimerRow } from '../records/index.ts'

/** A page that says nothing more for this long is not typing. */
const typingMsMax = 6_000
const conversationsMax = 20_000

export interface Typing {
  set(conversation: string, on: boolean): void
  /** Whether the end of this turn, which is overdue by so much, waits for its customer to finish. */
  holds(timer: TimerRow, overdueMs: number): boolean
}

export function openTyping(world: World): Typing {
  const since = new Map<string, number>()
  return {
    set(conversation, on) {
      since.delete(conversation)
      if (!on) return
      const oldest = since.keys().next().value
      if (since.size >= conversationsMax && oldest !== undefined) since.delete(oldest)
      since.set(conversation, world.monotonicMs())
    },
    holds({ data, dueAt }, overdueMs) {
      const { conversation, longestAt } = JSON.parse(data) as { conversation: string; longestAt: number }
      const typedAt = since.get(conversation)
      return typedAt !== undefined && world.monotonicMs() - typedAt < typingMsMax && overdueMs < longestAt - dueAt
    },
  }
}
