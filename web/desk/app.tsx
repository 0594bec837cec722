import { useEffect } from 'preact/hooks'
import { BareStave } from '../console/panel.tsx'
import './app.css'
import { politeText, urgentText } from './announce.ts'
import { startClock } from './clock.ts'
import { notLiveSince, show, startDesk } from './connection.ts'
import { Context } from './context/context.tsx'
import { Inbox } from './inbox/inbox.tsx'
import { OfferStrip } from './inbox/offer-strip.tsx'
import { KeyHelp } from './key-help.tsx'
import { useDeskKeys } from './keys.ts'
import { route } from './navigation.ts'
import { NotLive } from './not-live.tsx'
import { openDialog } from './dialogs.ts'
import { PaneTabs } from './pane-tabs.tsx'
import { session, startSession } from './session.ts'
import { NoDesk, NoServer, SignIn } from './sign-in.tsx'
import { Thread } from './thread/thread.tsx'
import { HandOver } from './thread/hand-over.tsx'
import { Resolve } from './thread/resolve.tsx'
import { TopBar } from './top-bar.tsx'

export function App() {
  const { value } = session
  useEffect(() => void startSession(), [])
  if (value.kind === 'asking') {
    return (
      <main class="desk-start">
        <BareStave>Signing in.</BareStave>
      </main>
    )
  }
  if (value.kind === 'out') return <SignIn refused={value.refused} ended={value.ended} />
  if (value.kind === 'elsewhere') return <NoDesk error={value.error} />
  if (value.kind === 'unreachable') return <NoServer error={value.error} again={startSession} />
  return <Desk />
}

function Desk() {
  const { conversation, pane } = route.value
  useEffect(startClock, [])
  useEffect(startDesk, [])
  useEffect(() => show(conversation), [conversation])
  useDeskKeys()
  return (
    <div class={`desk-page${notLiveSince.value === null ? '' : ' is-not-live'}`} data-pane={pane}>
      <a class="desk-skip" href="#thread">
        Skip to the conversation
      </a>
      <TopBar />
      <NotLive />
      <OfferStrip />
      <div class="desk-panes">
        <Inbox />
        <Thread />
        <Context />
      </div>
      <PaneTabs />
      <Dialogs />
      <p class="aside-text" aria-live="polite">
        {politeText.value}
      </p>
      <p class="aside-text" aria-live="assertive">
        {urgentText.value}
      </p>
    </div>
  )
}

function Dialogs() {
  const { value } = openDialog
  const close = () => {
    openDialog.value = null
  }
  if (value === 'keys') return <KeyHelp close={close} />
  if (value === 'hand-over' || value === 'give-back') return <HandOver to={value === 'give-back' ? 'bot' : 'queue'} close={close} />
  if (value === 'resolve') return <Resolve close={close} />
  return null
}
