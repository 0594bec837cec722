/** `/v1/queues`, `/v1/workers`, `/v1/reservations`: who works, who waits, and who takes what. */
import type { FastifyRequest } from 'fastify'
import { BattutaError, limits } from '../base/index.ts'
import type { Presence } from '../definition/index.ts'
import type { Runtime } from '../orchestrator/index.ts'
import type { Visitor } from './access.ts'
import type { Entrance } from './entrance.ts'
import { mayForce } from './may.ts'
import type { House } from './parts.ts'
import { bodyObject, choiceField, optionalText, textField } from './request-body.ts'

const presences: readonly Presence[] = ['available', 'busy', 'away', 'offline']
const reasonCharsMax = 500
const wrapUpCodeCharsMax = 80

export function routingDoors({ house, open }: Entrance): void {
  const desk = (): Runtime['desk'] => house.parts().runtime.desk

  open('queues', async () => ({ items: await house.parts().runtime.view.queues(), nextCursor: null }))
  open('workers', async () => ({ items: await house.parts().runtime.view.workers(), nextCursor: null }))
  open('presence', async (request, reply) => {
    const visitor = request.visitor!
    const id = idOf(request)
    const state = choiceField(bodyObject(request), 'state', presences)
    if (visitor.person?.id !== id && !mayForce(visitor.role)) checkMachine(visitor, id, house)
    await desk().presence({ ...workerNamed(id, house), state })
    return reply.code(204).send()
  })
  open('acceptReservation', async (request) => desk().accept(idOf(request), workerOf(request, house)))
  open('rejectReservation', async (request, reply) => {
    const reason = optionalText(bodyObject(request), 'reason', reasonCharsMax)
    await desk().reject(idOf(request), workerOf(request, house), reason)
    return reply.code(204).send()
  })
  open('completeReservation', async (request, reply) => {
    const wrapUpCode = textField(bodyObject(request), 'wrapUpCode', wrapUpCodeCharsMax)
    await desk().complete(idOf(request), workerOf(request, house), wrapUpCode)
    return reply.code(204).send()
  })
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id
}

/** For whom an offer is answered: the person who is signed in, or the worker that a key names. */
function workerOf(request: FastifyRequest, house: House): string {
  const visitor = request.visitor!
  const named = optionalText(bodyObject(request), 'worker', limits.idCharsMax)
  if (visitor.session === null) {
    const worker = textField({ worker: named ?? undefined }, 'worker', limits.idCharsMax)
    checkMachine(visitor, worker, house)
    return worker
  }
  if (visitor.person === null) throw new BattutaError('FORBIDDEN', 'offers are made to somebody: sign in as a person')
  if (named !== null && named !== visitor.person.id) throw new BattutaError('FORBIDDEN', `only ${named} may answer what is offered to ${named}`)
  return visitor.person.id
}

/** A service key acts for other systems, never for people: they sign in, so that the record says who it was. */
function checkMachine(visitor: Visitor, worker: string, house: House): void {
  if (visitor.session === null && visitor.role === 'admin') return
  if (
    visitor.session === null &&
    house
      .parts()
      .webhooks.list()
      .some((webhook) => webhook.worker === worker)
  )
    return
  const mend = visitor.session === null ? 'a service key acts for webhooks only; people sign in' : 'only a supervisor may do it for others'
  throw new BattutaError('FORBIDDEN', `you may not act for ${JSON.stringify(worker)}: ${mend}`)
}

/** Throws WORKER_UNKNOWN. */
function workerNamed(id: string, house: House): Omit<Parameters<Runtime['desk']['presence']>[0], 'state'> {
  const { people, webhooks } = house.parts()
  const person = people.find(id)
  if (person !== null) return { id, name: person.name, kind: 'human', skills: person.skills, capacity: person.capacity }
  const webhook = webhooks.list().find(({ worker }) => worker === id)
  if (webhook === undefined) throw new BattutaError('WORKER_UNKNOWN', `${JSON.stringify(id)} is neither a person nor another desk; GET /v1/workers lists them`)
  return { id, name: webhook.name, kind: 'webhook', skills: webhook.skills, capacity: webhook.capacity }
}
