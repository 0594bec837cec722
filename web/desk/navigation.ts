/** The route as a signal, and the one place that touches the browser's history. */
import { signal } from '@preact/signals'
import { addressOf, path, routeOf } from './route.ts'
import type { Route } from './route.ts'

const here = () => location.pathname + location.search

export const route = signal<Route>(routeOf(here()))

export function go(change: Partial<Route>, how: 'push' | 'replace' = 'push'): void {
  const to = { ...route.value, ...change }
  const address = addressOf(to)
  if (address !== here()) {
    if (how === 'push') history.pushState(null, '', address)
    else history.replaceState(null, '', address)
  }
  route.value = to
}

/** Opens a conversation, in whatever list it is shown; none when it is null. */
export function openAddress(conversation: string | null): string {
  return addressOf({ ...route.value, conversation, pane: conversation === null ? 'inbox' : 'conversation' })
}

/** Links stay links (a new tab, a copied address); a plain click on one of ours does not load the page again. */
export function startNavigation(): void {
  addEventListener('popstate', () => {
    route.value = routeOf(here())
  })
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = (event.target as Element | null)?.closest('a')
    if (!link || link.origin !== location.origin || link.pathname !== path || link.target || link.hash) return
    event.preventDefault()
    go(routeOf(link.pathname + link.search))
  })
}
