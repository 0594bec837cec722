/** Cards: what state they are in, and unblocking one. */
import { tool } from 'battuta'
import { z } from 'zod'
import { bank, blockReasons, cardRefusals } from '../back-end/index.ts'
import { changed, putBack } from './changed.ts'

const card = z.object({
  last4: z.string(),
  kind: z.enum(['debit', 'credit', 'virtual']),
  state: z.enum(['active', 'blocked', 'lost']),
  why: z.enum(blockReasons).nullable(),
  dailyLimit: z.number(),
})
export type CardSeen = z.infer<typeof card>

export const cardStatus = tool({
  input: z.object({}),
  output: z.object({ cards: z.array(card).readonly() }),
  run: async (_, { customer }) => ({ cards: bank().cards(customer) }),
})

/** Its compensation blocks the card again, for the same reason as before. */
export const unblock = tool({
  input: z.object({ last4: z.string() }),
  output: changed(card, cardRefusals),
  changes: true,
  run: async ({ last4 }, { customer, idempotencyKey }) => bank().unblockCard(customer, last4, idempotencyKey),
  compensate: putBack,
})
