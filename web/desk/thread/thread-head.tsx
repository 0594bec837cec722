import { clock } from '../../shared/format.ts'
import { Icon } from '../../shared/icon.tsx'
import { Mark } from '../../shared/mark.tsx'
import type { Opened } from '../conversation-state.ts'
import { openDialog } from '../dialogs.ts'
import { person, workerName } from '../floor.ts'
import { channelGlyph, Glyph } from '../glyph.tsx'
import { items } from '../inbox.ts'
import { toggleContext } from '../keys.ts'
import { openAddress, route } from '../navigation.ts'
import { offers } from '../offers.ts'
import { joinedAt } from '../thread-lines.ts'
import { channelWord, customerName, ownerWords } from '../words.ts'
import { mayHandOver } from './may.ts'

/** Whose conversation it is and on which channel, who has it since when, and what can be done with it. */
export function ThreadHead({ held }: { held: Opened }) {
  const { head, id } = held
  const known = head ?? items.value.get(id) ?? offers.value.find(({ conversation }) => conversation === id) ?? null
  return (
    <header class="thread-head">
      <a class="button quiet thread-back" href={openAddress(null)} aria-label="Back to the inbox">
        <Icon name="back" />
      </a>
      <h2 class="cut">{known === null ? 'Conversation' : customerName(known.customer)}</h2>
      {known && (
        <span class="tag">
          <Glyph name={channelGlyph(known.channel)} /> {channelWord(known.channel)}
        </span>
      )}
      {head && <Owner held={held} />}
      <div class="thread-verbs">
        <button class="quiet dense thread-context" aria-expanded={route.value.pane === 'context'} aria-keyshortcuts="C" onClick={toggleContext}>
          Context <kbd>C</kbd>
        </button>
        {mayHandOver() && (
          <>
            <button class="quiet dense" aria-keyshortcuts="H" aria-label="Hand over" onClick={() => (openDialog.value = 'hand-over')}>
              <Glyph name="swap" /> <span class="thread-verb-word">Hand over</span>
            </button>
            <button class="dense" aria-keyshortcuts="E" onClick={() => (openDialog.value = 'resolve')}>
              Resolve
            </button>
          </>
        )}
      </div>
    </header>
  )
}

function Owner({ held: { head, entries } }: { held: Opened }) {
  if (head === null) return null
  const me = person.value?.id ?? null
  const words = ownerWords(head, me, workerName)
  const joined = words === 'yours' ? joinedAt(entries, me, head) : null
  const since = entries.find(({ seq }) => seq === joined)?.at
  return (
    <span class="small dim thread-owner">
      {head.status === 'open' && head.owner !== null && <Mark of={head.owner} />} {words}
      {since !== undefined && ` since ${clock(since)}`}
    </span>
  )
}
