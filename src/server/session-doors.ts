/** `/v1/session`: how a browser signs in with the code of a link or a name and password, asks who it is, and signs out. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { limits, sha256 } from '../base/index.ts'
import { cookieName } from './access.ts'
import { sessionMsMax } from './browser-session.ts'
import type { BrowserSession } from './browser-session.ts'
import type { Entrance } from './entrance.ts'
import type { House } from './parts.ts'
import { passwordCharsMax } from './people-doors.ts'
import { bodyObject, optionalText, textField } from './request-body.ts'
import { openBuckets } from './token-bucket.ts'

/** A code has 192 bits and a password fewer: what was wrong counts, and when there was too much of it nothing is looked at. */
const perAddress = { burst: 20, perS: 0.5, of: 'failed sign-ins from one address' }
const perName = { burst: 10, perS: 1 / 30, of: 'failed sign-ins with one name' }
const codeCharsMax = 200
const nameCharsMax = 200

export function sessionDoors({ house, places, open }: Entrance): void {
  const take = { address: openBuckets(house.world, perAddress), name: openBuckets(house.world, perName) }

  open('signIn', async (request, reply) => {
    places.checkSameOrigin(request.headers)
    const body = bodyObject(request)
    const address = request.socket.remoteAddress ?? ''
    const name = optionalText(body, 'name', nameCharsMax)
    // Names that were tried are kept as hashes, so that a long one costs no memory.
    const nameKey = name === null ? null : sha256(name.normalize('NFKC').trim().toLowerCase())
    take.address(address)
    if (nameKey !== null) take.name(nameKey)
    const session = await (name === null ? redeem(body, house) : signIn(name, body, house))
    take.address.giveBack(address)
    if (nameKey !== null) take.name.giveBack(nameKey)
    setCookie(reply, house.parts().sessions.cookieOf(session), sessionMsMax, request)
    return described(session, house)
  })
  open('session', (request) => {
    const { session, role } = request.visitor!
    return session === null ? { role, person: null, csrf: null, expiresAt: null } : described(session, house)
  })
  open('signOut', async (request, reply) => {
    const { session } = request.visitor!
    if (session !== null) await house.parts().sessions.end(session)
    setCookie(reply, '', 0, request)
    return reply.code(204).send()
  })
  open('signInLink', (request) => house.parts().sessions.newCode(optionalText(bodyObject(request), 'person', limits.idCharsMax)))
}

async function redeem(body: Readonly<Record<string, unknown>>, house: House): Promise<BrowserSession> {
  return house.parts().sessions.redeem(textField(body, 'code', codeCharsMax))
}

async function signIn(name: string, body: Readonly<Record<string, unknown>>, house: House): Promise<BrowserSession> {
  const { people, sessions } = house.parts()
  return sessions.begin(await people.signIn(name, textField(body, 'password', passwordCharsMax)))
}

function described(session: BrowserSession, house: House): object {
  const { sessions, people } = house.parts()
  const person = session.person === null ? null : people.find(session.person)
  return { role: person?.role ?? session.role, person, csrf: sessions.csrfOf(session), expiresAt: session.expiresAt }
}

/** Behind TLS the page's own origin says so, and the cookie then never travels without it. */
function setCookie(reply: FastifyReply, value: string, ageMs: number, { headers }: FastifyRequest): void {
  const secure = headers.origin?.startsWith('https:') ? '; Secure' : ''
  reply
    .header('set-cookie', `${cookieName}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${Math.floor(ageMs / 1000)}${secure}`)
    .header('cache-control', 'no-store')
}
