/**
 * The log's contract: what every driver must do, as tests for `node:test`. It is a door of its
 * own, so that production never loads a test runner. Its histories are drawn from named seeds, so that users who test
 * a driver of their own need no property-testing library.
 *
 * @example
 * logContract('lmdb', async () => {
 *   const folder = await mkdtemp(join(tmpdir(), 'log-'))
 *   return {
 *     open: (partitions) => openLmdbLog(realWorld(), { folder, partitions }),
 *     dispose: () => rm(folder, { recursive: true }),
 *   }
 * })
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AssertionError, seededChance } from '../base/index.ts'
import type { Chance } from '../base/index.ts'
import type { Append, Log } from './port.ts'

/** One medium, empty at first, on which a log is created by the first `open` and opened again by later ones. */
export interface LogMedium {
  open(partitions: number): Promise<Log>
  /** Called when no log is open on it. */
  dispose(): Promise<void>
}

export interface LogContractOptions {
  /** Random histories to run against the model; each opens the log a few times. */
  readonly histories?: number
  /** When the driver knows an append's first offset: at once (the default), or only when it is durable (a broker gives it). */
  readonly offsets?: 'at once' | 'when durable'
}

/** Checks what an append tells of its place; its `durable` is checked by whoever awaits it. */
type CheckFirst = (append: Append, expected: number, message?: string) => void

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** Declares the suite. */
export function logContract(name: string, create: () => Promise<LogMedium>, options: LogContractOptions = {}): void {
  const withMedium = (body: (medium: LogMedium) => Promise<void>) => async (): Promise<void> => {
    const medium = await create()
    try {
      await body(medium)
    } finally {
      await medium.dispose()
    }
  }
  const withLog = (body: (log: Log) => Promise<void>): (() => Promise<void>) =>
    withMedium(async (medium) => {
      const log = await medium.open(3)
      try {
        await body(log)
      } finally {
        await log.close()
      }
    })

  const atOnce = options.offsets !== 'when durable'
  const checkFirst: CheckFirst = (append, expected, message) => assert.equal(append.first, atOnce ? expected : null, message)

  describe(`log contract: ${name}`, () => {
    declareKeeping(withMedium)
    declareOffsets(withLog, checkFirst)
    declareReading(withLog)
    declareRetention(withLog, withMedium)
    const histories = options.histories ?? 20
    test(`L1 L2 L3 ${histories} random histories agree with a plain array`, async () => {
      for (let run = 0; run < histories; run++) {
        await withMedium((medium) => playHistory(medium, seededChance(`history ${run}`), `history ${run}`, checkFirst))()
      }
    })
  })
}

function declareKeeping(withMedium: (body: (medium: LogMedium) => Promise<void>) => () => Promise<void>): void {
  test(
    'L1 what was durable is there when the log is opened again',
    withMedium(async (medium) => {
      const log = await medium.open(3)
      await log.append(1, [bytesOf('a'), bytesOf('b')]).durable
      await log.append(2, [bytesOf('c')]).durable
      await log.close()
      const again = await medium.open(3)
      assert.deepEqual(await textsFrom(again, 1, 0), ['a', 'b'])
      assert.deepEqual(await textsFrom(again, 2, 0), ['c'])
      assert.equal(again.end(1), 2)
      assert.equal(await again.append(1, [bytesOf('d')]).durable, 2)
      await again.close()
    }),
  )
  test(
    'L1 closing waits for everything that was appended',
    withMedium(async (medium) => {
      const log = await medium.open(3)
      const appends = Array.from({ length: 200 }, (_, i) => log.append(i % 3, [bytesOf(`${i}`)]))
      await log.close()
      await Promise.all(appends.map((append) => append.durable))
      const again = await medium.open(3)
      assert.equal(again.end(0) + again.end(1) + again.end(2), 200)
      await again.close()
    }),
  )
  test(
    'L4 a second opening is refused with LOG_LOCKED until the first is closed',
    withMedium(async (medium) => {
      const log = await medium.open(3)
      await assert.rejects(async () => medium.open(3), { code: 'LOG_LOCKED' })
      await log.append(0, [bytesOf('still mine')]).durable
      await log.close()
      await (await medium.open(3)).close()
    }),
  )
  test(
    'L5 another partition count is refused with CONFIG_INVALID and harms nothing',
    withMedium(async (medium) => {
      const log = await medium.open(3)
      await log.append(2, [bytesOf('a')]).durable
      await log.close()
      await assert.rejects(async () => medium.open(4), { code: 'CONFIG_INVALID' })
      const again = await medium.open(3)
      assert.equal(again.partitions, 3)
      assert.deepEqual(await textsFrom(again, 2, 0), ['a'])
      await again.close()
    }),
  )
  test(
    'L5 a partition count that cannot be is refused with CONFIG_INVALID',
    withMedium(async (medium) => {
      for (const partitions of [0, -1, 1.5]) await assert.rejects(async () => medium.open(partitions), { code: 'CONFIG_INVALID' })
    }),
  )
}

function declareOffsets(withLog: (body: (log: Log) => Promise<void>) => () => Promise<void>, checkFirst: CheckFirst): void {
  test(
    'L2 offsets count from 0 in each partition, without gaps, in call order',
    withLog(async (log) => {
      const appends = [log.append(0, [bytesOf('a'), bytesOf('b')]), log.append(1, [bytesOf('x')]), log.append(0, [bytesOf('c')])]
      for (const [index, first] of [0, 0, 2].entries()) checkFirst(appends[index]!, first)
      assert.deepEqual(await Promise.all(appends.map((append) => append.durable)), [0, 0, 2])
      assert.deepEqual(await textsFrom(log, 0, 0), ['a', 'b', 'c'])
      assert.deepEqual([log.end(0), log.end(1), log.end(2)], [3, 1, 0])
    }),
  )
  test(
    'L2 appends become durable in call order',
    withLog(async (log) => {
      const order: number[] = []
      await Promise.all(Array.from({ length: 50 }, (_, i) => log.append(i % 3, [bytesOf(`${i}`)]).durable.then(() => order.push(i))))
      assert.deepEqual(
        order,
        Array.from({ length: 50 }, (_, i) => i),
      )
    }),
  )
  test(
    'an empty list and an unknown partition are programmer errors',
    withLog(async (log) => {
      assert.throws(() => log.append(0, []), AssertionError)
      assert.throws(() => log.append(3, [bytesOf('a')]), AssertionError)
      assert.throws(() => log.end(-1), AssertionError)
      const append = log.append(0, [bytesOf('a')])
      checkFirst(append, 0, 'a refused append takes no offset')
      assert.equal(await append.durable, 0)
    }),
  )
  test(
    'pendingBytes counts what is not durable yet',
    withLog(async (log) => {
      assert.equal(log.pendingBytes, 0)
      const first = log.append(0, [new Uint8Array(10), new Uint8Array(5)])
      const second = log.append(1, [new Uint8Array(100)])
      assert.equal(log.pendingBytes, 115)
      await Promise.all([first.durable, second.durable])
      assert.equal(log.pendingBytes, 0)
    }),
  )
}

function declareReading(withLog: (body: (log: Log) => Promise<void>) => () => Promise<void>): void {
  test(
    'L3 nothing is read before it is durable',
    withLog(async (log) => {
      await log.append(0, [bytesOf('a')]).durable
      const append = log.append(0, [bytesOf('b')])
      assert.equal(log.end(0), 1)
      assert.deepEqual(await textsFrom(log, 0, 0), ['a'])
      await append.durable
      assert.deepEqual(await textsFrom(log, 0, 0), ['a', 'b'])
    }),
  )
  test(
    'L3 a read begins at its offset, ends at its limit or the durable end, and may lie beyond it',
    withLog(async (log) => {
      for (const part of [['0', '1', '2'], ['3'], ['4', '5']]) await log.append(0, part.map(bytesOf)).durable
      assert.deepEqual(await textsFrom(log, 0, 2, 3), ['2', '3', '4'])
      assert.deepEqual(
        (await log.read(0, 4, 100)).map((record) => record.offset),
        [4, 5],
      )
      assert.deepEqual(await log.read(0, 6, 10), [])
      assert.deepEqual(await log.read(0, 1_000, 10), [])
      assert.deepEqual(await log.read(1, 0, 10), [])
      await assert.rejects(log.read(0, 0, 0), AssertionError)
      await assert.rejects(log.read(0, -1, 1), AssertionError)
    }),
  )
  test(
    'L1 L3 entries of 0 bytes to 64 kB, in lists of 1 to 700, come back byte for byte',
    withLog(async (log) => {
      const chance = seededChance('sizes')
      const lists = [1, 700, 3, 64].map((length) =>
        Array.from({ length }, (_, i) => Uint8Array.from({ length: i % 50 === 1 ? 65_536 : chance.below(200) * (i % 3) }, () => chance.below(256))),
      )
      const appends = lists.map((list) => log.append(1, list))
      await Promise.all(appends.map((append) => append.durable))
      const records = await log.read(1, 0, 10_000)
      const wanted = lists.flat()
      assert.equal(records.length, wanted.length)
      for (const [offset, record] of records.entries()) {
        assert.equal(record.offset, offset)
        assert.equal(Buffer.compare(record.bytes, wanted[offset]!), 0, `entry ${offset} is what was appended`)
      }
    }),
  )
  test(
    'what was read stays as it is when the log is read and written again',
    withLog(async (log) => {
      await log.append(0, [bytesOf('first')]).durable
      const [record] = await log.read(0, 0, 1)
      await log.append(0, [bytesOf('other')]).durable
      await log.read(0, 1, 1)
      assert.equal(textOf(record!.bytes), 'first')
    }),
  )
}

function declareRetention(
  withLog: (body: (log: Log) => Promise<void>) => () => Promise<void>,
  withMedium: (body: (medium: LogMedium) => Promise<void>) => () => Promise<void>,
): void {
  test(
    'retention drops nothing at or after its offset, and reads are clamped to what is kept',
    withLog(async (log) => {
      for (let i = 0; i < 20; i++) await log.append(0, [bytesOf(`${i}`)]).durable
      await log.append(1, [bytesOf('other')]).durable
      await log.retain(0, 12)
      assert.ok(log.start(0) > 0 && log.start(0) <= 12)
      assert.equal(log.end(0), 20)
      const records = await log.read(0, 0, 100)
      assert.deepEqual(
        records.map((record) => record.offset),
        Array.from({ length: 20 - log.start(0) }, (_, i) => log.start(0) + i),
      )
      assert.equal(textOf(records[0]!.bytes), `${log.start(0)}`)
      const start = log.start(0)
      await log.retain(0, 3)
      assert.equal(log.start(0), start, 'a lower offset changes nothing')
      assert.deepEqual([log.start(1), log.end(1)], [0, 1])
    }),
  )
  test(
    'L2 retention beyond the end keeps the end, also when the log is opened again',
    withMedium(async (medium) => {
      const log = await medium.open(3)
      for (let i = 0; i < 10; i++) await log.append(0, [bytesOf(`${i}`)]).durable
      await log.retain(0, 1_000_000)
      await log.retain(2, 5)
      assert.ok(log.start(0) <= 10)
      assert.equal(log.end(0), 10)
      const start = log.start(0)
      await log.close()
      const again = await medium.open(3)
      assert.deepEqual([again.start(0), again.end(0), again.start(2), again.end(2)], [start, 10, 0, 0])
      assert.equal(await again.append(0, [bytesOf('next')]).durable, 10)
      await again.close()
    }),
  )
}

/** Appends, reads, retentions and reopenings in any order and without waiting, against a plain array per partition. */
async function playHistory(medium: LogMedium, chance: Chance, name: string, checkFirst: CheckFirst): Promise<void> {
  const model: string[][] = [[], [], []]
  let log = await medium.open(3)
  let pending: Promise<void>[] = []
  let background: Promise<void>[] = []
  const settle = async (): Promise<void> => {
    await Promise.all([...pending, ...background])
    pending = []
    background = []
  }
  for (let step = 0; step < 60; step++) {
    const partition = chance.below(3)
    const entries = model[partition]!
    const choice = chance.below(20)
    if (choice < 11) {
      const texts = Array.from({ length: 1 + chance.below(chance.below(8) === 0 ? 300 : 4) }, (_, i) => `${step}.${i}`.repeat(chance.below(5)))
      const append = log.append(partition, texts.map(bytesOf))
      const expected = entries.length
      checkFirst(append, expected, `${name}, step ${step}: offsets go on without gaps`)
      entries.push(...texts)
      pending.push(append.durable.then((first) => assert.equal(first, expected, `${name}, step ${step}: what was appended is where it was called`)))
    } else if (choice < 16) {
      background.push(checkRead(log, partition, chance.below(entries.length + 3), 1 + chance.below(200), entries))
    } else if (choice < 17) {
      background.push(log.retain(partition, chance.below(entries.length + 1)))
    } else if (choice < 19) {
      await settle()
      assert.equal(log.end(partition), entries.length, `${name}, step ${step}: everything is durable`)
    } else {
      await settle()
      await log.close()
      log = await medium.open(3)
    }
  }
  await settle()
  for (const [partition, entries] of model.entries()) {
    assert.equal(log.end(partition), entries.length)
    await checkRead(log, partition, 0, 100_000, entries)
  }
  await log.close()
}

async function checkRead(log: Log, partition: number, from: number, limit: number, model: readonly string[]): Promise<void> {
  const startBefore = log.start(partition)
  const endBefore = log.end(partition)
  const records = await log.read(partition, from, limit)
  let next = records[0]?.offset ?? Math.max(from, startBefore)
  assert.ok(next >= Math.max(from, startBefore) && next <= Math.max(from, log.start(partition)), 'a read begins at its offset or at the start')
  for (const record of records) {
    assert.equal(record.offset, next, 'records follow each other')
    assert.equal(textOf(record.bytes), model[next], `offset ${next} holds what was appended`)
    next++
  }
  assert.ok(records.length === limit || next >= endBefore, 'fewer than the limit only at the durable end')
  assert.ok(next <= Math.max(from, log.end(partition)), 'nothing is read that is not durable')
}

async function textsFrom(log: Log, partition: number, from: number, limit = 1_000): Promise<string[]> {
  return (await log.read(partition, from, limit)).map((record) => textOf(record.bytes))
}
