import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { realWorld, seededChance } from '../base/index.ts'
import { answered, handWound } from './fixture.ts'
import { memoryDisk, openMemoryRecords } from './index.ts'

describe('memory records', () => {
  for (const [word, chance, last] of [
    ['whole', () => 0.1, 2],
    ['not at all', () => 0.9, 0],
  ] as const) {
    test(`M1 after a crash the group being written is there ${word}, what resolved is there, what waited is not`, async () => {
      const world = handWound(realWorld())
      const disk = memoryDisk()
      const records = await openMemoryRecords(world, { disk, writeMs: () => 5 })
      const wound = async (): Promise<void> => {
        await turn()
        world.fire()
      }
      const taken = records.takeOver(0)
      await wound()
      const generation = await taken
      const part = (previousOffset: number, offset: number, lane: string) => answered({ partition: 0, generation, lane, previousOffset, offset })
      const first = records.commit(part(-1, 0, 'a'))
      await wound()
      await first
      const settled: string[] = []
      const hear = (promise: Promise<unknown>): void => void promise.finally(() => settled.push('heard'))
      hear(records.commit(part(-1, 1, 'b')))
      hear(records.commit(part(-1, 2, 'c')))
      await turn()
      hear(records.commit(part(-1, 3, 'd')))
      disk.crash(chance)
      world.fire()
      await turn()
      const after = await openMemoryRecords(world, { disk })
      assert.equal(await after.highest(0), last)
      assert.deepEqual(
        [await after.lane('a'), await after.lane('b'), await after.lane('c'), await after.lane('d')].map((row) => row !== undefined),
        [true, last === 2, last === 2, false],
      )
      assert.equal((await after.unreleased(0)).length, last + 1)
      assert.deepEqual(settled, [])
      await after.close()
    })
  }

  test('M2 a process that crashed changes nothing any more and hears nothing', async () => {
    const disk = memoryDisk()
    const world = handWound(realWorld())
    const dead = await openMemoryRecords(world, { disk })
    const generation = await dead.takeOver(0)
    dead.settle({ released: [], decision: null })
    dead.advance(0, 5)
    disk.crash(seededChance('m2').next)
    const alive = await openMemoryRecords(world, { disk })
    let heard = 0
    const late = [
      dead.commit(answered({ partition: 0, generation, lane: 'a', previousOffset: -1, offset: 0 })),
      dead.takeOver(0),
      dead.lane('a'),
      dead.setting('x'),
      dead.putSetting('x', 'y'),
    ]
    for (const promise of late) void (promise as Promise<unknown>).finally(() => heard++)
    dead.advance(0, 9)
    world.fire()
    await turn()
    await turn()
    assert.deepEqual([heard, await alive.position(0), await alive.highest(0), await alive.setting('x')], [0, 0, -1, undefined])
    assert.equal(await alive.takeOver(0), generation + 1)
    await alive.close()
  })

  test('one process at a time holds a disk', async () => {
    const disk = memoryDisk()
    const records = await openMemoryRecords(realWorld(), { disk })
    await assert.rejects(openMemoryRecords(realWorld(), { disk }), { name: 'AssertionError' })
    await records.close()
    await (await openMemoryRecords(realWorld(), { disk })).close()
  })
})
