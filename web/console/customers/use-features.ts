/** A customer's features as they are now, asked again every few seconds, with what they were since the page opened. */
import { useEffect, useState } from 'preact/hooks'
import { BattutaClientError } from '../../../src/client/index.ts'
import type { FeatureReply } from '../../../src/client/index.ts'
import { door } from '../door.ts'

const askEveryMs = 3_000
/** Values kept of each feature: three minutes of them. */
const valuesMax = 60

export interface SeenFeature extends FeatureReply {
  readonly name: string
  /** Present values since the page opened, oldest first. */
  readonly values: readonly number[]
}

interface Seen {
  readonly customer: string
  readonly features: readonly SeenFeature[] | null
  readonly error: BattutaClientError | null
  /** When the values were read, on the reader's clock: ages go on from here. */
  readonly readAt: number
}

export function useFeatures(customer: string, names: readonly string[]): Seen {
  const [seen, setSeen] = useState<Seen>({ customer, features: null, error: null, readAt: 0 })
  const asked = names.join(',')
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let current = true
    const ask = async () => {
      try {
        if (!document.hidden) {
          const { features } = await door.customers.features(customer, names)
          if (current)
            setSeen((old) => ({ customer, features: joined(old.customer === customer ? old.features : null, features), error: null, readAt: Date.now() }))
        }
      } catch (error) {
        if (!(error instanceof BattutaClientError)) throw error
        if (current) setSeen((old) => (old.customer === customer ? { ...old, error } : { customer, features: null, error, readAt: 0 }))
      }
      if (current) timer = setTimeout(ask, askEveryMs)
    }
    void ask()
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [customer, asked])
  return seen.customer === customer ? seen : { customer, features: null, error: null, readAt: 0 }
}

function joined(old: readonly SeenFeature[] | null, fresh: Readonly<Record<string, FeatureReply>>): SeenFeature[] {
  return Object.entries(fresh).map(([name, feature]) => {
    const before = old?.find((known) => known.name === name)?.values ?? []
    const held = feature.status === 'PRESENT' && typeof feature.value === 'number' ? [feature.value] : []
    return { name, ...feature, values: [...before, ...held].slice(-valuesMax) }
  })
}
