import { useLayoutEffect } from 'preact/hooks'
import { Glyph } from './glyph.tsx'
import type { Parts } from './parts.ts'
import { Presence, sayPresence } from './presence.tsx'
import { fill, unreadIn } from './words/speech.ts'

/** Closed it is a round button; made smaller it goes on saying who is there. */
export function Launcher({ parts }: { parts: Parts }) {
  const { panel, settings, show, speech, talk } = parts
  const isSmall = panel.value === 'small'
  const count = talk.unread.value
  useLayoutEffect(() => void performance.mark('battuta-ready'), [])
  const name = [fill(speech.words.chatWith, { name: settings.name }), isSmall ? sayPresence(parts) : '', count > 0 ? unreadIn(speech, count) : '']
  return (
    <button
      type="button"
      class={`launcher at-corner ${isSmall ? 'launcher-small' : ''}`}
      aria-label={name.filter(Boolean).join('. ')}
      aria-haspopup="dialog"
      aria-expanded="false"
      onClick={() => show('open')}
    >
      {isSmall ? <Presence parts={parts} /> : <Glyph of="chat" />}
      {count > 0 && <span class="count">{new Intl.NumberFormat(speech.locale).format(count)}</span>}
    </button>
  )
}
