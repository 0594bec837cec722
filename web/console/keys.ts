/** Single-letter keys: what they do on this page, and the switch that turns them off. */
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { readStored, writeStored } from '../shared/stored.ts'

const storedName = 'battuta-letters'

export const lettersOn = signal(readStored(storedName) !== 'off')

export function switchLetters(on: boolean): void {
  lettersOn.value = on
  writeStored(storedName, on ? null : 'off')
}

/** Keys of the view that is mounted; nothing happens in fields, in dialogs, or with a modifier held. */
export function useKeys(keys: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!lettersOn.value || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      const target = event.target as HTMLElement
      if (target.closest('input, textarea, select, [contenteditable], dialog')) return
      const run = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key]
      if (!run) return
      event.preventDefault()
      run()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  })
}

/** Moves focus to the next or previous of the links that match, from wherever it is; the first when it is elsewhere. */
export function stepFocus(selector: string, step: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>(selector)]
  const at = links.indexOf(document.activeElement as HTMLElement)
  const next = links[at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + step))]
  next?.focus()
  next?.scrollIntoView({ block: 'nearest' })
}
