/** The lines of a conversation and how far each got. Pure: a list and what came, to the next list. */
import type { BattutaClientError, ChatAuthor, ChatDelivery, ChatMessage } from '../../src/client/index.ts'

export interface Entry {
  /** The message's own id when the customer wrote it here, else its place in the conversation. */
  readonly key: string
  readonly from: ChatAuthor
  readonly text: string
  /** Its place in the conversation; null while it has none, and then it stands at the end. */
  readonly seq: number | null
  /** Why it will not be sent. */
  readonly error: BattutaClientError | null
}

type Entries = readonly Entry[]

/** `sending` not durable yet · `sent` durable · `delivered` somebody answered after it · `refused` will not be sent. */
export type Progress = 'sending' | 'sent' | 'delivered' | 'refused'

export function progressOf(entries: Entries, { seq, error }: Entry): Progress {
  if (error) return 'refused'
  if (seq === null) return 'sending'
  return entries.some((other) => other.from !== 'customer' && other.seq !== null && other.seq > seq) ? 'delivered' : 'sent'
}

export function written(entries: Entries, { id, text }: ChatMessage): Entries {
  return entries.some(({ key }) => key === id) ? entries : [...entries, { key: id, from: 'customer', text, seq: null, error: null }]
}

export function accepted(entries: Entries, id: string, seq: number): Entries {
  return ordered(entries.map((entry) => (entry.key === id ? { ...entry, seq } : entry)))
}

export function refused(entries: Entries, id: string, error: BattutaClientError): Entries {
  return entries.map((entry) => (entry.key === id ? { ...entry, error } : entry))
}

/** What somebody said, or what this customer said as the server tells it again. */
export function told(entries: Entries, { id, seq, from, text }: ChatDelivery): Entries {
  const key = from === 'customer' && id !== undefined ? id : `seq ${seq}`
  if (entries.some((entry) => entry.key === key)) return accepted(entries, key, seq)
  return ordered([...entries, { key, from, text, seq, error: null }])
}

/** In the conversation's own order; an answer may arrive before the word that its question was kept. */
function ordered(entries: Entries): Entries {
  return entries.toSorted((a, b) => (a.seq ?? Infinity) - (b.seq ?? Infinity) || 0)
}
