/** The customer's side of a channel. */
import type { ChatAuthor } from '../definition/index.ts'

export interface Delivery {
  readonly conversation: string
  readonly seq: number
  readonly epoch: number
  readonly from: ChatAuthor
  readonly text: string
  /** The id the page gave its own message. */
  readonly id: string | null
}

/** Takes deliveries once they are committed and marked. Must be idempotent by conversation and seq. */
export interface Channel {
  deliver(delivery: Delivery): void
  owner(conversation: string, epoch: number, role: 'bot' | 'agent' | 'human' | null): void
}

/** One open socket, whatever carries it. */
export interface ChatSocket {
  send(frame: string): void
  close(code: number, reason: string): void
  /** Bytes queued and not yet taken by the peer. */
  readonly buffered: number
}
