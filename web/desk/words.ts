/** How the desk says things: customers, durations, features, events, presence. Pure. */
import type { FeatureStatus, InboxItem, OwnerKind, Presence } from '../../src/client/index.ts'
import { age, clock, share } from '../shared/format.ts'

const space = '\u00a0'
const dayMs = 86_400_000

/** `user:current-4821` is `current ··4821`, `cookie:9f2c…71ab` is `visitor ··71ab`: enough to tell people apart, no more. */
export function customerName(customer: string): string {
  const [scheme = '', ...rest] = customer.split(':')
  const id = rest.join(':')
  const [, sort, number] = /^([A-Za-z][A-Za-z ]*)[-_](\w+)$/.exec(id) ?? []
  if (sort !== undefined && number !== undefined) return `${sort} ··${number.slice(-4)}`
  const kind = scheme === 'cookie' ? 'visitor' : scheme === '' || scheme === 'user' || rest.length === 0 ? 'customer' : scheme
  return `${kind} ··${(rest.length === 0 ? customer : id).slice(-4)}`
}

/** `0:41`, `12:05`, `1 h 2 min`, `3 d 4 h` */
export function waited(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  if (seconds >= 3_600) return age(ms)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** How old a value is, in one part where it is long ago: `0:09`, `26 h`, `3 d`. */
export function brief(ms: number): string {
  if (ms < 3_600_000) return waited(ms)
  return ms < 2 * dayMs ? `${Math.floor(ms / 3_600_000)}${space}h` : `${Math.floor(ms / dayMs)}${space}d`
}

/** `for 9 years`, `for 4 months`, `for 12 days`, `since today` */
export function tenure(ms: number): string {
  const days = Math.floor(ms / dayMs)
  const [count, unit] = days >= 365 ? [Math.floor(days / 365), 'year'] : days >= 60 ? [Math.floor(days / 30), 'month'] : [days, 'day']
  return count === 0 ? 'since today' : `for ${count}${space}${unit}${count === 1 ? '' : 's'}`
}

/** The clock of today; the day of any other. */
export function day(at: number, now: number): string {
  const date = new Date(at)
  if (date.toDateString() === new Date(now).toDateString()) return clock(at).slice(0, 5)
  if (date.toDateString() === new Date(now - dayMs).toDateString()) return `yesterday ${clock(at).slice(0, 5)}`
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
}

const windowUnits: Readonly<Record<string, string>> = { s: 's', m: 'min', h: 'h', d: 'days' }

/** `declines5m` is “Declines, 5 min”, `spend30d` “Spend, 30 days”, `balanceBand` “Balance band”. */
export function featureLabel(name: string): string {
  const [, base = name, length, unit = ''] = /^(.*?)(\d+)([smhd])$/.exec(name) ?? []
  const word = length === '1' && unit === 'd' ? 'day' : windowUnits[unit]
  return length === undefined ? words(name) : `${words(base)}, ${length}${space}${word}`
}

/** `cardDeclined` is “Card declined”. */
export function words(name: string): string {
  const spaced = name.replaceAll(/[-_.]+/g, ' ').replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, ' ')
  const lower = spaced.replaceAll(/\b[A-Z](?=[a-z])/g, (letter) => letter.toLowerCase()).trim()
  return lower.charAt(0).toUpperCase() + lower.slice(1)
}

export const statusWords: Readonly<Record<Exclude<FeatureStatus, 'PRESENT'>, string>> = {
  NULL_VALUE: 'none in this window',
  NOT_FOUND: 'not known',
  OUTSIDE_MAX_AGE: 'too old',
}

export const presenceWords: Readonly<Record<Presence, string>> = { available: 'Available', busy: 'Busy', away: 'Away', offline: 'Offline' }

/** `76 % within 0:20, promise 80 %` */
export function serviceWords({ share: promised, withinMs, measured }: { share: number; withinMs: number; measured: number | null }): string {
  const promise = `${share(promised, 0)} within ${waited(withinMs)}`
  return measured === null ? `promise ${promise}, nobody asked yet` : `${share(measured, 0)} within ${waited(withinMs)}, promise ${share(promised, 0)}`
}

export function isUnderPromise({ share: promised, measured }: { share: number; measured: number | null }): boolean {
  return measured !== null && measured < promised
}

/** Who has a conversation, as half a sentence. */
export function ownerWords(item: Pick<InboxItem, 'owner' | 'worker' | 'queue' | 'status'>, me: string | null, nameOf: (worker: string) => string): string {
  if (item.status === 'resolved') return 'resolved'
  if (item.owner === null) return item.queue === null ? 'nobody has it' : `waits in ${item.queue}`
  if (item.owner !== 'human') return `the ${item.owner} has it`
  return item.worker === me ? 'yours' : `${item.worker === null ? 'a colleague' : nameOf(item.worker)} has it`
}

export const ownerNames: Readonly<Record<OwnerKind, string>> = { bot: 'the bot', agent: 'the agent', human: 'a colleague' }

/** What people call a channel: `web` is the chat on the company’s pages. */
export function channelWord(channel: string): string {
  return channel === 'web' ? 'chat' : channel
}

/** `12 kB`, `3.4 MB` */
export function bytes(count: number): string {
  if (count < 1_000) return `${count}${space}B`
  return count < 999_500 ? `${Math.round(count / 1_000)}${space}kB` : `${(count / 1_000_000).toFixed(1)}${space}MB`
}
