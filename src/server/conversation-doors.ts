/** `/v1/conversations`: what people at the desk and other systems see of conversations, and do to them. */
import type { FastifyRequest } from 'fastify'
import { BattutaError, limits } from '../base/index.ts'
import type { ConversationFilter } from '../records/index.ts'
import { readerOf } from './access.ts'
import type { Visitor } from './access.ts'
import { attachmentsPerMessageMax } from './attachments.ts'
import { approach } from './conversation-access.ts'
import type { Entrance } from './entrance.ts'
import { handoffTarget } from './handoff-target.ts'
import { mayForce, queuesFor } from './may.ts'
import type { House } from './parts.ts'
import { bodyObject, choiceQuery, integerField, invalid, optionalText, pageQuery, textField, textQuery, textsField } from './request-body.ts'

const owners = ['bot', 'agent', 'human', 'waiting'] as const
const statuses = ['open', 'resolved'] as const
const noteCharsMax: number = limits.messageCharsMax
const becauseCharsMax = 500
/** What was agreed with a customer, one sentence each. */
const agreedMax = 20
const wrapUpCodeCharsMax = 80

export function conversationDoors({ house, open }: Entrance): void {
  open('conversations', async (request) => {
    const query = request.query as Record<string, unknown>
    const { limit, cursor } = pageQuery(query)
    const filter = filterFor(request.visitor!, filterOf(query), house)
    return filter === null ? { items: [], nextCursor: null } : house.parts().runtime.view.conversations(filter, limit, cursor)
  })
  open('conversation', async (request) => (await approach(house, request.visitor!, idOf(request), 'see')).conversation)
  open('say', (request) => say(request, house))
  open('note', async (request, reply) => {
    const body = bodyObject(request)
    const note = { id: textField(body, 'id', limits.idCharsMax), text: textField(body, 'text', noteCharsMax) }
    const conversation = idOf(request)
    await approach(house, request.visitor!, conversation, 'note')
    await house.parts().runtime.desk.note({ conversation, ...note, worker: actorOf(request.visitor!) })
    return reply.code(204).send()
  })
  open('handOff', async (request, reply) => {
    const body = bodyObject(request)
    const agreed = textsField(body, 'agreed', agreedMax, becauseCharsMax)
    const handoff = { epoch: epochField(body), to: handoffTarget(body), because: optionalText(body, 'because', becauseCharsMax), agreed }
    const moved = await approachToMove(request, house, handoff.epoch)
    await house.parts().runtime.desk.handOff({ ...moved, ...handoff })
    return reply.code(204).send()
  })
  open('resolve', async (request, reply) => {
    const body = bodyObject(request)
    const resolved = { epoch: epochField(body), wrapUpCode: textField(body, 'wrapUpCode', wrapUpCodeCharsMax) }
    const moved = await approachToMove(request, house, resolved.epoch)
    await house.parts().runtime.desk.resolve({ ...moved, ...resolved })
    return reply.code(204).send()
  })
}

/** A person speaks as themself; a key, as the bot whose epoch it knows. */
async function say(request: FastifyRequest, house: House): Promise<{ readonly seq: number }> {
  const visitor = request.visitor!
  const body = bodyObject(request)
  const attachmentIds = textsField(body, 'attachments', attachmentsPerMessageMax, limits.idCharsMax)
  const text = body['text'] === '' && attachmentIds.length > 0 ? '' : textField(body, 'text', limits.messageCharsMax)
  const message = { conversation: idOf(request), epoch: epochField(body), id: textField(body, 'id', limits.idCharsMax), text }
  await approach(house, visitor, message.conversation, 'say', message.epoch)
  const { runtime, attachments } = house.parts()
  const named = await attachments.named(message.conversation, attachmentIds)
  return runtime.desk.compose({
    ...message,
    role: visitor.person === null ? 'bot' : 'human',
    worker: actorOf(visitor),
    ...(named.length === 0 ? {} : { attachments: named }),
  })
}

async function approachToMove(
  request: FastifyRequest,
  house: House,
  epoch: number,
): Promise<{ readonly conversation: string; readonly worker: string; readonly force?: boolean }> {
  const visitor = request.visitor!
  const { relation } = await approach(house, visitor, idOf(request), 'move', epoch)
  return { conversation: idOf(request), worker: actorOf(visitor), ...(relation !== 'own' && mayForce(visitor.role) ? { force: true } : {}) }
}

/** Who it was, for the record: a person, the admin without a name, or a key. */
function actorOf({ person, session }: Visitor): string {
  return person?.id ?? (session === null ? 'service' : 'admin')
}

function idOf(request: FastifyRequest): string {
  const { id } = request.params as { id: string }
  if (id.length > limits.idCharsMax) throw invalid('id', `has ${id.length} characters; at most ${limits.idCharsMax} are kept`)
  return id
}

function epochField(body: Readonly<Record<string, unknown>>): number {
  return integerField(body, 'epoch', 0, Number.MAX_SAFE_INTEGER)
}

function filterOf(query: Readonly<Record<string, unknown>>): ConversationFilter {
  const queue = textQuery(query, 'queue')
  const filter = {
    status: choiceQuery(query, 'status', statuses),
    owner: choiceQuery(query, 'owner', owners),
    worker: textQuery(query, 'worker'),
    customer: textQuery(query, 'customer'),
    queues: queue === undefined ? undefined : [queue],
  }
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
}

/** What somebody at the desk may list: what is theirs, or what waits where they work. Null where that leaves nothing. */
function filterFor(visitor: Visitor, filter: ConversationFilter, house: House): ConversationFilter | null {
  const { role, person } = readerOf(visitor)
  if (role !== 'desk') return filter
  if (person === null) throw new BattutaError('FORBIDDEN', 'sign in as a person to have conversations')
  if (filter.owner === 'waiting') {
    const queues = queuesFor(person, house.parts().app.queues).filter((queue) => filter.queues?.includes(queue) ?? true)
    return queues.length === 0 ? null : { ...filter, queues }
  }
  return (filter.worker ?? person.id) === person.id ? { ...filter, worker: person.id } : null
}
