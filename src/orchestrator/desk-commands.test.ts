import assert from 'node:assert/strict'
import { test } from 'node:test'
import { queue, setup } from '../app/index.ts'
import { BattutaError } from '../base/index.ts'
import type { LoggedEvent } from '../definition/index.ts'
import type { Records } from '../records/index.ts'
import { simulatedWorld } from '../testing/index.ts'
import type { SimulatedWorld } from '../testing/index.ts'
import { nothingDone } from './arrival.ts'
import type { Done } from './arrival.ts'
import { openDeskCommands } from './desk-commands.ts'
import type { OpenDeskCommands } from './desk-commands.ts'

const cards = queue({ skills: ['cards'], team: 'Cards team', offer: '8s', wrapUp: '5s', wrapUpCodes: ['solved'] })
const app = setup({ events: {}, queues: { cards } }).app({ name: 'desk', policies: {} })

/** Commands over a lane that says what it is told to, and records that know one assignment. */
function openDesk(answers: (event: LoggedEvent) => Partial<Done> = () => ({})): {
  readonly world: SimulatedWorld
  readonly desk: OpenDeskCommands
  readonly had: { owner: string | null }
} {
  const world = simulatedWorld('desk')
  const had: { owner: string | null } = { owner: null }
  const row = () => ({ id: 'conv_1', customer: 'user:1', task: 'task_1', owner: had.owner === null ? null : 'human', worker: had.owner, epoch: 3 })
  const records = {
    conversation: row,
    desk: { reservation: () => Promise.resolve({ task: 'task_1' }), task: () => Promise.resolve({ conversation: 'conv_1' }) },
  } as unknown as Records
  const desk = openDeskCommands({
    world,
    app,
    records,
    through: (event) => Promise.resolve({ ...nothingDone, ...answers(event) }),
    saidBefore: () => Promise.resolve({ seq: 7 }),
  })
  return { world, desk, had }
}

const gone = { code: 'RESERVATION_GONE' }
const assigned = { reservation: 'res_1', epoch: 3 }

test('whoever accepts is told once the conversation is theirs, or that its customer waits no longer', async () => {
  const { desk } = openDesk()
  const taken = desk.accept('res_1', 'person:a')
  desk.settle('conv_1', assigned)
  assert.deepEqual(await taken, { conversation: 'conv_1', epoch: 3 })
  const late = desk.accept('res_1', 'person:a')
  desk.settle(null, { reservation: 'res_1', epoch: null })
  await assert.rejects(late, gone)
})

test('of two tabs that accepted one offer, only one was ever answered', async () => {
  const { world, desk } = openDesk()
  const both = [desk.accept('res_1', 'person:a'), desk.accept('res_1', 'person:a')]
  desk.settle('conv_1', assigned)
  assert.deepEqual(await world.settle(Promise.all(both)), [
    { conversation: 'conv_1', epoch: 3 },
    { conversation: 'conv_1', epoch: 3 },
  ])
})

test('a colleague who accepted an offer of somebody else took the answer away from them', async () => {
  const { world, desk } = openDesk(({ source }) => (source === 'desk:person:b' ? { refusal: { code: 'RESERVATION_GONE', message: 'not yours' } } : {}))
  const taken = desk.accept('res_1', 'person:a')
  await assert.rejects(desk.accept('res_1', 'person:b'), gone)
  desk.settle('conv_1', assigned)
  assert.deepEqual(await world.settle(taken), { conversation: 'conv_1', epoch: 3 })
})

test('whoever accepted again what they had waited for nothing', async () => {
  const { world, desk, had } = openDesk()
  had.owner = 'person:a'
  assert.deepEqual(await world.settle(desk.accept('res_1', 'person:a'), 100), { conversation: 'conv_1', epoch: 3 })
  had.owner = 'person:b'
  const theirs = desk.accept('res_1', 'person:a')
  theirs.catch(() => undefined)
  await world.advance(10_001)
  await assert.rejects(theirs, gone)
})

test('an assignment that does not arrive is told after a while, and nothing is kept of it', async () => {
  const { world, desk } = openDesk()
  const taken = desk.accept('res_1', 'person:a')
  taken.catch(() => undefined)
  await world.advance(10_001)
  await assert.rejects(taken, gone)
  desk.settle('conv_1', assigned)
})

test('a message whose id was seen before stands where it stood', async () => {
  const { desk } = openDesk(() => ({ duplicate: true }))
  const message = { conversation: 'conv_1', epoch: 3, id: 'm1', text: 'words', role: 'human', worker: 'person:a' } as const
  assert.deepEqual(await desk.compose(message), { seq: 7 })
  await assert.rejects(desk.compose({ ...message, text: ' ' }), (error) => error instanceof BattutaError && error.code === 'MESSAGE_INVALID')
})
