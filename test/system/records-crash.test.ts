/** R1 under `kill -9`: what was acknowledged is there whole, and nothing is there by half. The kill falls after a random number of acknowledgements. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { realWorld, seededChance } from '../../src/base/index.ts'
import { openSqliteRecords } from '../../src/records/index.ts'

const kills = 5
const acknowledgedMax = 600
const child = fileURLToPath(new URL('./records-crash.child.ts', import.meta.url))

interface Step {
  readonly lane: string
  readonly offset: number
  readonly seq: number
}

test('R1 every acknowledged commit survives kill -9 whole, and no other is there by half', { timeout: 120_000 }, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'records-crash-'))
  const file = join(folder, 'records.db')
  const seed = `${process.pid}-${process.hrtime.bigint()}`
  context.diagnostic(`seed ${seed}`)
  const chance = seededChance(seed)
  const acknowledged: { lane: string; offset: number }[] = []
  try {
    for (let kill = 0; kill < kills; kill++) {
      acknowledged.push(...(await runUntilKilled(file, 1 + chance.below(acknowledgedMax), context.signal)))
      await reopens(file, acknowledged)
      whole(file, acknowledged)
    }
    context.diagnostic(`${acknowledged.length} acknowledged commits, ${kills} kills`)
  } finally {
    await rm(folder, { recursive: true })
  }
})

/** Kills the child at its n-th acknowledgement, and gives everything it had acknowledged until it was dead. */
async function runUntilKilled(file: string, acknowledgements: number, abandoned: AbortSignal): Promise<{ lane: string; offset: number }[]> {
  const running = spawn(process.execPath, [child, file], { stdio: ['ignore', 'pipe', 'inherit'], signal: abandoned, killSignal: 'SIGKILL' })
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

async function reopens(file: string, acknowledged: readonly { lane: string; offset: number }[]): Promise<void> {
  const records = await openSqliteRecords(realWorld(), { file })
  const last = new Map(acknowledged.map(({ lane, offset }) => [lane, offset]))
  for (const [lane, offset] of last) assert.ok(((await records.lane(lane))?.lastOffset ?? -1) >= offset, `${lane} lost its acknowledged offset ${offset}`)
  await records.close()
}

function whole(file: string, acknowledged: readonly { lane: string; offset: number }[]): void {
  const database = new DatabaseSync(file, { readOnly: true })
  const rows = (sql: string): Record<string, unknown>[] => database.prepare(sql).all()
  assert.deepEqual(
    rows('PRAGMA integrity_check').map((row) => row['integrity_check']),
    ['ok'],
  )
  const decisions = rows('SELECT record, partition, offset FROM decisions ORDER BY offset')
  const steps = decisions.map((row) => ({ ...(JSON.parse(String(row['record'])) as Step), partition: Number(row['partition']) }))
  const decided = new Set(steps.map(({ lane, offset }) => `${lane} ${offset}`))
  for (const { lane, offset } of acknowledged) assert.ok(decided.has(`${lane} ${offset}`), `the acknowledged decision of ${lane} at ${offset} is lost`)

  const entries = rows('SELECT conversation, seq, key FROM deliveries ORDER BY conversation, seq').map(
    (row) => `${row['conversation']} ${row['seq']} ${row['key']}`,
  )
  const expected = steps.flatMap(({ lane, partition, offset, seq }) => [`conv_${lane} ${seq} null`, `conv_${lane} ${seq + 1} ${partition}:${offset}:0`])
  assert.deepEqual(new Set(entries), new Set(expected))
  assert.equal(entries.length, expected.length)

  const outbox = new Set(rows('SELECT key FROM outbox').map((row) => row['key']))
  for (const { partition, offset } of steps)
    if (offset % 3 !== 0) assert.ok(outbox.delete(`${partition}:${offset}:0`), `the effect of ${partition}:${offset} is lost`)
  for (const key of outbox)
    assert.ok(
      steps.some(({ partition, offset }) => offset % 3 === 0 && key === `${partition}:${offset}:0`),
      `the effect ${key} has no decision`,
    )

  const newest = new Map(steps.map((step) => [step.lane, step]))
  assert.deepEqual(
    new Map(rows('SELECT lane, last_offset FROM lanes').map((row) => [row['lane'], row['last_offset']])),
    new Map([...newest].map(([lane, step]) => [lane, step.offset])),
  )
  assert.deepEqual(
    new Map(rows('SELECT customer, seq FROM conversations').map((row) => [row['customer'], row['seq']])),
    new Map([...newest].map(([lane, step]) => [lane, step.seq + 1])),
  )
  for (const { partition, highest, position } of rows('SELECT partition, highest, position FROM partitions')) {
    assert.equal(highest, Math.max(-1, ...steps.filter((step) => step.partition === partition).map((step) => step.offset)))
    assert.ok(Number(position) <= highest, `position ${String(position)} of partition ${String(partition)} is beyond ${highest}`)
  }
  database.close()
}
