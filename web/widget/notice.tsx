import type { Entry } from './entries.ts'
import { timeIn } from './words/speech.ts'
import type { Speech } from './words/speech.ts'

/** Who has it now stands beside a bar line; what is about to happen, and what ended, in a plain frame. */
const afterBarLine: ReadonlySet<string> = new Set(['joined', 'returned'])

/** What the system tells: in the customer's language where its kind is known, else in the words that came. */
export function Notice({ entry, speech }: { entry: Entry; speech: Speech }) {
  const { notice } = entry
  const said = notice && speech.words.notices[notice.kind]
  if (!notice || !said) return <li class="told">{entry.text}</li>
  const [title, more] = said
  const comma = speech.dir === 'rtl' ? '، ' : ', '
  return (
    <li class={afterBarLine.has(notice.kind) ? 'bar-line' : 'told-frame'}>
      <div>
        <b>{title}</b>{' '}
        <span>
          {notice.team !== null && (
            <>
              <bdi>{notice.team}</bdi>
              {comma}
            </>
          )}
          {notice.kind === 'joined' && speech.words.aPerson + comma}
          {timeIn(speech, entry.at, Date.now())}. {more}
        </span>
      </div>
    </li>
  )
}
