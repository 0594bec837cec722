import { useEffect, useRef, useState } from 'preact/hooks'
import type { Act } from '../../../src/client/index.ts'
import { Icon } from '../../shared/icon.tsx'
import { actWords } from '../../shared/mark.tsx'
import { useKeys } from '../keys.ts'
import { noFilters } from '../route.ts'
import type { DecisionFilters } from '../route.ts'

/** Typing settles for this long before the list is asked again. */
const settleMs = 200

const statuses = [
  ['on-beat', 'on the beat'],
  ['late', 'late'],
  ['failed', 'failed'],
] as const

export function Filters({ filters, change }: { filters: DecisionFilters; change: (to: DecisionFilters) => void }) {
  const field = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(filters.search)
  useKeys({ '/': () => field.current?.focus() })
  useEffect(() => setText(filters.search), [filters.search])
  useEffect(() => {
    if (text === filters.search) return
    const timer = setTimeout(() => change({ ...filters, search: text }), settleMs)
    return () => clearTimeout(timer)
  }, [text])
  const narrowed = Object.values(filters).some((part) => part !== '')
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <label class="filter-search">
        <Icon name="search" />
        <span class="aside-text">Search decisions</span>
        <input
          ref={field}
          type="search"
          value={text}
          placeholder="customer, rule, model, id"
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Escape' && field.current?.blur()}
        />
        <kbd>/</kbd>
      </label>
      <div class="filter-selects">
        <select aria-label="Who acts" value={filters.act} onChange={(event) => change({ ...filters, act: event.currentTarget.value })}>
          <option value="">anyone acts</option>
          {(Object.keys(actWords) as Act[]).map((act) => (
            <option value={act}>{actWords[act]}</option>
          ))}
        </select>
        <select aria-label="Status" value={filters.status} onChange={(event) => change({ ...filters, status: event.currentTarget.value })}>
          <option value="">any status</option>
          {statuses.map(([status, word]) => (
            <option value={status}>{word}</option>
          ))}
        </select>
      </div>
      {(filters.customer !== '' || filters.policy !== '') && (
        <p class="small dim filter-fixed">
          {filters.customer !== '' && <>of {filters.customer} </>}
          {filters.policy !== '' && <>by {filters.policy} </>}
        </p>
      )}
      {narrowed && (
        <button type="button" class="in-text small" onClick={() => change(noFilters)}>
          Show all
        </button>
      )}
    </form>
  )
}
