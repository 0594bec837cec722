/** A list that stays in order: places are found by binary search, and inserting or removing moves the rest in one copy. */
import { assert } from '../base/index.ts'

export class Ordered<T> {
  readonly #compare: (a: T, b: T) => number
  readonly #items: T[]

  /** `compare` must tell any two items apart. */
  constructor(compare: (a: T, b: T) => number, items: Iterable<T> = []) {
    this.#compare = compare
    this.#items = [...items].sort(compare)
  }

  get items(): readonly T[] {
    return this.#items
  }

  insert(item: T): void {
    this.#items.splice(this.#placeOf(item), 0, item)
  }

  remove(item: T): void {
    const at = this.#placeOf(item)
    assert(this.#items[at] === item, 'what is taken out of an ordered list is in it')
    this.#items.splice(at, 1)
  }

  /** The place of the first item that does not come before `item`. */
  #placeOf(item: T): number {
    let low = 0
    let high = this.#items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(this.#items[middle] as T, item) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
