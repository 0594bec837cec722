import { Sign } from '../shared/brand.tsx'
import { Mark } from '../shared/mark.tsx'
import type { BattutaClientError } from '../../src/client/index.ts'
import './sign-in.css'

/** The page of whoever has no cookie: how to get a link. */
export function SignIn({ refused }: { refused: BattutaClientError | null }) {
  return (
    <main class="sign-in">
      <div class="sign-in-stave" aria-hidden="true">
        <Sign height={48} />
      </div>
      <h1>This console opens with a link.</h1>
      {refused && (
        <p class="sign-in-refused" role="alert">
          <span class="strained nowrap">
            <Mark of="strained" /> <b>That link did not open it.</b>
          </span>{' '}
          {refused.detail} <code class="faint">{refused.code}</code>
        </p>
      )}
      <p>
        Battuta prints one each time it starts: the line that begins with <b>console</b>. For a new one, run this where the server runs, and open what it
        prints:
      </p>
      <pre class="command">battuta link</pre>
      <p class="dim">A link opens once, in one browser, and then stays signed in there.</p>
    </main>
  )
}

/** The server did not answer the first question, so nothing is known, not even who this is. */
export function NoServer({ error, again }: { error: BattutaClientError; again: () => void }) {
  return (
    <main class="sign-in">
      <div class="sign-in-stave" aria-hidden="true">
        <Sign height={48} />
      </div>
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
