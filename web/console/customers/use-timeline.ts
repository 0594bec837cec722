/** A customer's timeline, newest first: the pages somebody asked for, and how many events are newer than them. */
import { useEffect, useState } from 'preact/hooks'
import { BattutaClientError } from '../../../src/client/index.ts'
import type { TimelineItem } from '../../../src/client/index.ts'
import { door } from '../door.ts'

const pageItems = 40
const askEveryMs = 4_000

interface Timeline {
  readonly customer: string
  readonly items: readonly TimelineItem[] | null
  readonly fresh: readonly TimelineItem[]
  readonly nextCursor: string | null
  readonly error: BattutaClientError | null
}

const placeOf = ({ partition, offset }: TimelineItem) => `${partition}:${offset}`

/** Newest first whichever way the door gave them, and each event once. */
function sorted(items: readonly TimelineItem[]): readonly TimelineItem[] {
  return [...new Map(items.map((item) => [placeOf(item), item])).values()].sort((a, b) => b.at - a.at || b.offset - a.offset)
}

export function useTimeline(customer: string) {
  const empty: Timeline = { customer, items: null, fresh: [], nextCursor: null, error: null }
  const [state, setState] = useState(empty)
  const fail = (error: unknown) => {
    if (!(error instanceof BattutaClientError)) throw error
    setState((old) => (old.customer === customer ? { ...old, error } : { ...empty, error }))
  }
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let current = true
    const ask = async () => {
      try {
        if (!document.hidden) {
          const { items, nextCursor } = await door.customers.timeline(customer, { limit: pageItems })
          if (current) setState((old) => (old.customer === customer && old.items ? withFresh(old, items) : { ...empty, items: sorted(items), nextCursor }))
        }
      } catch (error) {
        if (current) fail(error)
      }
      if (current) timer = setTimeout(ask, askEveryMs)
    }
    void ask()
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [customer])

  const known = state.customer === customer ? state : empty
  const readMore = async () => {
    try {
      const { items, nextCursor } = await door.customers.timeline(customer, { limit: pageItems, cursor: known.nextCursor ?? undefined })
      setState((old) => (old.customer === customer ? { ...old, items: sorted([...(old.items ?? []), ...items]), nextCursor, error: null } : old))
    } catch (error) {
      fail(error)
    }
  }
  const showFresh = () => setState((old) => ({ ...old, items: sorted([...(old.items ?? []), ...old.fresh]), fresh: [] }))
  return { ...known, readMore, showFresh }
}

/** Rows on screen do not move by themselves: newer ones wait beside them; a decision that came later is filled in. */
function withFresh(old: Timeline, page: readonly TimelineItem[]): Timeline {
  const byPlace = new Map(page.map((item) => [placeOf(item), item]))
  const items = (old.items ?? []).map((item) => (item.decision === null ? (byPlace.get(placeOf(item)) ?? item) : item))
  const shown = new Set(items.map(placeOf))
  const newest = items[0]?.at ?? 0
  return { ...old, items, fresh: page.filter((item) => !shown.has(placeOf(item)) && item.at >= newest), error: null }
}
