/**
 * What does one step's commit cost, from the promise given to the promise kept?
 *
 * Measures: commits per second and CPU per commit (whole process, and the calling thread alone) in groups of 1, 32 and 256,
 * each commit with lane, conversation, two entries, a 2 kB decision and one effect, which is released in the next group, and
 * in groups of 32 once more where the conversation remembers 1 kB (`memory32`) and each commit sets a timer besides and clears
 * its lane's last one (`timers32`);
 * bytes handed to the disk per commit (Linux only); latency until synced at 200 commits a second, open loop, from the
 * intended send time, and the longest gap between turns of the event loop meanwhile; the point reads of a lane and an alias.
 *
 * Does not measure: the log, a step's own work, power loss, a file of many gigabytes. Baseline of the same run: the same
 * groups written on the calling thread, which says what the thread hop costs and what it takes off the event loop. A 1 ms
 * timer sends the open loop's commits, so up to 1 ms of its latency is the timer's. On a shared machine compare CPU only.
 *
 * With BATTUTA_TEST_POSTGRES set, the same through the Postgres driver against that server, in a schema of its own: `cpuUsPerCommit`
 * is this process alone, `serverCpuUsPerCommit` what the server's processes took besides (Linux, same machine); its point reads are
 * made in batches of 32, one round trip each.
 *
 *   node bench/records-commit.ts [seconds per group size, 2 unless said]
 */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { realWorld, seededChance } from '../src/base/index.ts'
import { answered, timerOf } from '../src/records/fixture.ts'
import { GroupWriter } from '../src/records/group-writer.ts'
import { openPostgresRecords, openSqliteRecords } from '../src/records/index.ts'
import type { LaneCommit, Records } from '../src/records/index.ts'
import { openForWriting } from '../src/records/sqlite-file.ts'
import { newSchema, noPostgres } from '../test/services/postgres.ts'
import type { Schema } from '../test/services/postgres.ts'

type Figures = Record<string, number>
type WriteGroup = (commits: readonly LaneCommit[]) => Promise<unknown>

const seconds = Number(process.argv[2] ?? 2)
const groupSizes = [1, 32, 256]
const openLoop = { perSecond: 200, seconds: 8 }
const partitions = 16
const lanes = 10_000
const recordBytes = 2_048
const memoryBytes = 1_024
const chance = seededChance('records-commit')
const record = JSON.stringify({ padding: 'x'.repeat(recordBytes - 14) })
const memory = JSON.stringify({ padding: 'x'.repeat(memoryBytes - 14) })

type Make = (count: number) => LaneCommit[]

/** The next commits of random lanes, each lane once. */
function stepMaker(): Make {
  const last = new Map<string, { offset: number; seq: number }>()
  const ends = new Array<number>(partitions).fill(0)
  const step = (number: number): LaneCommit => {
    const lane = `user:${number}`
    const partition = number % partitions
    const offset = ends[partition] ?? 0
    ends[partition] = offset + 1
    const before = last.get(lane) ?? { offset: -1, seq: -1 }
    last.set(lane, { offset, seq: before.seq + 2 })
    return answered({ partition, generation: 1, lane, previousOffset: before.offset, offset }, { seq: before.seq + 2, record })
  }
  return (count) => {
    const first = chance.below(lanes)
    return Array.from({ length: count }, (_, index) => step((first + index * 7) % lanes))
  }
}

function remembering(make: Make): Make {
  return (count) => make(count).map((commit) => ({ ...commit, conversation: commit.conversation && { ...commit.conversation, memory } }))
}

function timing(make: Make): Make {
  return (count) =>
    make(count).map((commit) => {
      const cleared = commit.previousOffset < 0 ? [] : [`${commit.partition}:${commit.previousOffset}:turn`]
      return { ...commit, extra: { timers: { set: [timerOf(commit, `${commit.partition}:${commit.offset}:turn`)], cleared } } }
    })
}

async function closedLoop(write: WriteGroup, make: Make, groupSize: number): Promise<Figures> {
  const latencies: number[] = []
  const bytes = bytesWritten()
  const serverUs = await serverCpuUs()
  let cpuUs = 0
  let threadUs = 0
  let commits = 0
  let elapsedMs = 0
  while (elapsedMs < seconds * 1_000) {
    const groups = Array.from({ length: Math.ceil(2_000 / groupSize) }, () => make(groupSize))
    const [cpu, thread, begin] = [process.cpuUsage(), process.threadCpuUsage(), performance.now()]
    for (const group of groups) {
      const sentAt = performance.now()
      await write(group)
      latencies.push(performance.now() - sentAt)
      commits += groupSize
    }
    elapsedMs += performance.now() - begin
    cpuUs += sum(process.cpuUsage(cpu))
    threadUs += sum(process.threadCpuUsage(thread))
  }
  return {
    commitsPerSecond: Math.round((commits / elapsedMs) * 1_000),
    cpuUsPerCommit: round(cpuUs / commits),
    callerCpuUsPerCommit: round(threadUs / commits),
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    ...(server === null
      ? { bytesPerCommit: Math.round((bytesWritten() - bytes) / commits) }
      : { serverCpuUsPerCommit: round(((await serverCpuUs()) - serverUs) / commits) }),
  }
}

async function openLoopLatency(write: WriteGroup, make: Make): Promise<Figures> {
  const latencies: number[] = []
  const total = openLoop.perSecond * openLoop.seconds
  const steps = make(total)
  const answers: Promise<unknown>[] = []
  const [cpu, bytes, begin] = [process.cpuUsage(), bytesWritten(), performance.now()]
  let lastTurn = begin
  let longestGapMs = 0
  await new Promise<void>((resolve) => {
    const send = (): void => {
      const now = performance.now()
      longestGapMs = Math.max(longestGapMs, now - lastTurn)
      lastTurn = now
      while (answers.length < total) {
        const intended = begin + (answers.length * 1_000) / openLoop.perSecond
        if (intended > performance.now()) break
        answers.push(write(steps.slice(answers.length, answers.length + 1)).then(() => latencies.push(performance.now() - intended)))
      }
      if (answers.length < total) setTimeout(send, 1)
      else resolve()
    }
    send()
  })
  await Promise.all(answers)
  return {
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    p999Ms: quantile(latencies, 0.999),
    longestGapMs: round(longestGapMs),
    cpuUsPerCommit: round(sum(process.cpuUsage(cpu)) / total),
    bytesPerCommit: Math.round((bytesWritten() - bytes) / total),
  }
}

async function measure(write: WriteGroup): Promise<Record<string, Figures>> {
  const make = stepMaker()
  const figures: Record<string, Figures> = {}
  for (const size of groupSizes) figures[`group${size}`] = await closedLoop(write, make, size)
  figures['memory32'] = await closedLoop(write, remembering(make), 32)
  figures['timers32'] = await closedLoop(write, timing(remembering(make)), 32)
  figures['openLoop200'] = await openLoopLatency(write, make)
  return figures
}

async function measureCommits(records: Records): Promise<Record<string, Figures>> {
  for (let partition = 0; partition < partitions; partition++) await records.takeOver(partition)
  return measure(async (commits) => {
    await Promise.all(commits.map((commit) => records.commit(commit)))
    for (const { decision, outbox } of commits) {
      records.settle({ released: outbox.map((row) => row.key), decision: decision && { id: decision.id, elapsedMs: 2.5, status: 'on-beat' } })
    }
  })
}

async function measureRecords(file: string): Promise<unknown> {
  const records = await openSqliteRecords(realWorld(), { file })
  const figures = await measureCommits(records)
  const reads = { laneReadUs: eachUs(20_000, (n) => records.lane(`user:${n % lanes}`)), aliasUs: eachUs(200_000, (n) => records.alias(`user:${n % lanes}`)) }
  await records.commit({
    ...answered({ partition: 0, generation: 1, lane: 'linked', previousOffset: -1, offset: 1e9 }),
    alias: { identity: 'email:a', customer: 'linked' },
  })
  const aliasRememberedUs = eachUs(200_000, (n) => records.alias(`user:${n % lanes}`))
  await records.close()
  return { ...figures, reads: { ...reads, aliasRememberedUs } }
}

async function measurePostgres(): Promise<unknown> {
  await using schema = newSchema()
  const records = await openPostgresRecords(realWorld(), { url: schema.url })
  server = schema
  const figures = await measureCommits(records)
  server = null
  const latencies: number[] = []
  for (let n = 0; n < 2_000; n++) {
    const sentAt = performance.now()
    await Promise.all(Array.from({ length: 32 }, async (_, index) => records.lane(`user:${(n * 32 + index) % lanes}`)))
    latencies.push(performance.now() - sentAt)
  }
  await records.close()
  return { ...figures, lanes32: { p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) } }
}

/** Set while the Postgres driver is measured. */
let server: Schema | null = null

/** Processor time of the server's processes so far; 0 where there is no server, or it is elsewhere. */
async function serverCpuUs(): Promise<number> {
  if (server === null || process.platform !== 'linux') return 0
  const processes = await server.rows('SELECT pid FROM pg_stat_activity')
  return processes.reduce((total, { pid }) => total + processCpuUs(pid), 0)
}

function processCpuUs(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10_000
  } catch {
    return 0
  }
}

async function measureSameThread(file: string): Promise<unknown> {
  const database = openForWriting(file)
  for (let partition = 0; partition < partitions; partition++) database.prepare('INSERT INTO partitions VALUES (?, 1, 0, -1)').run(partition)
  const writer = new GroupWriter(database)
  let settled: readonly LaneCommit[] = []
  const figures = await measure(async (commits) => {
    const decided = settled.map(({ decision }) => ({ id: decision?.id ?? '', elapsedMs: 2.5, status: 'on-beat' as const }))
    writer.write({ commits, released: settled.flatMap(({ outbox }) => outbox.map((row) => row.key)), decided, positions: [], statements: [] })
    settled = commits
  })
  database.close()
  return figures
}

function eachUs(count: number, call: (n: number) => unknown): number {
  const thread = process.threadCpuUsage()
  for (let n = 0; n < count; n++) call(n)
  return round(sum(process.threadCpuUsage(thread)) / count)
}

function bytesWritten(): number {
  if (process.platform !== 'linux') return Number.NaN
  return Number(/^write_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])
}

function sum({ user, system }: { user: number; system: number }): number {
  return user + system
}

function quantile(values: number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN)
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

const folder = await mkdtemp(join(tmpdir(), 'battuta-bench-records-'))
try {
  const records = await measureRecords(join(folder, 'records.db'))
  const postgres = noPostgres === false ? await measurePostgres() : noPostgres
  const sameThread = await measureSameThread(join(folder, 'baseline.db'))
  console.log(JSON.stringify({ bench: 'records-commit', recordBytes, lanes, node: process.version, records, postgres, baselines: { sameThread } }))
} finally {
  await rm(folder, { recursive: true })
}
