import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { realWorld } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { GroupLog, groupLimits } from './group-log.ts'
import { MemoryDisk, openMemoryLog } from './memory.ts'
import type { ChunkStore, Group } from './store.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A store that commits when the test says so, and keeps only the shape of what it was given. */
class ScriptedStore implements ChunkStore {
  readonly kind = 'scripted'
  readonly partitions = 2
  readonly groups: { entries: number[]; end: (error?: Error) => void }[] = []
  closed = false

  bounds(): { start: number; end: number } {
    return { start: 0, end: 0 }
  }
  commit(group: Group): Promise<void> {
    const entries = [0, 0]
    for (const { partition, count } of group.chunks) entries[partition]! += count
    return new Promise((resolve, reject) => {
      this.groups.push({ entries, end: (error) => (error === undefined ? resolve() : reject(error)) })
    })
  }
  chunkAt(): undefined {
    return undefined
  }
  oldestFirsts(): number[] {
    return []
  }
  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }
}

const entry = (length = 1): Uint8Array[] => [new Uint8Array(length)]

describe('group log', () => {
  test('G1 one group is in flight, and what comes meanwhile goes together in the next', async () => {
    const store = new ScriptedStore()
    const log = new GroupLog(realWorld(), store)
    const first = [log.append(0, entry()), log.append(1, entry()), log.append(0, entry())]
    await turn()
    assert.deepEqual(
      store.groups.map((group) => group.entries),
      [[2, 1]],
    )
    const second = Array.from({ length: 10 }, () => log.append(1, entry()))
    await turn()
    await turn()
    assert.equal(store.groups.length, 1, 'the next waits for the one in flight')
    assert.deepEqual([log.end(0), log.end(1)], [0, 0])
    store.groups[0]!.end()
    assert.deepEqual(await Promise.all(first.map((append) => append.durable)), [0, 0, 1])
    assert.deepEqual([log.end(0), log.end(1)], [2, 1])
    const third = log.append(0, entry())
    await turn()
    assert.deepEqual(store.groups[1]!.entries, [1, 10], 'who waited for a group can be in the next')
    store.groups[1]!.end()
    await Promise.all([...second, third].map((append) => append.durable))
    await log.close()
  })

  test('G2 a group is bounded in entries and bytes, and never splits an append', async () => {
    const store = new ScriptedStore()
    const log = new GroupLog(realWorld(), store)
    const sizes: number[] = []
    const appends = [
      ...Array.from({ length: groupLimits.groupEntriesMax + 1 }, () => log.append(0, entry())),
      log.append(
        0,
        Array.from({ length: groupLimits.groupEntriesMax }, () => new Uint8Array(1)),
      ),
      log.append(0, entry(groupLimits.groupBytesMax)),
      log.append(0, entry(groupLimits.groupBytesMax + 1)),
    ]
    const closed = log.close()
    while (sizes.length < 5) {
      await turn()
      const group = store.groups[sizes.length]
      if (group === undefined) continue
      sizes.push(group.entries[0]!)
      group.end()
    }
    await Promise.all(appends.map((append) => append.durable))
    await closed
    assert.deepEqual(sizes, [groupLimits.groupEntriesMax, 1, groupLimits.groupEntriesMax, 1, 1])
  })

  test('G3 after a failed write everything waiting and everything later fails, and nothing else is written', async () => {
    const store = new ScriptedStore()
    const log = new GroupLog(realWorld(), store)
    const inFlight = log.append(0, entry())
    await turn()
    const waiting = log.append(0, entry())
    const retention = log.retain(1, 0)
    store.groups[0]!.end(new Error('no space left on device'))
    const refusal = { code: 'STORAGE_FAILED', message: /no space left on device/ }
    await Promise.all([inFlight.durable, waiting.durable, retention].map((promise) => assert.rejects(promise, refusal)))
    const later = log.append(1, entry())
    assert.equal(later.first, null, 'no offset is given that cannot be kept')
    await assert.rejects(later.durable, refusal)
    await assert.rejects(log.retain(0, 0), refusal)
    await turn()
    assert.equal(store.groups.length, 1)
    assert.deepEqual([log.pendingBytes, log.end(0)], [0, 0])
    await log.close()
    assert.ok(store.closed)
  })

  test('an append beyond what may wait for the disk is refused with OVERLOADED and takes no offset', async () => {
    const stuck: World = { ...realWorld(), defer: () => undefined }
    const log = new GroupLog(stuck, new ScriptedStore())
    const large = entry(groupLimits.appendBytesMax)
    for (let i = 0; i < groupLimits.pendingBytesMax / groupLimits.appendBytesMax; i++) assert.equal(log.append(0, large).first, i)
    const refused = log.append(0, entry())
    assert.equal(refused.first, null)
    await assert.rejects(refused.durable, { code: 'OVERLOADED', retryAfterMs: 1_000 })
    assert.equal(log.pendingBytes, groupLimits.pendingBytesMax)
  })

  test('closing again is closing once, and a closed log takes and gives nothing', async () => {
    const log = new GroupLog(realWorld(), new ScriptedStore())
    await Promise.all([log.close(), log.close()])
    assert.throws(() => log.append(0, entry()), { name: 'AssertionError' })
    await assert.rejects(log.read(0, 0, 1), { name: 'AssertionError' })
    assert.throws(() => log.retain(0, 0), { name: 'AssertionError' })
  })

  test('a long read lets the event loop turn, and retention that overtakes it leaves no gap', async () => {
    let turns = 0
    const world: World = { ...realWorld(), defer: (callback) => void setImmediate(() => (turns++, callback())) }
    const log = openMemoryLog(world, { partitions: 1 })
    for (let i = 0; i < 60; i++) await log.append(0, entry(40_000)).durable
    turns = 0
    assert.equal((await log.read(0, 0, 100)).length, 60)
    assert.ok(turns >= 3, 'a read of 2.4 MB takes several turns')
    const reading = log.read(0, 0, 100)
    await log.retain(0, 50)
    const records = await reading
    assert.deepEqual(
      records.map((record) => record.offset),
      [50, 51, 52, 53, 54, 55, 56, 57, 58, 59],
    )
    await log.close()
  })

  test('retention of many chunks goes in groups, between which appends go on', async () => {
    const disk = new MemoryDisk()
    const log = openMemoryLog(realWorld(), { partitions: 1, disk })
    const chunks = 2 * groupLimits.groupDropsMax + 10
    for (let i = 0; i < chunks; i++) await log.append(0, entry()).durable
    const retained = log.retain(0, chunks - 1)
    const ends: number[] = []
    for (let i = 0; i < 3; i++) ends.push(await log.append(0, entry()).durable)
    await retained
    assert.equal(log.start(0), chunks - 1)
    assert.deepEqual(ends, [chunks, chunks + 1, chunks + 2])
    await log.close()
  })
})
