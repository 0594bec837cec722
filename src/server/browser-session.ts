/**
 * Signing a browser in: a one-use code from a link, or a name and its password, becomes a signed cookie and a CSRF token.
 *
 * Owns: the codes that are out (in memory, as hashes), the sessions that were ended early (a setting), and who must hear of it
 * when one is over. Does not own: the cookie's header (session-doors.ts), passwords (people.ts), who may ask for a code.
 *
 * B1 A code works once, and not after `linkCodeMsMax`.
 * B2 A session ends at `expiresAt`, or when it is ended; a restart neither ends nor revives one.
 * B3 A CSRF token belongs to one session and tells nothing about its cookie.
 * B4 A person's session ends with their account, their password or their role; whoever holds it open hears of it at once.
 */
import { BattutaError, sha256 } from '../base/index.ts'
import type { World } from '../base/index.ts'
import type { PersonReply, PersonRole } from '../definition/index.ts'
import type { People } from './people.ts'
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
  /** Null: the admin of a link that names nobody. */
  readonly person: string | null
  readonly role: PersonRole
  readonly startedAt: number
  readonly expiresAt: number
}

export interface BrowserSessions {
  /** A code for one sign-in, as `person` or as admin without a name. Throws PERSON_UNKNOWN. */
  newCode(person?: string | null): { readonly code: string; readonly expiresAt: number }
  /** Throws LINK_CODE_INVALID. */
  redeem(code: string): BrowserSession
  /** Of somebody who proved who they are. */
  begin(person: PersonReply | null): BrowserSession
  cookieOf(session: BrowserSession): string
  /** Null when the cookie is not ours, expired or ended. */
  read(cookie: string): BrowserSession | null
  csrfOf(session: BrowserSession): string
  isCsrf(session: BrowserSession, token: string): boolean
  end(session: BrowserSession): Promise<void>
  /** Calls back once, when the session is over. Returns what stops it. */
  hold(session: BrowserSession, onOver: () => void): () => void
}

export async function openBrowserSessions(world: World, secret: Uint8Array, settings: Settings, people: People): Promise<BrowserSessions> {
  const codes = new Map<string, { readonly person: string | null; readonly expiresAt: number }>()
  const ended = new Map<string, number>(JSON.parse((await settings.setting('endedSessions')) ?? '[]') as [string, number][])
  const held = new Map<BrowserSession, () => void>()
  const random = (bytes: number): string => Buffer.from(world.randomBytes(bytes)).toString('base64url')
  const csrfOf = (session: BrowserSession): string => sign(secret, `csrf.${session.id}`).toString('base64url')
  const isOver = ({ id, person, startedAt, expiresAt }: BrowserSession): boolean =>
    expiresAt <= world.now() || ended.has(id) || (person !== null && people.isOver(person, startedAt))
  const tell = (): void => {
    for (const [session, onOver] of held) {
      if (!isOver(session)) continue
      held.delete(session)
      onOver()
    }
  }
  people.watch((_id, news) => {
    if (news === 'over') tell()
  })
  const begin = (person: PersonReply | null): BrowserSession => {
    const startedAt = person === null ? world.now() : people.beginning(person.id)
    return { id: random(18), person: person?.id ?? null, role: person?.role ?? 'admin', startedAt, expiresAt: startedAt + sessionMsMax }
  }

  return {
    csrfOf,
    begin,
    newCode(person = null) {
      if (person !== null) people.get(person)
      const oldest = codes.keys().next().value
      if (codes.size >= linkCodesMax && oldest !== undefined) codes.delete(oldest)
      const code = random(24)
      const expiresAt = world.now() + linkCodeMsMax
      codes.set(sha256(code), { person, expiresAt })
      return { code, expiresAt }
    },
    redeem(code) {
      const key = sha256(code)
      const found = codes.get(key)
      codes.delete(key)
      const person = found?.person == null ? null : people.find(found.person)
      if (found === undefined || found.expiresAt <= world.now() || (found.person !== null && person === null)) {
        throw new BattutaError(
          'LINK_CODE_INVALID',
          'this sign-in link was used before, is too old, is from before a restart, or its account is closed; run `battuta link` for a new one',
        )
      }
      return begin(person)
    },
    cookieOf: (session) => seal(secret, 'session', session),
    read(cookie) {
      const session = unseal(secret, 'session', cookie) as BrowserSession | null
      // A cookie of the first release has no beginning; its browser signs in again.
      return session === null || session.startedAt === undefined || isOver(session) ? null : session
    },
    isCsrf: (session, token) => equalBytes(Buffer.from(token), Buffer.from(csrfOf(session))),
    async end(session) {
      for (const [id, expiresAt] of ended) if (expiresAt <= world.now()) ended.delete(id)
      ended.set(session.id, session.expiresAt)
      tell()
      await settings.putSetting('endedSessions', JSON.stringify([...ended]))
    },
    hold(session, onOver) {
      // A value of its own, so that two holders of one session are told apart.
      const own = { ...session }
      const timer = world.setTimer(Math.max(0, session.expiresAt - world.now()), tell)
      held.set(own, () => {
        timer.cancel()
        onOver()
      })
      return () => {
        timer.cancel()
        held.delete(own)
      }
    },
  }
}
