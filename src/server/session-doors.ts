/** `/v1/session`: how a browser signs in with the code of a link, asks who it is, and signs out. */
import type { FastifyReply } from 'fastify'
import { cookieName } from './access.ts'
import { sessionMsMax } from './browser-session.ts'
import type { BrowserSession, BrowserSessions } from './browser-session.ts'
import type { Entrance } from './entrance.ts'
import { bodyObject, textField } from './request-body.ts'
import { openBuckets } from './token-bucket.ts'

/** A code has 192 bits; this only keeps the noise down. */
const failures = { burst: 20, perS: 0.5, of: 'wrong sign-in codes from one address' }
const codeCharsMax = 200

export function sessionDoors({ house, places, open }: Entrance): void {
  const fail = openBuckets(house.world, failures)
  const redeem = (sessions: BrowserSessions, code: string, address: string): BrowserSession => {
    try {
      return sessions.redeem(code)
    } catch (error) {
      fail(address)
      throw error
    }
  }

  open('signIn', (request, reply) => {
    places.checkSameOrigin(request.headers)
    const { sessions } = house.parts()
    const session = redeem(sessions, textField(bodyObject(request), 'code', codeCharsMax), request.socket.remoteAddress ?? '')
    setCookie(reply, sessions.cookieOf(session), sessionMsMax, request.headers.origin)
    return described(session, sessions)
  })
  open('session', (request) => {
    const { session, role } = request.visitor!
    return session === null ? { role, csrf: null, expiresAt: null } : described(session, house.parts().sessions)
  })
  open('signOut', async (request, reply) => {
    const { session } = request.visitor!
    if (session !== null) await house.parts().sessions.end(session)
    setCookie(reply, '', 0, request.headers.origin)
    return reply.code(204).send()
  })
  open('signInLink', () => house.parts().sessions.newCode())
}

function described(session: BrowserSession, sessions: BrowserSessions): object {
  return { role: session.role, csrf: sessions.csrfOf(session), expiresAt: session.expiresAt }
}

/** Behind TLS the page's own origin says so, and the cookie then never travels without it. */
function setCookie(reply: FastifyReply, value: string, ageMs: number, origin: string | undefined): void {
  const secure = origin?.startsWith('https:') ? '; Secure' : ''
  reply
    .header('set-cookie', `${cookieName}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${Math.floor(ageMs / 1000)}${secure}`)
    .header('cache-control', 'no-store')
}
