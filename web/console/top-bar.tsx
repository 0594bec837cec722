import { useState } from 'preact/hooks'
import { Sign } from '../shared/brand.tsx'
import { Icon } from '../shared/icon.tsx'
import { theme, toggleTheme } from '../shared/theme.ts'
import { hello } from './feed.ts'
import { KeyHelp } from './key-help.tsx'
import { useKeys } from './keys.ts'
import { LiveSign } from './live-sign.tsx'
import { route } from './navigation.ts'
import './top-bar.css'

const tabs = [
  { page: 'live', word: 'Live', href: '/' },
  { page: 'decisions', word: 'Decisions', href: '/decisions' },
  { page: 'customers', word: 'Customers', href: '/customers' },
] as const

export function TopBar() {
  const [help, setHelp] = useState(false)
  const app = hello.value?.app
  useKeys({ '?': () => setHelp(true) })
  return (
    <header class="top">
      <a class="brand" href="/">
        <Sign />
        <span>Battuta</span>
      </a>
      <nav class="tabs" aria-label="Console">
        {tabs.map(({ page, word, href }) => (
          <a href={href} aria-current={route.value.page === page ? 'page' : undefined}>
            {word}
          </a>
        ))}
      </nav>
      <div class="top-facts">
        {app && (
          <span class="top-app">
            {app.name} <code class="faint">{app.version.slice(0, 7)}</code>
          </span>
        )}
        {hello.value && <span class="top-deployment">{hello.value.deployment}</span>}
        <LiveSign />
      </div>
      <div class="top-buttons">
        <button class="quiet dense top-keys" onClick={() => setHelp(true)} aria-label="Keys">
          <kbd>?</kbd>
        </button>
        <button class="quiet dense" onClick={toggleTheme} aria-label={theme.value === 'dark' ? 'Use the light theme' : 'Use the dark theme'}>
          <Icon name="theme" />
        </button>
      </div>
      {help && <KeyHelp close={() => setHelp(false)} />}
    </header>
  )
}
