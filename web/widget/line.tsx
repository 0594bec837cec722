import { Mark } from '../shared/mark.tsx'
import { Files } from './files.tsx'
import { Glyph } from './glyph.tsx'
import type { Line as Drawn } from './lines.ts'
import { Notice } from './notice.tsx'
import type { Parts } from './parts.ts'
import { Speaker } from './speaker.tsx'
import { timeIn } from './words/speech.ts'

/** One line of the conversation. Words may be in any language, so each finds its own direction. */
export function Line({ line, parts }: { line: Drawn; parts: Parts }) {
  const { entry } = line
  if (line.kind === 'notice') return <Notice entry={entry} speech={parts.speech} />
  if (line.kind === 'theirs') {
    return (
      <li class="theirs">
        {line.speaker && <Speaker of={line.speaker} speech={parts.speech} />}
        {entry.text !== '' && (
          <p class="bubble" dir="auto">
            {entry.text}
          </p>
        )}
        <Files entry={entry} parts={parts} />
      </li>
    )
  }
  return (
    <li class={`mine mine-${line.progress}`}>
      {entry.text !== '' && (
        <p class="bubble" dir="auto">
          <span class="aside">{parts.speech.words.you}: </span>
          {entry.text}
        </p>
      )}
      <Files entry={entry} parts={parts} />
      {line.says && <Reached line={line} parts={parts} />}
    </li>
  )
}

const glyphs = { sending: 'clock', sent: 'check', delivered: 'checks', seen: 'checks' } as const

/** How far the message got, in a shape and a word. */
function Reached({ line: { entry, progress }, parts }: { line: Drawn & { kind: 'mine' }; parts: Parts }) {
  const { speech, talk } = parts
  const { words } = speech
  if (progress === 'refused') return <Refused entry={entry} parts={parts} />
  const now = Date.now()
  const word = {
    sending: talk.state.value?.kind === 'open' ? words.sending : words.waits,
    sent: words.sent,
    delivered: `${words.delivered} ${timeIn(speech, entry.at, now)}`,
    seen: `${words.seen} ${timeIn(speech, Math.max(entry.at, talk.read.value.at), now)}`,
  }
  return (
    <p class="reached">
      <Glyph of={glyphs[progress]} /> {word[progress]}
    </p>
  )
}

/** The reason, and what can be done about it. */
function Refused({ entry, parts: { speech, talk } }: { entry: Drawn['entry']; parts: Parts }) {
  const { words } = speech
  const code = entry.error?.code as keyof typeof words.refusals
  return (
    <p class="reached alarm">
      <Mark of="strained" />
      <span>
        {words.notSent}: {words.refusals[code] ?? entry.error?.detail}{' '}
        <button type="button" class="in-text" onClick={() => talk.again(entry)}>
          {words.tryAgain}
        </button>{' '}
        <button type="button" class="in-text" onClick={() => talk.discard(entry)}>
          {words.discard}
        </button>
      </span>
    </p>
  )
}
