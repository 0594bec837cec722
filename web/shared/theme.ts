/** `?theme=`, then the stored choice, then what the system prefers. */
import { signal } from '@preact/signals'
import { readStored, writeStored } from './stored.ts'

export type Theme = 'light' | 'dark'

const key = 'battuta-theme'
const isTheme = (text: string | null): text is Theme => text === 'light' || text === 'dark'

function chosen(): Theme | null {
  const asked = new URLSearchParams(location.search).get('theme')
  if (isTheme(asked)) return asked
  const stored = readStored(key)
  return isTheme(stored) ? stored : null
}

function preferred(): Theme {
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

export const theme = signal<Theme>('light')

/** Called once, before anything is drawn. */
export function startTheme(): void {
  const apply = () => {
    const choice = chosen()
    theme.value = choice ?? preferred()
    if (choice) document.documentElement.dataset['theme'] = choice
  }
  apply()
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', apply)
}

export function toggleTheme(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark'
  document.documentElement.dataset['theme'] = theme.value
  writeStored(key, theme.value)
  // A theme asked for in the address would win over the choice just made.
  const url = new URL(location.href)
  if (!url.searchParams.has('theme')) return
  url.searchParams.delete('theme')
  history.replaceState(history.state, '', url)
}
