/** What can be asked about customers and decisions. Reads only: a customer who was never seen leaves no trace here. */
import { BattutaError, limits } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { maskPersonal, readLaneState } from '../context/index.ts'
import { replayRecorded, ruleSource } from '../decide/index.ts'
import type { ReplayApp } from '../decide/index.ts'
import { builtinEvents } from '../definition/index.ts'
import type { AppDefinition, DecisionBrief, DecisionRecord, EventDefinition, FeatureReply, LoggedEvent, TimelineItem } from '../definition/index.ts'
import type { FeatureEngine } from '../features/index.ts'
import type { Log } from '../log/index.ts'
import type { ConversationRow, Records, StoredDecision } from '../records/index.ts'
import type { Lane } from './lane.ts'
import { decodeEvent } from './recovery.ts'
import type { Runtime, Said } from './runtime.ts'

export interface ReadsParts {
  readonly world: World
  readonly app: AppDefinition
  readonly appVersion: string
  readonly sources: Readonly<Record<string, string>>
  readonly folderUrl: string
  readonly log: Log
  readonly records: Records
  readonly features: FeatureEngine
  readonly replayApp: ReplayApp
  readonly customerOf: (identity: string) => string | Promise<string>
  readonly partitionOf: (key: string) => number
  readonly laneOf: (key: string) => Lane | undefined
  /** Resolves once everything committed for the customer has left. */
  readonly left: (key: string) => Promise<void>
  /** Resolves once the customer's row holds every feature of today's app. */
  readonly whole: (key: string, partition: number) => Promise<void>
}

export type Reads = Pick<Runtime, 'decision' | 'decisions' | 'replay' | 'features' | 'customer' | 'timeline'> & {
  /** A message whose id was seen before: where it stands in its conversation. */
  saidBefore(customer: string, conversation: string | null, id: string): Promise<Said>
  /** The customer's newest events, newest first. */
  recent(customer: string, limit: number): Promise<readonly LoggedEvent[]>
}

export function openReads(parts: ReadsParts): Reads {
  const { records, app } = parts
  const definitionOf = (type: string): EventDefinition | undefined => builtinEvents[type] ?? app.events[type]

  const decision: Reads['decision'] = async (id) => {
    const stored = await records.decision(id)
    if (!stored) throw new BattutaError('DECISION_UNKNOWN', `no decision “${id}” here`)
    const record = recordOf(stored, definitionOf)
    const sources = await sourcesOf(parts, stored.appVersion)
    return { decision: record, source: sources ? ruleSource(record.rule, sources) : null }
  }
  return {
    decision,
    async decisions(filter, limit, cursor) {
      const page = await records.decisions(filter, limit, cursor)
      return { items: page.items.map(briefOfRow), nextCursor: page.nextCursor }
    },
    async replay(id, version) {
      const stored = await records.decision(id)
      if (!stored) throw new BattutaError('DECISION_UNKNOWN', `no decision “${id}” here`)
      const wanted = version ?? stored.appVersion
      if (wanted !== parts.appVersion) {
        const known = (await records.appVersions()).map((row) => row.version)
        const here = known.includes(wanted)
          ? `is registered, but this node runs ${parts.appVersion}: start that version of the app to replay against it`
          : 'is not registered here'
        throw new BattutaError('APP_VERSION_UNKNOWN', `Version ${wanted} ${here}. Known: ${known.join(', ') || 'none'}`, {
          details: { known, running: parts.appVersion },
        })
      }
      return replayRecorded(JSON.parse(stored.record) as DecisionRecord, parts.replayApp)
    },
    features: (customer, names) => readFeatures(parts, customer, names),
    customer: (id) => readCustomer(parts, id),
    timeline: (customer, limit, cursor) => readTimeline(parts, customer, limit, cursor, definitionOf),
    saidBefore: (customer, conversation, id) => saidBefore(parts, customer, conversation, id),
    recent: (customer, limit) => recent(parts, customer, limit),
  }
}

async function sourcesOf(parts: ReadsParts, version: string): Promise<Readonly<Record<string, string>> | null> {
  if (version === parts.appVersion) return parts.sources
  const row = (await parts.records.appVersions()).find((held) => held.version === version)
  return row ? (JSON.parse(row.sources) as Record<string, string>) : null
}

function recordOf(stored: StoredDecision, definitionOf: (type: string) => EventDefinition | undefined): DecisionRecord {
  const record = JSON.parse(stored.record) as DecisionRecord
  const data = maskPersonal(record.event.data, definitionOf(record.event.type))
  return { ...record, event: { ...record.event, data }, elapsedMs: stored.elapsedMs }
}

function briefOfRow(row: StoredDecision): DecisionBrief {
  const { id, at, policy, customer, act, name, because, budgetMs, elapsedMs, status } = row
  return { id, at, policy, customer, event: row.eventType, act, name, because, budgetMs, elapsedMs, status }
}

async function readFeatures(parts: ReadsParts, identity: string, names: readonly string[] | null): Promise<Record<string, FeatureReply>> {
  const { features, world } = parts
  const wanted = names ?? Object.keys(parts.app.features)
  const plan = features.plan(wanted)
  const customer = await parts.customerOf(identity)
  const slot = await features.acquire(customer, parts.partitionOf(customer))
  try {
    if (features.incomplete(slot)) await parts.whole(customer, parts.partitionOf(customer))
    const reads = features.read(slot, plan, world.now())
    return Object.fromEntries(wanted.map((name, index) => [name, { ...(reads[index] as FeatureReply) }]))
  } finally {
    features.release(slot)
  }
}

async function readCustomer(parts: ReadsParts, identity: string): ReturnType<Runtime['customer']> {
  const { records, features } = parts
  const id = await parts.customerOf(identity)
  const row = await records.lane(id)
  const newest = await features.timeline(id, Number.MAX_SAFE_INTEGER, 1)
  if (!row && newest.length === 0) throw new BattutaError('CUSTOMER_UNKNOWN', `nothing is known of “${identity}”: no event has named this customer`)
  const state = parts.laneOf(id)?.state ?? readLaneState(row?.state)
  const conversation = state?.conversation ? await records.conversation(state.conversation) : undefined
  const [last] = newest.length > 0 ? await parts.log.read(parts.partitionOf(id), newest[0] as number, 1) : []
  return {
    id,
    identities: [id, ...(await records.identities(id)).filter((held) => held !== id)],
    firstSeenAt: state?.since ?? null,
    lastSeenAt: last ? decodeEvent(last.bytes).time : null,
    conversation: conversation ? conversationReply(conversation) : null,
  }
}

function conversationReply({ id, owner, epoch, messages }: ConversationRow): NonNullable<Awaited<ReturnType<Runtime['customer']>>['conversation']> {
  return { id, owner, epoch, messages }
}

/** Battuta's own bookkeeping: no part of what happened to a customer. */
const machinery: ReadonlySet<string> = new Set(['effect.released', 'timer.due'])

async function readTimeline(
  parts: ReadsParts,
  identity: string,
  limit: number,
  cursor: string | null,
  definitionOf: (type: string) => EventDefinition | undefined,
): ReturnType<Runtime['timeline']> {
  const { features, log, records } = parts
  const before = cursor === null ? Number.MAX_SAFE_INTEGER : Number(cursor)
  if (!Number.isSafeInteger(before) || before < 0) throw new BattutaError('REQUEST_INVALID', `cursor “${cursor}” is not one this door gave`)
  const customer = await parts.customerOf(identity)
  const partition = parts.partitionOf(customer)
  const offsets = await features.timeline(customer, before, Math.min(limit, limits.pageItemsMax))
  const decisions = new Map((await records.decisionsAt(partition, offsets)).map((row) => [row.offset, row]))
  const items: TimelineItem[] = []
  for (const offset of offsets) {
    const [record] = await log.read(partition, offset, 1)
    if (!record || record.offset !== offset) continue
    const event = decodeEvent(record.bytes)
    if (machinery.has(event.type)) continue
    const decision = decisions.get(offset)
    items.push({
      at: event.time,
      partition,
      offset,
      event: { id: event.id, type: event.type, source: event.source, data: maskPersonal(event.data, definitionOf(event.type)) },
      decision: decision ? briefOfRow(decision) : null,
    })
  }
  const last = offsets.at(-1)
  return { items, nextCursor: last !== undefined && offsets.length >= limit ? String(last) : null }
}

async function recent({ features, log, partitionOf }: ReadsParts, customer: string, limit: number): Promise<readonly LoggedEvent[]> {
  const partition = partitionOf(customer)
  const events: LoggedEvent[] = []
  for (const offset of await features.timeline(customer, Number.MAX_SAFE_INTEGER, limit)) {
    const [record] = await log.read(partition, offset, 1)
    if (record && record.offset === offset) events.push(decodeEvent(record.bytes))
  }
  return events
}

/** A repeated message is stepped after the first, so once the lane is quiet the first one's place is on record. */
async function saidBefore(parts: ReadsParts, identity: string, named: string | null, id: string): Promise<Said> {
  const row = named === null ? undefined : await parts.records.conversation(named)
  const customer = row?.customer ?? (await parts.customerOf(identity))
  await parts.left(customer)
  const conversation = named ?? parts.laneOf(customer)?.state?.conversation ?? readLaneState((await parts.records.lane(customer))?.state)?.conversation ?? null
  if (conversation === null) throw notOnRecord(id)
  for (let after = 0; ;) {
    const page = await parts.records.deliveries(conversation, after, limits.pageItemsMax)
    const held = page.find((entry) => entry.messageId === id)
    if (held) return { seq: held.seq, conversation, duplicate: true, decision: null }
    const last = page.at(-1)
    if (!last || page.length < limits.pageItemsMax) break
    after = last.seq
  }
  throw notOnRecord(id)
}

function notOnRecord(id: string): BattutaError {
  return new BattutaError('STORAGE_FAILED', `message “${id}” was taken before, but its place is not on record; send it with another id`)
}
