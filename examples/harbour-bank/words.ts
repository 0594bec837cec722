/** How the bank writes amounts, days and lists. Pure: the same words in every replay. */

const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' })

/** `€640.00` */
export function money(amount: number, currency = 'EUR'): string {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount)
}

/** `4 February`, of a day written 2026-02-04. */
export function day(written: string): string {
  return dayFormat.format(new Date(written))
}

/** `a, b and c` */
export function list(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`
}
