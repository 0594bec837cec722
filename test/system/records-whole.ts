/** What must hold of records after the process that wrote them (records-crash.child.ts) was killed, whichever database holds them. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Records } from '../../src/records/index.ts'

const child = fileURLToPath(new URL('./records-crash.child.ts', import.meta.url))

export interface Acknowledged {
  readonly lane: string
  readonly offset: number
}

interface Step {
  readonly lane: string
  readonly offset: number
  readonly seq: number
}

/** Runs a statement that SQLite and Postgres both understand. */
export type Rows = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>

/** Kills the child at its n-th acknowledgement, and gives everything it had acknowledged until it was dead. */
export async function runUntilKilled(where: string, acknowledgements: number, abandoned: AbortSignal): Promise<Acknowledged[]> {
  const running = spawn(process.execPath, [child, where], { stdio: ['ignore', 'pipe', 'inherit'], signal: abandoned, killSignal: 'SIGKILL' })
  let text = ''
  running.stdout.setEncoding('utf8')
  running.stdout.on('data', (chunk: string) => {
    text += chunk
    if (text.split('\n').length > acknowledgements) running.kill('SIGKILL')
  })
  const [, signal] = (await once(running, 'close')) as [number | null, string | null]
  assert.equal(signal, 'SIGKILL')
  const lines = text.slice(0, text.lastIndexOf('\n')).split('\n')
  return lines.map((line) => ({ lane: line.split(' ')[0] ?? '', offset: Number(line.split(' ')[1]) }))
}

export async function reaches(records: Records, acknowledged: readonly Acknowledged[]): Promise<void> {
  const last = new Map(acknowledged.map(({ lane, offset }) => [lane, offset]))
  for (const [lane, offset] of last) assert.ok(((await records.lane(lane))?.lastOffset ?? -1) >= offset, `${lane} lost its acknowledged offset ${offset}`)
}

export async function isWhole(rows: Rows, acknowledged: readonly Acknowledged[]): Promise<void> {
  const decisions = await rows('SELECT record, partition, "offset" FROM decisions ORDER BY "offset"')
  const steps = decisions.map((row) => ({ ...(JSON.parse(String(row['record'])) as Step), partition: Number(row['partition']) }))
  const decided = new Set(steps.map(({ lane, offset }) => `${lane} ${offset}`))
  for (const { lane, offset } of acknowledged) assert.ok(decided.has(`${lane} ${offset}`), `the acknowledged decision of ${lane} at ${offset} is lost`)

  const entries = (await rows('SELECT conversation, seq, key FROM deliveries ORDER BY conversation, seq')).map(
    (row) => `${row['conversation']} ${row['seq']} ${row['key']}`,
  )
  const expected = steps.flatMap(({ lane, partition, offset, seq }) => [`conv_${lane} ${seq} null`, `conv_${lane} ${seq + 1} ${partition}:${offset}:0`])
  assert.deepEqual(new Set(entries), new Set(expected))
  assert.equal(entries.length, expected.length)

  const outbox = new Set((await rows('SELECT key FROM outbox')).map((row) => row['key']))
  for (const { partition, offset } of steps)
    if (offset % 3 !== 0) assert.ok(outbox.delete(`${partition}:${offset}:0`), `the effect of ${partition}:${offset} is lost`)
  for (const key of outbox)
    assert.ok(
      steps.some(({ partition, offset }) => offset % 3 === 0 && key === `${partition}:${offset}:0`),
      `the effect ${key} has no decision`,
    )

  const newest = new Map(steps.map((step) => [step.lane, step]))
  assert.deepEqual(
    new Map((await rows('SELECT lane, last_offset FROM lanes')).map((row) => [row['lane'], row['last_offset']])),
    new Map([...newest].map(([lane, step]) => [lane, step.offset])),
  )
  assert.deepEqual(
    new Map((await rows('SELECT customer, seq FROM conversations')).map((row) => [row['customer'], row['seq']])),
    new Map([...newest].map(([lane, step]) => [lane, step.seq + 1])),
  )
  for (const { partition, highest, position } of await rows('SELECT partition, highest, position FROM partitions')) {
    assert.equal(highest, Math.max(-1, ...steps.filter((step) => step.partition === partition).map((step) => step.offset)))
    // Nothing of a partition may have been acknowledged by then: its position is 0.
    assert.ok(Number(position) <= Math.max(0, highest), `position ${String(position)} of partition ${String(partition)} is beyond ${highest}`)
  }
}
