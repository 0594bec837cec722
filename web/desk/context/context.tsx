import { BareStave } from '../../console/panel.tsx'
import type { ConversationReply, InboxItem } from '../../../src/client/index.ts'
import { Icon } from '../../shared/icon.tsx'
import { now } from '../clock.ts'
import { opened } from '../conversation.ts'
import type { Opened } from '../conversation-state.ts'
import { door } from '../door.ts'
import { isSupervisor } from '../floor.ts'
import { Glyph } from '../glyph.tsx'
import { toggleContext } from '../keys.ts'
import { openAddress } from '../navigation.ts'
import { useAsked } from '../use-asked.ts'
import { customerName, day, tenure } from '../words.ts'
import { acrossRows } from './across.ts'
import './context.css'
import { Emotion } from './emotion.tsx'
import { RightNow } from './right-now.tsx'

const timelineItems = 60
const askEveryMs = 5_000
const earlierDays = 90
const dayMs = 86_400_000

/** What is known of the customer while one talks with them. */
export function Context() {
  const held = opened.value
  return (
    <aside class="context" aria-label="Context" key={held?.id ?? ''}>
      <button class="quiet dense context-close" onClick={toggleContext} aria-label="Close the context">
        <Icon name="close" />
      </button>
      {held === null ? (
        <p class="context-none small dim">What is known of a customer stands here when their conversation is open.</p>
      ) : held.head === null ? (
        <div class="context-none">
          {held.error ? <p class="small dim">Nothing can be shown of this customer.</p> : <BareStave>Reading what is known.</BareStave>}
        </div>
      ) : (
        <Known held={held} head={held.head} />
      )}
    </aside>
  )
}

function Known({ held, head }: { held: Opened; head: ConversationReply }) {
  return (
    <>
      <Customer customer={head.customer} />
      <Emotion held={held} />
      <RightNow held={held} />
      <Across customer={head.customer} conversation={held.id} />
      <Earlier customer={head.customer} conversation={held.id} />
    </>
  )
}

function Customer({ customer }: { customer: string }) {
  const { value, error } = useAsked(customer, () => door.customers.get(customer))
  return (
    <section aria-label="Customer">
      <h3 class="context-name">
        {customerName(customer)}
        {value?.firstSeenAt != null && <span>known {tenure(now.value - value.firstSeenAt)}</span>}
      </h3>
      {error && <p class="small dim">{error.detail}</p>}
      {value && (
        <p class="small dim context-identities">
          {value.identities.map((identity) => (
            <code>{identity}</code>
          ))}
        </p>
      )}
    </section>
  )
}

/** Everything that happened, newest first, one line a conversation. */
function Across({ customer, conversation }: { customer: string; conversation: string }) {
  const { value, error } = useAsked(customer, () => door.customers.timeline(customer, { limit: timelineItems }), askEveryMs)
  const rows = value === null ? [] : acrossRows(value.items, conversation)
  const oldest = value?.items.at(-1)?.at
  return (
    <section aria-labelledby="across-title">
      <h3 id="across-title">Across channels {oldest !== undefined && <span>since {day(oldest, now.value)}</span>}</h3>
      {!value && (error ? <p class="small dim">{error.detail}</p> : <div class="stave-lines" aria-hidden="true" />)}
      {value && rows.length === 0 && <p class="small dim">Nothing else is kept of this customer.</p>}
      <ol class="across">
        {rows.map(({ key, at, glyph, text, sealed, conversation: other }) => (
          <li key={key}>
            <Glyph name={glyph} />
            <span class="across-text">
              {other === null || !isSupervisor.value ? text : <a href={openAddress(other)}>{text}</a>}
              {sealed.map((type) => (
                <>
                  {' '}
                  <span class="sealed">{type} sealed</span>
                </>
              ))}
            </span>
            <time dateTime={new Date(at).toISOString()}>{key === conversation ? 'now' : day(at, now.value)}</time>
          </li>
        ))}
      </ol>
    </section>
  )
}

/** Conversations before this one, with what they were about: somebody at the desk is told of those that were theirs. */
function Earlier({ customer, conversation }: { customer: string; conversation: string }) {
  const { value, error } = useAsked(customer, () => door.conversations.list({ customer, status: 'resolved', limit: 10 }))
  if (error || !value) return null
  const before = value.items.filter((item) => item.conversation !== conversation && now.value - item.updatedAt < earlierDays * dayMs)
  return (
    <section aria-labelledby="earlier-title">
      <h3 id="earlier-title">{isSupervisor.value ? 'Earlier with us' : 'Earlier with you'}</h3>
      <p class="small dim">
        {before.length === 0 ? `No conversation in ${earlierDays} days before this one.` : `${counted(before.length)} in ${earlierDays} days, resolved.`}
      </p>
      <ul>
        {before.map((item) => (
          <EarlierRow key={item.conversation} item={item} />
        ))}
      </ul>
    </section>
  )
}

function EarlierRow({ item: { conversation, goal, updatedAt } }: { item: InboxItem }) {
  return (
    <li class="earlier small">
      <a class="cut" href={openAddress(conversation)}>
        {goal}
      </a>
      <time class="faint nowrap push">{day(updatedAt, now.value)}</time>
    </li>
  )
}

function counted(number: number): string {
  return number === 1 ? 'One conversation' : `${number} conversations`
}
