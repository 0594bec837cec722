/**
 * I2 by seeded simulation: nobody talks over anybody, nothing is lost or said twice, no conversation is without an owner or a queue,
 * and none goes round in circles, whatever dies, waits, comes twice or not at all.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededChance, sha256 } from '../../src/base/index.ts'
import { bad, ColleagueActor, CustomerActor, Floor, noFaults } from './floor.ts'
import { holds } from './floor-checks.ts'
import type { Counts } from './floor-checks.ts'

const seeds = Number(process.env['BATTUTA_SOAK_FLOORS'] ?? 50)
const customers = 4
const crashesMax = 2

async function run(seed: string, restores = false): Promise<{ counts: Counts; trace: string }> {
  const floor = new Floor(seed)
  const plan = seededChance(`${seed} plan`)
  const { world } = floor
  const switches = plan.next() < 0.5
  for (let n = 0; n < customers; n++) floor.customers.push(new CustomerActor(floor, `user:${n}`, `${seed} customer ${n}`))
  const skills = [['cards', 'payments'], ['cards'], ['payments']]
  floor.colleagues.push(
    ...['person:a', 'person:b', 'person:c'].map(
      (id, n) => new ColleagueActor(floor, { id, name: id, role: 'desk', skills: skills[n] as string[], capacity: 2 }, `${seed} ${id}`),
    ),
  )
  floor.network.faults = bad
  await floor.start()
  for (let crash = 0; crash <= crashesMax; crash++) {
    if (crash > 0) {
      const older = restores && plan.next() < 0.7 ? floor.recordsDisk.copy() : null
      if (older) await live(floor, plan, plan.next() ** 2 * 60_000)
      // Some processes are closed, and end what they can; the others just die.
      if (plan.next() < 0.3) await floor.close()
      floor.die()
      if (older) floor.recordsDisk = older
      if (older && switches && plan.next() < 0.7) floor.switchVersion()
      await world.advance(plan.next() ** 3 * 70_000)
      await floor.start()
    }
    await live(floor, plan, 20_000 + plan.next() * 40_000)
  }
  await windUp(floor)
  return { counts: await holds(floor), trace: sha256(floor.trace.join('\n')) }
}

async function live(floor: Floor, plan: ReturnType<typeof seededChance>, forMs: number): Promise<void> {
  const { world } = floor
  const until = world.monotonicMs() + forMs
  while (world.monotonicMs() < until) {
    await world.advance(plan.next() * 1_200)
    const actors = plan.next() < 0.5 ? floor.customers : floor.colleagues
    actors[plan.below(actors.length)]?.act()
    if (plan.next() < 0.02) floor.overrule(plan)
    if (plan.next() < 0.01) world.jump((plan.next() - 0.3) * 20_000)
  }
}

/** The network heals, customers fall silent, colleagues end what they have: then everything must come to rest. */
async function windUp(floor: Floor): Promise<void> {
  const { world } = floor
  floor.network.faults = noFaults
  for (const colleague of floor.colleagues) colleague.winding = true
  for (const customer of floor.customers) customer.act = () => undefined
  for (let round = 0; round < 60; round++) {
    for (const customer of floor.customers) if (customer.closed) customer.open()
    for (const colleague of floor.colleagues) colleague.act()
    await world.advance(4_000)
  }
}

async function floors(name: string, restores: boolean): Promise<Counts> {
  const total = { messages: 0, deliveries: 0, handOvers: 0, acts: 0, cuts: 0, reconciled: 0 }
  for (let n = 0; n < seeds; n++) {
    try {
      const { counts } = await run(`${name} ${n}`, restores)
      for (const key of Object.keys(total) as (keyof Counts)[]) total[key] += counts[key]
    } catch (error) {
      throw new Error(`seed “${name} ${n}”`, { cause: error })
    }
  }
  console.log(JSON.stringify({ floors: name, seeds, ...total, violations: 0 }))
  for (const key of ['messages', 'deliveries', 'handOvers', 'acts', 'cuts'] as const) assert.ok(total[key] >= seeds, `the floor is busy: ${total[key]} ${key}`)
  return total
}

test(`I2 one owner at a time, on a floor where everything fails (${seeds} seeds)`, async () => {
  const { reconciled } = await floors('floor', false)
  assert.equal(reconciled, 0)
})

test(`I2 older records beside the newer log, and at times another app: one owner still, and nothing that left is contradicted (${seeds} seeds)`, async () => {
  const { reconciled } = await floors('restored floor', true)
  assert.ok(reconciled > 0, 'some restored decision came out differently, or this test shows nothing')
})

test('one seed replays a floor exactly', async () => {
  const [first, again, other] = [await run('floor 7'), await run('floor 7'), await run('floor 8')]
  assert.deepEqual(again, first)
  assert.notEqual(other.trace, first.trace)
})
