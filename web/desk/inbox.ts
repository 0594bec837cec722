/**
 * The conversations this desk knows of: one's own, those that wait, and for supervisors all.
 *
 * N1 one's own conversations keep their places; those that wait stand by how long they have waited.
 */
import { computed, signal } from '@preact/signals'
import type { InboxItem } from '../../src/client/index.ts'
import { readStored, writeStored } from '../shared/stored.ts'
import { person, queues } from './floor.ts'
import { offers } from './offers.ts'
import { kept } from './settle.ts'

const readName = 'battuta-desk-read'
/** Conversations whose reading place is kept: far more than anybody has at once. */
const placesMax = 300

export const items = signal<ReadonlyMap<string, InboxItem>>(new Map())
/** Null until the desk was welcomed for the first time. */
export const welcomed = signal(false)
/** The last entry that was on screen, per conversation. */
export const readTo = signal<Readonly<Record<string, number>>>(storedPlaces())

let order: readonly string[] = []

export const mine = computed<readonly InboxItem[]>(() => {
  const me = person.value?.id ?? null
  const own = [...items.value.values()].filter((item) => isMine(item, me)).sort(byUnanswered)
  order = kept(
    order,
    own.map(({ conversation }) => conversation),
  )
  return order.map((id) => items.value.get(id) as InboxItem)
})

/** What waits in the queues this person may answer, oldest first, by queue; what is offered to them stands on its card. */
export const waiting = computed<readonly { readonly queue: string; readonly items: readonly InboxItem[] }[]>(() => {
  const onCards = new Set(offers.value.filter(({ ended }) => ended === null).map(({ conversation }) => conversation))
  const all = [...items.value.values()]
    .filter((item) => isWaiting(item) && !onCards.has(item.conversation))
    .sort((a, b) => (a.waitingSince ?? 0) - (b.waitingSince ?? 0))
  const names = [...new Set([...queues.value.map(({ name }) => name), ...all.map(({ queue }) => queue as string)])]
  return names.map((queue) => ({ queue, items: all.filter((item) => item.queue === queue) })).filter(({ items: held }) => held.length > 0)
})

export function isMine(item: InboxItem, me: string | null): boolean {
  return item.status === 'open' && item.owner === 'human' && item.worker === me
}

export function isWaiting(item: InboxItem): boolean {
  return item.status === 'open' && item.owner === null && item.queue !== null
}

/** Whoever waits for an answer longest first, then the newest. */
export function byUnanswered(a: InboxItem, b: InboxItem): number {
  const unanswered = Number(b.last?.from === 'customer') - Number(a.last?.from === 'customer')
  if (unanswered !== 0) return unanswered
  return a.last?.from === 'customer' ? a.last.at - (b.last?.at ?? 0) : b.updatedAt - a.updatedAt
}

/** Entries since the conversation was last on screen; none when the last word was not the customer's. */
export function unreadOf({ conversation, last, seq }: Pick<InboxItem, 'conversation' | 'last' | 'seq'>, read: Readonly<Record<string, number>>): number {
  if (last?.from !== 'customer') return 0
  const at = read[conversation]
  return at === undefined ? 1 : Math.max(0, seq - at)
}

/** Every word of the search stands somewhere in what the row says. */
export function fits({ customer, goal, last, queue }: InboxItem, name: string, search: string): boolean {
  const text = `${name} ${customer} ${goal} ${last?.text ?? ''} ${queue ?? ''}`.toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word.replaceAll('·', '')))
}

export function takeAll(fresh: readonly InboxItem[]): void {
  items.value = new Map(fresh.map((item) => [item.conversation, item]))
  welcomed.value = true
}

export function take(item: InboxItem): void {
  items.value = new Map(items.value).set(item.conversation, item)
}

export function drop(conversation: string): void {
  const rest = new Map(items.value)
  if (rest.delete(conversation)) items.value = rest
}

/** What is on screen was read. */
export function read(conversation: string, seq: number): void {
  if ((readTo.value[conversation] ?? -1) >= seq) return
  const { [conversation]: _, ...rest } = readTo.value
  readTo.value = Object.fromEntries([...Object.entries(rest).slice(-placesMax), [conversation, seq]])
  writeStored(readName, JSON.stringify(readTo.value))
}

export function forgetInbox(): void {
  items.value = new Map()
  welcomed.value = false
  readTo.value = {}
  writeStored(readName, null)
}

function storedPlaces(): Readonly<Record<string, number>> {
  try {
    return JSON.parse(readStored(readName) ?? '{}') as Record<string, number>
  } catch {
    return {}
  }
}
