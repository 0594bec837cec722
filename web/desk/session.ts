/** Who is signed in: by the cookie of an earlier visit, by name and password, or by the one-use code in a link's fragment. */
import { signal } from '@preact/signals'
import { BattutaClientError } from '../../src/client/index.ts'
import type { SessionReply } from '../../src/client/index.ts'
import { door } from './door.ts'

export type Session =
  | { readonly kind: 'asking' }
  | { readonly kind: 'in' }
  /** `refused` when a name, a password or a link did not open; `ended` when the session was over while the page was open. */
  | { readonly kind: 'out'; readonly refused: BattutaClientError | null; readonly ended: boolean }
  /** Signed in as somebody, or something, that has no desk. */
  | { readonly kind: 'elsewhere'; readonly error: BattutaClientError }
  | { readonly kind: 'unreachable'; readonly error: BattutaClientError }

export const session = signal<Session>({ kind: 'asking' })

const namesNobody = new BattutaClientError('FORBIDDEN', 'You are signed in as the administrator, who is nobody in particular: sign in as a person.', {
  status: 403,
})

export async function startSession(): Promise<void> {
  session.value = { kind: 'asking' }
  const code = new URLSearchParams(location.hash.slice(1)).get('code')
  // The code is used up by the request: it must not stay in the address, the history or a copied link.
  if (code !== null) history.replaceState(null, '', location.pathname + location.search)
  const refused = code === null ? null : await attempt(() => door.session.open(code))
  if (code !== null && refused === null) return
  const error = await attempt(() => door.session.get())
  if (error === null) return
  session.value = error.status === 401 || error.status === 403 ? { kind: 'out', refused, ended: false } : { kind: 'unreachable', error }
}

/** What the door said against it; null when it opened. */
export async function signIn(name: string, password: string): Promise<BattutaClientError | null> {
  return attempt(() => door.session.signIn(name, password))
}

export async function signOut(): Promise<void> {
  try {
    await door.session.end()
  } catch (error) {
    // A session that the server no longer knows is over all the same.
    if (!(error instanceof BattutaClientError)) throw error
  }
  session.value = { kind: 'out', refused: null, ended: false }
}

/** The cookie ran out, or an administrator ended the session, while the page was open. */
export function endSession(): void {
  if (session.value.kind === 'in') session.value = { kind: 'out', refused: null, ended: true }
}

export function noDeskHere(error: BattutaClientError): void {
  session.value = { kind: 'elsewhere', error }
}

async function attempt(ask: () => Promise<SessionReply>): Promise<BattutaClientError | null> {
  try {
    const { person } = await ask()
    session.value = person === null ? { kind: 'elsewhere', error: namesNobody } : { kind: 'in' }
    return null
  } catch (error) {
    if (error instanceof BattutaClientError) return error
    throw error
  }
}
