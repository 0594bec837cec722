import { Icon } from '../shared/icon.tsx'
import { Mark } from '../shared/mark.tsx'
import { chatState, entries, say, takeBack } from './conversation.ts'
import { progressOf } from './entries.ts'
import type { Entry, Progress as Reached } from './entries.ts'

const speakers = { bot: 'Assistant, AI', agent: 'Assistant, AI', human: 'Colleague, a person' } as const

/** One message: who says it when that changes, what is said, and for the customer's own how far it got. */
export function ChatEntry({ index }: { index: number }) {
  const list = entries.value
  const entry = list[index]
  const after = list[index + 1]
  if (!entry) return null
  if (entry.from === 'system') {
    return <li class="chat-system">{entry.text}</li>
  }
  if (entry.from === 'customer') {
    const reached = progressOf(list, entry)
    const lastOfKind = after?.from !== 'customer' || progressOf(list, after) !== reached
    return (
      <li class="chat-mine">
        <p class={`bubble ${reached === 'sending' ? 'bubble-waits' : ''} ${reached === 'refused' ? 'bubble-refused' : ''}`}>
          <span class="aside-text">You: </span>
          {entry.text}
        </p>
        {(lastOfKind || reached === 'refused') && <Progress entry={entry} reached={reached} />}
      </li>
    )
  }
  return (
    <li class="chat-theirs">
      {list[index - 1]?.from !== entry.from && (
        <p class="chat-by">
          <Mark of={entry.from} /> {speakers[entry.from]}
        </p>
      )}
      <p class="bubble">{entry.text}</p>
    </li>
  )
}

function Progress({ entry, reached }: { entry: Entry; reached: Reached }) {
  if (reached === 'refused') {
    const again = () => {
      takeBack(entry.key)
      say(entry.text)
    }
    return (
      <p class="chat-progress strained">
        <Mark of="strained" /> Not sent: {entry.error?.detail}{' '}
        <button class="in-text" onClick={again}>
          Try again
        </button>
      </p>
    )
  }
  const waits = chatState.value.kind !== 'open'
  return (
    <p class="chat-progress">
      {reached === 'delivered' && <Icon name="checks" />}
      {reached === 'sent' && <Icon name="check" />}
      {reached === 'sending' && <Icon name="clock" />}
      {reached === 'sending' ? (waits ? 'Waits for the connection' : 'Sending') : reached === 'sent' ? 'Sent' : 'Delivered'}
    </p>
  )
}
