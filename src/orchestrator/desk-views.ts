/** What people at a desk look at: conversations, the packet, queues and workers. Reads only. */
import { BattutaError, limits } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { goalOf, handoffPacket, packetLimits, readMemory } from '../context/index.ts'
import type { ConversationMemory } from '../context/index.ts'
import { builtinEvents } from '../definition/index.ts'
import type { AppDefinition, FlowReply, HandoffPacket, InboxItem, LoggedEvent } from '../definition/index.ts'
import type { FlowState } from '../flows/index.ts'
import type { ConversationRow, DeliveryRow, Records } from '../records/index.ts'
import { offersOf, queueReplies, workerReplies } from '../route/index.ts'
import type { RoutingState } from '../route/index.ts'
import { entryReply } from './delivery.ts'
import type { DeskViews } from './runtime.ts'

export interface DeskViewsParts {
  readonly world: World
  readonly app: AppDefinition
  readonly records: Records
  /** The routing lane's state as it is now. */
  readonly routing: () => Promise<RoutingState>
  /** Resolves once everything committed for the customer has left. */
  readonly left: (customer: string) => Promise<void>
  /** The customer's newest events, newest first. */
  readonly recent: (customer: string, limit: number) => Promise<readonly LoggedEvent[]>
}

/** Service levels are of the last day. */
const measuredMs = 86_400_000
/** A wallboard asks often; the share of a day does not change that fast. */
const measuredEveryMs = 5_000
/** Events a packet looks back on. */
const timelineMax = 60
const lastTextChars = 120

export function openDeskViews(parts: DeskViewsParts): DeskViews {
  const { world, app, records } = parts
  const measured = measuredShares(parts)

  const known = async (id: string): Promise<ConversationRow> => {
    const row = await records.conversation(id)
    if (!row) throw new BattutaError('CONVERSATION_UNKNOWN', `there is no conversation “${id}” here`)
    await parts.left(row.customer)
    return (await records.conversation(id)) ?? row
  }
  const packetOf = async (row: ConversationRow, memory: ConversationMemory): Promise<HandoffPacket | null> =>
    memory.hands.length === 0
      ? null
      : handoffPacket({ memory, timeline: await parts.recent(row.customer, timelineMax), events: { ...builtinEvents, ...app.events } })

  return {
    async conversation(id) {
      const row = await known(id)
      const memory = readMemory(row.memory)
      const [entries, notes, packet] = await Promise.all([entriesOf(records, id), records.desk.notes(id), packetOf(row, memory)])
      return {
        ...inboxItem(row, memory, entries.at(-1)),
        openedAt: row.openedAt,
        messages: row.messages,
        entries: entries.map(entryReply),
        notes: notes.map((note) => ({ id: note.id, at: note.at, by: note.worker, text: note.text, afterSeq: note.afterSeq })),
        packet,
        emotion: memory.emotion.slice(-packetLimits.points),
        flow: flowReply(app, memory),
        wrapUpCodes: row.queue === null ? [] : (app.queues[row.queue]?.wrapUpCodes ?? []),
      }
    },
    async conversations(filter, limit, cursor) {
      const page = await records.desk.conversations(filter, Math.min(limit, limits.pageItemsMax), cursor)
      const last = new Map((await records.desk.lastEntries(page.items.map((row) => row.id))).map((entry) => [entry.conversation, entry]))
      return { items: page.items.map((row) => inboxItem(row, readMemory(row.memory), last.get(row.id))), nextCursor: page.nextCursor }
    },
    async item(row) {
      const [last] = await records.desk.lastEntries([row.id])
      return inboxItem(row, readMemory(row.memory), last)
    },
    queues: async () => queueReplies(await parts.routing(), app.queues, world.now(), await measured()),
    workers: async () => workerReplies(await parts.routing()),
    offers: async (worker) => offersOf(await parts.routing(), worker),
    async packet(id) {
      const row = await known(id)
      return packetOf(row, readMemory(row.memory))
    },
  }
}

function inboxItem(row: ConversationRow, memory: ConversationMemory, last: DeliveryRow | undefined): InboxItem {
  const { id, customer, channel, status, owner, worker, queue, task, epoch, seq, updatedAt } = row
  return {
    conversation: id,
    customer,
    channel,
    status,
    owner,
    worker,
    queue,
    task,
    epoch,
    seq,
    waitingSince: memory.waitingSince,
    priority: memory.priority,
    goal: goalOf(memory),
    because: memory.hands.at(-1)?.because ?? null,
    last: last === undefined ? null : { from: last.author, text: last.text.slice(0, lastTextChars), at: last.at },
    updatedAt,
  }
}

/** The flow a colleague can send the bot back to, with what it knows. */
function flowReply(app: AppDefinition, memory: ConversationMemory): FlowReply | null {
  const state = memory.flows.at(-1) as FlowState | undefined
  const definition = state === undefined ? undefined : app.flows[state.flow]
  if (state === undefined || definition === undefined) return null
  const slots = Object.values(definition.slots).map(({ name, label, type, options }) => ({
    name,
    label,
    type,
    options,
    value: state.slots[name]?.value ?? null,
  }))
  return { name: definition.name, goal: definition.goal, asking: state.asking?.prompt ?? null, slots }
}

async function entriesOf(records: Records, conversation: string): Promise<readonly DeliveryRow[]> {
  const entries: DeliveryRow[] = []
  for (let after = 0; ;) {
    const page = await records.deliveries(conversation, after, limits.pageItemsMax)
    entries.push(...page)
    const last = page.at(-1)
    if (last === undefined || page.length < limits.pageItemsMax) return entries
    after = last.seq
  }
}

/** Answered within the promise, of all that were answered or gave up. */
function measuredShares({ world, app, records }: DeskViewsParts): () => ReturnType<Records['desk']['answered']> {
  const within = Object.fromEntries(Object.values(app.queues).map((queue) => [queue.name, queue.serviceLevel.withinMs]))
  let held: { readonly at: number; readonly value: ReturnType<Records['desk']['answered']> } | null = null
  return () => {
    const now = world.now()
    if (held === null || now - held.at > measuredEveryMs) held = { at: now, value: records.desk.answered(now - measuredMs, within) }
    return held.value
  }
}
