import { Sign } from '../shared/brand.tsx'
import { clock } from '../shared/format.ts'
import { Icon } from '../shared/icon.tsx'
import { Mark } from '../shared/mark.tsx'
import { theme, toggleTheme } from '../shared/theme.ts'
import { now, serverNow } from './clock.ts'
import { isLive, notLiveSince } from './connection.ts'
import { openDialog } from './dialogs.ts'
import { queues } from './floor.ts'
import { Caesura } from './not-live.tsx'
import { PresenceMenu } from './presence-menu.tsx'
import './top-bar.css'
import { isUnderPromise, serviceWords, waited } from './words.ts'
import type { QueueReply } from '../../src/client/index.ts'

export function TopBar() {
  return (
    <header class="desk-top">
      <h1 class="desk-brand">
        <Sign />
        Desk
      </h1>
      <PresenceMenu />
      <ul class="desk-queues" aria-label="Queues">
        {queues.value.map((queue) => (
          <Queue key={queue.name} queue={queue} />
        ))}
      </ul>
      <div class="desk-top-end">
        <button class="quiet dense desk-keys-button" onClick={() => (openDialog.value = 'keys')} aria-label="Keys">
          <kbd>?</kbd> keys
        </button>
        <button class="quiet dense desk-theme" onClick={toggleTheme} aria-label={theme.value === 'dark' ? 'Use the light theme' : 'Use the dark theme'}>
          <Icon name="theme" />
        </button>
        <LiveSign />
      </div>
    </header>
  )
}

function Queue({ queue: { name, waiting, longestWaitMs, serviceLevel } }: { queue: QueueReply }) {
  const strained = isUnderPromise(serviceLevel)
  return (
    <li>
      <b>{name}</b> {waiting} waiting{waiting > 0 && `, longest ${waited(longestWaitMs)}`}
      {strained && (
        <span class="strained nowrap">
          <Mark of="strained" /> {serviceWords(serviceLevel)}
        </span>
      )}
    </li>
  )
}

/** Four beats that step once a second while the line is good; a caesura and the last time when it is not. */
function LiveSign() {
  const since = notLiveSince.value
  if (since !== null) {
    return (
      <span class="desk-live strained">
        <Caesura /> <span class="desk-live-word">not live</span> <span class="mono desk-clock">{clock(since)}</span>
      </span>
    )
  }
  const step = isLive.value ? Math.floor(now.value / 1_000) % 4 : -1
  return (
    <span class="desk-live">
      <svg width="34" height="10" aria-hidden="true">
        {[0, 1, 2, 3].map((beat) => (
          <circle class={beat <= step ? 'beat-on' : 'beat-off'} cx={5 + beat * 8} cy="5" r={beat === step ? 3.5 : 2} />
        ))}
      </svg>
      <span class="desk-live-word">{isLive.value ? 'live' : 'connecting'}</span>
      <span class="mono desk-clock">{clock(serverNow.value)}</span>
    </span>
  )
}
