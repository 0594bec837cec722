/**
 * Rows by their keys where each read costs a round trip: what is asked in one turn of the event loop is read in one statement.
 *
 * Owns: the keys of this turn. Does not own: the rows; nothing is remembered, as another node may change them.
 * B1 A read starts after it was asked for, so it sees every commit that had resolved by then.
 */
import type { World } from '../base/index.ts'

/** Keys of one statement; more make another. */
const keysMax = 1_000

interface Asked<Row> {
  readonly promise: Promise<Row | undefined>
  readonly resolve: (row: Row | undefined) => void
  readonly reject: (error: unknown) => void
}

export class PointReads<Row> {
  readonly #world: World
  readonly #read: (keys: readonly string[]) => Promise<ReadonlyMap<string, Row>>
  #asked = new Map<string, Asked<Row>>()

  constructor(world: World, read: (keys: readonly string[]) => Promise<ReadonlyMap<string, Row>>) {
    this.#world = world
    this.#read = read
  }

  get(key: string): Promise<Row | undefined> {
    const asked = this.#asked.get(key)
    if (asked !== undefined) return asked.promise
    if (this.#asked.size >= keysMax) void this.#flush()
    if (this.#asked.size === 0) this.#world.defer(() => void this.#flush())
    const { promise, resolve, reject } = Promise.withResolvers<Row | undefined>()
    this.#asked.set(key, { promise, resolve, reject })
    return promise
  }

  async #flush(): Promise<void> {
    const asked = this.#asked
    if (asked.size === 0) return
    this.#asked = new Map()
    try {
      const rows = await this.#read([...asked.keys()])
      for (const [key, { resolve }] of asked) resolve(rows.get(key))
    } catch (error) {
      for (const { reject } of asked.values()) reject(error)
    }
  }
}
