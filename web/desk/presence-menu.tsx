import { useRef } from 'preact/hooks'
import type { Presence } from '../../src/client/index.ts'
import { theme, toggleTheme } from '../shared/theme.ts'
import { isLive, leave, setPresence } from './connection.ts'
import { person, place } from './floor.ts'
import { Glyph } from './glyph.tsx'
import { presenceWords } from './words.ts'

const choices: readonly { readonly state: Exclude<Presence, 'offline'>; readonly means: string }[] = [
  { state: 'available', means: 'offers come to you' },
  { state: 'busy', means: 'you keep what you have, and get no offers' },
  { state: 'away', means: 'the same, and colleagues see that you are not here' },
]

/** How this person is, with the places they have taken; a menu to change it, and the way out. */
export function PresenceMenu() {
  const menu = useRef<HTMLDivElement>(null)
  const { state, taken, capacity } = place.value
  const off = !isLive.value
  const choose = (next: Exclude<Presence, 'offline'>) => {
    setPresence(next)
    menu.current?.hidePopover()
  }
  return (
    <div class="presence">
      <button class="quiet" popovertarget="presence-menu">
        <PresenceMark state={state} />
        <b>{presenceWords[state]}</b>
        <span class="aside-text">, </span>
        <span class="dim presence-places cut">
          {taken} of {capacity} places taken
        </span>
        <span class="aside-text">: change how you are</span>
        <Glyph name="down" />
      </button>
      <div ref={menu} id="presence-menu" class="presence-menu" popover="auto">
        {person.value && (
          <p class="small dim">
            {person.value.name}, {person.value.role}
            {person.value.skills.length > 0 && `: ${person.value.skills.join(', ')}`}
          </p>
        )}
        <div role="group" aria-label="How you are">
          {choices.map(({ state: choice, means }) => (
            <button class="quiet presence-choice" aria-pressed={state === choice} disabled={off} onClick={() => choose(choice)}>
              <PresenceMark state={choice} />
              <span>
                <b>{presenceWords[choice]}</b>
                <span class="small dim">{means}</span>
              </span>
            </button>
          ))}
        </div>
        {off && <p class="small strained">It cannot be changed without a connection.</p>}
        <div class="presence-end">
          <button class="quiet dense presence-theme" onClick={toggleTheme}>
            {theme.value === 'dark' ? 'Use the light theme' : 'Use the dark theme'}
          </button>
          <button class="quiet dense" onClick={() => void leave()}>
            Sign out
          </button>
        </div>
      </div>
    </div>
  )
}

/** Round, as people are: filled when offers come, half when they do not, a ring when nobody is there. */
export function PresenceMark({ state }: { state: Presence }) {
  return (
    <svg class={`mark presence-mark presence-${state}`} viewBox="0 0 12 12" aria-hidden="true">
      <circle cx="6" cy="6" r="4.6" />
      {state === 'busy' && <path d="M6 1.4a4.6 4.6 0 0 0 0 9.2z" />}
    </svg>
  )
}
