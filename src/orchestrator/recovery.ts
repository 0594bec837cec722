/**
 * Recovery: after a start, the log is read again from where everything was known to be finished, and every lane catches up.
 *
 * Owns: what is read again and how fast. Does not own: the steps, which are the same as always.
 *
 * V1 The log reaches every offset the records know of; otherwise it is older than they are and nothing is started (LOG_BEHIND).
 * V2 What was decided is not decided again; what was not is decided now; what left is not sent again (the marks say so).
 * V3 Effects that were committed and never marked are marked and leave now.
 */
import { BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'
import type { LoggedEvent } from '../definition/index.ts'
import type { FeatureEngine, FeatureStore } from '../features/index.ts'
import type { Log, LogRecord } from '../log/index.ts'
import type { OutboxRow, Records } from '../records/index.ts'
import type { Arrival } from './arrival.ts'
import { laneSource, markOf, offsetOfKey, toolSource } from './marks.ts'
import type { Mark } from './marks.ts'

/** Records read from the log at once. */
const readRecordsMax = 512
/** Lanes are given no more than this many events ahead of what they finished. */
const underWayMax = 2_000

/** What recovery knows of an event besides itself. */
export interface Again {
  /** What left by it. */
  readonly sent: readonly Mark[]
  /** Effects' keys of calls whose results are in the log, and of events for other lanes that are there. */
  readonly finished: ReadonlySet<string>
  /** The newest offset of its lane by which something left: everything up to it was committed once, and is history. */
  readonly lastSent: number
  /** What it committed and had not sent when the process ended. */
  readonly unreleased: readonly OutboxRow[]
}

export interface RecoveryParts {
  readonly world: World
  readonly log: Log
  readonly records: Records
  readonly store: Pick<FeatureStore, 'position'>
  readonly features: Pick<FeatureEngine, 'skip'>
  /** Gives an event to its lane. */
  readonly push: (arrival: Arrival, again: Again) => void
  /** How many recovered events are not finished yet. */
  readonly underWay: () => number
  readonly progress: (events: number, total: number) => void
}

export function decodeEvent(bytes: Uint8Array): LoggedEvent {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')) as LoggedEvent
}

interface Span {
  readonly partition: number
  readonly from: number
  readonly end: number
  /** What was committed and had not left, by the offset it was decided at. */
  readonly unreleased: ReadonlyMap<number, readonly OutboxRow[]>
}

export async function recover(parts: RecoveryParts): Promise<void> {
  const { log, records, store, features } = parts
  const spans: Span[] = []
  for (let partition = 0; partition < log.partitions; partition++) {
    const end = log.end(partition)
    const highest = await records.highest(partition)
    if (highest >= end) {
      throw new BattutaError(
        'LOG_BEHIND',
        `records know offset ${highest} of partition ${partition}, but the log ends at ${end}: the log is older than the records. Restore the newer log, or records and features of the log's own time`,
      )
    }
    // What the log no longer keeps is folded nowhere any more; positions must not wait for it.
    if (log.start(partition) > store.position(partition)) features.skip(partition, store.position(partition), log.start(partition))
    const unreleased = rowsByOffset(await records.unreleased(partition))
    // A node that was closed has finished with every event, but a tool that was cut off is to be called again.
    const position = Math.min(await records.position(partition), store.position(partition), ...unreleased.keys())
    spans.push({ partition, from: Math.max(log.start(partition), Math.min(position, end)), end, unreleased })
  }
  const total = spans.reduce((sum, span) => sum + span.end - span.from, 0)
  let events = 0
  parts.progress(0, total)
  const finished = await arrivedIn(log, spans)
  for (const span of spans) {
    const sent = await marksIn(log, span)
    for await (const record of between(log, span)) {
      const arrival = arrivalOf(parts.world, span.partition, record)
      const { event } = arrival
      parts.push(arrival, {
        sent: sent.byOffset.get(record.offset) ?? [],
        finished,
        lastSent: sent.lastOf.get(event.customer) ?? -1,
        unreleased: span.unreleased.get(record.offset) ?? [],
      })
      events++
      while (parts.underWay() > underWayMax) await turn(parts.world)
      if (events % readRecordsMax === 0) {
        parts.progress(events, total)
        await turn(parts.world)
      }
    }
  }
  while (parts.underWay() > 0) await turn(parts.world)
  parts.progress(total, total)
}

function turn(world: World): Promise<void> {
  return new Promise((resolve) => world.defer(resolve))
}

async function* between(log: Log, { partition, from, end }: Span): AsyncGenerator<LogRecord> {
  for (let offset = from; offset < end;) {
    const records = await log.read(partition, offset, Math.min(readRecordsMax, end - offset))
    if (records.length === 0) throw new BattutaError('STORAGE_FAILED', `partition ${partition} ends at ${offset}, but its end is said to be ${end}`)
    yield* records
    offset = (records.at(-1) as LogRecord).offset + 1
  }
}

interface Marks {
  readonly byOffset: ReadonlyMap<number, Mark[]>
  readonly lastOf: ReadonlyMap<string, number>
}

/**
 * Ids of what effects came to: results of calls, events in other lanes. They are not sent again; how long ago they were sent may be
 * more than a lane remembers ids.
 */
async function arrivedIn(log: Log, spans: readonly Span[]): Promise<ReadonlySet<string>> {
  const arrived = new Set<string>()
  for (const span of spans) {
    for await (const { bytes } of between(log, span)) {
      if (!arrivals.some((needle) => includes(bytes, needle))) continue
      const { id, source, from } = decodeEvent(bytes)
      if (from === 'battuta' && (source === laneSource || source === toolSource)) arrived.add(id)
    }
  }
  return arrived
}

async function marksIn(log: Log, span: Span): Promise<Marks> {
  const byOffset = new Map<number, Mark[]>()
  const lastOf = new Map<string, number>()
  const seen = new Set<string>()
  for await (const { bytes } of between(log, span)) {
    if (!needles.some((needle) => includes(bytes, needle))) continue
    const event = decodeEvent(bytes)
    const mark = markOf(event)
    if (!mark || seen.has(mark.effect.key)) continue
    seen.add(mark.effect.key)
    const { offset } = offsetOfKey(mark.effect.key)
    byOffset.set(offset, [...(byOffset.get(offset) ?? []), mark])
    lastOf.set(event.customer, Math.max(offset, lastOf.get(event.customer) ?? -1))
  }
  return { byOffset, lastOf }
}

const needles = ['"message.sent"', '"effect.released"'].map((text) => Buffer.from(text))
const arrivals = [laneSource, toolSource].map((source) => Buffer.from(`"${source}"`))

function includes(bytes: Uint8Array, needle: Buffer): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(needle)
}

function rowsByOffset(rows: readonly OutboxRow[]): Map<number, OutboxRow[]> {
  const map = new Map<number, OutboxRow[]>()
  for (const row of rows) {
    const { offset } = offsetOfKey(row.key)
    map.set(offset, [...(map.get(offset) ?? []), row])
  }
  return map
}

function arrivalOf(world: World, partition: number, record: LogRecord): Arrival {
  const now = world.monotonicMs()
  return {
    event: decodeEvent(record.bytes),
    partition,
    offset: record.offset,
    receivedMono: now,
    durable: Promise.resolve(),
    durableMono: now,
    recovered: true,
    done: null,
    failed: null,
  }
}
