import { BareStave, Refusal } from '../../console/panel.tsx'
import { isLive, readAgain } from '../connection.ts'
import { opened } from '../conversation.ts'
import type { Opened } from '../conversation-state.ts'
import { items } from '../inbox.ts'
import { offers } from '../offers.ts'
import { Composer } from './composer.tsx'
import { Lines } from './lines.tsx'
import { foldOf } from './packet-fold.ts'
import { Packet } from './packet.tsx'
import { ThreadHead } from './thread-head.tsx'
import './thread.css'

/** The conversation: packet, words, and the field to answer in. */
export function Thread() {
  const held = opened.value
  if (held === null) {
    return (
      <main id="thread" class="thread thread-none" tabIndex={-1}>
        <p class="dim">
          {offers.value.length > 0 ? (
            <>
              An offer waits for you: <kbd>A</kbd> accepts it.
            </>
          ) : items.value.size === 0 ? (
            'A conversation opens here when you accept its offer.'
          ) : (
            <>
              Open a conversation from the inbox: <kbd>J</kbd> <kbd>K</kbd> and <kbd>Enter</kbd>.
            </>
          )}
        </p>
      </main>
    )
  }
  return (
    <main key={held.id} id="thread" class="thread" tabIndex={-1} data-fold={held.packet === null ? 'none' : foldOf(held.id)}>
      <ThreadHead held={held} />
      {held.packet && <Packet conversation={held.id} packet={held.packet} />}
      <Words held={held} />
    </main>
  )
}

function Words({ held }: { held: Opened }) {
  const { head, error, id } = held
  if (head === null && error !== null) {
    return (
      <div class="thread-refused">
        <Refusal
          title={error.status === 403 ? 'This conversation is not in your queues' : 'This conversation cannot be shown'}
          error={error}
          action={
            error.status === 403 ? undefined : (
              <button class="dense" onClick={() => readAgain(id)}>
                Try again
              </button>
            )
          }
        />
      </div>
    )
  }
  if (head === null) {
    return (
      <div class="thread-loading">
        <BareStave>{isLive.value ? 'Reading the conversation.' : 'It is read when there is a connection.'}</BareStave>
      </div>
    )
  }
  return (
    <>
      <Lines held={held} />
      <Composer key={id} head={head} />
    </>
  )
}
