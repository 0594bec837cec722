import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { open } from 'lmdb'
import { realWorld } from '../base/index.ts'
import { chunkKey } from './chunk.ts'
import { openLmdbLog } from './lmdb.ts'

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'battuta-lmdb-'))
  try {
    await body(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Changes a stored value behind the log's back; `undefined` removes it. */
async function tamper(folder: string, key: Uint8Array, change: (value: Uint8Array) => Uint8Array | undefined): Promise<void> {
  const database = open<Uint8Array, Uint8Array>({ path: join(folder, 'log.mdb'), encoding: 'binary', keyEncoding: 'binary' })
  const value = change(new Uint8Array(database.get(key) ?? []))
  if (value === undefined) await database.remove(key)
  else await database.put(key, value)
  await database.flushed
  await database.close()
}

async function writeThree(folder: string): Promise<void> {
  const log = await openLmdbLog(realWorld(), { folder, partitions: 2 })
  for (const text of ['first', 'second', 'third']) await log.append(1, [Buffer.from(text)]).durable
  await log.close()
}

const flipLast = (value: Uint8Array): Uint8Array => value.map((byte, i) => (i === value.length - 1 ? byte ^ 1 : byte))

describe('lmdb log', () => {
  test('a folder is created with its parents, and a log has 16 partitions unless said', () =>
    withFolder(async (folder) => {
      const nested = join(folder, 'a', 'b')
      const log = await openLmdbLog(realWorld(), { folder: nested })
      assert.equal(log.partitions, 16)
      await log.close()
      assert.deepEqual((await readdir(nested)).toSorted(), ['log.lock', 'log.mdb', 'log.mdb-lock'])
    }))
  test('an existing log opens with its own partition count', () =>
    withFolder(async (folder) => {
      await writeThree(folder)
      const log = await openLmdbLog(realWorld(), { folder })
      assert.equal(log.partitions, 2)
      await log.close()
    }))
  test('a damaged chunk is refused with STORAGE_FAILED, by partition and offset, and the others are read', () =>
    withFolder(async (folder) => {
      await writeThree(folder)
      await tamper(folder, chunkKey(1, 1), flipLast)
      const log = await openLmdbLog(realWorld(), { folder })
      await assert.rejects(log.read(1, 0, 10), { code: 'STORAGE_FAILED', message: /partition 1 at offset 1/ })
      assert.equal(Buffer.from((await log.read(1, 2, 10))[0]!.bytes).toString(), 'third')
      await log.close()
    }))
  test('a damaged newest chunk is refused when the log is opened, and the lock is let go', () =>
    withFolder(async (folder) => {
      await writeThree(folder)
      await tamper(folder, chunkKey(1, 2), flipLast)
      await assert.rejects(openLmdbLog(realWorld(), { folder }), { code: 'STORAGE_FAILED', message: /partition 1 at offset 2/ })
      await tamper(folder, chunkKey(1, 2), flipLast)
      const log = await openLmdbLog(realWorld(), { folder })
      assert.equal(log.end(1), 3)
      await log.close()
    }))
  test('L3 a chunk that is missing is a gap, and is refused', () =>
    withFolder(async (folder) => {
      await writeThree(folder)
      await tamper(folder, chunkKey(1, 1), () => undefined)
      const log = await openLmdbLog(realWorld(), { folder })
      await assert.rejects(log.read(1, 0, 10), { code: 'STORAGE_FAILED', message: /gap in partition 1 at offset 1/ })
      await log.close()
    }))
  test('another format, and a file that is not a log, are refused', () =>
    withFolder(async (folder) => {
      await writeThree(folder)
      const metadata = Buffer.from('meta')
      await tamper(folder, metadata, (value) => Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(value).toString()), format: 2 })))
      await assert.rejects(openLmdbLog(realWorld(), { folder }), { code: 'CONFIG_INVALID', message: /format 2/ })
      await tamper(folder, metadata, () => undefined)
      await assert.rejects(openLmdbLog(realWorld(), { folder }), { code: 'STORAGE_FAILED' })
    }))
  test('L2 a chunk is never written over another', () =>
    withFolder(async (folder) => {
      await writeThree(folder)
      const log = await openLmdbLog(realWorld(), { folder })
      // Somebody writes past the lock, at the same offset and before us.
      const database = open<Uint8Array, Uint8Array>({ path: join(folder, 'log.mdb'), encoding: 'binary', keyEncoding: 'binary', overlappingSync: false })
      await database.put(chunkKey(0, 0), Buffer.from('theirs'))
      await database.close()
      await assert.rejects(log.append(0, [Buffer.from('ours')]).durable, { code: 'STORAGE_FAILED', message: /past its lock/ })
      await log.close()
    }))
})
