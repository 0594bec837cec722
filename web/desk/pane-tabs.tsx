import { Icon } from '../shared/icon.tsx'
import { Glyph } from './glyph.tsx'
import { mine, readTo, unreadOf } from './inbox.ts'
import { route } from './navigation.ts'
import { addressOf } from './route.ts'
import type { Pane } from './route.ts'

/** Below 900 px one pane is seen at a time. */
export function PaneTabs() {
  const { value } = route
  const unread = mine.value.filter((item) => item.conversation !== value.conversation && unreadOf(item, readTo.value) > 0).length
  const tab = (pane: Pane, word: string, icon: preact.ComponentChild) => (
    <a href={addressOf({ ...value, pane })} aria-current={value.pane === pane ? 'page' : undefined}>
      {icon}
      {word}
      {pane === 'inbox' && unread > 0 && <span class="aside-text">, {unread} with something unread</span>}
    </a>
  )
  return (
    <nav class="pane-tabs" aria-label="Panes">
      {tab(
        'inbox',
        'Inbox',
        <span class={unread > 0 ? 'has-unread' : ''}>
          <Glyph name="chat" />
        </span>,
      )}
      {tab('conversation', 'Conversation', <Glyph name="note" />)}
      {tab('context', 'Context', <Icon name="clock" />)}
    </nav>
  )
}
