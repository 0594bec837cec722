/** One line for one event of a timeline: what was said, or what happened with its fields. Pure. */
import type { TimelineItem } from '../../../src/client/index.ts'
import { value } from '../../shared/format.ts'

export interface Summary {
  /** Who said or did it, when it was not the customer. */
  readonly by: 'customer' | 'bot' | 'agent' | 'human' | 'system'
  /** Words between quotation marks, or null. */
  readonly said: unknown
  /** Everything else of the payload, as `name value` pairs. */
  readonly fields: readonly { readonly name: string; readonly held: unknown }[]
}

const authors = ['bot', 'agent', 'human', 'system'] as const
/** The outbox's own bookkeeping: true, and not what a person looks for in a timeline. */
const bookkeeping = new Set(['key', 'hash', 'conversation', 'seq', 'epoch', 'author', 'channel'])

export function summaryOf({ event }: Pick<TimelineItem, 'event'>): Summary {
  const data = typeof event.data === 'object' && event.data !== null ? (event.data as Record<string, unknown>) : {}
  const spoken = event.type === 'message.received' || event.type === 'message.sent'
  const by = event.type === 'message.sent' ? (authors.find((author) => author === data['author']) ?? 'system') : 'customer'
  const fields = Object.entries(data)
    .filter(([name]) => !(spoken && (name === 'text' || bookkeeping.has(name))))
    .map(([name, held]) => ({ name, held }))
  return { by, said: spoken ? (data['text'] ?? null) : null, fields }
}

/** Steps for counts, lines for measures. */
export function isCount(operator: string): boolean {
  return /^(count|distinct)/.test(operator)
}

/** The points of a spark, `[x, y]` in 0 … 1, y upwards; a constant runs through the middle. */
export function sparkPoints(values: readonly number[]): [number, number][] {
  const low = Math.min(...values)
  const span = Math.max(...values) - low
  return values.map((held, index) => [values.length === 1 ? 1 : index / (values.length - 1), span === 0 ? 0.5 : (held - low) / span])
}

export function sparkSentence(values: readonly number[]): string {
  const first = values[0]
  const last = values.at(-1)
  if (first === undefined || last === undefined) return 'no value since this page opened'
  return values.every((held) => held === last) ? `${value(last)} since this page opened` : `from ${value(first)} to ${value(last)} since this page opened`
}
