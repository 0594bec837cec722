/** The customer's side of a channel, and the desk's: what both are told once it is committed and marked. */
import type { Attachment, ChatAuthor, Notice, NoteReply } from '../definition/index.ts'
import type { ConversationRow } from '../records/index.ts'
import type { RoutingTold } from '../route/index.ts'

export interface Delivery {
  readonly conversation: string
  readonly seq: number
  readonly epoch: number
  readonly from: ChatAuthor
  readonly text: string
  /** The id the sender gave its own message. */
  readonly id: string | null
  readonly at: number
  /** Which person, flow or webhook said it. Never shown to customers. */
  readonly by: string | null
  readonly notice: Notice | null
  readonly attachments: readonly Attachment[]
}

/** Takes what is committed and marked. Must be idempotent by conversation and seq, and must not throw. */
export interface Channel {
  deliver(delivery: Delivery): void
  /** The conversation's ledger as it is now: owner, epoch, queue. Told when the owner changed. */
  owner(row: ConversationRow): void
  /** The conversation changed in any way an inbox shows. */
  changed(row: ConversationRow): void
  note(conversation: string, note: NoteReply): void
  routed(told: RoutingTold): void
  /** The bot is about to say something, or no longer. Ephemeral. */
  thinking(conversation: string, epoch: number, on: boolean): void
}

/** One open socket, whatever carries it. */
export interface ChatSocket {
  send(frame: string): void
  close(code: number, reason: string): void
  /** Bytes queued and not yet taken by the peer. */
  readonly buffered: number
}
