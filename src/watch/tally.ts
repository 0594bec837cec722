/** Counts over trailing seconds and minutes: rings of plain numbers, moved on by whoever holds the clock. */

/** Sums of several counters over the last `length` steps. */
export class Tally {
  readonly #rows: Float64Array[]
  readonly #sums: Float64Array
  #at = 0

  constructor(length: number, counters: number) {
    this.#rows = Array.from({ length }, () => new Float64Array(counters))
    this.#sums = new Float64Array(counters)
  }

  add(counter: number, value = 1): void {
    const row = this.#rows[this.#at] as Float64Array
    row[counter] = (row[counter] ?? 0) + value
    this.#sums[counter] = (this.#sums[counter] ?? 0) + value
  }

  /** The sum over all steps, the running one included. */
  sum(counter: number): number {
    return this.#sums[counter] ?? 0
  }

  /** The running step's own count. */
  current(counter: number): number {
    return this.#rows[this.#at]?.[counter] ?? 0
  }

  /** The oldest step is forgotten and becomes the running one. */
  next(): void {
    this.#at = (this.#at + 1) % this.#rows.length
    const row = this.#rows[this.#at] as Float64Array
    row.forEach((value, counter) => (this.#sums[counter] = (this.#sums[counter] ?? 0) - value))
    row.fill(0)
  }

  /** Every step's counts, oldest first. */
  steps(): number[][] {
    return this.#rows.map((_, index) => [...(this.#rows[(this.#at + 1 + index) % this.#rows.length] as Float64Array)])
  }
}
