/** Who sits at a desk's socket: whoever's browser it is, or whom the key in its hello acts for; and only as long as they may. */
import type { IncomingMessage } from 'node:http'
import { BattutaError } from '../base/index.ts'
import type { ChatSocket, Webhooks } from '../channels/index.ts'
import type { PersonReply } from '../definition/index.ts'
import { byCookie } from './access.ts'
import type { House } from './parts.ts'
import type { People } from './people.ts'
import type { Vault } from './vault.ts'

/** Who listens at the other end of a socket. */
export interface Seat {
  receive(data: string): void
  closed(): void
}

/** Policy violation: who it was may no longer. A page asks for a new sign-in. */
const signedOutCode = 1008
/** Come back: the account is another now. */
const comeBackCode = 1012

/** A socket with a session ends with it; one that comes back after a change of its account is told what is new. */
export function attendDesk(socket: ChatSocket, request: IncomingMessage, house: House): Seat {
  const { desk, people, sessions } = house.parts()
  const visitor = byCookie(request.headers.cookie, house)
  const person = visitor?.person ?? null
  const seat = desk.open(socket, person)
  if (visitor === null || visitor.session === null || person === null) return seat
  const release = sessions.hold(visitor.session, () => {
    socket.send(JSON.stringify({ type: 'error', code: 'UNAUTHENTICATED', detail: 'you are signed out: sign in again' }))
    socket.close(signedOutCode, 'signed out')
  })
  const unwatch = people.watch((id, news) => {
    if (id === person.id && news === 'changed') socket.close(comeBackCode, 'the account was changed')
  })
  return {
    receive: (data) => seat.receive(data),
    closed() {
      release()
      unwatch()
      seat.closed()
    },
  }
}

/**
 * Whom a key acts for: the admin's for anybody, a service's for other systems only, since people sign in, so that the record says
 * who it was. Throws UNAUTHENTICATED, FORBIDDEN, WORKER_UNKNOWN.
 */
export async function identifyDesk(
  parts: { readonly vault: Vault; readonly people: People; readonly webhooks: Pick<Webhooks, 'list'> },
  key: string | null,
  worker: string | null,
): Promise<PersonReply> {
  const role = key === null ? null : parts.vault.roleOf(key)
  if (role === null) throw new BattutaError('UNAUTHENTICATED', 'sign in as a person, or send a key and the worker it acts for in the hello')
  if (worker === null) throw new BattutaError('UNAUTHENTICATED', 'a key has no name: say in `worker` whom it acts for')
  const person = parts.people.find(worker)
  if (person !== null) {
    if (role !== 'admin') throw new BattutaError('FORBIDDEN', `a service key acts for webhooks only, not for ${worker}: people sign in`)
    return person
  }
  const webhook = parts.webhooks.list().find((held) => held.worker === worker)
  if (webhook === undefined) throw new BattutaError('WORKER_UNKNOWN', `${JSON.stringify(worker)} is neither a person nor another desk`)
  return { id: worker, name: webhook.name, role: 'desk', skills: webhook.skills, capacity: webhook.capacity }
}
