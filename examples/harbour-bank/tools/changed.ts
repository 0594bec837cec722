/** What a tool gives back that changed something at the bank, and how that is taken back. */
import { z } from 'zod'
import { bank } from '../back-end/index.ts'

/** Done, or refused by the bank's own rules. A refusal is an answer, not an error: trying again would change nothing. */
export function changed<Item extends z.ZodType, const Refusals extends readonly [string, ...string[]]>(item: Item, refusals: Refusals) {
  return z.discriminatedUnion('outcome', [
    z.object({ outcome: z.literal('done'), item, change: z.string() }),
    z.object({ outcome: z.literal('refused'), why: z.enum(refusals) }),
  ])
}

/** Puts back what was changed; nothing was where the bank refused. */
export async function putBack(
  { output }: { readonly output: { readonly outcome: 'done'; readonly change: string } | { readonly outcome: 'refused' } },
  { customer, idempotencyKey }: { readonly customer: string; readonly idempotencyKey: string },
): Promise<unknown> {
  return output.outcome === 'done' ? bank().undo(customer, output.change, idempotencyKey) : null
}
