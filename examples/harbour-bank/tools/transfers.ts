/** Transfers: which are under way, and having one traced. */
import { tool } from 'battuta'
import { z } from 'zod'
import { bank, ownCheck, traceRefusals } from '../back-end/index.ts'
import { changed, putBack } from './changed.ts'

const transfer = z.object({
  id: z.string(),
  amount: z.number(),
  currency: z.string(),
  payee: z.string(),
  state: z.enum(['pending', 'arrived', 'returned']),
  waitsAt: z.string().nullable(),
  expectedOn: z.string(),
  trace: z.object({ reference: z.string(), answerBy: z.string() }).nullable(),
})
export type TransferSeen = z.infer<typeof transfer>
/** Whether our own check holds it, which the other bank knows nothing of. */
const pendingTransfer = transfer.extend({ heldByUs: z.boolean() })

/** Those that are under way, and the newest that is not. */
export const transfersPending = tool({
  input: z.object({}),
  output: z.object({ pending: z.array(pendingTransfer).readonly(), latest: transfer.nullable() }),
  run: async (_, { customer }) => {
    const transfers = bank().transfers(customer)
    const over = transfers.filter(({ state }) => state !== 'pending').sort((a, b) => b.expectedOn.localeCompare(a.expectedOn))
    const pending = transfers.filter(({ state }) => state === 'pending')
    return { pending: pending.map((one) => ({ ...one, heldByUs: one.waitsAt === ownCheck })), latest: over[0] ?? null }
  },
})

/** Its compensation withdraws the trace. */
export const trace = tool({
  input: z.object({ transfer: z.string() }),
  output: changed(transfer, traceRefusals),
  changes: true,
  run: async (input, { customer, idempotencyKey }) => bank().openTrace(customer, input.transfer, idempotencyKey),
  compensate: putBack,
})
