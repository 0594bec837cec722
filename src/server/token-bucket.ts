/** Rate limits: one token bucket per key (an address, a conversation), refilled steadily, bounded in number. */
import { BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'

export interface BucketLimit {
  /** What may come at once. */
  readonly burst: number
  readonly perS: number
  /** What is limited, for the message: `chat sessions from one address`. */
  readonly of: string
}

/** Keys remembered; beyond that the ones idle longest are forgotten, which only ever gives them a full bucket. */
const keysMax = 10_000

export interface Buckets {
  /** Takes one token of `key`, or throws OVERLOADED with the time until there is one. */
  (key: string): void
  /** Gives one back: what it was taken for turned out not to count. */
  giveBack(key: string): void
}

export function openBuckets(world: World, limit: BucketLimit): Buckets {
  const buckets = new Map<string, { tokens: number; at: number }>()
  const take = (key: string): void => {
    const now = world.monotonicMs()
    const bucket = buckets.get(key) ?? { tokens: limit.burst, at: now }
    // Set again at the end of the map: its order is then the order of use.
    buckets.delete(key)
    buckets.set(key, bucket)
    const oldest = buckets.keys().next().value
    if (buckets.size > keysMax && oldest !== undefined) buckets.delete(oldest)
    bucket.tokens = Math.min(limit.burst, bucket.tokens + ((now - bucket.at) / 1000) * limit.perS)
    bucket.at = now
    if (bucket.tokens < 1) {
      const retryAfterMs = Math.ceil(((1 - bucket.tokens) / limit.perS) * 1000)
      throw new BattutaError('OVERLOADED', `too many ${limit.of}: ${limit.burst} may come at once and ${limit.perS} each second`, { retryAfterMs })
    }
    bucket.tokens--
  }
  const giveBack = (key: string): void => {
    const bucket = buckets.get(key)
    if (bucket !== undefined) bucket.tokens = Math.min(limit.burst, bucket.tokens + 1)
  }
  return Object.assign(take, { giveBack })
}
