/**
 * What somebody who comes back missed. Records hold what is committed, which may not have left yet: a page that was told of it
 * before its mark could be contradicted by a restore (X1). And until recovery is over they may lack what has left.
 */
import { BattutaError } from '../base/index.ts'
import type { ChatPlace, Delivery } from '../channels/index.ts'
import { deliveryOfRow } from '../orchestrator/index.ts'
import type { Runtime } from '../orchestrator/index.ts'
import type { Records } from '../records/index.ts'

/** Entries read at once. */
const step = 200

/** Throws MESSAGE_INVALID when `after` lies beyond the conversation's end. */
export async function historyOf(
  records: Pick<Records, 'conversation' | 'deliveries'>,
  runtime: Pick<Runtime, 'left'> & { readonly ready: Promise<void> },
  conversation: string,
  after: number,
): Promise<ChatPlace & { readonly items: readonly Delivery[] }> {
  await runtime.ready
  const row = await records.conversation(conversation)
  if (row === undefined) return { items: [], seq: 0, epoch: 0, owner: null, queue: null }
  if (after > row.seq) throw new BattutaError('MESSAGE_INVALID', `after is ${after}, but the conversation ends at ${row.seq}`)
  const items: Delivery[] = []
  for (let from = after; ;) {
    const page = await records.deliveries(conversation, from, step)
    for (const entry of page) items.push(deliveryOfRow(entry))
    const last = page.at(-1)
    if (last === undefined || page.length < step) break
    from = last.seq
  }
  await runtime.left(row.customer)
  return { items, seq: row.seq, epoch: row.epoch, owner: row.owner, queue: row.queue }
}
