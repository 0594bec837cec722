/**
 * The embedded log under `kill -9` and on a full disk, with real processes and real files. Not power loss: what the disk
 * keeps in its own cache is not lost here.
 *
 * The soak run sets BATTUTA_SOAK and kills 200 times.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { realWorld, seededChance } from '../../src/base/index.ts'
import { openLmdbLog } from '../../src/log/index.ts'
import type { Log } from '../../src/log/index.ts'
import { entriesOf, headOf, partitions } from './log-writer.ts'

const kills = process.env['BATTUTA_SOAK'] === undefined ? 5 : 200
const writer = fileURLToPath(new URL('log-writer.ts', import.meta.url))

interface Acknowledged {
  readonly partition: number
  readonly first: number
  readonly seed: string
}

/** What the parent knows of one log after any number of writers. */
interface Ledger {
  acknowledged: Acknowledged[]
  /** The highest offset that retention was asked for, per partition. */
  readonly retained: number[]
}

function newLedger(): Ledger {
  return { acknowledged: [], retained: new Array<number>(partitions).fill(0) }
}

/** Runs a writer and kills it after so many acknowledgements. Every line it got out before it died counts. */
async function writeUntilKilled(folder: string, run: string, acknowledgements: number, ledger: Ledger, atFirst?: () => Promise<void>): Promise<void> {
  const child = spawn(process.execPath, [writer, folder, run], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('close', (_, signal) => resolve(signal)))
  let count = 0
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, partition, offset, seed] = line.split(' ')
    if (word === 'retain') {
      ledger.retained[Number(partition)] = Math.max(ledger.retained[Number(partition)]!, Number(offset))
      continue
    }
    ledger.acknowledged.push({ partition: Number(partition), first: Number(offset), seed: seed! })
    if (count === 0) await atFirst?.()
    if (++count === acknowledgements) child.kill('SIGKILL')
  }
  assert.equal(await ended, 'SIGKILL', 'the writer died of the kill, not of an error')
}

async function checkLog(log: Log, ledger: Ledger): Promise<void> {
  const kept = new Map<string, Uint8Array>()
  const appends = new Map<string, Uint8Array[]>()
  for (let partition = 0; partition < partitions; partition++) {
    const start = log.start(partition)
    const retained = ledger.retained[partition]!
    assert.ok(start <= retained, `retention drops nothing that it was not asked to: partition ${partition} starts at ${start}, not ${retained}`)
    const records = await log.read(partition, start, 1_000_000)
    assert.equal(records.length, log.end(partition) - start, 'L3 there is no gap between start and end')
    let expected = headOf(records[0]!.bytes)
    for (const [i, { offset, bytes }] of records.entries()) {
      assert.equal(offset, start + i)
      const head = headOf(bytes)
      if (expected.index === expected.count) expected = { ...head, index: 0 }
      assert.deepEqual(head, expected, 'an append is kept whole or not at all')
      const append = appends.get(head.seed) ?? entriesOf(head.seed)
      appends.set(head.seed, append)
      assert.equal(Buffer.compare(bytes, append[head.index]!), 0, `offset ${offset} is byte for byte what was appended`)
      expected = { ...head, index: head.index + 1 }
      kept.set(`${partition}:${offset}`, bytes)
    }
    assert.equal(expected.index, expected.count, 'the last append is kept whole too')
  }
  for (const { partition, first, seed } of ledger.acknowledged) {
    for (const [i, entry] of entriesOf(seed).entries()) {
      if (first + i < log.start(partition)) continue
      const bytes = kept.get(`${partition}:${first + i}`)
      assert.ok(
        bytes !== undefined && Buffer.compare(bytes, entry) === 0,
        `L1 the acknowledged offset ${first + i} of partition ${partition} holds what was appended`,
      )
    }
  }
}

describe('the embedded log, killed', () => {
  test(`L1 L3 nothing acknowledged is lost in ${kills} kills at random moments, and the lock dies with its process`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'battuta-crash-'))
    const chance = seededChance('log-crash')
    const ledger = newLedger()
    try {
      for (let kill = 0; kill < kills; kill++) {
        await writeUntilKilled(folder, `${kill}`, 20 + chance.below(800), ledger)
        const log = await openLmdbLog(realWorld(), { folder })
        await checkLog(log, ledger)
        await log.close()
        ledger.acknowledged = ledger.acknowledged.filter(({ partition, first }) => first >= log.start(partition))
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  })
  test('L4 a living process keeps another out of its log, a killed one does not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'battuta-crash-'))
    const ledger = newLedger()
    try {
      await writeUntilKilled(folder, 'lock', 10, ledger, () => assert.rejects(openLmdbLog(realWorld(), { folder }), { code: 'LOG_LOCKED' }))
      const log = await openLmdbLog(realWorld(), { folder })
      await checkLog(log, ledger)
      await log.close()
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test(
    'a disk that refuses fails every append from there on with STORAGE_FAILED and loses nothing acknowledged',
    { skip: process.platform === 'win32' },
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'battuta-crash-'))
      const ledger = newLedger()
      try {
        // A limit on the size of files is a full disk that needs no rights: a write beyond it fails (its signal ignored).
        const limited = `trap '' XFSZ; ulimit -f 1024; exec "$0" "$@"`
        const child = spawn('sh', ['-c', limited, process.execPath, writer, folder, 'full'], { stdio: ['ignore', 'pipe', 'ignore'] })
        let failed = ''
        for await (const line of createInterface({ input: child.stdout })) {
          const [word, partition, offset, seed] = line.split(' ')
          if (word === 'failed') failed = line
          else ledger.acknowledged.push({ partition: Number(partition), first: Number(offset), seed: seed! })
        }
        assert.match(failed, /^failed STORAGE_FAILED(,STORAGE_FAILED)+ 0$/)
        assert.ok(ledger.acknowledged.length > 0)
        const log = await openLmdbLog(realWorld(), { folder })
        await checkLog(log, ledger)
        await log.append(0, entriesOf('afterwards')).durable
        await log.close()
      } finally {
        await rm(folder, { recursive: true })
      }
    },
  )
})
