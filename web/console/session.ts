/** Who is signed in: by the cookie of an earlier visit, or by the one-use code in the link's fragment. */
import { signal } from '@preact/signals'
import { BattutaClientError } from '../../src/client/index.ts'
import { door } from './door.ts'

export type Session =
  | { readonly kind: 'asking' }
  | { readonly kind: 'in'; readonly role: string }
  /** `refused` when a link was followed and its code did not open. */
  | { readonly kind: 'out'; readonly refused: BattutaClientError | null }
  | { readonly kind: 'unreachable'; readonly error: BattutaClientError }

export const session = signal<Session>({ kind: 'asking' })

export async function startSession(): Promise<void> {
  session.value = { kind: 'asking' }
  const code = new URLSearchParams(location.hash.slice(1)).get('code')
  // The code is used up by the request: it must not stay in the address, the history or a copied link.
  if (code !== null) history.replaceState(null, '', location.pathname + location.search)
  const refused = code === null ? null : await attempt(() => door.session.open(code))
  if (code !== null && refused === null) return
  const error = await attempt(() => door.session.get())
  if (error === null) return
  session.value = error.status === 401 || error.status === 403 ? { kind: 'out', refused } : { kind: 'unreachable', error }
}

/** The cookie ran out, or an administrator ended the session, while the page was open. */
export function endSession(): void {
  session.value = { kind: 'out', refused: null }
}

async function attempt(ask: () => Promise<{ role: string }>): Promise<BattutaClientError | null> {
  try {
    const { role } = await ask()
    session.value = { kind: 'in', role }
    return null
  } catch (error) {
    if (error instanceof BattutaClientError) return error
    throw error
  }
}
