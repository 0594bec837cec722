/** The bank's own page: its sections, and what it asks of the chat through `window.Battuta`. */
import type { Battuta } from '../widget/api.ts'

/** Undefined while its script loads, or when it is blocked. */
const chat = (): Battuta | undefined => window.Battuta
const sections = [...document.querySelectorAll<HTMLElement>('main > section')]
const links = [...document.querySelectorAll<HTMLAnchorElement>('nav a')]

/** Shows the section that the address names, and tells the chat's server which screen that is. */
function enter(isNews: boolean): void {
  const name = sections.find(({ id }) => id === location.hash.slice(1))?.id ?? 'cards'
  for (const section of sections) section.hidden = section.id !== name
  for (const link of links) {
    if (link.hash === `#${name}`) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
  document.title = `${document.querySelector('main > section:not([hidden]) h1')?.textContent ?? ''} · Harbour Bank`
  // A page that was only looked at asks for no token; and the bank goes on without its chat.
  if (isNews)
    chat()
      ?.event('appOpened', { screen: name })
      .catch(() => {})
}

enter(false)
window.addEventListener('hashchange', () => enter(true))
document.addEventListener('click', ({ target }) => {
  const button = target instanceof Element ? target.closest<HTMLElement>('[data-ask]') : null
  if (button) chat()?.open(button.dataset['ask'])
})
