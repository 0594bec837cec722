/**
 * Which customer an identity was linked to, as known on this thread; every event asks. Most identities were never linked,
 * so "nobody" is remembered as well, and a file without a single alias is not asked at all.
 *
 * Owns: at most two generations of remembered answers. Does not own: the table; a miss asks it.
 * A1 What is remembered equals the table, because every alias this process commits passes `linked` before its commit resolves.
 */

/** Identities in one generation: the younger fills up, then becomes the older, and the older is dropped. */
const generationSizeMax = 50_000

export class AliasCache {
  readonly #read: (identity: string) => string | undefined
  readonly #sizeMax: number
  #young = new Map<string, string | undefined>()
  #old = new Map<string, string | undefined>()
  #none: boolean

  constructor(none: boolean, read: (identity: string) => string | undefined, sizeMax: number = generationSizeMax) {
    this.#sizeMax = sizeMax
    this.#none = none
    this.#read = read
  }

  customerOf(identity: string): string | undefined {
    if (this.#none) return undefined
    const young = this.#young.get(identity)
    if (young !== undefined || this.#young.has(identity)) return young
    const customer = this.#old.has(identity) ? this.#old.get(identity) : this.#read(identity)
    this.#remember(identity, customer)
    return customer
  }

  linked(identity: string, customer: string): void {
    this.#none = false
    this.#old.delete(identity)
    this.#remember(identity, customer)
  }

  #remember(identity: string, customer: string | undefined): void {
    if (this.#young.size >= this.#sizeMax) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(identity, customer)
  }
}
