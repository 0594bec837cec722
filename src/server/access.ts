/**
 * Who stands at a door, and whether they may come in.
 *
 * A1 A cookie counts only on a request of our own page, and changes something only with its CSRF token.
 * A2 A bearer token, when there is one, is all that counts: a browser never adds it by itself.
 */
import type { FastifyRequest } from 'fastify'
import { BattutaError } from '../base/index.ts'
import type { ChatSession } from '../channels/index.ts'
import type { PersonReply } from '../definition/index.ts'
import type { Caller } from '../orchestrator/index.ts'
import type { BrowserSession } from './browser-session.ts'
import { looksLikeChatToken, readChatToken } from './chat-token.ts'
import type { Door, Role } from './doors.ts'
import type { Reader } from './may.ts'
import type { House } from './parts.ts'
import type { Places } from './places.ts'

export const cookieName = 'battuta_session'

export interface Visitor {
  readonly role: Role
  readonly caller: Caller
  /** Set when it is a browser's cookie. */
  readonly session: BrowserSession | null
  /** Set when somebody with an account is signed in. */
  readonly person: PersonReply | null
  /** Set when it is a chat token. */
  readonly chat: ChatSession | null
}

const serviceCaller: Caller = Object.freeze({ role: 'service' })
const nobody = { session: null, person: null, chat: null } as const
const byKey: Readonly<Record<'admin' | 'service', Visitor>> = Object.freeze({
  admin: Object.freeze({ role: 'admin', caller: serviceCaller, ...nobody }),
  service: Object.freeze({ role: 'service', caller: serviceCaller, ...nobody }),
})

/** The visitor, or null where everybody may come in and nobody said who they are. Throws what refuses them. */
export function admit(door: Door, request: FastifyRequest, house: House, places: Places): Visitor | null {
  if (door.roles === null) return null
  const visitor = identify(door, request, house, places)
  if (visitor === null) {
    throw new BattutaError(
      'UNAUTHENTICATED',
      'sign in with a name and password or a link of `battuta link`, or send a key as `authorization: Bearer …` (data/admin.key, data/service.key or BATTUTA_KEY)',
    )
  }
  if (!door.roles.includes(visitor.role))
    throw new BattutaError('FORBIDDEN', `${door.method} ${door.path} is for ${door.roles.join(' or ')}; this is ${nameOf(visitor)}`)
  return visitor
}

function nameOf({ role, session, person }: Visitor): string {
  if (role === 'customer') return 'a customer’s chat token'
  return session === null ? `a ${role} key` : person === null ? role : `${person.id}, ${role}`
}

/** Whoever the request says it is from. Throws for credentials that are there and wrong. */
export function identify(door: Door, request: FastifyRequest, house: House, places: Places): Visitor | null {
  const { authorization, cookie } = request.headers
  if (authorization !== undefined) return bearer(authorization, house)
  const visitor = byCookie(cookie, house)
  if (visitor === null) return null
  places.checkSameOrigin(request.headers)
  if (door.method !== 'GET') {
    const token = request.headers['x-battuta-csrf']
    if (typeof token !== 'string' || visitor.session === null || !house.parts().sessions.isCsrf(visitor.session, token))
      throw new BattutaError('CSRF_REQUIRED', 'send the `csrf` of GET /v1/session as x-battuta-csrf')
  }
  return visitor
}

/** Whose browser it is; null without a session that holds. Where the request comes from is not looked at. */
export function byCookie(header: string | undefined, house: House): Visitor | null {
  const value = header === undefined ? undefined : cookieValue(header)
  if (value === undefined) return null
  const { sessions, people } = house.parts()
  const session = sessions.read(value)
  if (session === null) return null
  const person = session.person === null ? null : people.get(session.person)
  return { role: person?.role ?? session.role, caller: serviceCaller, session, person, chat: null }
}

function bearer(authorization: string, house: House): Visitor {
  const token = /^bearer /i.test(authorization) ? authorization.slice(7).trim() : ''
  if (token === '') throw new BattutaError('UNAUTHENTICATED', 'the authorization header must be `Bearer` and a key')
  if (looksLikeChatToken(token)) {
    const chat = readChatToken(house.world, house.parts().vault.secret, token)
    return { role: 'customer', caller: { role: 'customer', customer: chat.customer }, session: null, person: null, chat }
  }
  return byKey[roleOfKey(token, house)]
}

/** Throws UNAUTHENTICATED. */
export function roleOfKey(key: string, house: House): 'admin' | 'service' {
  const role = house.parts().vault.roleOf(key)
  if (role === null) throw new BattutaError('UNAUTHENTICATED', 'this key is unknown here: use the one in data/admin.key or data/service.key, or BATTUTA_KEY')
  return role
}

/**
 * How conversations know a visitor. A key has no name to own anything by: it speaks as a bot, whichever it is; only the admin's
 * may also move what is not its own.
 */
export function readerOf({ role, session, person, chat }: Visitor): Reader {
  const isKey = session === null && role !== 'customer'
  return { role: isKey ? 'service' : role, person, conversation: chat?.conversation ?? null }
}

export function cookieValue(header: string): string | undefined {
  for (const part of header.split(';')) {
    const text = part.trim()
    if (text.startsWith(`${cookieName}=`)) return text.slice(cookieName.length + 1)
  }
  return undefined
}
