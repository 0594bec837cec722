/**
 * I1 on Kafka: the broker is killed and started again while entries are on their way to it. What was acknowledged stands in
 * the log once, at the offset it was told; nothing stands in it twice; the log goes on by itself.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { seededChance } from '../../src/base/index.ts'
import type { Log } from '../../src/log/index.ts'
import { open, skip, withTopic } from './kafka-topics.ts'

const script = process.env['BATTUTA_TEST_KAFKA_SCRIPT']
const data = process.env['SERVICES_DATA']
const soak = process.env['BATTUTA_SOAK'] !== undefined
const rounds = soak ? { kills: 5, entries: 50_000 } : { kills: 1, entries: 4_000 }
const partitions = 4
const writers = 24

const cannotKill =
  skip ||
  ((script === undefined || data === undefined) &&
    'no Kafka to kill: set BATTUTA_TEST_KAFKA_SCRIPT to what starts it, and SERVICES_DATA to where it keeps its pid')

async function killBroker(): Promise<void> {
  process.kill(Number(await readFile(join(data ?? '', 'kafka', 'pid'), 'utf8')), 'SIGKILL')
}

/** Kafka's own script: waits until it serves. */
async function startBroker(): Promise<void> {
  await promisify(execFile)(script ?? '', ['start'], { env: process.env })
}

interface Told {
  readonly id: string
  readonly partition: number
  readonly offset: number
}

test(
  `I1 acknowledged entries stand once, over ${rounds.kills} kills of the broker mid-send and ${rounds.entries} entries`,
  { skip: cannotKill, timeout: 900_000 },
  () =>
    withTopic(async (url) => {
      const log = await open(url, { partitions })
      const told: Told[] = []
      let count = 0
      let unanswered = 0
      const write = async (number: number): Promise<void> => {
        const chance = seededChance(`chaos writer ${number}`)
        while (count < rounds.entries) {
          const ids = Array.from({ length: 1 + chance.below(5) }, () => `${count++}`)
          const partition = chance.below(partitions)
          unanswered++
          const first = await log.append(
            partition,
            ids.map((id) => Buffer.from(id.padEnd(200))),
          ).durable
          unanswered--
          for (const [index, id] of ids.entries()) told.push({ id, partition, offset: first + index })
        }
      }
      const written = Promise.all(Array.from({ length: writers }, (_, number) => write(number)))
      for (let kill = 1; kill <= rounds.kills; kill++) {
        while (told.length < (rounds.entries * kill) / (rounds.kills + 1)) await new Promise((resolve) => setImmediate(resolve))
        assert.ok(unanswered > 0, 'entries are on their way when the broker dies')
        await killBroker()
        await startBroker()
      }
      await written
      await log.close()
      await check(await open(url, { lockWaitMs: 60_000 }), told)
    }),
)

async function check(log: Log, told: readonly Told[]): Promise<void> {
  const place = new Map<string, string>()
  let entries = 0
  for (let partition = 0; partition < partitions; partition++) {
    for (let offset = 0; offset < log.end(partition);) {
      for (const record of await log.read(partition, offset, 5_000)) {
        const id = Buffer.from(record.bytes).toString().trim()
        assert.equal(place.get(id), undefined, `${id} stands once`)
        place.set(id, `${partition}:${record.offset}`)
        entries++
        offset = record.offset + 1
      }
    }
  }
  for (const { id, partition, offset } of told) assert.equal(place.get(id), `${partition}:${offset}`, `${id} stands where its writer was told`)
  assert.equal(entries, told.length, 'and nothing else stands in the log')
  await log.close()
}
