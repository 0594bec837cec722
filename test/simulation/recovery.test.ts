/**
 * I1 by seeded simulation: callers send, resend what was not acknowledged, and the process dies at random moments; disks are
 * slow, lose or keep the group in flight, and sometimes older records are restored beside the newer log.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededChance } from '../../src/base/index.ts'
import type { Delivery } from '../../src/channels/index.ts'
import type { DecisionRecord, LoggedEvent } from '../../src/definition/index.ts'
import type { Log } from '../../src/log/index.ts'
import { Lives, partitions } from './lives.ts'

const seeds = Number(process.env['BATTUTA_SOAK_SEEDS'] ?? 40)
const customers = 5
const crashesMax = 4

interface Intent {
  readonly id: string
  readonly customer: string
  readonly amount: number | null
  readonly text: string
  acknowledged: boolean
  /** Where the caller was told that it stands; null for a payment. */
  seq: number | null
}

/** Sends random traffic until a random moment, then dies. Unacknowledged intents are sent again in the next life. */
async function live(lives: Lives, intents: Intent[], untilMs: number): Promise<void> {
  const { world, chance } = lives
  const { runtime } = await lives.start()
  const send = (intent: Intent): void => {
    const sent =
      intent.amount === null
        ? runtime.say({ customer: intent.customer, conversation: null, id: intent.id, text: intent.text, channel: 'test' })
        : runtime.accept([{ specversion: '1.0', id: intent.id, source: 'till', type: 'payment', subject: intent.customer, data: { amount: intent.amount } }], {
            role: 'service',
          })
    sent.then(
      (told) => {
        intent.acknowledged = true
        if (!('seq' in told)) return
        if (!lives.switched) assert.equal(intent.seq ?? told.seq, told.seq, `${intent.id} is told one place, however often it is sent`)
        intent.seq = told.seq
      },
      (error: unknown) => assert.fail(String(error)),
    )
  }
  for (const intent of intents) if (!intent.acknowledged || chance.next() < 0.05) send(intent)
  for (let elapsed = 0; elapsed < untilMs;) {
    const pause = chance.next() * 3
    elapsed += pause
    await world.advance(pause)
    const id = `i${intents.length}`
    const intent = {
      id,
      customer: `user:${chance.below(customers)}`,
      amount: chance.next() < 0.5 ? 1 + chance.below(9) : null,
      text: `say ${id}`,
      acknowledged: false,
      seq: null,
    }
    intents.push(intent)
    send(intent)
    if (chance.next() < 0.1) send(intent)
  }
}

async function logged(log: Log): Promise<(LoggedEvent & { at: string })[]> {
  const events: (LoggedEvent & { at: string })[] = []
  for (let partition = 0; partition < partitions; partition++) {
    for (const { offset, bytes } of await log.read(partition, 0, 1_000_000))
      events.push({ ...(JSON.parse(Buffer.from(bytes).toString()) as LoggedEvent), at: `${partition}:${offset}` })
  }
  return events
}

/**
 * What of `left` must never be contradicted: all of it; but where another version of the app decided after a restore, a customer's own
 * message that nothing had followed may have moved by what that version says before it (decision 0001 names this).
 */
function kept(lives: Lives): readonly Delivery[] {
  return lives.switched ? lives.left.filter(({ from }) => from !== 'customer') : lives.left
}

function sameEverywhere(left: readonly Delivery[]): void {
  const said = new Map<string, string>()
  for (const delivery of left) {
    const place = `${delivery.conversation} ${delivery.seq}`
    const text = `${delivery.from} ${delivery.epoch} ${delivery.text}`
    assert.equal(said.get(place) ?? text, text, `what left at ${place} never changes`)
    said.set(place, text)
  }
}

/** Everything I1 says, over what is on the disks now and what ever left. */
async function holds(lives: Lives, intents: readonly Intent[]): Promise<{ decisions: number; reconciled: number }> {
  assert.ok(lives.life)
  const { runtime, records, log } = lives.life
  const { world } = lives
  const events = await logged(log)
  const first = new Map<string, LoggedEvent & { at: string }>()
  for (const event of events) if (!first.has(event.id)) first.set(event.id, event)
  for (const intent of intents) if (intent.acknowledged) assert.ok(first.has(intent.id), `acknowledged ${intent.id} is in the log`)

  const page = await world.settle(records.decisions({}, 100_000, null))
  const decisions = page.items.map((item) => JSON.parse(item.record) as DecisionRecord)
  const messages = [...first.values()].filter((event) => event.type === 'message.received')
  assert.deepEqual(decisions.map((decision) => decision.event.id).sort(), messages.map((event) => event.id).sort(), 'every message in the log is decided once')
  for (const decision of decisions)
    assert.equal(`${decision.partition}:${decision.offset}`, first.get(decision.event.id)?.at, 'a message is decided where it first stands')

  let reconciled = 0
  for (const decision of decisions) {
    if (decision.reconciled) reconciled++
    else if (decision.app.version === lives.says) assert.equal((await runtime.replay(decision.id, null)).equal, true, 'a recorded decision replays bit for bit')
  }
  for (let n = 0; n < customers; n++) {
    const customer = `user:${n}`
    const paid = [...first.values()].filter((event) => event.customer === customer && event.type === 'payment')
    if (!events.some((event) => event.customer === customer)) continue
    const features = await runtime.features(customer, null)
    assert.equal(features['payments']?.value ?? 0, paid.length, 'every payment is folded once')
    assert.equal(
      features['paid']?.value ?? 0,
      paid.reduce((sum, event) => sum + (event.data as { amount: number }).amount, 0),
    )
    const conversation = (await runtime.customer(customer)).conversation
    if (!conversation) continue
    const sequence = await world.settle(records.deliveries(conversation.id, 0, 100_000))
    assert.deepEqual(
      sequence.map((entry) => entry.seq),
      sequence.map((_, index) => index + 1),
      'a sequence has no gap and no repeat',
    )
    const own = sequence.filter((entry) => entry.author === 'customer').map((entry) => entry.messageId)
    assert.equal(new Set(own).size, own.length, 'no message stands twice')
    for (const entry of sequence) {
      const told = lives.switched ? null : intents.find((intent) => intent.id === entry.messageId)?.seq
      assert.equal(told ?? entry.seq, entry.seq, `${entry.messageId ?? ''} stands where its sender was told`)
    }
    const place = new Map(sequence.map((entry) => [entry.seq, entry.text]))
    for (const delivery of kept(lives))
      if (delivery.conversation === conversation.id) assert.equal(place.get(delivery.seq), delivery.text, `what left at ${delivery.seq} is what is on record`)
  }
  sameEverywhere(kept(lives))
  const marked = new Map(events.filter((event) => event.type === 'message.sent').map((event) => [event.id, (event.data as { text: string }).text]))
  for (const decision of decisions)
    for (const effect of decision.effects)
      if (effect.kind === 'deliver') assert.equal(marked.get(effect.key), effect.text, 'what was decided is marked, and the mark says the same')
  assert.deepEqual(
    await world.settle(Promise.all([...Array(partitions).keys()].map((p) => records.unreleased(p)))),
    [...Array(partitions)].map(() => []),
    'nothing waits to leave',
  )
  return { decisions: decisions.length, reconciled }
}

async function run(seed: string, restore: boolean, offsets: 'at once' | 'when durable' = 'at once'): Promise<{ decisions: number; reconciled: number }> {
  const lives = new Lives(seed, offsets)
  const intents: Intent[] = []
  const chance = seededChance(`${seed} plan`)
  for (let crash = 0; crash < crashesMax; crash++) {
    const backup = restore && chance.next() < 0.5
    await live(lives, intents, 5 + chance.next() * 60)
    const older = backup ? lives.recordsDisk.copy() : null
    if (older) {
      for (let step = 0; step < 10; step++) await lives.world.advance(chance.next() * 300)
    }
    lives.crash()
    if (older) {
      lives.recordsDisk = older
      if (chance.next() < 0.5) lives.switchVersion()
    }
  }
  await live(lives, intents, 20)
  await lives.world.advance(5_000)
  assert.ok(
    intents.every((intent) => intent.acknowledged),
    'in the end everything is acknowledged',
  )
  return holds(lives, intents)
}

test(`I1 nothing is lost and nothing takes effect twice when the process dies at random moments (${seeds} seeds)`, async () => {
  let decisions = 0
  for (let seed = 0; seed < seeds; seed++) {
    try {
      decisions += (await run(`crash ${seed}`, false)).decisions
    } catch (error) {
      throw new Error(`seed “crash ${seed}”`, { cause: error })
    }
  }
  assert.ok(decisions > seeds * 10)
})

test(`I1 older records beside the newer log: what left is never contradicted, and a difference is on record (${seeds} seeds)`, async () => {
  let reconciled = 0
  for (let seed = 0; seed < seeds; seed++) {
    try {
      reconciled += (await run(`restore ${seed}`, true)).reconciled
    } catch (error) {
      throw new Error(`seed “restore ${seed}”`, { cause: error })
    }
  }
  assert.ok(reconciled > 0, 'some restored decision came out differently, or this test shows nothing')
})

test(`I1 the same over a log that tells offsets only when they are durable, as a broker does (${seeds} seeds)`, async () => {
  let decisions = 0
  for (let seed = 0; seed < seeds; seed++) {
    try {
      decisions += (await run(`broker ${seed}`, seed % 2 === 1, 'when durable')).decisions
    } catch (error) {
      throw new Error(`seed “broker ${seed}”`, { cause: error })
    }
  }
  assert.ok(decisions > seeds * 10)
})
