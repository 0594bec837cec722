/** Words, times, sizes and counts in the customer's language. */
import { ar } from './ar.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import type { Words } from './words.ts'

const all = { en, de, fr, es, ar } as const
type Language = keyof typeof all

export interface Speech {
  readonly words: Words
  /** For `lang` and `Intl`: the customer's own region, in a language the widget speaks. */
  readonly locale: string
  readonly dir: 'ltr' | 'rtl'
}

/** The first of the wished languages that the widget speaks, else English. */
export function speechFor(wished: readonly string[]): Speech {
  for (const tag of wished) {
    const language = tag.toLowerCase().split('-')[0] as Language
    if (Object.hasOwn(all, language)) return { words: all[language], locale: tagOf(tag) ?? language, dir: language === 'ar' ? 'rtl' : 'ltr' }
  }
  return { words: en, locale: 'en', dir: 'ltr' }
}

/** The tag as `Intl` writes it; null when it is none. */
function tagOf(tag: string): string | null {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null
  } catch {
    return null
  }
}

/**
 * @example
 * fill('Chat with {name}', { name: 'Harbour Bank' }) // 'Chat with Harbour Bank'
 */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

/** The clock of the customer's region in 24 hours; with the date when it was another day. */
export function timeIn({ locale }: Speech, at: number, now: number): string {
  const day = new Date(at).toDateString() === new Date(now).toDateString() ? {} : ({ day: 'numeric', month: 'short' } as const)
  return new Intl.DateTimeFormat(locale, { ...day, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at)
}

const kilobyte = 1_024

export function sizeIn({ locale }: Speech, bytes: number): string {
  const [unit, per] = bytes < kilobyte ** 2 ? (['kilobyte', kilobyte] as const) : (['megabyte', kilobyte ** 2] as const)
  return new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: bytes < kilobyte ** 2 ? 0 : 1 }).format(Math.max(bytes / per, 1 / 10))
}

export function unreadIn({ locale, words }: Speech, count: number): string {
  const form = words.unread[new Intl.PluralRules(locale).select(count)] ?? words.unread.other
  return fill(form, { count: new Intl.NumberFormat(locale).format(count) })
}
