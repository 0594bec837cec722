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
