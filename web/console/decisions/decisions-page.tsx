import { useEffect } from 'preact/hooks'
import { Icon } from '../../shared/icon.tsx'
import { count } from '../../shared/format.ts'
import { hello } from '../feed.ts'
import { stepFocus, useKeys } from '../keys.ts'
import { FirstEvent } from '../live/first-event.tsx'
import { go } from '../navigation.ts'
import { NotLive } from '../not-live.tsx'
import { BareStave, Refusal } from '../panel.tsx'
import { addressOf, noFilters } from '../route.ts'
import type { DecisionFilters } from '../route.ts'
import { Why } from '../why/why.tsx'
import { DecisionList } from './decision-list.tsx'
import { Filters } from './filters.tsx'
import { useDecisions } from './use-decisions.ts'
import './decisions-page.css'

/** From this width on there is room for the list and the decision beside it. */
const bothFrom = '(min-width: 1024px)'

export function DecisionsPage({ id, filters }: { id: string | null; filters: DecisionFilters }) {
  const list = useDecisions(filters)
  const first = list.items[0]?.id
  useKeys({ j: () => stepFocus('.decision-list a', 1), k: () => stepFocus('.decision-list a', -1) })
  useEffect(() => {
    if (id === null && first !== undefined && matchMedia(bothFrom).matches) go({ page: 'decisions', id: first, filters }, 'replace')
  }, [id, first])
  const change = (to: DecisionFilters) => go({ page: 'decisions', id, filters: to }, 'replace')
  const narrowed = Object.values(filters).some((part) => part !== '')
  return (
    <main id="main" class={`decisions ${id === null ? 'shows-list' : 'shows-one'}`}>
      <section class="decisions-list" aria-label="Decisions">
        <Filters filters={filters} change={change} />
        {list.newer > 0 && !narrowed && (
          <button class="decisions-newer" onClick={list.readAgain}>
            {count(list.newer)} newer
          </button>
        )}
        {list.error && (
          <div class="decisions-inset">
            <Refusal
              title="The list cannot be read"
              error={list.error}
              action={
                <button class="dense" onClick={list.readAgain}>
                  Try again
                </button>
              }
            />
          </div>
        )}
        {!list.known && (
          <div class="decisions-inset">
            <BareStave>Reading the decisions.</BareStave>
          </div>
        )}
        <DecisionList items={list.items} selected={id} filters={filters} />
        {list.known && list.items.length === 0 && !list.error && <div class="decisions-inset">{narrowed ? <Nothing change={change} /> : <FirstEvent />}</div>}
        {list.more && (
          <div class="decisions-inset">
            <button class="dense" onClick={list.readMore} disabled={list.busy}>
              {list.busy ? 'Reading' : 'Older'}
            </button>
          </div>
        )}
      </section>
      <section class="decisions-one" aria-label="Why">
        <NotLive />
        {id === null ? (
          <>
            <h1 class="aside-text">Decisions</h1>
            {list.known && list.items.length > 0 && <p class="dim">Choose a decision to see why it came out as it did.</p>}
            {list.known && list.items.length === 0 && !narrowed && (
              <p class="dim">{hello.value ? `${hello.value.app.name} listens.` : ''} What it decides is explained here.</p>
            )}
          </>
        ) : (
          <>
            <a class="decisions-back" href={addressOf({ page: 'decisions', id: null, filters })}>
              <Icon name="back" /> Decisions
            </a>
            <Why id={id} />
          </>
        )}
      </section>
    </main>
  )
}

function Nothing({ change }: { change: (to: DecisionFilters) => void }) {
  return (
    <>
      <p>No decision fits.</p>
      <p class="small dim">
        The search looks at customers, answers, reasons, policies and ids.{' '}
        <button class="in-text" onClick={() => change(noFilters)}>
          Show all
        </button>
      </p>
    </>
  )
}
