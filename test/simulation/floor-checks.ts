/** What must hold on the floor, over what is on the disks now and everything that ever left. */
import assert from 'node:assert/strict'
import { readMemory } from '../../src/context/index.ts'
import type { DecisionRecord, LoggedEvent, RecordedEffect } from '../../src/definition/index.ts'
import type { FlowState } from '../../src/flows/index.ts'
import type { ConversationRow, DeliveryRow } from '../../src/records/index.ts'
import { assertOwned } from '../../src/route/index.ts'
import { supervisorSays } from './floor.ts'
import type { Floor } from './floor.ts'
import { partitions } from './lives.ts'

export interface Counts {
  readonly messages: number
  readonly deliveries: number
  readonly handOvers: number
  readonly acts: number
  readonly cuts: number
  readonly reconciled: number
}

export async function holds(floor: Floor): Promise<Counts> {
  const { world, life } = floor
  assert.ok(life)
  const { records, runtime } = life
  let deliveries = 0
  let handOvers = 0
  const routing = await world.settle(records.desk.routing('routing:main'))
  const tasks = new Map(routing.tasks.map((task) => [task.id, task]))
  const owned = new Set<string>()
  for (const customer of floor.customers) {
    const row = await world.settle(Promise.resolve(records.conversation(customer.conversation)))
    if (!row) {
      assert.equal(customer.accepted.size, 0)
      continue
    }
    assertOwned(row)
    const sequence = await world.settle(records.deliveries(row.id, 0, 100_000))
    deliveries += sequence.length
    noStraySends(floor, row.id, sequence)
    nothingLostOrTwice(customer, sequence, floor.switched)
    whatLeftIsOnRecord(floor, row.id, sequence)
    atRest(row)
    handOvers += noLoops(readMemory(row.memory).hands)
    if (row.status === 'open' && row.task !== null) {
      const task = tasks.get(row.task)
      assert.ok(task, `${row.id} waits for or is with a task that routing has: ${JSON.stringify(row)}`)
      owned.add(task.id)
      if (row.owner === null)
        assert.ok(task.state === 'pending' || task.state === 'reserved', `${row.id} has a place in its queue, and its task is ${task.state}`)
      else assert.deepEqual([task.state, task.worker], ['assigned', row.worker], `${row.id} and routing agree who has it`)
    }
  }
  for (const task of routing.tasks)
    assert.ok(owned.has(task.id), `task ${task.id} (${task.state}) is somebody’s, and every wrap-up ended: ${JSON.stringify(task)}`)
  await toolsActOnce(floor)
  await appendedOnce(floor)
  const reconciled = await decidedOnce(floor)
  for (let partition = 0; partition < partitions; partition++) {
    assert.deepEqual(await world.settle(records.unreleased(partition)), [], 'nothing waits to leave')
    const overdue = (await world.settle(records.desk.timers(partition))).filter((timer) => timer.dueAt < world.now() - 1_000)
    assert.deepEqual(overdue, [], 'every timer that is due came back')
  }
  assert.equal(runtime.recovery.done, true)
  const messages = floor.customers.reduce((sum, customer) => sum + customer.written.size, 0)
  return { messages, deliveries, handOvers, acts: floor.backEnd.done.size, cuts: floor.network.cuts, reconciled }
}

/** I2: whatever was said was said by whoever owned the conversation under that epoch. */
function noStraySends(floor: Floor, conversation: string, sequence: readonly DeliveryRow[]): void {
  const ledgers = floor.ledgers.get(conversation)
  let epoch = 0
  for (const { seq, author, epoch: at, text, extra } of sequence) {
    assert.ok(at >= epoch, `${conversation} ${seq}: epochs only rise along a sequence`)
    epoch = at
    if (author === 'customer' || author === 'system') continue
    const ledger = ledgers?.get(at)
    // An epoch may begin and end within one step; then only what that step said carries it.
    if (ledger === undefined) continue
    assert.equal(ledger.owner, author, `${conversation} ${seq} “${text}” was said by a ${author} at epoch ${at}, whose owner was ${String(ledger.owner)}`)
    if (author === 'human') assert.equal((JSON.parse(extra ?? '{}') as { by?: string }).by, ledger.worker, `${conversation} ${seq}: only its worker speaks`)
    assert.notEqual(text, 'under an epoch that is over', 'what carries an old epoch is refused')
  }
}

/** S2: whatever was said to anybody, in any life, is what is on record. Another version may only move the customer's own words. */
function whatLeftIsOnRecord({ left, switched }: Floor, conversation: string, sequence: readonly DeliveryRow[]): void {
  for (const { conversation: of, seq, epoch, from, text } of left) {
    if (of !== conversation || (switched && from === 'customer')) continue
    const entry = sequence[seq - 1]
    assert.deepEqual([entry?.epoch, entry?.author, entry?.text], [epoch, from, text], `${conversation} ${seq}: what left is what is on record`)
  }
}

/** Nothing is left half done: no turn that nobody ends, no bot that waits for a tool that was never called. */
function atRest({ id, owner, memory }: ConversationRow): void {
  const { turn, flows } = readMemory(memory)
  assert.equal(turn, null, `${id}: every turn is over`)
  if (owner === 'bot') for (const flow of flows as readonly FlowState[]) assert.equal(flow.waitsFor, null, `${id}: what a flow waited for has come`)
}

function nothingLostOrTwice(customer: Floor['customers'][number], sequence: readonly DeliveryRow[], switched: boolean): void {
  assert.deepEqual(
    sequence.map(({ seq }) => seq),
    sequence.map((_, index) => index + 1),
    `${customer.id}: a sequence has no gap and no repeat`,
  )
  const own = sequence.filter(({ author }) => author === 'customer')
  const ids = own.map(({ messageId }) => messageId)
  assert.equal(new Set(ids).size, ids.length, `${customer.id}: no message stands twice`)
  assert.deepEqual(new Set(ids), new Set(customer.written.keys()), `${customer.id}: every message stands once`)
  if (switched) return
  for (const [id, seq] of customer.accepted)
    assert.equal(own.find(({ messageId }) => messageId === id)?.seq, seq, `${customer.id}: ${id} stands where its page was told`)
  const shown = [...customer.view.entries()].sort(([left], [right]) => left - right).map(([, text]) => text)
  const sent = sequence.map(({ epoch, author, text }) => `${epoch} ${author} ${text}`)
  assert.deepEqual(shown, sent, `${customer.id}: the page shows what is on record, all of it`)
}

/** H1: a bot hands over only once the customer said something since a person last gave it back. */
function noLoops(hands: ReturnType<typeof readMemory>['hands']): number {
  hands.forEach((hand, index) => {
    const before = hands[index - 1]
    if (!before || !hand.from.startsWith('bot') || before.from.startsWith('bot') || hand.because === supervisorSays) return
    assert.ok(hand.messages > before.messages, `a hand-over loop: ${JSON.stringify([before, hand])}`)
  })
  return hands.length
}

/** How many decisions came out otherwise when they were made again; none, where the same version made them. */
async function decidedOnce({ world, life, switched }: Floor): Promise<number> {
  assert.ok(life)
  const page = await world.settle(life.records.decisions({}, 100_000, null))
  const decisions = page.items.map((item) => JSON.parse(item.record) as DecisionRecord)
  assert.equal(new Set(decisions.map(({ event }) => event.id)).size, decisions.length, 'every message is decided once')
  const again = decisions.filter(({ reconciled }) => reconciled !== null)
  if (!switched) assert.deepEqual(again, [], 'the same version decides the same again')
  return again.length
}

/**
 * Timers and results of tools stand in the log once, however often they were due or called. An event for another lane may stand there
 * twice, when the process died before its row was settled; that lane takes it once.
 */
async function appendedOnce({ life, world }: Floor): Promise<void> {
  assert.ok(life)
  const seen = new Set<string>()
  for (let partition = 0; partition < partitions; partition++) {
    for (const { bytes } of await world.settle(life.log.read(partition, 0, 1_000_000))) {
      const { id, source, type } = JSON.parse(Buffer.from(bytes).toString()) as LoggedEvent
      if (!once.has(source)) continue
      assert.ok(!seen.has(id), `${type} ${id} stands in the log once`)
      seen.add(id)
    }
  }
}

const once: ReadonlySet<string> = new Set(['battuta:tools', 'battuta:timer'])

/** I1 for side effects: one act outside for each call that was decided, however often it was tried. */
async function toolsActOnce({ world, life, backEnd }: Floor): Promise<void> {
  assert.ok(life)
  const asked = new Map<string, string>()
  const calls = new Set<string>()
  const finished = new Set<string>()
  for (let partition = 0; partition < partitions; partition++) {
    for (const { bytes } of await world.settle(life.log.read(partition, 0, 1_000_000))) {
      const event = JSON.parse(Buffer.from(bytes).toString()) as LoggedEvent
      if (event.type === 'tool.finished') finished.add(event.id)
      const effect = event.type === 'effect.released' ? (event.data as { effect: RecordedEffect }).effect : null
      if (effect?.kind !== 'call') continue
      assert.equal(asked.get(effect.idempotencyKey) ?? effect.key, effect.key, `${effect.idempotencyKey} is the key of one call`)
      asked.set(effect.idempotencyKey, effect.key)
      calls.add(effect.key)
    }
  }
  for (const key of [...backEnd.done.keys(), ...backEnd.undone.keys()]) assert.ok(asked.has(key), `${key} was marked before it was done`)
  assert.deepEqual(
    [...calls].filter((key) => !finished.has(key)),
    [],
    'every call came to a result',
  )
}
