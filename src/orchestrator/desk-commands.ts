/**
 * What people and other desks do, as events of the lanes they concern. Each resolves once its step is committed, or throws why
 * it changed nothing.
 *
 * Owns: who waits for an assignment to reach the customer's lane. Does not own: the rules (hands.ts, route).
 */
import { BattutaError, limits, newId } from '../base/index.ts'
import type { World } from '../base/index.ts'
import type { AppDefinition, LoggedEvent } from '../definition/index.ts'
import type { ConversationRow, Records } from '../records/index.ts'
import { routingLane } from '../route/index.ts'
import type { Done } from './arrival.ts'
import type { Draft } from './draft.ts'
import type { DeskCommands } from './runtime.ts'

export interface DeskCommandsParts {
  readonly world: World
  readonly app: AppDefinition
  readonly records: Records
  /** Through the step of its lane. */
  readonly through: (event: LoggedEvent) => Promise<Done>
  /** Where a message stands whose id was seen before. */
  readonly saidBefore: (customer: string, conversation: string, id: string) => Promise<{ readonly seq: number }>
}

export interface OpenDeskCommands extends DeskCommands {
  /** An assignment reached the customer's lane, or came too late. */
  settle(conversation: string | null, assigned: NonNullable<Draft['assigned']>): void
}

/** How long an accepted offer may take to reach the customer's lane before its worker is told that it did not. */
const assignMsMax = 10_000
const noteCharsMax = limits.messageCharsMax

interface Waiting {
  readonly resolve: (told: { readonly conversation: string; readonly epoch: number }) => void
  readonly reject: (error: BattutaError) => void
}

export function openDeskCommands({ world, app, records, through, saidBefore }: DeskCommandsParts): OpenDeskCommands {
  const waiting = new Map<string, Set<Waiting>>()

  const event = (type: string, lane: string, source: string, id: string | null, data: Readonly<Record<string, unknown>>): LoggedEvent => {
    const now = world.now()
    const held = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined && value !== null))
    return { id: id ?? newId(world, 'cmd'), source, type, customer: lane, time: now, received: now, from: 'battuta', data: held }
  }
  const known = async (id: string): Promise<ConversationRow> => {
    const row = await records.conversation(id)
    if (!row) throw new BattutaError('CONVERSATION_UNKNOWN', `there is no conversation “${id}” here`)
    return row
  }
  const done = async (asked: LoggedEvent): Promise<Done> => {
    const told = await through(asked)
    if (told.refusal !== null) throw new BattutaError(told.refusal.code, told.refusal.message)
    return told
  }
  const routed = async (type: string, worker: string, data: Readonly<Record<string, unknown>>): Promise<void> =>
    void (await done(event(type, routingLane, `desk:${worker}`, null, data)))

  return {
    async compose({ conversation, epoch, id, text, role, worker, attachments }) {
      checkText(text)
      checkId(id)
      const { customer } = await known(conversation)
      const data = { conversation, epoch, text, role, worker, attachments: attachments?.length ? attachments : undefined }
      const { duplicate, entry } = await done(event('message.composed', customer, `desk:${worker}:${conversation}`, id, data))
      return duplicate || entry === null ? saidBefore(customer, conversation, id) : { seq: entry.seq }
    },
    async note({ conversation, id, text, worker }) {
      if (text.trim() === '' || text.length > noteCharsMax)
        throw new BattutaError('MESSAGE_INVALID', `a note has 1 to ${noteCharsMax} characters; this has ${text.length}`)
      checkId(id)
      const { customer } = await known(conversation)
      await done(event('note.added', customer, `desk:${worker}:${conversation}`, id, { conversation, text, worker }))
    },
    async handOff({ conversation, epoch, to, worker, because, agreed, force }) {
      const { customer } = await known(conversation)
      const kind: string = to.kind
      if (to.kind === 'queue' && !app.queues[to.queue]) throw unknownQueue(app, to.queue)
      if (to.kind === 'bot' && to.flow !== undefined && !app.flows[to.flow]) throw unknownFlow(app, to.flow)
      if (kind !== 'queue' && kind !== 'worker' && kind !== 'bot') throw new BattutaError('REQUEST_INVALID', `to.kind “${kind}” is none of queue, worker, bot`)
      await done(event('conversation.handed', customer, `desk:${worker}`, null, { conversation, epoch, to, worker, because, agreed, force }))
    },
    async resolve({ conversation, epoch, worker, wrapUpCode, force }) {
      const { customer } = await known(conversation)
      await done(event('conversation.resolved', customer, `desk:${worker}`, null, { conversation, epoch, worker, wrapUpCode, force }))
    },
    presence: ({ id, name, kind, skills, capacity, state }) => routed('worker.presence', id, { worker: id, name, kind, state, skills, capacity }),
    connected: (worker, on) => routed(on ? 'worker.connected' : 'worker.disconnected', worker, { worker }),
    async accept(reservation, worker) {
      const { promise, ...own } = Promise.withResolvers<{ readonly conversation: string; readonly epoch: number }>()
      promise.catch(() => undefined)
      waiting.set(reservation, (waiting.get(reservation) ?? new Set()).add(own))
      const late = `offer ${reservation} was accepted, but the conversation did not arrive within ${assignMsMax / 1000} s; look at your inbox`
      const timer = world.setTimer(assignMsMax, () => own.reject(new BattutaError('RESERVATION_GONE', late)))
      try {
        await routed('reservation.accepted', worker, { reservation, worker })
        const had = await assignedBefore(records, reservation, worker)
        if (had !== null) own.resolve(had)
        return await promise
      } finally {
        timer.cancel()
        const others = waiting.get(reservation)
        others?.delete(own)
        if (others?.size === 0) waiting.delete(reservation)
      }
    },
    reject: (reservation, worker, reason) => routed('reservation.rejected', worker, { reservation, worker, reason }),
    complete: (reservation, worker, wrapUpCode) => routed('reservation.completed', worker, { reservation, worker, wrapUpCode }),
    settle(conversation, { reservation, epoch }) {
      for (const held of waiting.get(reservation) ?? []) {
        if (conversation !== null && epoch !== null) held.resolve({ conversation, epoch })
        else held.reject(new BattutaError('RESERVATION_GONE', `offer ${reservation} was accepted, but the customer waits no longer`))
      }
    },
  }
}

/** Where somebody accepts again what they have: another tab, or an answer that was lost on its way. */
async function assignedBefore(
  records: Records,
  reservation: string,
  worker: string,
): Promise<{ readonly conversation: string; readonly epoch: number } | null> {
  const task = (await records.desk.reservation(reservation))?.task
  const conversation = task === undefined ? undefined : (await records.desk.task(task))?.conversation
  const row = conversation === undefined ? undefined : await records.conversation(conversation)
  return row !== undefined && row.task === task && row.owner === 'human' && row.worker === worker ? { conversation: row.id, epoch: row.epoch } : null
}

function checkText(text: string): void {
  if (text.trim() === '') throw new BattutaError('MESSAGE_INVALID', 'a message needs a text')
  if (text.length > limits.messageCharsMax)
    throw new BattutaError('MESSAGE_INVALID', `the text has ${text.length} characters; at most ${limits.messageCharsMax} can be sent at once`)
}

function checkId(id: string): void {
  if (id === '' || id.length > limits.idCharsMax) throw new BattutaError('MESSAGE_INVALID', `an id has 1 to ${limits.idCharsMax} characters`)
}

function unknownQueue(app: AppDefinition, queue: string): BattutaError {
  return new BattutaError('QUEUE_UNKNOWN', `there is no queue “${queue}” in ${app.name}; it has ${Object.keys(app.queues).join(', ') || 'none'}`)
}

function unknownFlow(app: AppDefinition, flow: string): BattutaError {
  return new BattutaError('FLOW_UNKNOWN', `there is no flow “${flow}” in ${app.name}; it has ${Object.keys(app.flows).join(', ') || 'none'}`)
}
