/**
 * Commits steps of eight lanes until it is killed. Each acknowledged step is written to standard output as `lane offset`, synchronously,
 * after its commit resolved. Every ninth step is preceded by one that must be refused, so that groups are also written the careful way.
 */
import assert from 'node:assert/strict'
import { writeSync } from 'node:fs'
import { realWorld } from '../../src/base/index.ts'
import { openPostgresRecords, openSqliteRecords } from '../../src/records/index.ts'
import type { Records } from '../../src/records/index.ts'
import { answered } from '../../src/records/fixture.ts'

const partitions = 2
const lanesPerPartition = 4

const where = String(process.argv[2])
const records = where.startsWith('postgres:') ? await openPostgresRecords(realWorld(), { url: where }) : await openSqliteRecords(realWorld(), { file: where })
for (let partition = 0; partition < partitions; partition++) {
  const generation = await records.takeOver(partition)
  let end = (await records.highest(partition)) + 1
  const nextOffset = (): number => end++
  for (let number = 0; number < lanesPerPartition; number++) void runLane(records, partition, generation, `lane-${partition}-${number}`, nextOffset)
}

async function runLane(to: Records, partition: number, generation: number, lane: string, nextOffset: () => number): Promise<void> {
  let previousOffset = (await to.lane(lane))?.lastOffset ?? -1
  let seq = ((await to.conversation(`conv_${lane}`))?.seq ?? 0) + 1
  for (;;) {
    const offset = nextOffset()
    const step = answered({ partition, generation, lane, previousOffset, offset }, { seq, record: JSON.stringify({ lane, offset, seq }) })
    if (offset % 9 === 0) to.commit({ ...step, deliveries: step.deliveries.map((entry) => ({ ...entry, epoch: 0 })) }).catch(mustBeStale)
    await to.commit(step)
    writeSync(1, `${lane} ${offset}\n`)
    if (offset % 3 === 0) to.settle({ released: [`${partition}:${offset}:0`], decision: { id: step.decision?.id ?? '', elapsedMs: 1, status: 'on-beat' } })
    to.advance(partition, offset)
    previousOffset = offset
    seq += 2
  }
}

function mustBeStale(error: unknown): void {
  assert.equal((error as { code?: string }).code, 'STALE_EPOCH')
}
