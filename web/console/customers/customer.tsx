import { age } from '../../shared/format.ts'
import { door } from '../door.ts'
import { now, stream } from '../feed.ts'
import { useLoaded } from '../loaded.ts'
import { BareStave, Refusal } from '../panel.tsx'
import { ConversationPanel } from './conversation-panel.tsx'
import { KnownNow } from './known-now.tsx'
import { Timeline } from './timeline.tsx'

/** One customer: who they are, what is known of them now, and everything that happened. */
export function Customer({ id, open }: { id: string; open: string | null }) {
  // Each decision seen for this customer may have changed who owns the conversation.
  const latest = stream.value.rows.find(({ customer }) => customer === id)?.id ?? ''
  const { value, error, again } = useLoaded(id, () => door.customers.get(id), latest)
  if (error && !value) {
    return (
      <>
        <h1 class="wrap-anywhere">{id}</h1>
        <Refusal
          title="This customer cannot be shown"
          error={error}
          action={
            <button class="dense" onClick={again}>
              Try again
            </button>
          }
        />
      </>
    )
  }
  if (!value) return <BareStave>Reading what is known of {id}.</BareStave>
  const others = value.identities.filter((identity) => identity !== value.id)
  return (
    <>
      <header class="customer-head">
        <h1 class="wrap-anywhere">{value.id}</h1>
        <p class="small dim">
          {others.length === 0 ? (
            'no other identity is linked'
          ) : (
            <>
              {others.length + 1} identities linked:{' '}
              {others.map((identity, index) => (
                <>
                  {index > 0 && ', '}
                  <code>{identity}</code>
                </>
              ))}
            </>
          )}
        </p>
        <p class="small faint">
          {value.firstSeenAt !== null && `known for ${age(now.value - value.firstSeenAt)}`}
          {value.lastSeenAt !== null && ` · last seen ${age(now.value - value.lastSeenAt)} ago`}
        </p>
      </header>
      <div class="customer-grid">
        <Timeline customer={id} open={open} />
        <aside class="customer-aside" aria-label="Conversation and features">
          <ConversationPanel conversation={value.conversation} />
          <KnownNow customer={id} />
        </aside>
      </div>
    </>
  )
}
