import { useRef, useState } from 'preact/hooks'
import type { BattutaClientError } from '../../src/client/index.ts'
import { Sign } from '../shared/brand.tsx'
import { Mark } from '../shared/mark.tsx'
import { leave } from './connection.ts'
import { signIn } from './session.ts'
import './sign-in.css'

/** The page of whoever has no cookie: name and password, or a link. */
export function SignIn({ refused, ended }: { refused: BattutaClientError | null; ended: boolean }) {
  const [problem, setProblem] = useState(refused)
  const [busy, setBusy] = useState(false)
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const nameField = useRef<HTMLInputElement>(null)
  const submit = async (event: Event) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    const error = await signIn(name.trim(), password)
    setBusy(false)
    if (error === null) return
    setProblem(error)
    setPassword('')
    nameField.current?.focus()
  }
  return (
    <main class="desk-entry">
      <Stave />
      <h1>{ended ? 'Your session has ended.' : 'Sign in to the desk.'}</h1>
      {ended && <p>What you had begun to write is kept in this browser. Your conversations wait for you, until their lease is over.</p>}
      {problem && (
        <p class="desk-entry-refused" role="alert">
          <span class="strained nowrap">
            <Mark of="strained" /> <b>{problem.code === 'LINK_CODE_INVALID' ? 'That link did not open it.' : 'That did not open it.'}</b>
          </span>{' '}
          {problem.detail} <code class="faint">{problem.code}</code>
        </p>
      )}
      <form class="desk-entry-form" onSubmit={submit}>
        <label>
          Name
          <input
            ref={nameField}
            name="name"
            autocomplete="username"
            required
            autocapitalize="none"
            spellcheck={false}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <label>
          Password
          <input
            name="password"
            type="password"
            autocomplete="current-password"
            required
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        <button class="solid" disabled={busy}>
          {busy ? 'Signing in' : 'Sign in'}
        </button>
      </form>
      <p class="dim">A link from your administrator opens the desk too, once, and then stays signed in here.</p>
    </main>
  )
}

/** Signed in, but not as somebody who has a desk. */
export function NoDesk({ error }: { error: BattutaClientError }) {
  return (
    <main class="desk-entry">
      <Stave />
      <h1>There is no desk for you here.</h1>
      <p role="alert">
        {error.detail} <code class="faint">{error.code}</code>
      </p>
      <p class="dim">An administrator can give you a place: a name, a role, and the skills of the queues you answer.</p>
      <p>
        <button class="solid" onClick={() => void leave()}>
          Sign in as somebody else
        </button>
      </p>
    </main>
  )
}

/** The server did not answer the first question, so nothing is known, not even who this is. */
export function NoServer({ error, again }: { error: BattutaClientError; again: () => void }) {
  return (
    <main class="desk-entry">
      <Stave />
      <h1>The server does not answer.</h1>
      <p role="alert">
        {error.detail} <code class="faint">{error.code}</code>
      </p>
      <p>
        <button class="solid" onClick={again}>
          Try again
        </button>
      </p>
    </main>
  )
}

function Stave() {
  return (
    <div class="desk-entry-stave" aria-hidden="true">
      <Sign height={48} />
    </div>
  )
}
