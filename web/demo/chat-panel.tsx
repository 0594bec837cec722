import { useLayoutEffect, useRef } from 'preact/hooks'
import { Mark } from '../shared/mark.tsx'
import { chatState, entries, now, owner, retryNow } from './conversation.ts'
import { Composer } from './composer.tsx'
import { ChatEntry } from './chat-entry.tsx'
import './chat-panel.css'

/** How near to its end the log must be to follow what comes, in pixels. */
const followPx = 80

export function ChatPanel() {
  const state = chatState.value
  return (
    <section class="chat" aria-label="Chat with Harbour Bank">
      <header class="chat-head">
        <h2>Harbour Bank</h2>
        <Who />
      </header>
      {(state.kind === 'waiting' || state.kind === 'refused') && (
        <p class="chat-off" role="status">
          <Mark of="broken" />
          <span>
            <b>No connection.</b> Your messages are kept and sent when you are back.
          </span>
        </p>
      )}
      <Log />
      <Composer />
      <p class="chat-foot">
        <Foot />
      </p>
    </section>
  )
}

function Who() {
  const { kind } = chatState.value
  if (kind === 'waiting' || kind === 'refused') return <p>No connection</p>
  if (kind === 'connecting') return <p>Connecting</p>
  const human = owner.value === 'human'
  return (
    <p>
      <Mark of={human ? 'human' : 'bot'} /> {human ? 'A person is with you' : 'Assistant, AI, answers at once'}
    </p>
  )
}

function Foot() {
  const state = chatState.value
  if (state.kind !== 'waiting' && state.kind !== 'refused') return <span>Enter sends, Shift and Enter begins a new line</span>
  return (
    <>
      <span aria-hidden="true">
        {state.kind === 'waiting' ? `Trying again in ${Math.max(1, Math.ceil((state.retryAt - now.value) / 1_000))} s` : state.error.detail}
      </span>
      <button class="in-text" aria-label="Try again now" onClick={retryNow}>
        Now
      </button>
    </>
  )
}

function Log() {
  const ref = useRef<HTMLDivElement>(null)
  const following = useRef(true)
  const list = entries.value
  // Before the next scroll event can look: what was just added is no sign that the reader scrolled away.
  useLayoutEffect(() => {
    const log = ref.current
    if (log && following.current) log.scrollTop = log.scrollHeight
  }, [list])
  const follow = () => {
    const log = ref.current
    if (log) following.current = log.scrollHeight - log.scrollTop - log.clientHeight < followPx
  }
  return (
    <div class="chat-log" ref={ref} onScroll={follow} tabIndex={0} role="log" aria-live="polite" aria-label="Conversation">
      <p class="chat-first">
        <b>You are chatting with an assistant. It is an AI.</b> It answers at once and it can be wrong. If it is urgent, call the number on your card.
      </p>
      <ol>
        {list.map((entry, index) => (
          <ChatEntry key={entry.key} index={index} />
        ))}
      </ol>
    </div>
  )
}
