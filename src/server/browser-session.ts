/**
 * Signing a browser in: a one-use code from a link becomes a signed cookie and a CSRF token.
 *
 * Owns: the codes that are out (in memory, as hashes) and the sessions that were ended early (a setting).
 * Does not own: the cookie's header (session-door.ts), who may ask for a code.
 *
 * B1 A code works once, and not after `linkCodeMsMax`.
 * B2 A session ends at `expiresAt`, or when it is ended; a restart neither ends nor revives one.
 * B3 A CSRF token belongs to one session and tells nothing about its cookie.
 */
import { BattutaError, sha256 } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { equalBytes, seal, sign, unseal } from './seal.ts'
import type { Settings } from './vault.ts'

/** How long a link can be opened. */
export const linkCodeMsMax: number = 12 * 3_600_000
/** How long a browser stays signed in. */
export const sessionMsMax: number = 12 * 3_600_000
/** Codes that may be out at once; the oldest makes room. */
const linkCodesMax = 100

export interface BrowserSession {
  readonly id: string
  readonly role: 'admin'
  readonly expiresAt: number
}

export interface BrowserSessions {
  /** A code for one sign-in. */
  newCode(): { readonly code: string; readonly expiresAt: number }
  /** Throws LINK_CODE_INVALID. */
  redeem(code: string): BrowserSession
  cookieOf(session: BrowserSession): string
  /** Null when the cookie is not ours, expired or ended. */
  read(cookie: string): BrowserSession | null
  csrfOf(session: BrowserSession): string
  isCsrf(session: BrowserSession, token: string): boolean
  end(session: BrowserSession): Promise<void>
}

export async function openBrowserSessions(world: World, secret: Uint8Array, settings: Settings): Promise<BrowserSessions> {
  const codes = new Map<string, number>()
  const ended = new Map<string, number>(JSON.parse((await settings.setting('endedSessions')) ?? '[]') as [string, number][])
  const random = (bytes: number): string => Buffer.from(world.randomBytes(bytes)).toString('base64url')
  const csrfOf = (session: BrowserSession): string => sign(secret, `csrf.${session.id}`).toString('base64url')

  return {
    csrfOf,
    newCode() {
      const oldest = codes.keys().next().value
      if (codes.size >= linkCodesMax && oldest !== undefined) codes.delete(oldest)
      const code = random(24)
      const expiresAt = world.now() + linkCodeMsMax
      codes.set(sha256(code), expiresAt)
      return { code, expiresAt }
    },
    redeem(code) {
      const key = sha256(code)
      const expiresAt = codes.get(key)
      codes.delete(key)
      if (expiresAt === undefined || expiresAt <= world.now()) {
        throw new BattutaError(
          'LINK_CODE_INVALID',
          'this sign-in link was used before, is too old, or is from before a restart; run `battuta link` for a new one',
        )
      }
      return { id: random(18), role: 'admin', expiresAt: world.now() + sessionMsMax }
    },
    cookieOf: (session) => seal(secret, 'session', session),
    read(cookie) {
      const session = unseal(secret, 'session', cookie) as BrowserSession | null
      return session === null || session.expiresAt <= world.now() || ended.has(session.id) ? null : session
    },
    isCsrf: (session, token) => equalBytes(Buffer.from(token), Buffer.from(csrfOf(session))),
    async end(session) {
      for (const [id, expiresAt] of ended) if (expiresAt <= world.now()) ended.delete(id)
      ended.set(session.id, session.expiresAt)
      await settings.putSetting('endedSessions', JSON.stringify([...ended]))
    },
  }
}
