/**
 * The outbox's marks: `message.sent` for what a customer sees, `effect.released` for all else, appended to the log and durable
 * before what they name leaves (I1). Recovery reads them to know what left, even when the records beside the log are older.
 */
import { BattutaError } from '../base/index.ts'
import type { ChatAuthor, EntryExtra, LoggedEvent, RecordedEffect } from '../definition/index.ts'
import type { OutboxRow } from '../records/index.ts'
import type { Ledger } from '../route/index.ts'

export interface Mark {
  readonly effect: RecordedEffect
  /** Whose the conversation was once the step was done; null in a routing lane, and in marks of the first release. */
  readonly ledger: Ledger | null
}

interface SentData {
  readonly key: string
  readonly hash: string
  readonly conversation: string
  readonly seq: number
  readonly epoch: number
  readonly author: ChatAuthor
  readonly text: string
  readonly extra?: EntryExtra
  readonly ledger?: Ledger
}

export const markSource = 'battuta:outbox'
/** Sources of what effects come to: an event in another lane, a tool's result. Their ids are the effects' keys. */
export const laneSource = 'battuta:lane'
export const toolSource = 'battuta:tools'

export function markEvent({ effect, ledger }: Mark, lane: string, at: number): LoggedEvent {
  const { key, hash } = effect
  const envelope = { id: key, source: markSource, customer: lane, time: at, received: at, from: 'battuta' as const }
  const whose = ledger === null ? {} : { ledger }
  if (effect.kind !== 'deliver') return { ...envelope, type: 'effect.released', data: { key, hash, effect, ...whose } }
  const { conversation, seq, epoch, author = 'bot', text, extra } = effect
  const data: SentData = { key, hash, conversation, seq, epoch, author, text, ...(extra === undefined ? {} : { extra }), ...whose }
  return { ...envelope, type: 'message.sent', data }
}

export function markOf(event: LoggedEvent): Mark | null {
  if (event.from !== 'battuta' || event.source !== markSource) return null
  if (event.type === 'effect.released') {
    const { effect, ledger = null } = event.data as { effect: RecordedEffect; ledger?: Ledger }
    return { effect, ledger }
  }
  if (event.type !== 'message.sent') return null
  const { author, extra, ledger = null, key, hash, conversation, seq, epoch, text } = event.data as SentData
  const whose = author === 'bot' ? {} : { author }
  return { effect: { key, kind: 'deliver', conversation, seq, epoch, text, hash, ...whose, ...(extra === undefined ? {} : { extra }) }, ledger }
}

/** What waits to be marked, as records keep it: after a restart its mark says the same. */
export function outboxRow(mark: Mark): OutboxRow {
  const { key, kind, hash } = mark.effect
  return { key, kind, hash, content: JSON.stringify(mark) }
}

/** Rows of the first release hold the effect alone. */
export function markOfRow({ content }: OutboxRow): Mark {
  const held = JSON.parse(content) as Mark | RecordedEffect
  return 'effect' in held ? held : { effect: held, ledger: null }
}

export function effectKey(partition: number, offset: number, n: number): string {
  return `${partition}:${offset}:${n}`
}

export function offsetOfKey(key: string): { readonly partition: number; readonly offset: number } {
  const match = /^(\d+):(\d+):(\d+)$/.exec(key)
  if (!match) throw new BattutaError('STORAGE_FAILED', `“${key}” is not an effect's key; the records are damaged`)
  return { partition: Number(match[1]), offset: Number(match[2]) }
}
