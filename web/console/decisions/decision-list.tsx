import type { DecisionBrief } from '../../../src/client/index.ts'
import { moment, plainMs } from '../../shared/format.ts'
import { ActMark } from '../act-mark.tsx'
import { now } from '../feed.ts'
import { BeatLine, timingOf } from '../live/beat-line.tsx'
import { addressOf } from '../route.ts'
import type { DecisionFilters } from '../route.ts'

/** Decisions as a list of links; the one that is shown is the current one. */
export function DecisionList({ items, selected, filters }: { items: readonly DecisionBrief[]; selected: string | null; filters: DecisionFilters }) {
  return (
    <ol class="decision-list">
      {items.map((item) => (
        <li key={item.id}>
          <a href={addressOf({ page: 'decisions', id: item.id, filters })} aria-current={item.id === selected ? 'true' : undefined}>
            <Item item={item} />
          </a>
        </li>
      ))}
    </ol>
  )
}

function Item({ item }: { item: DecisionBrief }) {
  const timing = timingOf(item.elapsedMs, item.budgetMs)
  const strained = timing === 'strained' || timing === 'late'
  return (
    <>
      <span class="row">
        <span class="decision-name cut">
          <ActMark of={item} />
        </span>
        <span class="push">
          <BeatLine elapsedMs={item.elapsedMs} budgetMs={item.budgetMs} width={84} />
        </span>
      </span>
      <span class="row small faint">
        <span class="cut">{item.customer}</span>
        <span class="nowrap">{moment(item.at, now.value)}</span>
        <span class={`push nowrap ${strained ? 'strained' : ''}`}>
          {item.elapsedMs === null ? '–' : `${plainMs(item.elapsedMs)} ms`}
          {strained && <span class="aside-text"> {timing}</span>}
        </span>
      </span>
    </>
  )
}
