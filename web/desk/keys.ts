/** What the desk's keys do. Letters rest in fields and dialogs; with Alt, an offer is answered from anywhere. */
import { useEffect } from 'preact/hooks'
import { stepFocus, useKeys } from '../console/keys.ts'
import { accept, decline } from './connection.ts'
import { opened } from './conversation.ts'
import { openDialog } from './dialogs.ts'
import type { DialogName } from './dialogs.ts'
import { go, route } from './navigation.ts'
import { offers } from './offers.ts'
import type { Offer } from './offers.ts'
import { mayHandOver } from './thread/may.ts'
import { toggleFold } from './thread/packet-fold.ts'

const rows = '.inbox a.inbox-row'

/** The search field asks for focus when it is shown by a key. */
export function focusSearch(): void {
  if (route.value.pane !== 'inbox' && matchMedia('(max-width: 899px)').matches) go({ pane: 'inbox' })
  document.querySelector<HTMLElement>('.inbox-search input')?.focus()
}

export function focusComposer(kind: 'reply' | 'note'): void {
  document.querySelector<HTMLElement>(`[data-compose="${kind}"]`)?.click()
  document.querySelector<HTMLElement>('.composer textarea')?.focus()
}

export function toggleContext(): void {
  go({ pane: route.value.pane === 'context' ? (route.value.conversation === null ? 'inbox' : 'conversation') : 'context' }, 'replace')
}

export function useDeskKeys(): void {
  useKeys({
    a: () => answer(accept),
    d: () => answer(decline),
    j: () => stepFocus(rows, 1),
    k: () => stepFocus(rows, -1),
    '/': focusSearch,
    r: () => focusComposer('reply'),
    n: () => focusComposer('note'),
    h: () => openIfMay('hand-over'),
    b: () => openIfMay('give-back'),
    e: () => openIfMay('resolve'),
    f: () => opened.value && toggleFold(opened.value.id),
    c: toggleContext,
    '?': () => (openDialog.value = 'keys'),
  })
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!event.altKey || event.ctrlKey || event.metaKey) return
      // The letter that comes of Alt differs between platforms; the key does not.
      const run = event.code === 'KeyA' ? accept : event.code === 'KeyD' ? decline : null
      if (run === null || openOffer() === undefined) return
      event.preventDefault()
      answer(run)
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
}

function answer(how: (offer: Offer) => Promise<void>): void {
  const offer = openOffer()
  if (offer) void how(offer)
}

function openOffer(): Offer | undefined {
  return offers.value.find(({ ended, answering }) => ended === null && answering === null)
}

function openIfMay(dialog: DialogName): void {
  if (mayHandOver()) openDialog.value = dialog
}
