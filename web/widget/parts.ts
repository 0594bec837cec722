/** What every part of the widget is given. */
import type { Signal } from '@preact/signals'
import type { Conversation } from './conversation.ts'
import type { Draft } from './draft.ts'
import type { PanelState } from './kept.ts'
import type { Session } from './session.ts'
import type { Settings } from './settings.ts'
import type { Speech } from './words/speech.ts'

export interface Parts {
  readonly settings: Settings
  readonly speech: Speech
  readonly session: Session
  readonly talk: Conversation
  readonly draft: Draft
  readonly panel: Signal<PanelState>
  /** Shows the panel, or puts it away; the focus goes along. */
  readonly show: (state: PanelState) => void
}

/** Full screen: a phone, or a window too low for a panel. */
export const phone: MediaQueryList = matchMedia('(max-width: 480px), (max-height: 480px)')
