import { useEffect } from 'preact/hooks'
import './app.css'
import { startFeed } from './feed.ts'
import { route } from './navigation.ts'
import { session, startSession } from './session.ts'
import { CustomersPage } from './customers/customers-page.tsx'
import { DecisionsPage } from './decisions/decisions-page.tsx'
import { LivePage } from './live/live-page.tsx'
import { BareStave } from './panel.tsx'
import { NoServer, SignIn } from './sign-in.tsx'
import { TopBar } from './top-bar.tsx'

export function App() {
  const { value } = session
  useEffect(() => void startSession(), [])
  if (value.kind === 'asking') {
    return (
      <main class="start-up">
        <BareStave>Signing in.</BareStave>
      </main>
    )
  }
  if (value.kind === 'out') return <SignIn refused={value.refused} />
  if (value.kind === 'unreachable') return <NoServer error={value.error} again={startSession} />
  return <Console />
}

function Console() {
  useEffect(() => startFeed(), [])
  return (
    <>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <TopBar />
      <Page />
    </>
  )
}

const titles = { live: 'Live', decisions: 'Decisions', customers: 'Customers', unknown: 'No such page' } as const

function Page() {
  const { value } = route
  const of = value.page === 'decisions' || value.page === 'customers' ? value.id : null
  useEffect(() => {
    document.title = `${of === null ? '' : `${of} · `}${titles[value.page]} · Battuta`
  }, [value.page, of])
  if (value.page === 'live') return <LivePage why={value.why} />
  if (value.page === 'decisions') return <DecisionsPage id={value.id} filters={value.filters} />
  if (value.page === 'customers') return <CustomersPage id={value.id} open={value.open} />
  return (
    <main id="main" class="page">
      <h1>No such page</h1>
      <p class="dim">
        Nothing is at <code>{value.path}</code>. <a href="/">Live</a> shows what happens now.
      </p>
    </main>
  )
}
