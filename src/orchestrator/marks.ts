/**
 * The outbox's marks: `message.sent` events, appended to the log and durable before what they name leaves (I1).
 * Recovery reads them to know what left, even when the records beside the log are older than it.
 */
import { BattutaError } from '../base/index.ts'
import type { ChatAuthor, LoggedEvent, RecordedEffect } from '../definition/index.ts'

export interface Mark {
  readonly key: string
  readonly hash: string
  readonly conversation: string
  readonly seq: number
  readonly epoch: number
  readonly author: ChatAuthor
  readonly text: string
}

export const markSource = 'battuta:outbox'

export function markEvent(mark: Mark, customer: string, at: number): LoggedEvent {
  return { id: mark.key, source: markSource, type: 'message.sent', customer, time: at, received: at, from: 'battuta', data: mark }
}

export function markOf(event: LoggedEvent): Mark | null {
  return event.type === 'message.sent' && event.from === 'battuta' ? (event.data as Mark) : null
}

export function effectOf(mark: Mark): RecordedEffect {
  const { key, hash, conversation, seq, epoch, text } = mark
  return { key, kind: 'deliver', conversation, seq, epoch, text, hash }
}

export function effectKey(partition: number, offset: number, n: number): string {
  return `${partition}:${offset}:${n}`
}

export function offsetOfKey(key: string): { readonly partition: number; readonly offset: number } {
  const match = /^(\d+):(\d+):(\d+)$/.exec(key)
  if (!match) throw new BattutaError('STORAGE_FAILED', `“${key}” is not an effect's key; the records are damaged`)
  return { partition: Number(match[1]), offset: Number(match[2]) }
}
