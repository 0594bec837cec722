import { Launcher } from './launcher.tsx'
import { Panel } from './panel.tsx'
import type { Parts } from './parts.ts'
import { unreadIn } from './words/speech.ts'

export function Widget({ parts }: { parts: Parts }) {
  const { panel, settings, speech } = parts
  const isOpen = panel.value === 'open'
  // A page's own shortcuts listen for keys and spare its fields; that the key was meant for this field they cannot see.
  const keep = (event: Event) => event.stopPropagation()
  return (
    <div
      class="battuta"
      lang={speech.locale}
      dir={speech.dir}
      data-side={settings.side}
      data-theme={settings.theme}
      onKeyDown={keep}
      onKeyPress={keep}
      onKeyUp={keep}
    >
      {isOpen ? <Panel parts={parts} /> : <Launcher parts={parts} />}
      <p class="aside" role="status">
        <Unread parts={parts} />
      </p>
    </div>
  )
}

/** Read out while the panel is away; in it the conversation itself is. */
function Unread({ parts: { panel, speech, talk } }: { parts: Parts }) {
  const count = talk.unread.value
  return panel.value === 'open' || count === 0 ? null : <>{unreadIn(speech, count)}</>
}
