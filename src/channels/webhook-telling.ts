/**
 * What one other system is told of each conversation, and how far it took it.
 *
 * Owns: the cursors, in memory as they are on disk. Does not own: when and how often it is told (webhook-courier.ts).
 *
 * K1 What was taken is on disk before the next is told; after a crash it goes on from there. What was taken just before a crash is
 *    told again, under the same id.
 * K2 A worker is told of a conversation that it is theirs, then each of the customer's words in it, then that it is theirs no longer;
 *    it is never told what was said under an epoch that is not theirs.
 */
import type { ConversationRow } from '../records/index.ts'
import type { Delivery } from './port.ts'
import type { Say } from './webhook-courier.ts'
import type { WebhookParts } from './webhook-port.ts'

/** Entries that come with a conversation; the packet tells the rest. */
export const assignedEntriesMax = 200
/** Cursor of a conversation that the worker was told is theirs no longer. */
const lost = -1

type Parts = Pick<WebhookParts, 'directory' | 'row' | 'entries' | 'views'>

export class Telling {
  readonly #parts: Parts
  readonly #name: string
  /** Null for a channel. */
  readonly #worker: string | null
  readonly #cursors = new Map<string, number>()
  /** Under which epoch the worker was told that it has the conversation, by this process. */
  readonly #assigned = new Map<string, number>()

  constructor(parts: Parts, name: string, worker: string | null) {
    this.#parts = parts
    this.#name = name
    this.#worker = worker
  }

  /** Reads the cursors. Gives the conversations of which there may be something to tell. */
  async read(): Promise<readonly string[]> {
    const behind: string[] = []
    for (const { conversation, seq } of await this.#parts.directory.cursors(this.#name)) {
      if (seq === lost) continue
      const row = await this.#parts.row(conversation)
      if (row === undefined) continue
      this.#cursors.set(conversation, Math.max(seq, this.#cursors.get(conversation) ?? 0))
      if (this.#worker !== null || row.seq > seq) behind.push(conversation)
    }
    return behind
  }

  /** Whether the system takes part in the conversation: it is told what happens in it. */
  knows(conversation: string): boolean {
    return (this.#cursors.get(conversation) ?? lost) !== lost
  }

  get known(): readonly string[] {
    return [...this.#cursors].filter(([, seq]) => seq !== lost).map(([conversation]) => conversation)
  }

  has(row: ConversationRow): boolean {
    return this.#worker !== null && row.status === 'open' && row.owner === 'human' && row.worker === this.#worker
  }

  /** The system takes part from now on, after `seq`. Resolves once that is on disk. */
  async joins(conversation: string, seq: number): Promise<void> {
    if (!this.knows(conversation)) await this.#put(conversation, seq)
  }

  tell(conversation: string, say: Say): Promise<boolean> {
    return this.#worker === null ? this.#tellChannel(conversation, say) : this.#tellWorker(conversation, say)
  }

  async #tellChannel(conversation: string, say: Say): Promise<boolean> {
    const row = await this.#parts.row(conversation)
    if (row === undefined) return true
    await this.joins(conversation, 0)
    for (const entry of await this.#parts.entries(conversation, this.#cursors.get(conversation) ?? 0)) {
      // Their own words they know.
      if (entry.from !== 'customer') {
        if (!(await say(`${conversation}:${entry.seq}`, deliveryPayload(row.customer, entry)))) return false
        await this.#put(conversation, entry.seq)
      }
      this.#cursors.set(conversation, entry.seq)
    }
    return true
  }

  /** The entries are read after the row: once they are given, everything up to that row has left. */
  async #tellWorker(conversation: string, say: Say): Promise<boolean> {
    const row = await this.#parts.row(conversation)
    if (row === undefined) return true
    const isTheirs = this.has(row)
    if (!isTheirs && !this.knows(conversation)) return true
    const isTold = this.#assigned.get(conversation) === row.epoch
    const after = isTold ? (this.#cursors.get(conversation) ?? 0) : Math.max(0, row.seq - assignedEntriesMax)
    const entries = await this.#parts.entries(conversation, after)
    if (!isTheirs) return this.#tellLost(row, say)
    if (!isTold) return this.#tellAssigned(row, entries, say)
    for (const entry of entries) {
      if (entry.epoch !== row.epoch) return true
      if (entry.from === 'customer') {
        if (!(await say(`${conversation}:${entry.seq}`, messagePayload(entry)))) return false
        await this.#put(conversation, entry.seq)
      }
      this.#cursors.set(conversation, entry.seq)
    }
    return true
  }

  async #tellAssigned(row: ConversationRow, read: readonly Delivery[], say: Say): Promise<boolean> {
    const { id: conversation, customer, epoch, queue } = row
    // It may get there though we never hear of it: then it must be told later that it has it no longer.
    await this.joins(conversation, 0)
    const entries = read.filter((entry) => entry.epoch <= epoch)
    const packet = await this.#parts.views.packet(conversation)
    const told = { type: 'assigned', conversation, customer, epoch, queue, packet, entries: entries.map(entryPayload) }
    if (!(await say(`${conversation}:assigned:${epoch}`, told))) return false
    this.#assigned.set(conversation, epoch)
    await this.#put(conversation, entries.at(-1)?.seq ?? row.seq)
    // What was said meanwhile.
    return this.#tellWorker(conversation, say)
  }

  async #tellLost({ id: conversation, epoch, owner, queue, status }: ConversationRow, say: Say): Promise<boolean> {
    if (!(await say(`${conversation}:owner:${epoch}`, { type: 'owner', conversation, epoch, owner, queue, status }))) return false
    this.#assigned.delete(conversation)
    await this.#put(conversation, lost)
    this.#cursors.delete(conversation)
    return true
  }

  /** K1 */
  async #put(conversation: string, seq: number): Promise<void> {
    await this.#parts.directory.putCursor(this.#name, conversation, seq)
    this.#cursors.set(conversation, seq)
  }
}

function deliveryPayload(customer: string, entry: Delivery): Readonly<Record<string, unknown>> {
  const { conversation, seq, epoch, from, text, at, notice, attachments } = entry
  return {
    type: 'delivery',
    conversation,
    customer,
    seq,
    epoch,
    from,
    text,
    at,
    ...(notice === null ? {} : { notice }),
    ...(attachments.length === 0 ? {} : { attachments }),
  }
}

function messagePayload({ conversation, seq, epoch, text, at, attachments }: Delivery): Readonly<Record<string, unknown>> {
  return { type: 'message', conversation, seq, epoch, text, at, ...(attachments.length === 0 ? {} : { attachments }) }
}

function entryPayload({ seq, epoch, at, from, by, text, notice, attachments }: Delivery): Readonly<Record<string, unknown>> {
  return { seq, epoch, at, from, by, text, notice, attachments }
}
