import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { realWorld } from '../base/index.ts'
import type { FeatureRead } from '../definition/index.ts'
import { definitionOf, eventStream, everyDefinition, windowNames } from './generators.ts'
import { MemoryFeatureDisk, openFeatureEngine, openMemoryFeatureStore } from './index.ts'
import type { FeatureEngine, FeatureEngineOptions, FeatureStore, FoldEvent, Slot } from './index.ts'
import { layoutOf } from './layout.ts'
import { oracleRead } from './oracle.ts'

const world = realWorld()
const allDurable = (): number => Number.MAX_SAFE_INTEGER
const names = everyDefinition.map((definition) => definition.name)

function open(more: Partial<FeatureEngineOptions> = {}): FeatureEngine {
  return openFeatureEngine({ world, definitions: everyDefinition, store: openMemoryFeatureStore(world), durableEnd: allDurable, ...more })
}

function slotOf(engine: FeatureEngine, entity = 'user:1', partition = 0): Slot {
  const slot = engine.acquire(entity, partition)
  assert.ok(!(slot instanceof Promise))
  return slot
}

function payment(id: string, time: number, data: unknown = { amount: 1, currency: 'EUR' }): FoldEvent {
  return { type: 'payment', id, source: 'bank', time, data }
}

/** Sums of an ewma come in another order than the oracle's; everything else is equal to the bit. */
function assertSame(got: FeatureRead, want: FeatureRead, name: string): void {
  if (typeof want.value === 'number' && typeof got.value === 'number' && name.startsWith('ewma')) {
    assert.ok(Math.abs(got.value - want.value) <= 1e-9 * Math.max(1, Math.abs(want.value)), `${name}: ${got.value} is not ${want.value}`)
    assert.deepEqual({ ...got, value: null }, { ...want, value: null }, name)
  } else assert.deepEqual(got, want, name)
}

test('F3 F4 F5 every operator and window reads what the definition says of the raw events', () => {
  fc.assert(
    fc.property(eventStream, fc.array(fc.integer({ min: -100_000_000, max: 3_000_000_000 }), { maxLength: 4 }), (events, offsetsMs) => {
      const engine = open()
      const slot = slotOf(engine)
      const plan = engine.plan(names)
      events.forEach((event, offset) => engine.fold(slot, offset, event))
      const newest = Math.max(...events.map((event) => event.time))
      for (const asOf of [newest, (events.at(-1) as FoldEvent).time, ...offsetsMs.map((ms) => newest + ms)]) {
        const reads = engine.read(slot, plan, asOf)
        everyDefinition.forEach((definition, i) => {
          const want = oracleRead(definition, wellFormed(events), asOf)
          assertSame(reads[i] as FeatureRead, want, definition.name)
        })
      }
      void engine.close()
    }),
    { numRuns: 40 },
  )
})

/** `last` keeps well-formed text, so that a reload gives the same. */
function wellFormed(events: readonly FoldEvent[]): FoldEvent[] {
  return events.map((event) => {
    const data = event.data as Record<string, unknown>
    return typeof data['merchant'] === 'string' ? { ...event, data: { ...data, merchant: data['merchant'].toWellFormed() } } : event
  })
}

test('F3 the tail of a window is between window and window + hop long', () => {
  for (const window of windowNames) {
    const definition = definitionOf('events', { operator: 'count', window })
    const { windowMs, hopMs } = definition
    const engine = open({ definitions: [definition] })
    const plan = engine.plan(['events'])
    const asOf = 1_800_000_000_000 + Math.floor(hopMs / 3)
    const counts = (ageMs: number): unknown => {
      const slot = slotOf(engine, `${window} ${ageMs}`)
      engine.fold(slot, 0, payment('a', asOf - ageMs))
      return engine.read(slot, plan, asOf)[0]?.value
    }
    assert.equal(counts(0), 1)
    assert.equal(counts(windowMs), 1)
    assert.equal(counts(windowMs + hopMs), 0)
    void engine.close()
  }
})

test('F4 an older late value never overwrites a newer one, and of equal times the later in the log wins', () => {
  const engine = open({ definitions: [definitionOf('amount', { operator: 'last', window: '1h' })] })
  const slot = slotOf(engine)
  const after = (offset: number, time: number, amount: number): unknown => {
    engine.fold(slot, offset, payment(`e${offset}`, time, { amount }))
    return engine.read(slot, engine.plan(['amount']), 10_000)[0]?.value
  }
  assert.deepEqual([after(0, 5_000, 100), after(1, 4_000, 7), after(2, 5_000, 30), after(3, 4_999, 8), after(4, 5_001, 1)], [100, 100, 30, 30, 1])
  void engine.close()
})

test('F11 flushing, evicting and loading at any point change no read', async () => {
  const turns = fc.array(fc.constantFrom('fold', 'fold', 'fold', 'checkpoint', 'elsewhere', 'restart'), { minLength: 1, maxLength: 60, size: 'max' })
  await fc.assert(
    fc.asyncProperty(eventStream, turns, async (events, plan) => {
      const disk = new MemoryFeatureDisk()
      const openAgain = (): FeatureEngine => open({ store: openMemoryFeatureStore(world, { disk }), laneMax: 1 })
      const steady = open()
      const steadySlot = slotOf(steady)
      let engine = openAgain()
      let offset = 0
      for (const turn of plan) {
        if (turn === 'fold' && offset < events.length) {
          const event = events[offset] as FoldEvent
          steady.fold(steadySlot, offset, event)
          const slot = slotOf(engine)
          engine.fold(slot, offset++, event)
          engine.release(slot)
        } else if (turn === 'elsewhere') {
          await engine.checkpoint()
          engine.release(slotOf(engine, 'user:2'))
        } else if (turn !== 'fold') {
          await engine.checkpoint()
          if (turn === 'restart') {
            await engine.close()
            engine = openAgain()
          }
        }
        const slot = slotOf(engine)
        const asOf = events[Math.max(0, offset - 1)]?.time as number
        assert.deepEqual(engine.read(slot, engine.plan(names), asOf), steady.read(steadySlot, steady.plan(names), asOf))
        assert.deepEqual(engine.offsets(slot), steady.offsets(steadySlot))
        engine.release(slot)
      }
      await Promise.all([engine.close(), steady.close()])
    }),
    { numRuns: 15 },
  )
})

test('F10 every event comes out exactly once: applied, duplicate or already', () => {
  fc.assert(
    fc.property(eventStream, fc.array(fc.nat(60), { maxLength: 10 }), (events, again) => {
      const engine = open()
      const slot = slotOf(engine)
      const results = { applied: 0, duplicate: 0, already: 0 }
      events.forEach((event, offset) => results[engine.fold(slot, offset, event)]++)
      for (const offset of again) if (offset < events.length) results[engine.fold(slot, offset, events[offset] as FoldEvent)]++
      const stats = engine.stats()
      assert.deepEqual([stats.applied, stats.duplicates, stats.already], [results.applied, results.duplicate, results.already])
      assert.equal(results.applied, new Set(events.map((event) => event.id)).size)
      assert.ok(stats.tooLate + stats.lateApplied <= stats.applied)
      void engine.close()
    }),
    { numRuns: 30 },
  )
})

test('late events are counted: into their own tile, or older than the ring', () => {
  const engine = open({ definitions: [definitionOf('events', { operator: 'count', window: '5m' })] })
  const slot = slotOf(engine)
  const now = 1_800_000_000_000
  engine.fold(slot, 0, payment('a', now))
  engine.fold(slot, 1, payment('b', now - 60_000))
  engine.fold(slot, 2, payment('c', now - 400_000))
  engine.fold(slot, 3, { ...payment('d', now - 400_000), type: 'login' })
  const { applied, lateApplied, tooLate } = engine.stats()
  assert.deepEqual({ applied, lateApplied, tooLate }, { applied: 4, lateApplied: 1, tooLate: 1 })
  assert.equal(engine.read(slot, engine.plan(['events']), now)[0]?.value, 2)
  void engine.close()
})

test('names of one definition share one aggregation', () => {
  const one = definitionOf('one', { operator: 'sum', window: '1h' })
  const both = [one, { ...one, name: 'two' }]
  assert.equal(layoutOf(both).cells, layoutOf([one]).cells)
  const engine = open({ definitions: both })
  const slot = slotOf(engine)
  engine.fold(slot, 0, payment('a', 1_000, { amount: 7 }))
  assert.deepEqual(
    engine.read(slot, engine.plan(['one', 'two']), 1_000).map((read) => read.value),
    [7, 7],
  )
  assert.throws(() => engine.plan(['three']), { code: 'FEATURE_UNKNOWN', message: /three.*one, two/s })
  void engine.close()
})

test('beyond 32 distinct values a count is an estimate, over all tiles together', () => {
  const engine = open({ definitions: [definitionOf('merchants', { operator: 'distinct', window: '30d', field: 'merchant' })] })
  const slot = slotOf(engine)
  for (let i = 0; i < 3_000; i++) engine.fold(slot, i, payment(`e${i}`, 1_800_000_000_000 + i * 800_000, { merchant: `m${i % 1_000}` }))
  const value = engine.read(slot, engine.plan(['merchants']), 1_800_000_000_000 + 3_000 * 800_000)[0]?.value as number
  // Three standard errors of 1/sqrt(31).
  assert.ok(value > 460 && value < 1_540, `${value} is nowhere near 1,000`)
  void engine.close()
})

test('seen tells what fold would call a duplicate, and changes nothing', () => {
  const engine = open()
  const slot = slotOf(engine)
  assert.equal(engine.seen(slot, 'bank', 'a'), false)
  assert.equal(engine.seen(slot, 'bank', 'a'), false)
  engine.fold(slot, 0, payment('a', 5))
  assert.equal(engine.seen(slot, 'bank', 'a'), true)
  assert.equal(engine.seen(slot, 'shop', 'a'), false)
  assert.equal(engine.fold(slot, 1, payment('a', 5)), 'duplicate')
  void engine.close()
})

test('an unexpected payload folds into counts without a filter only, and breaks nothing', () => {
  const engine = open()
  const slot = slotOf(engine)
  const odd: readonly unknown[] = [null, undefined, 'text', 7, [], {}, { amount: {}, currency: 3, online: 'yes', merchant: {} }, { amount: Number.NaN }]
  odd.forEach((data, i) => engine.fold(slot, i, { ...payment(`e${i}`, 1_000 + i), data }))
  const reads = engine.read(slot, engine.plan(names), 2_000)
  everyDefinition.forEach((definition, i) => {
    const counts = definition.operator === 'count' && definition.where === null
    assert.equal(reads[i]?.status, counts ? 'PRESENT' : 'NOT_FOUND', definition.name)
    assert.equal(reads[i]?.value, counts ? odd.length : null, definition.name)
  })
  void engine.close()
})

test('an asynchronous store gives one lane to all who ask at once', async () => {
  const memory = openMemoryFeatureStore(world)
  let loads = 0
  const store: FeatureStore = { ...memory, load: async (entity) => (loads++, memory.load(entity)) }
  const engine = open({ store })
  const slots = await Promise.all([engine.acquire('user:1', 0), engine.acquire('user:1', 0), engine.acquire('user:2', 0)])
  assert.equal(slots[0], slots[1])
  assert.notEqual(slots[0], slots[2])
  assert.equal(loads, 2)
  assert.equal(engine.acquire('user:1', 0), slots[0])
  await engine.close()
})

test('F12 a lane that is not flushed, or waits for its commit, is not evicted', async () => {
  const engine = open({ laneMax: 1 })
  const plan = engine.plan(['count 1h all'])
  const first = slotOf(engine)
  engine.fold(first, 0, payment('a', 1_000))
  engine.release(first)
  const second = slotOf(engine, 'user:2')
  assert.equal(slotOf(engine), first)
  engine.release(second)
  await engine.checkpoint()
  engine.hold(first)
  engine.release(first)
  engine.release(slotOf(engine, 'user:3'))
  assert.equal(slotOf(engine), first)
  assert.equal(engine.read(first, plan, 1_000)[0]?.value, 1)
  engine.settle(first, 0)
  engine.release(first)
  await engine.checkpoint()
  engine.release(slotOf(engine, 'user:4'))
  assert.notEqual(slotOf(engine), first)
  await engine.close()
})

test('F12 a lane in use is never evicted; one that was released may be, the longest unused first', async () => {
  const engine = open({ laneMax: 2 })
  const held = slotOf(engine, 'held')
  engine.fold(held, 0, payment('a', 1_000))
  for (let i = 0; i < 10; i++) {
    const slot = slotOf(engine, `user:${i}`)
    engine.fold(slot, 1 + i, payment('a', 1_000))
    engine.release(slot)
  }
  await engine.checkpoint()
  assert.equal(engine.stats().lanes, 2)
  assert.equal(engine.stats().evicted, 9)
  assert.equal(engine.read(held, engine.plan(['count 1h all']), 1_000)[0]?.value, 1)
  engine.release(held)
  assert.throws(() => engine.read(held, engine.plan(['count 1h all']), 1_000), /after it was released/)
  await engine.close()
})
