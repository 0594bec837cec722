/**
 * What a lane remembers besides its features: which conversation is open, and since when the customer is known.
 * Pure: every function gives a new state. The rows are in records; this room decides what they become.
 */
import type { Attachment, EntryExtra, LoggedEvent, OwnerRead } from '../definition/index.ts'
import type { ConversationRow, DeliveryRow } from '../records/index.ts'

export interface LaneState {
  /** The conversation that a message without one belongs to. */
  readonly conversation: string | null
  /** Event time of the first event that changed this lane's records. */
  readonly since: number
}

export function readLaneState(json: string | undefined): LaneState | null {
  return json === undefined ? null : (JSON.parse(json) as LaneState)
}

/** A conversation's id when its first message names none: fixed by the log alone, so recovery finds the same. */
export function conversationIdAt(partition: number, offset: number): string {
  return `conv_${partition}_${offset}`
}

export function openConversation(id: string, event: LoggedEvent, channel: string, { owner, epoch }: OwnerRead): ConversationRow {
  return {
    id,
    customer: event.customer,
    channel,
    owner,
    worker: null,
    queue: null,
    task: null,
    epoch,
    seq: 0,
    messages: 0,
    status: 'open',
    openedAt: event.received,
    updatedAt: event.received,
    memory: '{}',
  }
}

/** The customer said something: it takes the next place in the sequence. */
export function withMessage(
  row: ConversationRow,
  event: LoggedEvent,
  text: string,
  attachments: readonly Attachment[],
): { readonly row: ConversationRow; readonly entry: DeliveryRow } {
  const seq = row.seq + 1
  const extra = extraJson(attachments.length === 0 ? {} : { attachments })
  return {
    row: { ...row, seq, messages: row.messages + 1, updatedAt: event.received },
    entry: { conversation: row.id, seq, epoch: row.epoch, author: 'customer', text, key: null, messageId: event.id, at: event.received, extra },
  }
}

/** An entry's extra as its row keeps it; null where there is none. */
export function extraJson(extra: EntryExtra | undefined): string | null {
  return extra === undefined || Object.keys(extra).length === 0 ? null : JSON.stringify(extra)
}

export function readExtra(json: string | null): EntryExtra {
  return json === null ? {} : (JSON.parse(json) as EntryExtra)
}
