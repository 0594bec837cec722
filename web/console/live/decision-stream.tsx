import { useSignal } from '@preact/signals'
import type { DecisionBrief } from '../../../src/client/index.ts'
import { clockMs, plainMs } from '../../shared/format.ts'
import { actWords } from '../../shared/mark.tsx'
import { useSize } from '../../shared/size.ts'
import { ActMark } from '../act-mark.tsx'
import { feedState, hello, pauseStream, stream } from '../feed.ts'
import { stepFocus, useKeys } from '../keys.ts'
import { go } from '../navigation.ts'
import { BareStave } from '../panel.tsx'
import { addressOf } from '../route.ts'
import { BeatLine, timingOf } from './beat-line.tsx'
import { FirstEvent } from './first-event.tsx'
import './decision-stream.css'

const rowPx = 25
const headPx = 25
const rowsMin = 12
const tableFromPx = 660

/** The newest decisions, each against its budget. It stands still under the pointer, under focus, and on `P`. */
export function DecisionStream({ selected }: { selected: string | null }) {
  const { ref, width, height } = useSize<HTMLDivElement>()
  const pinned = useSignal(false)
  const hovered = useSignal(false)
  const focused = useSignal(false)
  const settle = () => pauseStream(pinned.value || hovered.value || focused.value)
  const set = (what: typeof pinned, to: boolean) => {
    what.value = to
    settle()
  }
  const pin = () => set(pinned, !pinned.value)
  useKeys({ p: pin, j: () => stepFocus('.stream-table a', 1), k: () => stepFocus('.stream-table a', -1) })

  const { rows, held, paused, notShown } = stream.value
  // On a phone the rows make the height, so it cannot say how many fit.
  const room = width < tableFromPx ? rowsMin : Math.max(rowsMin, Math.floor((height - headPx) / rowPx))
  return (
    <section class="panel stream" aria-labelledby="stream-title">
      <header>
        <h2 id="stream-title">Decisions</h2>
        <span class="faint small stream-note">
          {paused ? `paused, ${held.length} waiting` : 'newest first, each against its budget'}
          {notShown > 0 && ` · +${notShown} not shown`}
        </span>
        <button class="quiet dense push" aria-pressed={pinned.value} onClick={pin}>
          <kbd>P</kbd> {pinned.value ? 'go on' : 'pause'}
        </button>
      </header>
      <div
        class="stream-body"
        ref={ref}
        onPointerEnter={(event) => event.pointerType === 'mouse' && set(hovered, true)}
        onPointerLeave={() => set(hovered, false)}
        onFocusIn={() => set(focused, true)}
        onFocusOut={() => set(focused, false)}
      >
        {rows.length > 0 ? <Rows rows={rows.slice(0, room)} selected={selected} /> : <NoRows />}
      </div>
    </section>
  )
}

function NoRows() {
  const known = hello.value !== null
  return (
    <div class="panel-body">
      {known ? <FirstEvent /> : <BareStave>{feedState.value.kind === 'open' ? 'Reading the last decisions.' : 'Connecting to the server.'}</BareStave>}
    </div>
  )
}

function Rows({ rows, selected }: { rows: readonly DecisionBrief[]; selected: string | null }) {
  return (
    <table class="stream-table" role="table">
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col" class="at">
            Time
          </th>
          <th role="columnheader" scope="col" class="customer">
            Customer
          </th>
          <th role="columnheader" scope="col" class="event">
            Event
          </th>
          <th role="columnheader" scope="col" class="to">
            To
          </th>
          <th role="columnheader" scope="col" class="because">
            Because
          </th>
          <th role="columnheader" scope="col" class="beat">
            Budget {hello.value?.budgetMs ?? ''} ms
          </th>
          <th role="columnheader" scope="col" class="ms num">
            ms
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <Row key={row.id} row={row} current={row.id === selected} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ row, current }: { row: DecisionBrief; current: boolean }) {
  const href = addressOf({ page: 'live', why: row.id })
  const timing = timingOf(row.elapsedMs, row.budgetMs)
  const to = row.status === 'failed' ? 'it failed' : (row.name ?? actWords[row.act])
  return (
    <tr role="row" aria-current={current ? 'true' : undefined} onClick={(event) => (event.target as Element).closest('a') || go({ page: 'live', why: row.id })}>
      <td role="cell" class="at">
        <a class="mono" href={href} aria-label={`${clockMs(row.at)}, why ${to}`}>
          {clockMs(row.at)}
        </a>
      </td>
      <td role="cell" class="customer cut">
        {row.customer}
      </td>
      <td role="cell" class="event dim cut">
        {row.event.replace(/\.received$/, '')}
      </td>
      <td role="cell" class="to cut">
        <ActMark of={row} />
      </td>
      <td role="cell" class="because dim cut">
        {becauseOf(row)}
      </td>
      <td role="cell" class="beat">
        <BeatLine elapsedMs={row.elapsedMs} budgetMs={row.budgetMs} />
      </td>
      <td role="cell" class={`ms num ${timing === 'strained' || timing === 'late' ? 'strained' : ''}`}>
        {row.elapsedMs === null ? <span class="faint">–</span> : plainMs(row.elapsedMs)}
        {timing === 'strained' || timing === 'late' ? <span class="aside-text"> {timing}</span> : null}
      </td>
    </tr>
  )
}

function becauseOf({ because, status }: DecisionBrief) {
  return because ?? <span class="faint">{status === 'failed' ? 'the policy or its answer threw' : 'no reason given'}</span>
}
