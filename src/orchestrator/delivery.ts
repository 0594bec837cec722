/** Entries of a conversation as channels and desks are told of them. */
import type { Delivery } from '../channels/index.ts'
import { readExtra } from '../context/index.ts'
import type { DeliverEffect, EntryReply } from '../definition/index.ts'
import type { DeliveryRow } from '../records/index.ts'

export function deliveryOf({ conversation, seq, epoch, author = 'bot', text, extra = {} }: DeliverEffect, at: number): Delivery {
  const { id = null, by = null, notice = null, attachments = [] } = extra
  return { conversation, seq, epoch, from: author, text, id, at, by, notice, attachments }
}

export function deliveryOfRow({ conversation, seq, epoch, author, text, messageId, at, extra }: DeliveryRow): Delivery {
  const { by = null, notice = null, attachments = [] } = readExtra(extra)
  return { conversation, seq, epoch, from: author, text, id: messageId, at, by, notice, attachments }
}

export function entryReply({ seq, epoch, author, text, at, extra }: DeliveryRow): EntryReply {
  const { by = null, notice = null, attachments = [] } = readExtra(extra)
  return { seq, epoch, at, from: author, by, text, notice, attachments }
}
