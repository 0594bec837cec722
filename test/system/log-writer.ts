/**
 * The process that log-crash.test.ts kills: it appends as fast as it can, and prints a line for every append that was
 * acknowledged. What an append holds follows from its seed, so the test can say of any entry whether it is right.
 *
 *   node log-writer.ts FOLDER RUN
 */
import { writeSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { realWorld, seededChance } from '../../src/base/index.ts'
import type { BattutaError } from '../../src/base/index.ts'
import { openLmdbLog } from '../../src/log/index.ts'
import type { Log } from '../../src/log/index.ts'

export const partitions = 4
const inFlight = 32
const headBytesMax = 40
const retainEvery = 50
const retainedEntries = 300

/** The entries of the append with this seed: each is `seed|index|count|`, again and again, for some length. */
export function entriesOf(seed: string): Uint8Array[] {
  const chance = seededChance(seed)
  const count = 1 + chance.below(chance.below(10) === 0 ? 60 : 4)
  return Array.from({ length: count }, (_, index) => {
    const head = `${seed}|${index}|${count}|`
    return Buffer.alloc(head.length + chance.below(chance.below(40) === 0 ? 20_000 : 300), head)
  })
}

export function headOf(bytes: Uint8Array): { seed: string; index: number; count: number } {
  const [seed, index, count] = Buffer.from(bytes.subarray(0, headBytesMax)).toString('latin1').split('|', 3)
  return { seed: seed!, index: Number(index), count: Number(count) }
}

/** Blocks until the line is out, which `process.stdout` does not when the reader is slow: a line it still holds dies with us. */
function say(line: string): void {
  writeSync(1, `${line}\n`)
}

async function write(folder: string, run: string): Promise<void> {
  const log = await openLmdbLog(realWorld(), { folder, partitions })
  let sent = 0
  const client = async (): Promise<void> => {
    for (;;) {
      const number = sent++
      const partition = number % partitions
      if (number % retainEvery === 0) await retain(log, (number / retainEvery) % partitions)
      const seed = `${run}.${number}`
      const first = await log.append(partition, entriesOf(seed)).durable
      say(`ack ${partition} ${first} ${seed}`)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, client))
}

/** Until the disk refuses. What it then says is the last line. */
async function fill(folder: string): Promise<void> {
  const log = await openLmdbLog(realWorld(), { folder, partitions })
  const failed: unknown[] = []
  for (let number = 0; failed.length === 0; number++) {
    const seed = `full.${number}`
    // Two at once: the second is in the same group or waits behind it, and must fail with it.
    const appends = [log.append(number % partitions, entriesOf(seed)), log.append(number % partitions, entriesOf(`${seed}b`))]
    for (const [i, append] of appends.entries()) {
      await append.durable.then(
        (first) => say(`ack ${number % partitions} ${first} ${seed}${i === 0 ? '' : 'b'}`),
        (error: unknown) => failed.push(error),
      )
    }
  }
  await log.append(0, entriesOf('after')).durable.catch((error: unknown) => failed.push(error))
  say(`failed ${failed.map((error) => (error as BattutaError).code).join(',')} ${log.pendingBytes}`)
  await log.close()
}

async function retain(log: Log, partition: number): Promise<void> {
  const offset = Math.max(0, log.end(partition) - retainedEntries)
  say(`retain ${partition} ${offset}`)
  await log.retain(partition, offset)
}

const [script, folder, run] = process.argv.slice(1)
if (script !== undefined && import.meta.url === pathToFileURL(script).href) await (run === 'full' ? fill(folder!) : write(folder!, run!))
