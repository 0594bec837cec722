/** The lines of a conversation and how far each got. Pure: a list and what came, to the next list. */
import type { Attachment, BattutaClientError, ChatAuthor, ChatDelivery, ChatMessage, Notice } from '../../src/client/index.ts'

export interface Entry {
  /** The message's own id when the customer wrote it, else its place in the conversation. */
  readonly key: string
  readonly from: ChatAuthor
  readonly text: string
  /** Its place in the conversation; null while it has none, and then it stands at the end. */
  readonly seq: number | null
  /** When it was said; for what waits, when it was written. */
  readonly at: number
  readonly notice: Notice | null
  readonly attachments: readonly Attachment[]
  /** Why it will not be sent. */
  readonly error: BattutaClientError | null
}

type Entries = readonly Entry[]

export function written(entries: Entries, { id, text, attachments = [] }: ChatMessage, at: number): Entries {
  if (entries.some(({ key }) => key === id)) return entries
  return [...entries, { key: id, from: 'customer', text, seq: null, at, notice: null, attachments, error: null }]
}

export function accepted(entries: Entries, id: string, seq: number): Entries {
  return ordered(entries.map((entry) => (entry.key === id ? { ...entry, seq, error: null } : entry)))
}

export function refused(entries: Entries, id: string, error: BattutaClientError): Entries {
  return entries.map((entry) => (entry.key === id ? { ...entry, error } : entry))
}

export function discarded(entries: Entries, id: string): Entries {
  return entries.filter(({ key }) => key !== id)
}

/** What somebody said, or what this customer said as the server tells it again, here or in another tab. */
export function told(entries: Entries, { id, seq, from, text, at, notice, attachments = [] }: ChatDelivery): Entries {
  const key = from === 'customer' && id !== undefined ? id : `seq ${seq}`
  const entry: Entry = { key, from, text, seq, at, notice: notice ?? null, attachments, error: null }
  return ordered(entries.some((other) => other.key === key) ? entries.map((other) => (other.key === key ? entry : other)) : [...entries, entry])
}

/** Entries of others after `seq`: what a customer who read up to there has not read. */
export function unreadAfter(entries: Entries, seq: number): number {
  return entries.filter((entry) => entry.from !== 'customer' && entry.seq !== null && entry.seq > seq).length
}

export function lastSeq(entries: Entries): number {
  return entries.reduce((last, { seq }) => Math.max(last, seq ?? 0), 0)
}

/** In the conversation's own order; an answer may arrive before the word that its question was kept. */
function ordered(entries: Entries): Entries {
  return entries.toSorted((a, b) => (a.seq ?? Infinity) - (b.seq ?? Infinity) || 0)
}
