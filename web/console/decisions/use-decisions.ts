/** The pages of decisions that fit the filters, newest first, as far as somebody asked for them. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { BattutaClientError } from '../../../src/client/index.ts'
import type { DecisionBrief } from '../../../src/client/index.ts'
import { door } from '../door.ts'
import { decisionsSeen } from '../feed.ts'
import type { DecisionFilters } from '../route.ts'
import { endSession } from '../session.ts'

const pageItems = 40

interface Pages {
  readonly key: string | null
  readonly items: readonly DecisionBrief[]
  readonly nextCursor: string | null
  readonly error: BattutaClientError | null
  readonly busy: boolean
  /** `decisionsSeen` when the first page was read. */
  readonly seenAt: number
}

export function useDecisions(filters: DecisionFilters) {
  const key = JSON.stringify(filters)
  const [pages, setPages] = useState<Pages>({ key: null, items: [], nextCursor: null, error: null, busy: true, seenAt: 0 })
  const running = useRef<AbortController | null>(null)

  const read = async (cursor: string | null) => {
    running.current?.abort()
    const abort = (running.current = new AbortController())
    setPages((old) => ({ ...old, busy: true }))
    const seenAt = decisionsSeen.value
    try {
      const { items, nextCursor } = await door.decisions.list({ ...filters, limit: pageItems, cursor: cursor ?? undefined }, abort.signal)
      if (abort.signal.aborted) return
      setPages((old) => ({
        key,
        items: cursor === null ? items : [...old.items, ...items],
        nextCursor,
        error: null,
        busy: false,
        seenAt: cursor === null ? seenAt : old.seenAt,
      }))
    } catch (error) {
      if (abort.signal.aborted) return
      if (!(error instanceof BattutaClientError)) throw error
      if (error.code === 'UNAUTHENTICATED') endSession()
      setPages((old) => ({ ...old, key, items: old.key === key ? old.items : [], error, busy: false }))
    }
  }
  useEffect(() => {
    void read(null)
    return () => running.current?.abort()
  }, [key])

  const current = pages.key === key
  return {
    items: current ? pages.items : [],
    known: current,
    error: current ? pages.error : null,
    busy: pages.busy,
    more: current && pages.nextCursor !== null,
    /** Decisions made since the first page was read. */
    newer: current ? Math.max(0, decisionsSeen.value - pages.seenAt) : 0,
    readMore: () => read(pages.nextCursor),
    readAgain: () => read(null),
  }
}
