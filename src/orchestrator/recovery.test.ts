import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BattutaError } from '../base/index.ts'
import type { LoggedEvent } from '../definition/index.ts'
import type { Log } from '../log/index.ts'
import type { OutboxRow, Records } from '../records/index.ts'
import { simulatedWorld } from '../testing/index.ts'
import type { SimulatedWorld } from '../testing/index.ts'
import { recover } from './recovery.ts'
import type { RecoveryParts } from './recovery.ts'

interface Held {
  readonly highest?: number
  readonly records?: number
  readonly features?: number
  readonly unreleased?: readonly OutboxRow[]
}

/** One partition of five events, and what the stores beside it know. */
function partsOf({
  highest = -1,
  records = 0,
  features = 0,
  unreleased = [],
}: Held): RecoveryParts & { readonly world: SimulatedWorld; readonly pushed: number[]; busy: number } {
  const world = simulatedWorld('recovery')
  const pushed: number[] = []
  const events = Array.from({ length: 5 }, (_, offset) => {
    const event: LoggedEvent = { id: `e${offset}`, source: 's', type: 't', customer: 'user:1', time: 1, received: 1, from: 'service', data: {} }
    return { offset, bytes: Buffer.from(JSON.stringify(event)) }
  })
  const log = { partitions: 1, start: () => 0, end: () => 5, read: (_: number, from: number, max: number) => Promise.resolve(events.slice(from, from + max)) }
  const known = { highest: () => Promise.resolve(highest), position: () => Promise.resolve(records), unreleased: () => Promise.resolve(unreleased) }
  const parts = {
    world,
    log: log as unknown as Log,
    records: known as unknown as Records,
    store: { position: () => features },
    features: { skip: () => undefined },
    pushed,
    busy: 0,
    push: ({ offset }: { readonly offset: number }) => void pushed.push(offset),
    underWay: () => parts.busy,
    progress: () => undefined,
  }
  return parts
}

test('V1 a log that ends where the records go on is older than they are', async () => {
  for (const highest of [5, 6]) {
    await assert.rejects(recover(partsOf({ highest })), (error) => error instanceof BattutaError && error.code === 'LOG_BEHIND')
  }
  await recover(partsOf({ highest: 4, records: 5, features: 5 }))
})

test('V2 what is read again begins where the first of the stores is, and at what has not left', async () => {
  const from = async (held: Held): Promise<readonly number[]> => {
    const parts = partsOf({ records: 5, features: 5, ...held })
    await recover(parts)
    return parts.pushed
  }
  assert.deepEqual(await from({}), [])
  assert.deepEqual(await from({ records: 3 }), [3, 4])
  assert.deepEqual(await from({ features: 2 }), [2, 3, 4])
  assert.deepEqual(await from({ unreleased: [{ key: '0:4:0', kind: 'call', hash: '', content: '{}' }] }), [4])
})

test('recovery is over only once everything it gave to lanes is', async () => {
  const parts = partsOf({})
  parts.busy = 1
  let over = false
  const recovered = recover(parts).then(() => (over = true))
  await parts.world.advance(50)
  assert.deepEqual([over, parts.pushed.length], [false, 5])
  parts.busy = 0
  await parts.world.advance(50)
  await recovered
})
