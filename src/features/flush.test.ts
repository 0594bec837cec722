import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { realWorld } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { flushIntervalMs, flushRowsMax } from './flush.ts'
import { definitionOf, eventStream, everyDefinition } from './generators.ts'
import { MemoryFeatureDisk, openFeatureEngine, openMemoryFeatureStore } from './index.ts'
import type { FeatureEngine, FeatureEngineOptions, FeatureStore, FoldEvent, Slot } from './index.ts'
import { ByteReader } from './bytes.ts'

/** Time stands until a test moves it. */
class ManualWorld implements World {
  nowMs = 1_000
  #timers: { dueMs: number; run: () => void }[] = []
  readonly #real = realWorld()
  now = (): number => this.nowMs
  monotonicMs = (): number => this.nowMs
  random = (): number => 0.5
  randomBytes = (length: number): Uint8Array => new Uint8Array(length)
  defer = (callback: () => void): void => this.#real.defer(callback)

  setTimer = (delayMs: number, run: () => void): { cancel(): void } => {
    const timer = { dueMs: this.nowMs + delayMs, run }
    this.#timers.push(timer)
    return { cancel: () => void (this.#timers = this.#timers.filter((each) => each !== timer)) }
  }

  async advance(byMs: number): Promise<void> {
    const endMs = this.nowMs + byMs
    for (;;) {
      const next = this.#timers.filter((timer) => timer.dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0]
      if (!next) break
      this.#timers = this.#timers.filter((timer) => timer !== next)
      this.nowMs = next.dueMs
      next.run()
      await this.quiet()
    }
    this.nowMs = endMs
    await this.quiet()
  }

  /** Lets what was deferred, and what waits on it, run. */
  async quiet(): Promise<void> {
    for (let i = 0; i < 3; i++) await new Promise<void>((resolve) => this.#real.defer(resolve))
  }
}

const names = everyDefinition.map((definition) => definition.name)
const entities = ['user:0', 'user:1', 'user:2', 'user:3']
const partitionOf = (entity: string): number => Number(entity.slice(-1)) % 2

interface LoggedEntry {
  readonly entity: string
  readonly event: FoldEvent
}

/** Two partitions' log, and the engine over a disk that survives it. */
class Rig {
  readonly world = new ManualWorld()
  readonly disk = new MemoryFeatureDisk()
  readonly log: LoggedEntry[][] = [[], []]
  readonly durable = [0, 0]
  readonly slots = new Map<string, Slot>()
  readonly held = new Map<string, number[]>()
  readonly violations: string[] = []
  engine!: FeatureEngine

  open(): void {
    const inner = openMemoryFeatureStore(this.world, { disk: this.disk })
    const store: FeatureStore = {
      ...inner,
      flush: (rows, positions) => {
        for (const row of rows) {
          if ((this.held.get(row.entity) ?? []).length > 0) this.violations.push(`${row.entity} was flushed while it had a commit in flight`)
          if (featuresOffsetOf(row.bytes) >= (this.durable[partitionOf(row.entity)] as number))
            this.violations.push(`${row.entity} was flushed ahead of the log`)
        }
        return inner.flush(rows, positions)
      },
    }
    this.engine = openFeatureEngine({ world: this.world, definitions: everyDefinition, store, durableEnd: (partition) => this.durable[partition] as number })
  }

  fold(entity: string, event: FoldEvent): void {
    const log = this.log[partitionOf(entity)] as LoggedEntry[]
    log.push({ entity, event })
    this.engine.fold(this.slot(entity), log.length - 1, event)
  }

  slot(entity: string): Slot {
    let slot = this.slots.get(entity)
    if (!slot) {
      slot = this.engine.acquire(entity, partitionOf(entity)) as Slot
      this.slots.set(entity, slot)
    }
    return slot
  }

  /** The process dies: what was not durable in the log is gone; then everything from the positions on is folded again. */
  crashAndRecover(fate: 'lost' | 'kept'): void {
    void this.engine.close()
    this.disk.crash(fate)
    this.slots.clear()
    this.held.clear()
    this.open()
    for (const partition of [0, 1]) {
      const log = (this.log[partition] as LoggedEntry[]).slice(0, this.durable[partition])
      this.log[partition] = log
      for (let offset = this.disk.positions.get(partition) ?? 0; offset < log.length; offset++) {
        const { entity, event } = log[offset] as LoggedEntry
        this.engine.fold(this.slot(entity), offset, event)
      }
    }
  }

  /** What an engine reads that folded the whole log and never flushed. */
  assertReadsAsIfNothingHappened(): void {
    const steady = openFeatureEngine({ world: this.world, definitions: everyDefinition, store: openMemoryFeatureStore(this.world), durableEnd: () => 0 })
    for (const entity of entities) {
      const slot = steady.acquire(entity, partitionOf(entity)) as Slot
      const log = this.log[partitionOf(entity)] as LoggedEntry[]
      log.forEach((entry, offset) => entry.entity === entity && steady.fold(slot, offset, entry.event))
      const asOf = 1_770_000_000_000
      assert.deepEqual(this.engine.read(this.slot(entity), this.engine.plan(names), asOf), steady.read(slot, steady.plan(names), asOf))
    }
    void steady.close()
  }
}

function featuresOffsetOf(bytes: Uint8Array): number {
  const reader = new ByteReader(bytes)
  reader.skip(1)
  return reader.whole() - 1
}

const act = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('fold' as const), entity: fc.constantFrom(...entities) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), byMs: fc.constantFrom(10, 300, 1_000, 5_000) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('durable' as const), partition: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hold' as const), entity: fc.constantFrom(...entities) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const), entity: fc.constantFrom(...entities) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), fate: fc.constantFrom('lost' as const, 'kept' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), on: fc.boolean() }) },
)

test('F1 F7 F8 F9 after a crash at any point, replay from the positions gives every read and every timeline', async () => {
  await fc.assert(
    fc.asyncProperty(eventStream, fc.array(act, { minLength: 5, maxLength: 80, size: 'max' }), fc.constantFrom(0, 40), async (events, acts, flushMs) => {
      const rig = new Rig()
      rig.disk.flushMs = () => flushMs
      rig.open()
      let next = 0
      for (const step of acts) {
        if (step.do === 'fold') rig.fold(step.entity, events[next++ % events.length] as FoldEvent)
        else if (step.do === 'advance') await rig.world.advance(step.byMs)
        else if (step.do === 'durable') rig.durable[step.partition] = (rig.log[step.partition] as LoggedEntry[]).length
        else if (step.do === 'crash') rig.crashAndRecover(step.fate)
        else if (step.do === 'fail') rig.disk.failure = () => (step.on ? new Error('no space left') : undefined)
        else if (step.do === 'hold') {
          const slot = rig.slot(step.entity)
          rig.engine.hold(slot)
          rig.held.set(step.entity, [...(rig.held.get(step.entity) ?? []), rig.engine.offsets(slot).featuresOffset])
        } else {
          const offset = rig.held.get(step.entity)?.shift()
          if (offset !== undefined) rig.engine.settle(rig.slot(step.entity), offset)
        }
      }
      for (const partition of [0, 1]) rig.durable[partition] = (rig.log[partition] as LoggedEntry[]).length
      rig.crashAndRecover('lost')
      rig.assertReadsAsIfNothingHappened()
      await assertFlushedWhole(rig)
      assert.deepEqual(rig.violations, [])
      await rig.engine.close()
    }),
    { numRuns: 40 },
  )
})

/** Once everything is flushed, positions stand at the log's end and timelines hold each applied offset once. */
async function assertFlushedWhole(rig: Rig): Promise<void> {
  rig.disk.failure = () => undefined
  rig.disk.flushMs = () => 0
  await rig.engine.checkpoint()
  assert.equal(rig.engine.stats().dirty, 0)
  for (const entity of entities) {
    const log = rig.log[partitionOf(entity)] as LoggedEntry[]
    const known = new Set<string>()
    const applied = log.flatMap((entry, offset) => {
      if (entry.entity !== entity || known.has(entry.event.id)) return []
      known.add(entry.event.id)
      return [offset]
    })
    assert.deepEqual(await rig.engine.timeline(entity, Number.MAX_SAFE_INTEGER, 1_000), applied.reverse())
    assert.equal(rig.disk.positions.get(partitionOf(entity)) ?? 0, log.length)
  }
}

function login(id: string, time = 1_000): FoldEvent {
  return { type: 'login', id, source: 'app', time, data: {} }
}

function openSmall(world: World, more: Partial<FeatureEngineOptions> & Pick<FeatureEngineOptions, 'store'>): FeatureEngine {
  return openFeatureEngine({
    world,
    definitions: [definitionOf('logins', { operator: 'count', window: '1h', event: 'login' })],
    durableEnd: () => Number.MAX_SAFE_INTEGER,
    ...more,
  })
}

test('a backlog is spread over the interval in turns of 64 rows', async () => {
  const world = new ManualWorld()
  const inner = openMemoryFeatureStore(world)
  const flushed: { atMs: number; rows: number }[] = []
  const store: FeatureStore = { ...inner, flush: (rows, positions) => (flushed.push({ atMs: world.nowMs, rows: rows.length }), inner.flush(rows, positions)) }
  const engine = openSmall(world, { store })
  for (let i = 0; i < 640; i++) engine.fold(engine.acquire(`user:${i}`, 0) as Slot, i, login('a'))
  const startedMs = world.nowMs
  await world.advance(5 * flushIntervalMs)
  const turns = flushed.filter((turn) => turn.rows > 0)
  assert.equal(
    turns.reduce((sum, turn) => sum + turn.rows, 0),
    640,
  )
  assert.ok(turns.every((turn) => turn.rows <= flushRowsMax))
  assert.ok((turns.at(-1)?.atMs as number) - startedMs > 2 * flushIntervalMs, 'the turns are not a burst')
  assert.equal(inner.position(0), 640)
  const before = flushed.length
  await world.advance(20 * flushIntervalMs)
  assert.equal(flushed.length, before, 'a clean engine leaves the disk alone')
  await engine.close()
})

test('F8 positions advance in a partition of skipped entries, and wait for a gap', async () => {
  const world = new ManualWorld()
  const store = openMemoryFeatureStore(world)
  const engine = openSmall(world, { store })
  engine.skip(4, 0, 10)
  engine.skip(4, 11)
  await world.advance(2 * flushIntervalMs)
  assert.equal(store.position(4), 10)
  engine.skip(4, 10)
  await world.advance(2 * flushIntervalMs)
  assert.equal(store.position(4), 12)
  await engine.close()
})

test('F9 a checkpoint that the disk refuses rejects, and the next one carries everything', async () => {
  const world = new ManualWorld()
  const disk = new MemoryFeatureDisk()
  const engine = openSmall(world, { store: openMemoryFeatureStore(world, { disk }) })
  const slot = engine.acquire('user:1', 0) as Slot
  engine.fold(slot, 0, login('a'))
  disk.failure = () => new Error('no space left')
  await assert.rejects(engine.checkpoint(), { code: 'STORAGE_FAILED', message: /no space left/ })
  assert.match(engine.stats().flushFailure ?? '', /no space left/)
  engine.fold(slot, 1, login('b'))
  disk.failure = () => undefined
  await engine.checkpoint()
  assert.deepEqual(disk.timelines.get('user:1'), [0, 1])
  assert.equal(disk.positions.get(0), 2)
  assert.equal(engine.stats().flushFailures, 1)
  assert.equal(engine.stats().flushFailure, null)
  await engine.close()
})

test('F8 F9 a lane whose flush failed holds its position back, though others are flushed', async () => {
  const world = new ManualWorld()
  const disk = new MemoryFeatureDisk()
  const engine = openSmall(world, { store: openMemoryFeatureStore(world, { disk }) })
  const slot = engine.acquire('user:1', 0) as Slot
  engine.fold(slot, 0, login('a'))
  engine.fold(slot, 1, login('b'))
  disk.failure = () => new Error('no space left')
  await assert.rejects(engine.checkpoint())
  engine.hold(slot)
  disk.failure = () => undefined
  engine.fold(engine.acquire('user:2', 0) as Slot, 2, login('a'))
  await engine.checkpoint()
  assert.equal(disk.rows.has('user:2'), true)
  assert.equal(disk.positions.get(0) ?? 0, 0)
  engine.settle(slot, 1)
  await engine.checkpoint()
  assert.equal(disk.positions.get(0), 3)
  await engine.close()
})

test('a discarded lane keeps its row on disk until it has applied as much again', async () => {
  const world = new ManualWorld()
  const disk = new MemoryFeatureDisk()
  let engine = openSmall(world, { store: openMemoryFeatureStore(world, { disk }) })
  let slot = engine.acquire('user:1', 0) as Slot
  const events = [login('a'), login('b'), login('b'), login('c'), login('c')]
  events.forEach((event, offset) => engine.fold(slot, offset, event))
  engine.hold(slot)
  engine.settle(slot, 3)
  await engine.checkpoint()
  await engine.close()
  const row = disk.rows.get('user:1')
  engine = openSmall(world, { store: openMemoryFeatureStore(world, { disk }) })
  slot = engine.acquire('user:1', 0) as Slot
  assert.deepEqual(engine.offsets(slot), { featuresOffset: 4, decidedOffset: 3 })
  engine.discard(slot)
  assert.deepEqual(engine.offsets(slot), { featuresOffset: -1, decidedOffset: -1 })
  assert.equal(engine.read(slot, engine.plan(['logins']), 1_000)[0]?.status, 'NOT_FOUND')
  for (const offset of [0, 1]) {
    assert.equal(engine.fold(slot, offset, events[offset] as FoldEvent), 'applied')
    await engine.checkpoint()
    assert.equal(disk.rows.get('user:1'), row)
  }
  engine.fold(slot, 3, events[3] as FoldEvent)
  await engine.checkpoint()
  assert.notEqual(disk.rows.get('user:1'), row)
  assert.equal(engine.read(slot, engine.plan(['logins']), 1_000)[0]?.value, 3)
  assert.deepEqual(await engine.timeline('user:1', 100, 10), [3, 1, 0])
  assert.equal(disk.positions.get(0), 5)
  await engine.close()
})

test('a row of another layout keeps what matches; what it lacks reads NOT_FOUND until the lane is folded again', async () => {
  const world = new ManualWorld()
  const disk = new MemoryFeatureDisk()
  const kept = definitionOf('kept', { operator: 'count', window: '1h', event: 'login' })
  const gone = definitionOf('gone', { operator: 'count', window: '5m', event: 'login' })
  const added = definitionOf('added', { operator: 'count', window: '1d', event: 'login' })
  const openWith = (...definitions: FeatureEngineOptions['definitions']): FeatureEngine =>
    openSmall(world, { definitions, store: openMemoryFeatureStore(world, { disk }) })
  const before = openWith(gone, kept)
  before.fold(before.acquire('user:1', 0) as Slot, 0, login('a'))
  await before.checkpoint()
  await before.close()
  for (let round = 0; round < 2; round++) {
    const engine = openWith(added, { ...kept, name: 'renamed' })
    const slot = engine.acquire('user:1', 0) as Slot
    assert.equal(engine.incomplete(slot), true)
    engine.fold(slot, 1 + round, login(`later ${round}`))
    const reads = engine.read(slot, engine.plan(['added', 'renamed']), 1_000)
    assert.deepEqual(
      reads.map((read) => [read.status, read.value]),
      [
        ['NOT_FOUND', null],
        ['PRESENT', 2 + round],
      ],
    )
    await engine.checkpoint()
    await engine.close()
  }
  const engine = openWith(added)
  const slot = engine.acquire('user:1', 0) as Slot
  engine.discard(slot)
  assert.equal(engine.incomplete(slot), false)
  ;[login('a'), login('later 0'), login('later 1')].forEach((event, offset) => engine.fold(slot, offset, event))
  assert.equal(engine.read(slot, engine.plan(['added']), 1_000)[0]?.value, 3)
  await engine.close()
})

test('F12 a lane whose row is still on its way to the disk is not evicted', async () => {
  const world = new ManualWorld()
  const disk = new MemoryFeatureDisk()
  disk.flushMs = () => 500
  const engine = openSmall(world, { store: openMemoryFeatureStore(world, { disk }), laneMax: 1 })
  const slot = engine.acquire('user:1', 0) as Slot
  engine.fold(slot, 0, login('a'))
  await world.advance(flushIntervalMs)
  engine.release(slot)
  engine.release(engine.acquire('user:2', 0) as Slot)
  assert.equal(disk.rows.size, 0, 'the flush has not landed')
  assert.equal(engine.acquire('user:1', 0), slot)
  engine.release(slot)
  await world.advance(500)
  engine.release(engine.acquire('user:2', 0) as Slot)
  const again = engine.acquire('user:1', 0) as Slot
  assert.notEqual(again, slot)
  assert.equal(engine.read(again, engine.plan(['logins']), 1_000)[0]?.value, 1)
  await engine.close()
})

test('a timeline joins what is on disk, what a flush carries and what is only in memory', async () => {
  const world = new ManualWorld()
  const disk = new MemoryFeatureDisk()
  const inner = openMemoryFeatureStore(world, { disk })
  const slow: FeatureStore['timeline'] = (...what) => new Promise((resolve) => world.setTimer(550, () => resolve(inner.timeline(...what))))
  const engine = openSmall(world, { store: { ...inner, timeline: slow } })
  const read = async (before: number, limit: number): Promise<readonly number[]> => {
    const reading = engine.timeline('user:1', before, limit)
    await world.advance(600)
    return reading
  }
  const slot = engine.acquire('user:1', 0) as Slot
  for (const offset of [0, 2]) engine.fold(slot, offset, login(`e${offset}`))
  await engine.checkpoint()
  disk.flushMs = () => 500
  for (const offset of [4, 6]) engine.fold(slot, offset, login(`e${offset}`))
  await world.advance(flushIntervalMs)
  engine.fold(slot, 8, login('e8'))
  assert.deepEqual(disk.timelines.get('user:1'), [0, 2])
  assert.deepEqual(await read(100, 10), [8, 6, 4, 2, 0])
  assert.deepEqual(disk.timelines.get('user:1'), [0, 2, 4, 6], 'the flush landed while the store was asked')
  assert.deepEqual(await read(6, 2), [4, 2])
  assert.deepEqual(await read(100, 2), [8, 6])
  await engine.close()
})
