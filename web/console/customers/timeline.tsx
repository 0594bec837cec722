import type { TimelineItem } from '../../../src/client/index.ts'
import { clock, count, moment, value } from '../../shared/format.ts'
import { Mark } from '../../shared/mark.tsx'
import { ActMark } from '../act-mark.tsx'
import { now } from '../feed.ts'
import { stepFocus, useKeys } from '../keys.ts'
import { go } from '../navigation.ts'
import { BareStave, Panel, Refusal } from '../panel.tsx'
import { Held, piiType } from '../payload.tsx'
import { InlineDecision } from './inline-decision.tsx'
import { summaryOf } from './summary.ts'
import { useTimeline } from './use-timeline.ts'

/** Everything that happened, across channels; a line that asked for a decision opens it in place. */
export function Timeline({ customer, open }: { customer: string; open: string | null }) {
  const { items, fresh, nextCursor, error, readMore, showFresh } = useTimeline(customer)
  useKeys({ j: () => stepFocus('.timeline button.timeline-open', 1), k: () => stepFocus('.timeline button.timeline-open', -1) })
  if (error && !items) return <Refusal title="The timeline cannot be read" error={error} />
  const toggle = (id: string) => go({ page: 'customers', id: customer, open: open === id ? null : id }, 'replace')
  return (
    <Panel title="What happened" note="newest first, each line opens its decision" class="timeline">
      {!items && (
        <div class="panel-body">
          <BareStave>Reading the timeline.</BareStave>
        </div>
      )}
      {items?.length === 0 && <p class="panel-body dim">No event of this customer is kept.</p>}
      {fresh.length > 0 && (
        <button class="timeline-newer" onClick={showFresh}>
          {count(fresh.length)} newer
        </button>
      )}
      <ol>
        {items?.map((item) => (
          <Item key={`${item.partition}:${item.offset}`} item={item} open={item.decision !== null && item.decision.id === open} toggle={toggle} />
        ))}
      </ol>
      {nextCursor !== null && (
        <div class="panel-body">
          <button class="dense" onClick={readMore}>
            Earlier
          </button>
        </div>
      )}
    </Panel>
  )
}

function Item({ item, open, toggle }: { item: TimelineItem; open: boolean; toggle: (id: string) => void }) {
  const { decision } = item
  const line = (
    <>
      <time class="mono faint" title={new Date(item.at).toISOString()}>
        {moment(item.at, now.value)}
      </time>
      <What item={item} />
      {decision && (
        <span class="timeline-decision dim cut">
          <ActMark of={decision} />
          {decision.because !== null && `: ${decision.because}`}
        </span>
      )}
    </>
  )
  if (!decision) return <li class="timeline-line timeline-plain">{line}</li>
  return (
    <li class={open ? 'timeline-opened' : ''}>
      <button class="timeline-line timeline-open" aria-expanded={open} onClick={() => toggle(decision.id)}>
        {line}
      </button>
      {open && <InlineDecision id={decision.id} at={clock(decision.at)} />}
    </li>
  )
}

function What({ item }: { item: TimelineItem }) {
  const { by, said, fields } = summaryOf(item)
  const spoken = said !== null
  return (
    <span class="timeline-what">
      {by === 'bot' || by === 'agent' || by === 'human' ? (
        <>
          <Mark of={by} /> <span class="aside-text">{by} </span>
        </>
      ) : (
        <span class="timeline-customer" aria-hidden="true" />
      )}
      {spoken ? piiType(said) === null ? <span class="timeline-said">“{value(said)}”</span> : <Held value={said} /> : <code>{item.event.type}</code>}
      {fields.map(({ name, held }) => (
        <span class="dim">
          {name} <Held value={held} />
        </span>
      ))}
    </span>
  )
}
