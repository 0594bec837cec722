import { useRef, useState } from 'preact/hooks'
import type { DecisionBrief } from '../../../src/client/index.ts'
import { age } from '../../shared/format.ts'
import { Icon } from '../../shared/icon.tsx'
import { ActMark } from '../act-mark.tsx'
import { door } from '../door.ts'
import { now } from '../feed.ts'
import { stepFocus, useKeys } from '../keys.ts'
import { useLoaded } from '../loaded.ts'
import { FirstEvent } from '../live/first-event.tsx'
import { go } from '../navigation.ts'
import { BareStave, Panel, Refusal } from '../panel.tsx'
import { addressOf } from '../route.ts'

/** Decisions that are looked through for the customers they were about. */
const decisionsRead = 100

/** The way to a customer: by any identity they are known under, or from those somebody just decided about. */
export function Lookup() {
  const field = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const { value, error, again } = useLoaded('recent', () => door.decisions.list({ limit: decisionsRead }))
  useKeys({ '/': () => field.current?.focus(), j: () => stepFocus('.lookup-list a', 1), k: () => stepFocus('.lookup-list a', -1) })
  const find = (event: Event) => {
    event.preventDefault()
    if (text.trim() !== '') go({ page: 'customers', id: text.trim(), open: null })
  }
  return (
    <>
      <h1>Customers</h1>
      <form class="lookup" role="search" onSubmit={find}>
        <label class="lookup-field">
          <Icon name="search" />
          <span class="aside-text">Any identity of the customer</span>
          <input
            ref={field}
            type="search"
            value={text}
            placeholder="user:42, email:…, phone:…, cookie:…"
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <kbd>/</kbd>
        </label>
        <button class="solid">Open</button>
      </form>
      {error && (
        <Refusal
          title="The last decisions cannot be read"
          error={error}
          action={
            <button class="dense" onClick={again}>
              Try again
            </button>
          }
        />
      )}
      <Panel title="Lately decided about" note={`in the last ${decisionsRead} decisions`} class="lookup-list">
        {!value && !error && (
          <div class="panel-body">
            <BareStave>Reading the last decisions.</BareStave>
          </div>
        )}
        {value?.items.length === 0 && (
          <div class="panel-body">
            <FirstEvent />
          </div>
        )}
        <ul>
          {latestPerCustomer(value?.items ?? []).map((row) => (
            <li key={row.customer}>
              <a href={addressOf({ page: 'customers', id: row.customer, open: null })}>
                <b class="cut">{row.customer}</b>
                <span class="dim cut">
                  <ActMark of={row} />
                  {row.because !== null && `: ${row.because}`}
                </span>
                <span class="faint small nowrap">{age(Math.max(0, now.value - row.at))} ago</span>
              </a>
            </li>
          ))}
        </ul>
      </Panel>
    </>
  )
}

function latestPerCustomer(rows: readonly DecisionBrief[]): DecisionBrief[] {
  const latest = new Map<string, DecisionBrief>()
  for (const row of rows) if ((latest.get(row.customer)?.at ?? 0) < row.at) latest.set(row.customer, row)
  return [...latest.values()]
}
