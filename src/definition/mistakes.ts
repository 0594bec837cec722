/** Collects what is wrong with an app, each mistake with its place. */

export class Mistakes {
  readonly list: string[]
  readonly #place: string

  constructor(list: string[] = [], place = '') {
    this.list = list
    this.#place = place
  }

  /** The same list, seen from a place further in: `policies.inbound`. */
  at(place: string): Mistakes {
    return new Mistakes(this.list, this.#place === '' ? place : `${this.#place}.${place}`)
  }

  /** `place` is a key of this place, or empty for the place itself; `[1]` is an index. */
  add(place: string, sentence: string): void {
    const joint = place === '' || place.startsWith('[') || this.#place === '' ? '' : '.'
    this.list.push(`${this.#place}${joint}${place}: ${sentence}`)
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value as a message may show it, whatever it is: some objects cannot be turned into text. */
export function shown(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? Array.isArray(value)
      ? 'a list'
      : 'an object'
    : typeof value === 'function'
      ? 'a function'
      : String(value)
}

/** A value within a sentence: text in quotes, all else as `shown` says it. */
export function quoted(value: unknown): string {
  return typeof value === 'string' ? `“${value}”` : shown(value)
}

/** What it returns is needed at once, so it can neither be async nor yield. */
export function checkSynchronous(place: Mistakes, key: string, given: unknown): void {
  if (Object.prototype.toString.call(given) !== '[object Function]')
    place.add(key, 'must be a plain function: what it returns is needed at once, so it can neither be async nor yield')
}

export function checkSchema(place: Mistakes, key: string, schema: unknown, mend: string): void {
  const standard = typeof schema === 'object' || typeof schema === 'function' ? (schema as Record<string, unknown> | null)?.['~standard'] : undefined
  if (!isRecord(standard) || typeof standard['validate'] !== 'function') place.add(key, `is no Standard Schema: ${mend}`)
}

export function checkVersion(place: Mistakes, part: Record<string, unknown>): void {
  if (typeof part['version'] !== 'string' || part['version'] === '')
    place.add('version', 'is missing: the app was built by another release of battuta, build it again')
}

/** A text that people read: not empty, not longer than it can be shown. */
export function checkText(place: Mistakes, key: string, text: unknown, charsMax: number, what: string): void {
  if (typeof text !== 'string' || text.trim() === '') place.add(key, `must be a text that is not empty: ${what}`)
  else if (text.length > charsMax) place.add(key, `has ${text.length} characters, ${charsMax} at most`)
}

/** A list of different texts; how many there must be at least is said in `what`. */
export function checkTexts(
  place: Mistakes,
  key: string,
  list: unknown,
  size: { readonly min: number; readonly max: number; readonly chars: number },
  what: string,
): void {
  if (!Array.isArray(list)) return place.add(key, `must be a list of texts: ${what}`)
  if (list.length < size.min) place.add(key, `has ${list.length} entries, ${size.min} at least: ${what}`)
  if (list.length > size.max) place.add(key, `has ${list.length} entries, ${size.max} at most`)
  const folded = list.map((text: unknown) => (typeof text === 'string' ? text.trim().toLowerCase() : text))
  list.forEach((text: unknown, index) => {
    const at = `${key}[${index}]`
    if (typeof text !== 'string' || text.trim() === '') place.add(at, `is ${quoted(text)} and must be a text that is not empty`)
    else if (text.length > size.chars) place.add(at, `has ${text.length} characters, ${size.chars} at most`)
    else if (folded.indexOf(folded[index]) !== index) place.add(at, `“${text}” is there twice: leave one out`)
  })
}

/** A duration in milliseconds between two bounds, both included. */
export function checkMs(place: Mistakes, key: string, ms: unknown, min: number, max: number): void {
  if (typeof ms !== 'number' || !(ms >= min && ms <= max)) place.add(key, `${shown(ms)} ms is out of range: from ${inUnits(min)} to ${inUnits(max)}`)
}

function inUnits(ms: number): string {
  const [size, unit] = (
    [
      [86_400_000, 'd'],
      [3_600_000, 'h'],
      [60_000, 'm'],
      [1_000, 's'],
    ] as const
  ).find(([held]) => ms >= held && ms % held === 0) ?? [1, 'ms']
  return `${ms / size} ${unit}`
}
