/** What webhooks ask of the rooms below them, and what their doors are told. */
import type { World } from '../base/index.ts'
import type { Directory, ConversationRow, WebhookRow } from '../records/index.ts'
import type { DeskActs, DeskReads } from './desk-port.ts'
import type { Egress } from './egress.ts'
import type { Delivery } from './port.ts'

export interface WebhookParts {
  readonly world: World
  readonly directory: Pick<Directory, 'webhooks' | 'putWebhook' | 'deleteWebhook' | 'cursors' | 'putCursor'>
  readonly egress: Egress
  /** A secret as it lies in records, and back. */
  seal(secret: string): string
  unseal(sealed: string): string
  readonly commands: DeskActs
  readonly views: Pick<DeskReads, 'packet' | 'conversations' | 'offers'>
  /** A customer's message, through its whole step. */
  say(message: {
    readonly customer: string
    readonly conversation: string | null
    readonly id: string
    readonly text: string
    readonly channel: string
  }): Promise<{
    readonly conversation: string
    readonly seq: number
  }>
  row(conversation: string): ConversationRow | undefined | Promise<ConversationRow | undefined>
  /** Entries after `after` that have left, in order. What leaves later is delivered. */
  entries(conversation: string, after: number): Promise<readonly Delivery[]>
  /** Something went wrong that nobody waits for. */
  failed(error: unknown): void
}

export interface WebhookSettings extends Pick<WebhookRow, 'name' | 'url' | 'kind' | 'capacity'> {
  readonly skills: readonly string[]
  /** Gives it another secret; it had one already. */
  readonly renewSecret?: boolean
}

/** `failing`: what it is sent is not taken, and is tried again · `stopped`: it said 410, or took nothing for three days. */
export type WebhookState = 'working' | 'failing' | 'stopped'

export interface WebhookReply extends Pick<WebhookRow, 'name' | 'url' | 'kind' | 'capacity' | 'createdAt'> {
  readonly skills: readonly string[]
  /** Who it is in the ledger; null for a channel. */
  readonly worker: string | null
  readonly state: WebhookState
  /** What it answered last, where that was not taking it. */
  readonly failure: string | null
  /** Conversations of which it is to be told something. */
  readonly waiting: number
}

/** Where something that a webhook said has its place. */
export interface WebhookTaken {
  readonly conversation: string
  readonly seq: number | null
}
