/** R3 for one entry of a conversation's sequence, said once for every driver. */
import type { DeliveryRow } from './port.ts'

/** A conversation begins at it, so nothing is ever said under a lower one. */
const firstEpoch = 1

/**
 * Why the entry may not be written, or null when its epoch is not over. `held` is its conversation's epoch before the commit,
 * `after` the one the commit gives it; undefined where there is none.
 */
export function staleEntry({ conversation, seq, epoch }: DeliveryRow, held: number | undefined, after: number | undefined): string | null {
  const until = after ?? held
  if (epoch === until) return null
  if (until !== undefined && epoch >= (held ?? firstEpoch) && epoch < until) return null
  return `conversation ${conversation} is at epoch ${until ?? 'none'}, and its entry ${seq} carries ${epoch}`
}
