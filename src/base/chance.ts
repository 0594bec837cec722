/** Seeded chance: sfc32 (Doty-Humphrey, PractRand), seeded through a 32-bit FNV-1a of the seed text. */
import { assert } from './errors.ts'
import { fnv1a32 } from './hash.ts'

export interface Chance {
  /** Uniform in [0, 1). */
  next(): number
  /** An integer in [0, limit); limits over 2^32 are not evenly reached. */
  below(limit: number): number
  /** One of the items, of which there is at least one. */
  pick<T>(items: readonly T[]): T
}

/**
 * @example
 * const chance = seededChance('run-1')
 * chance.next() // the same number in every run
 */
export function seededChance(seed: string): Chance {
  let a = fnv1a32(seed)
  let b = fnv1a32(seed, 0x9e3779b9)
  let c = fnv1a32(seed, 0x85ebca6b)
  let d = 1
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return (t >>> 0) / 4294967296
  }
  for (let i = 0; i < 15; i++) next()
  return {
    next,
    below: (limit) => Math.floor(next() * limit),
    pick: (items) => {
      assert(items.length > 0, 'one is picked from at least one')
      return items[Math.floor(next() * items.length)] as never
    },
  }
}
