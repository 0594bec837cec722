/**
 * How fast is a durable append to the log, and what does it cost?
 *
 * Measures: events per second and CPU per event (whole process, every thread) for single appends with 64 in flight and
 * for batches of 100 spread over the partitions with 16 in flight; latency until durable at 200 single appends a second,
 * open loop, from the intended send time; the longest gap between turns of the event loop meanwhile.
 *
 * Does not measure: HTTP, validation, reading, power loss. Baselines of the same run: the same loads on LMDB with one key
 * per event and its own batching (what the log's chunks and groups must not be worse than), and a bare write with
 * fdatasync to a file (what the disk allows). A 1 ms timer sends the open loop's appends, so up to 1 ms of its latency is
 * the timer's; an idle machine also adds its wake-ups. On a machine shared with others only the CPU figures compare.
 *
 * With BATTUTA_BENCH_LOG=kafka://host:9092/new-prefix the same loads go to Kafka as well; the CPU is this process's, without
 * the broker's. The bar: 20,000 events of batches per CPU second of ours.
 *
 *   node bench/log-append.ts [seconds per load, 3 unless said]
 */
import { mkdtemp, open as openFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import { realWorld, seededChance } from '../src/base/index.ts'
import { openKafkaLog, openLmdbLog } from '../src/log/index.ts'
import type { Log } from '../src/log/index.ts'

type AppendDurably = (partition: number, entries: readonly Uint8Array[]) => Promise<unknown>

const partitions = 16
const entryBytes = 220
const seconds = Number(process.argv[2] ?? 3)
const openLoop = { perSecond: 200, seconds: 8 }
const chance = seededChance('log-append')
const entry = Uint8Array.from({ length: entryBytes }, () => chance.below(256))

async function closedLoop(append: AppendDurably, inFlight: number, eventsEach: number): Promise<Record<string, number>> {
  const latencies: number[] = []
  const cpu = process.cpuUsage()
  const begin = performance.now()
  const client = async (): Promise<void> => {
    while (performance.now() - begin < seconds * 1_000) {
      const sentAt = performance.now()
      if (eventsEach === 1) await append(chance.below(partitions), [entry])
      else await Promise.all(spread(eventsEach).map(([partition, entries]) => append(partition, entries)))
      latencies.push(performance.now() - sentAt)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, client))
  const elapsedMs = performance.now() - begin
  const used = process.cpuUsage(cpu)
  const events = latencies.length * eventsEach
  return {
    eventsPerSecond: Math.round((events / elapsedMs) * 1_000),
    cpuUsPerEvent: round((used.user + used.system) / events),
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
  }
}

/** What a door does with a batch: one append for each partition that has an event in it. */
function spread(events: number): [number, Uint8Array[]][] {
  const lists = new Map<number, Uint8Array[]>()
  for (let i = 0; i < events; i++) {
    const partition = chance.below(partitions)
    const list = lists.get(partition)
    if (list === undefined) lists.set(partition, [entry])
    else list.push(entry)
  }
  return [...lists]
}

async function openLoopLatency(append: AppendDurably): Promise<Record<string, number>> {
  const latencies: number[] = []
  const total = openLoop.perSecond * openLoop.seconds
  const answers: Promise<unknown>[] = []
  const cpu = process.cpuUsage()
  const begin = performance.now()
  let longestGapMs = 0
  let lastTurn = begin
  let watching = true
  const watch = (): void => {
    const now = performance.now()
    longestGapMs = Math.max(longestGapMs, now - lastTurn)
    lastTurn = now
    if (watching) setTimeout(watch, 1)
  }
  watch()
  await new Promise<void>((resolve) => {
    const send = (): void => {
      while (answers.length < total) {
        const intended = begin + (answers.length * 1_000) / openLoop.perSecond
        if (intended > performance.now()) break
        answers.push(append(chance.below(partitions), [entry]).then(() => latencies.push(performance.now() - intended)))
      }
      if (answers.length < total) setTimeout(send, 1)
      else resolve()
    }
    send()
  })
  await Promise.all(answers)
  watching = false
  const used = process.cpuUsage(cpu)
  return {
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    p999Ms: quantile(latencies, 0.999),
    longestGapMs: round(longestGapMs),
    cpuUsPerEvent: round((used.user + used.system) / total),
  }
}

async function measure(append: AppendDurably): Promise<Record<string, Record<string, number>>> {
  return {
    single64: await closedLoop(append, 64, 1),
    batch100: await closedLoop(append, 16, 100),
    openLoop200: await openLoopLatency(append),
  }
}

async function measureLog(opening: Promise<Log>): Promise<Record<string, Record<string, number>>> {
  const log = await opening
  const result = await measure((partition, entries) => log.append(partition, entries).durable)
  await log.close()
  return result
}

async function measureKeyPerEvent(folder: string): Promise<unknown> {
  const database = open<Uint8Array, [number, number]>({ path: join(folder, 'baseline.mdb'), encoding: 'binary', overlappingSync: false })
  const next = new Array<number>(partitions).fill(0)
  const result = await measure((partition, entries) =>
    Promise.all(entries.map((bytes) => database.put([partition, (next[partition] = next[partition]! + 1)], bytes))),
  )
  await database.close()
  return result
}

async function measureDisk(folder: string): Promise<Record<string, number>> {
  const file = await openFile(join(folder, 'baseline.bin'), 'a')
  const latencies: number[] = []
  for (let i = 0; i < 1_000; i++) {
    const begin = performance.now()
    await file.write(entry)
    await file.datasync()
    latencies.push(performance.now() - begin)
  }
  await file.close()
  return { p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) }
}

function quantile(values: number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN)
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

const folder = await mkdtemp(join(tmpdir(), 'battuta-bench-log-'))
try {
  const disk = await measureDisk(folder)
  const log = await measureLog(openLmdbLog(realWorld(), { folder, partitions }))
  const url = process.env['BATTUTA_BENCH_LOG']
  const kafka = url === undefined ? undefined : await measureLog(openKafkaLog(realWorld(), { url, partitions }))
  const kafkaEventsPerCpuSecond = kafka && Math.round(1e6 / kafka['batch100']!['cpuUsPerEvent']!)
  const keyPerEvent = await measureKeyPerEvent(folder)
  console.log(
    JSON.stringify({
      bench: 'log-append',
      entryBytes,
      partitions,
      node: process.version,
      log,
      kafka,
      kafkaEventsPerCpuSecond,
      baselines: { keyPerEvent, writeAndSync: disk },
    }),
  )
} finally {
  await rm(folder, { recursive: true })
}
