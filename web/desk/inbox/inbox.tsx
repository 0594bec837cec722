import { useState } from 'preact/hooks'
import { BareStave } from '../../console/panel.tsx'
import { Icon } from '../../shared/icon.tsx'
import { setPresence } from '../connection.ts'
import { isSupervisor, place, queueOf } from '../floor.ts'
import { fits, mine, waiting, welcomed } from '../inbox.ts'
import { go, route } from '../navigation.ts'
import { addressOf } from '../route.ts'
import type { List } from '../route.ts'
import { customerName } from '../words.ts'
import { AllList } from './all-list.tsx'
import './inbox.css'
import { OfferCard } from './offer-card.tsx'
import { OwnRow, RowList, WaitingRow } from './rows.tsx'
import { WrapUpCards } from './wrap-up-card.tsx'
import { isUnderPromise, serviceWords } from '../words.ts'
import { offers } from '../offers.ts'
import { Mark } from '../../shared/mark.tsx'
import type { InboxItem } from '../../../src/client/index.ts'

/** What comes in: the offer, one's own conversations, and what waits. */
export function Inbox() {
  const { list } = route.value
  return (
    <nav class="inbox" aria-label="Inbox">
      {offers.value.map((offer, index) => (
        <OfferCard key={offer.reservation} offer={offer} first={index === 0} />
      ))}
      <WrapUpCards />
      <Tabs />
      <div class="inbox-scroll">
        {!welcomed.value ? (
          <div class="inbox-loading">
            <BareStave>Reading your inbox.</BareStave>
          </div>
        ) : list === 'all' && isSupervisor.value ? (
          <AllList />
        ) : (
          <>
            {list === 'mine' && <Mine />}
            <Waiting alone={list !== 'mine'} />
          </>
        )}
      </div>
    </nav>
  )
}

function Tabs() {
  const { list, search } = route.value
  const [searching, setSearching] = useState(search !== '')
  const waits = waiting.value.reduce((sum, { items }) => sum + items.length, 0)
  const tab = (to: List, word: string, count: number | null) => (
    <a href={addressOf({ ...route.value, list: to })} aria-current={list === to ? 'true' : undefined}>
      {word} {count !== null && count > 0 && count}
    </a>
  )
  return (
    <div class="inbox-tabs">
      <div class="inbox-lists">
        {tab('mine', 'Mine', mine.value.length)}
        {tab('queue', 'Queue', waits)}
        {isSupervisor.value && tab('all', 'All', null)}
      </div>
      <label class={`inbox-search${searching || search !== '' ? ' is-open' : ''}`}>
        <Icon name="search" />
        <span class="aside-text">Search the inbox</span>
        <input
          type="search"
          value={search}
          placeholder="Search"
          onFocus={() => setSearching(true)}
          onBlur={() => setSearching(false)}
          onInput={(event) => go({ search: event.currentTarget.value }, 'replace')}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return
            go({ search: '' }, 'replace')
            event.currentTarget.blur()
          }}
        />
      </label>
    </div>
  )
}

const found = (items: readonly InboxItem[]) => items.filter((item) => fits(item, customerName(item.customer), route.value.search))

function Mine() {
  const items = found(mine.value)
  if (mine.value.length === 0) return <EmptyInbox />
  if (items.length === 0) return <p class="inbox-empty small dim">None of yours says “{route.value.search}”.</p>
  return <RowList label="Yours" items={items} row={(item) => <OwnRow item={item} />} />
}

/** What will fill it, and what keeps it empty. */
function EmptyInbox() {
  const { state } = place.value
  return (
    <div class="inbox-empty">
      <div class="stave-lines" aria-hidden="true" />
      <p>
        <b>No conversation is yours.</b>
      </p>
      {state === 'available' ? (
        <p class="small dim">The next one comes here as an offer, for as long as its twenty beats last.</p>
      ) : (
        <>
          <p class="small dim">Offers come to whoever is available, and you are {state}.</p>
          <button class="dense" onClick={() => setPresence('available')}>
            Be available
          </button>
        </>
      )}
    </div>
  )
}

function Waiting({ alone }: { alone: boolean }) {
  const groups = waiting.value.map(({ queue, items }) => ({ queue, items: found(items) })).filter(({ items }) => items.length > 0)
  if (groups.length === 0)
    return alone ? (
      <p class="inbox-empty small dim">
        Nobody waits{route.value.search !== '' && ` who says “${route.value.search}”`}. Whoever asks for a person stands here, oldest first.
      </p>
    ) : null
  return (
    <>
      {groups.map(({ queue, items }) => {
        const held = queueOf(queue)
        return (
          <section key={queue} aria-label={`Waiting in ${queue}`}>
            <h2 class="inbox-heading">
              Waiting in {queue}, oldest first
              {alone && held && (
                <span class={isUnderPromise(held.serviceLevel) ? 'strained' : ''}>
                  {isUnderPromise(held.serviceLevel) && <Mark of="strained" />} {serviceWords(held.serviceLevel)}
                </span>
              )}
            </h2>
            <RowList label={`Waiting in ${queue}`} items={items} row={(item) => <WaitingRow item={item} promiseMs={held?.serviceLevel.withinMs ?? null} />} />
          </section>
        )
      })}
    </>
  )
}
