/** Top-ups: how the last ones went, trying one again, and sending its money back. */
import { tool } from 'battuta'
import { z } from 'zod'
import { bank, refundRefusals, retryRefusals, topUpReasons } from '../back-end/index.ts'
import { changed, putBack } from './changed.ts'

const topUp = z.object({
  id: z.string(),
  amount: z.number(),
  currency: z.string(),
  method: z.enum(['card', 'bank', 'wallet']),
  state: z.enum(['failed', 'done', 'refunded']),
  reason: z.enum(topUpReasons).nullable(),
  collected: z.boolean(),
  madeOn: z.string(),
})
export type TopUpSeen = z.infer<typeof topUp>

/** Newest first. */
export const topUpStatus = tool({
  input: z.object({}),
  output: z.object({ topUps: z.array(topUp).readonly() }),
  run: async (_, { customer }) => ({ topUps: [...bank().topUps(customer)].sort((a, b) => b.madeOn.localeCompare(a.madeOn)) }),
})

/** Its compensation takes the money off the account again, and the top-up is as failed as before. */
export const retry = tool({
  input: z.object({ topUp: z.string() }),
  output: changed(topUp, retryRefusals),
  changes: true,
  run: async (input, { customer, idempotencyKey }) => bank().retryTopUp(customer, input.topUp, idempotencyKey),
  compensate: putBack,
})

/** Its compensation calls the refund back, which the bank pays out at the end of the day. */
export const refund = tool({
  input: z.object({ topUp: z.string() }),
  output: changed(topUp, refundRefusals),
  changes: true,
  run: async (input, { customer, idempotencyKey }) => bank().refundTopUp(customer, input.topUp, idempotencyKey),
  compensate: putBack,
})
