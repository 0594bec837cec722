/** Sums of money in what a customer wrote: currency marks, thousands and decimals of both conventions, `k`. */
import { folded } from './words.ts'

export interface AmountFound {
  readonly value: number
  /** A currency stands beside it, or it has cents or a `k`: it can hardly be anything else. */
  readonly marked: boolean
}

const units = 'eur|euros?|usd|dollars?|gbp|pounds?|quid|bucks?|chf|francs?|jpy|yen'
const left = String.raw`(?:[€$£¥]|\b(?:${units}))\s?`
const right = String.raw`\s?(?:[€$£¥]|(?:${units})\b)`
const cents = String.raw`\s?(?:cents?|ct|pence)\b`
// Thousands apart by a space or an apostrophe, by commas, by dots; or none. A group never begins with a zero.
const grouped = [
  String.raw`[1-9]\d{0,2}(?:[ \u00a0\u202f']\d{3})+(?:[.,]\d{1,2})?`,
  String.raw`[1-9]\d{0,2}(?:,\d{3})+(?:\.\d{1,2})?`,
  String.raw`[1-9]\d{0,2}(?:\.\d{3})+(?:,\d{1,2})?`,
]
const number = `(?:${[...grouped, String.raw`\d+(?:[.,]\d{1,3})?`].join('|')})`
// Not within a word, a date, a time, a longer number; not after a minus.
const before = String.raw`(?<![\p{L}\d]|[\d\p{L}][.,:/'-]|[:/#*•-]|-\s)`
const after = String.raw`(?!\d|[.,:/'-]\d|\s?%|\s?[ap]m\b)`
const amount = new RegExp(String.raw`(?:(${left})|${before})(${number})(\s?k\b)?${after}(?:(${right})|(${cents})|(?!\p{L}))`, 'giu')

/** Every sum of money in a text, in its order; the same sum twice is there twice. */
export function amountsIn(text: string): AmountFound[] {
  return [...folded(text).matchAll(amount)].flatMap(([, before, digits = '', thousand, behind, small]) => {
    const value = parsed(digits) * (thousand === undefined ? 1 : 1_000) * (small === undefined ? 1 : 0.01)
    if (!Number.isFinite(value)) return []
    const marked = [before, thousand, behind, small].some((mark) => mark !== undefined) || /[.,]\d{1,2}$/.test(digits)
    return [{ value: Math.round(value * 100) / 100, marked }]
  })
}

/** The sum a text names, where it names one only; of several the one with a currency, where one only has it. */
export function readAmount(text: string): number | undefined {
  const found = amountsIn(text)
  return onlyOne(found) ?? onlyOne(found.filter(({ marked }) => marked))
}

/** The sum of a text that says much else: it must be marked as one. */
export function readMarkedAmount(text: string): number | undefined {
  return onlyOne(amountsIn(text).filter(({ marked }) => marked))
}

function onlyOne(found: readonly AmountFound[]): number | undefined {
  const values = new Set(found.map(({ value }) => value))
  return values.size === 1 ? found[0]?.value : undefined
}

/** The last separator is the decimal one, unless it groups: three digits follow it and it is no lone zero before. */
function parsed(digits: string): number {
  const bare = digits.replaceAll(/[ \u00a0\u202f']/g, '')
  const separators = bare.match(/[.,]/g) ?? []
  const [last] = separators.slice(-1)
  if (last === undefined) return Number(bare)
  const groups = bare.split(last)
  const mixed = new Set(separators).size > 1
  const groupsOnly = !mixed && groups.slice(1).every((group) => group.length === 3) && groups[0] !== '0'
  if (groupsOnly) return Number(groups.join(''))
  const whole = groups.slice(0, -1).join('').replaceAll(/[.,]/g, '')
  return Number(`${whole}.${groups.at(-1) ?? ''}`)
}
