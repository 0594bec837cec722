/**
 * `widget.js`: one script tag puts a chat on any page.
 *
 * Owns the element it adds, the shadow root in it and `window.Battuta`. Touches nothing else of the page: its styles stay
 * inside, the page's stay outside, and it works under a content security policy that knows no inline styles.
 */
import { effect, signal, untracked } from '@preact/signals'
import { render } from 'preact'
import { systemTimers } from '../../src/client/index.ts'
import { accentOf, accentOnDark, isPale } from './accent.ts'
import { api } from './api.ts'
import { Conversation } from './conversation.ts'
import { Draft } from './draft.ts'
import { Kept } from './kept.ts'
import type { PanelState } from './kept.ts'
import type { Parts } from './parts.ts'
import { Session } from './session.ts'
import { settingsOf } from './settings.ts'
import type { Settings } from './settings.ts'
import './widget.css'
import { Widget } from './widget.tsx'
import { speechFor } from './words/speech.ts'

performance.mark('battuta-evaluated')
const tag = (document.currentScript ?? document.querySelector('script[src*="/widget.js"]')) as HTMLScriptElement | null
// A page that carries the tag twice still has one chat.
if (tag && window.Battuta === undefined) start(settingsOf(tag.src, tag.dataset, navigator.languages))

function start(settings: Settings): void {
  const kept = new Kept(settings.server)
  const session = new Session(settings.server, kept, systemTimers.now)
  const talk = new Conversation(settings.server, kept, session)
  const host = document.createElement('battuta-widget')
  const root = host.attachShadow({ mode: 'open' })
  const panel = signal<PanelState>(kept.panel)
  const parts: Parts = {
    settings,
    session,
    talk,
    panel,
    speech: speechFor(settings.locales),
    draft: new Draft(settings.server, kept, session),
    show: shower(root, host, panel, kept),
  }
  root.adoptedStyleSheets = [sheet(BATTUTA_STYLES), sheet(accentStyles(settings.accent))]
  effect(() => {
    if (panel.value === 'open') untracked(() => talk.start())
  })
  if (talk.isBegun) talk.start()
  window.Battuta = api(parts)
  const mount = () => {
    document.body.append(host)
    render(<Widget parts={parts} />, root)
    document.dispatchEvent(new Event('battuta-ready'))
  }
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', mount)
  else mount()
}

/** Shows the panel or puts it away. Focus goes in with it, and back to whatever opened it. */
function shower(root: ShadowRoot, host: HTMLElement, panel: { value: PanelState }, kept: Kept): Parts['show'] {
  let opener: Element | null = null
  return (state) => {
    if (panel.value === state) return
    const hadFocus = document.activeElement === host
    if (state === 'open') opener = hadFocus || document.activeElement === document.body ? null : document.activeElement
    panel.value = state
    kept.panel = state
    // Signals draw in a microtask; after it the panel, or the button, is there.
    setTimeout(() => {
      if (state === 'open') {
        // On a phone the field would bring up the keyboard before anything was read.
        const place = matchMedia('(pointer: coarse)').matches ? '.panel' : '.field'
        root.querySelector<HTMLElement>(place)?.focus()
      } else if (hadFocus || document.activeElement === document.body) {
        if (opener?.isConnected && opener instanceof HTMLElement) opener.focus()
        else root.querySelector<HTMLElement>('.launcher')?.focus()
      }
    })
  }
}

/** Constructed sheets are no inline styles, so a strict policy lets them be. */
function sheet(styles: string): CSSStyleSheet {
  const made = new CSSStyleSheet()
  made.replaceSync(styles)
  return made
}

function accentStyles(given: string): string {
  const [light, dark] = [accentOf(given), accentOnDark(given)]
  const edge = isPale(light) ? 'var(--edge)' : 'transparent'
  return `.battuta{--accent:light-dark(${light.fill},${dark.fill});--on-accent:light-dark(${light.text},${dark.text});--accent-edge:light-dark(${edge},transparent)}`
}
