/** A customer's timeline as the desk shows it: one line a conversation, one line an event, what is routing's own left out. Pure. */
import type { TimelineItem } from '../../../src/client/index.ts'
import { value } from '../../shared/format.ts'
import type { GlyphName } from '../glyph.tsx'
import { words } from '../words.ts'

export interface AcrossRow {
  readonly key: string
  /** Of the newest event in it. */
  readonly at: number
  readonly glyph: GlyphName
  readonly text: string
  /** Types of the personal fields that are sealed in it. */
  readonly sealed: readonly string[]
  /** Set when it is a conversation that can be opened. */
  readonly conversation: string | null
}

/** Fields of one event that are shown: more is for the console. */
const fieldsMax = 3

/** @param items newest first, as the door gives them */
export function acrossRows(items: readonly TimelineItem[], open: string): readonly AcrossRow[] {
  const rows: AcrossRow[] = []
  const talks = new Map<string, { index: number; messages: number }>()
  for (const item of items) {
    const { type } = item.event
    if (type === 'message.received' || type === 'message.sent') addTalk(rows, talks, item, open)
    else if (!type.includes('.')) addEvent(rows, item)
  }
  return rows
}

function addTalk(rows: AcrossRow[], talks: Map<string, { index: number; messages: number }>, { at, event }: TimelineItem, open: string): void {
  const { conversation: told, channel } = fieldsOf(event.data)
  const conversation = typeof told === 'string' ? told : open
  const talk = talks.get(conversation) ?? { index: rows.length, messages: 0 }
  talk.messages++
  talks.set(conversation, talk)
  const known = rows[talk.index]
  const here = conversation === open
  const text = `${here ? 'This conversation' : 'A conversation'}, ${talk.messages} message${talk.messages === 1 ? '' : 's'}`
  rows[talk.index] = {
    key: conversation,
    at: known?.at ?? at,
    glyph: known?.glyph ?? (channel === 'email' ? 'mail' : 'chat'),
    text,
    sealed: [],
    conversation: here ? null : conversation,
  }
}

/** The same thing again, right before, is told once with its count. */
function addEvent(rows: AcrossRow[], { at, partition, offset, event }: TimelineItem): void {
  const fields = Object.values(fieldsOf(event.data))
  const plain = fields.filter((held) => typeof held === 'string' || typeof held === 'number').slice(0, fieldsMax)
  const text = [words(event.type), ...plain.map(value)].join(', ')
  const last = rows.at(-1)
  const [, again = null, times = '1'] = /^(.*?)(?:, (\d+) times)?$/s.exec(last?.text ?? '') ?? []
  if (last && again === text && last.conversation === null) {
    rows[rows.length - 1] = { ...last, text: `${text}, ${Number(times) + 1} times` }
    return
  }
  rows.push({ key: `${partition}:${offset}`, at, glyph: glyphOf(event.type), text, sealed: fields.flatMap(sealedType), conversation: null })
}

function glyphOf(type: string): GlyphName {
  if (/call|voice/i.test(type)) return 'voice'
  if (/mail|letter/i.test(type)) return 'mail'
  return /card|payment|transfer|top.?up|declin/i.test(type) ? 'card' : 'app'
}

function sealedType(held: unknown): string[] {
  if (typeof held !== 'object' || held === null) return []
  const { pii } = held as Record<string, unknown>
  return typeof pii === 'string' ? [pii] : []
}

function fieldsOf(data: unknown): Record<string, unknown> {
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {}
}
