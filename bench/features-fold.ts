/**
 * Question: what do ten live features of a lane cost: to fold an event, to read them, to hold and to flush the lane?
 *
 * Measures the embedded engine alone, in one process: folds per CPU second over 1,000 lanes, reads of ten features, bytes
 * of 100,000 lanes, and LMDB flushes of 10,000 lanes. Does not measure the log, the door or a policy. The baseline does
 * the same ten reads by scanning a lane's raw events, as one would without tiles.
 *
 * Run: node bench/features-fold.ts
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { realWorld, seededChance, versionOf } from '../src/base/index.ts'
import { windows } from '../src/definition/index.ts'
import type { FeatureDefinition, FeatureOperator } from '../src/definition/index.ts'
import { openFeatureEngine, openLmdbFeatureStore, openMemoryFeatureStore } from '../src/features/index.ts'
import type { FeatureEngine, FeatureStore, FoldEvent, Slot } from '../src/features/index.ts'

const foldLanes = 1_000
const folds = 400_000
const reads = 50_000
const heldLanes = 100_000
const eventsPerHeldLane = 20
const flushedLanes = 10_000
const baselineEvents = 1_000

const world = realWorld()
const chance = seededChance('features-fold')
const startMs = 1_767_225_600_000

type Window = keyof typeof windows

function feature(
  name: string,
  operator: FeatureOperator,
  event: string,
  field: string | null,
  window: Window,
  where: FeatureDefinition['where'] = null,
): FeatureDefinition {
  const { windowMs, hopMs } = windows[window]
  const valueType = field === 'merchant' && operator === 'last' ? 'string' : 'number'
  const content = { kind: 'feature', operator, event, field, where, windowMs, window, hopMs, valueType } as const
  return { ...content, name, version: versionOf(content) }
}

/** What a bank would keep of a customer; seven of the ten fold a payment. */
const definitions: readonly FeatureDefinition[] = [
  feature('declines5m', 'count', 'cardDeclined', null, '5m'),
  feature('declines1d', 'count', 'cardDeclined', null, '1d'),
  feature('messages1h', 'count', 'message.received', null, '1h'),
  feature('payments1h', 'count', 'payment', null, '1h'),
  feature('spend1d', 'sum', 'payment', 'amount', '1d'),
  feature('spend30d', 'sum', 'payment', 'amount', '30d', { currency: 'EUR' }),
  feature('meanSpend30d', 'mean', 'payment', 'amount', '30d'),
  feature('largest1d', 'max', 'payment', 'amount', '1d'),
  feature('lastMerchant', 'last', 'payment', 'merchant', '30d'),
  feature('usualSpend', 'ewma', 'payment', 'amount', '1d'),
]
const names = definitions.map((definition) => definition.name)

function eventAt(i: number, time: number): FoldEvent {
  const kind = chance.below(10)
  const data = {
    amount: chance.below(20_000) / 100,
    currency: chance.below(4) === 0 ? 'USD' : 'EUR',
    merchant: `merchant ${chance.below(500)}`,
    reason: 'limit',
    text: 'hello',
  }
  return { type: kind < 8 ? 'payment' : kind === 8 ? 'cardDeclined' : 'message.received', id: `event-${i}`, source: 'core-banking', time, data }
}

function openOver(store: FeatureStore, laneMax?: number): FeatureEngine {
  return openFeatureEngine({ world, definitions, store, durableEnd: () => Number.MAX_SAFE_INTEGER, ...(laneMax === undefined ? {} : { laneMax }) })
}

/** CPU of all threads of the process, and of the main thread alone, in milliseconds. */
function cpuMs(): { process: number; thread: number } {
  const all = process.cpuUsage()
  const main = process.threadCpuUsage()
  return { process: (all.user + all.system) / 1_000, thread: (main.user + main.system) / 1_000 }
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Heap and array buffers after a full collection. */
function memoryBytes(): number {
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function quantile(sorted: readonly number[], q: number): number {
  return Number((sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] as number).toFixed(2))
}

function timed(times: number, body: (i: number) => void): { p50: number; p99: number } {
  const micros: number[] = []
  for (let i = 0; i < times; i++) {
    const before = world.monotonicMs()
    body(i)
    micros.push((world.monotonicMs() - before) * 1_000)
  }
  micros.sort((a, b) => a - b)
  return { p50: quantile(micros, 0.5), p99: quantile(micros, 0.99) }
}

function foldAndRead(): Record<string, unknown> {
  const engine = openOver(openMemoryFeatureStore(world))
  const slots = Array.from({ length: foldLanes }, (_, i) => engine.acquire(`user:${i}`, 0) as Slot)
  const events = Array.from({ length: folds }, (_, i) => eventAt(i, startMs + i * 200))
  const warm = folds / 4
  for (let i = 0; i < warm; i++) engine.fold(slots[i % foldLanes] as Slot, i, events[i] as FoldEvent)
  const before = cpuMs()
  for (let i = warm; i < folds; i++) engine.fold(slots[i % foldLanes] as Slot, i, events[i] as FoldEvent)
  const foldsPerCpuS = Math.round(((folds - warm) / (cpuMs().process - before.process)) * 1_000)
  const plan = engine.plan(names)
  const asOf = startMs + folds * 200
  const readTen = timed(reads, (i) => engine.read(slots[i % foldLanes] as Slot, plan, asOf))
  void engine.close()
  return { foldsPerCpuS, readTenFeaturesUs: readTen, readTenByScanningUs: scanRawEvents(events.slice(-baselineEvents), asOf) }
}

/** The baseline: the ten values from a lane's raw events, one pass each. */
function scanRawEvents(events: readonly FoldEvent[], asOf: number): { p50: number; p99: number } {
  const scan = (definition: FeatureDefinition): unknown => {
    const inside = events.filter(
      (event) =>
        event.type === definition.event &&
        event.time > asOf - definition.windowMs &&
        (!definition.where || (event.data as Record<string, unknown>)['currency'] === definition.where['currency']),
    )
    const values = inside.map((event) => (event.data as Record<string, unknown>)[definition.field ?? 'amount'] as number)
    if (definition.operator === 'count') return inside.length
    if (definition.operator === 'last') return values.at(-1)
    if (definition.operator === 'max') return Math.max(...values)
    return values.reduce((sum, value) => sum + value, 0)
  }
  return timed(1_000, () => definitions.forEach(scan))
}

function holdLanes(): Record<string, unknown> {
  const before = memoryBytes()
  const engine = openOver(openMemoryFeatureStore(world), heldLanes)
  let offset = 0
  for (let lane = 0; lane < heldLanes; lane++) {
    const slot = engine.acquire(`user:${lane}`, 0) as Slot
    for (let i = 0; i < eventsPerHeldLane; i++) engine.fold(slot, offset, eventAt(offset++, startMs + i * 600_000))
  }
  const cells = Math.round(engine.stats().bytes / heldLanes)
  const inAll = Math.round((memoryBytes() - before) / heldLanes)
  void engine.close()
  return { lanes: heldLanes, eventsPerLane: eventsPerHeldLane, bytesPerLane: inAll, ofWhichTilesAndIds: cells }
}

async function flushLanes(): Promise<Record<string, unknown>> {
  const folder = await mkdtemp(join(tmpdir(), 'battuta-bench-'))
  const store = openLmdbFeatureStore(world, { folder })
  try {
    const engine = openOver(store, 1)
    let offset = 0
    for (let lane = 0; lane < flushedLanes; lane++) {
      const slot = engine.acquire(`user:${lane}`, 0) as Slot
      for (let i = 0; i < eventsPerHeldLane; i++) engine.fold(slot, offset, eventAt(offset++, startMs + i * 600_000))
      engine.release(slot)
    }
    const before = cpuMs()
    await engine.checkpoint()
    const after = cpuMs()
    const perLane = (ms: number): number => Number(((ms * 1_000) / flushedLanes).toFixed(1))
    const flushCpuUsPerLane = { mainThread: perLane(after.thread - before.thread), process: perLane(after.process - before.process) }
    let bytes = 0
    for (let lane = 0; lane < flushedLanes; lane++) bytes += ((await store.load(`user:${lane}`)) as Uint8Array).length
    const load = timed(flushedLanes, (lane) => engine.release(engine.acquire(`user:${(lane * 7_919) % flushedLanes}`, 0) as Slot))
    await engine.close()
    return { lanes: flushedLanes, flushCpuUsPerLane, rowBytes: Math.round(bytes / flushedLanes), loadUs: load }
  } finally {
    await store.close()
    await rm(folder, { recursive: true })
  }
}

const flushed = await flushLanes()
const result = { bench: 'features-fold', features: definitions.length, ...foldAndRead(), memory: holdLanes(), lmdb: flushed }
process.stdout.write(`${JSON.stringify(result)}\n`)
