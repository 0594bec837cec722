/**
 * Who stands at a door, and whether they may come in.
 *
 * A1 A cookie counts only on a request of our own page, and changes something only with its CSRF token.
 * A2 A bearer token, when there is one, is all that counts: a browser never adds it by itself.
 */
import type { FastifyRequest } from 'fastify'
import { BattutaError } from '../base/index.ts'
import type { ChatSession } from '../channels/index.ts'
import type { Caller } from '../orchestrator/index.ts'
import type { BrowserSession } from './browser-session.ts'
import { looksLikeChatToken, readChatToken } from './chat-token.ts'
import type { Door, Role } from './doors.ts'
import type { House } from './parts.ts'
import type { Places } from './places.ts'

export const cookieName = 'battuta_session'

export interface Visitor {
  readonly role: Role
  readonly caller: Caller
  /** Set when it is a browser's cookie. */
  readonly session: BrowserSession | null
  /** Set when it is a chat token. */
  readonly chat: ChatSession | null
}

const serviceCaller: Caller = Object.freeze({ role: 'service' })
const byKey: Readonly<Record<'admin' | 'service', Visitor>> = Object.freeze({
  admin: Object.freeze({ role: 'admin', caller: serviceCaller, session: null, chat: null }),
  service: Object.freeze({ role: 'service', caller: serviceCaller, session: null, chat: null }),
})

/** The visitor, or null where everybody may come in and nobody said who they are. Throws what refuses them. */
export function admit(door: Door, request: FastifyRequest, house: House, places: Places): Visitor | null {
  if (door.roles === null) return null
  const visitor = identify(door, request, house, places)
  if (visitor === null) {
    throw new BattutaError(
      'UNAUTHENTICATED',
      'send a key as `authorization: Bearer …` (data/admin.key, data/service.key or BATTUTA_KEY), or open a link of `battuta link` in a browser',
    )
  }
  if (!door.roles.includes(visitor.role)) {
    throw new BattutaError(
      'FORBIDDEN',
      `${door.method} ${door.path} is for ${door.roles.join(' or ')}; this is ${visitor.role === 'customer' ? 'a customer’s chat token' : `a ${visitor.role} key`}`,
    )
  }
  return visitor
}

/** Whoever the request says it is from. Throws for credentials that are there and wrong. */
export function identify(door: Door, request: FastifyRequest, house: House, places: Places): Visitor | null {
  const { authorization, cookie } = request.headers
  if (authorization !== undefined) return bearer(authorization, house)
  const value = cookie === undefined ? undefined : cookieValue(cookie)
  if (value === undefined) return null
  const { sessions } = house.parts()
  const session = sessions.read(value)
  if (session === null) return null
  places.checkSameOrigin(request.headers)
  if (door.method !== 'GET') {
    const token = request.headers['x-battuta-csrf']
    if (typeof token !== 'string' || !sessions.isCsrf(session, token))
      throw new BattutaError('CSRF_REQUIRED', 'send the `csrf` of GET /v1/session as x-battuta-csrf')
  }
  return { role: session.role, caller: serviceCaller, session, chat: null }
}

function bearer(authorization: string, house: House): Visitor {
  const { vault } = house.parts()
  const token = /^bearer /i.test(authorization) ? authorization.slice(7).trim() : ''
  if (token === '') throw new BattutaError('UNAUTHENTICATED', 'the authorization header must be `Bearer` and a key')
  if (looksLikeChatToken(token)) {
    const chat = readChatToken(house.world, vault.secret, token)
    return { role: 'customer', caller: { role: 'customer', customer: chat.customer }, session: null, chat }
  }
  const role = vault.roleOf(token)
  if (role === null) throw new BattutaError('UNAUTHENTICATED', 'this key is unknown here: use the one in data/admin.key or data/service.key, or BATTUTA_KEY')
  return byKey[role]
}

export function cookieValue(header: string): string | undefined {
  for (const part of header.split(';')) {
    const text = part.trim()
    if (text.startsWith(`${cookieName}=`)) return text.slice(cookieName.length + 1)
  }
  return undefined
}
