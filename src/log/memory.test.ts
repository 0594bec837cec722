import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { realWorld } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { MemoryDisk, openMemoryLog } from './memory.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const entry = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('memory log', () => {
  test('L1 L2 over any crashes: nothing acknowledged is lost, appends are kept whole and in order', async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 5 }) }) },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), inFlight: fc.constantFrom('lost' as const, 'kept' as const) }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const disk = new MemoryDisk()
        let log = openMemoryLog(realWorld(), { partitions: 1, disk })
        let appended: string[] = []
        let boundaries = [0]
        let acknowledged = 0
        for (const [number, one] of steps.entries()) {
          if (one.kind === 'append') {
            const texts = Array.from({ length: one.count }, (_, i) => `${number}.${i}`)
            const end = appended.push(...texts)
            boundaries.push(end)
            void log.append(0, texts.map(entry)).durable.then(() => (acknowledged = Math.max(acknowledged, end)))
          } else if (one.kind === 'turn') {
            await turn()
          } else {
            const atCrash = acknowledged
            disk.crash(one.inFlight)
            log = openMemoryLog(realWorld(), { partitions: 1, disk })
            const end = log.end(0)
            assert.ok(end >= atCrash, 'nothing acknowledged is lost')
            assert.ok(boundaries.includes(end), 'the last append is kept whole')
            const records = await log.read(0, 0, 1_000)
            assert.deepEqual(
              records.map((record) => new TextDecoder().decode(record.bytes)),
              appended.slice(0, end),
            )
            appended = appended.slice(0, end)
            boundaries = boundaries.filter((boundary) => boundary <= end)
            await turn()
            await turn()
            assert.equal(acknowledged, atCrash, 'a dead log acknowledges nothing')
          }
        }
        await log.close()
      }),
      { numRuns: 80 },
    )
  })
  test('a group in flight at the crash is lost or kept, as asked', async () => {
    for (const inFlight of ['lost', 'kept'] as const) {
      const disk = new MemoryDisk()
      disk.flushMs = () => 60_000
      const timers: (() => void)[] = []
      const world: World = { ...realWorld(), setTimer: (_, callback) => (timers.push(callback), { cancel: () => undefined }) }
      const log = openMemoryLog(world, { partitions: 1, disk })
      log.append(0, [entry('a')])
      await turn()
      assert.equal(timers.length, 1, 'the flush takes as long as the disk says')
      disk.crash(inFlight)
      timers[0]!()
      const again = openMemoryLog(world, { partitions: 1, disk })
      assert.equal(again.end(0), inFlight === 'kept' ? 1 : 0)
      await again.close()
    }
  })
  test('a flush that fails keeps nothing of its group, and the disk can be opened again', async () => {
    const disk = new MemoryDisk()
    const log = openMemoryLog(realWorld(), { partitions: 1, disk })
    await log.append(0, [entry('a')]).durable
    disk.failure = () => new Error('the test says no')
    await assert.rejects(log.append(0, [entry('b')]).durable, { code: 'STORAGE_FAILED', message: /the test says no/ })
    await log.close()
    disk.failure = () => undefined
    const again = openMemoryLog(realWorld(), { partitions: 1, disk })
    assert.equal(again.end(0), 1)
    assert.equal(await again.append(0, [entry('c')]).durable, 1)
    await again.close()
  })
})
