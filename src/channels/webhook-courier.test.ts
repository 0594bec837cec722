import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { simulatedWorld } from '../testing/simulated-world.ts'
import type { SimulatedWorld } from '../testing/simulated-world.ts'
import type { Answer } from './egress.ts'
import { backoffMsMax, callsAtOnceMax, Courier, failingMsMax, giveUpMsMax, jobsMax } from './webhook-courier.ts'

const ok: Answer = { status: 200, failure: null, retryAfterMs: null }
const no = (status: number | null = 500, retryAfterMs: number | null = null): Answer => ({
  status,
  failure: status === null ? 'no answer' : null,
  retryAfterMs,
})

/** A courier with things to tell: each conversation has a list, from which is taken what the other side takes. */
class Round {
  readonly world: SimulatedWorld
  readonly courier: Courier
  readonly left = new Map<string, number[]>()
  /** Calls that were made, `conversation:n`, and when. */
  readonly calls: { readonly id: string; readonly at: number }[] = []
  readonly taken: string[] = []
  readonly states: string[] = []
  readonly failures: unknown[] = []
  behind = 0
  atOnce = 0
  atOnceMax = 0
  answer: (id: string) => Answer | Promise<Answer> = () => ok

  constructor(seed = 'courier') {
    this.world = simulatedWorld(seed)
    this.courier = new Courier({
      world: this.world,
      call: async (id) => {
        this.calls.push({ id, at: this.world.monotonicMs() })
        this.atOnceMax = Math.max(this.atOnceMax, ++this.atOnce)
        const answer = await this.answer(id)
        this.atOnce--
        if (answer.status === 200) this.taken.push(id)
        return answer
      },
      tell: async (conversation, say) => {
        const list = this.left.get(conversation) ?? []
        for (let next = list[0]; next !== undefined; next = list[0]) {
          if (!(await say(`${conversation}:${next}`, {}))) return false
          list.shift()
        }
        return true
      },
      changed: (state) => this.states.push(state),
      behind: () => this.behind++,
      failed: (error) => this.failures.push(error),
    })
  }

  add(conversation: string, ...entries: number[]): void {
    const list = this.left.get(conversation) ?? []
    list.push(...entries)
    this.left.set(conversation, list)
    this.courier.poke(conversation)
  }

  later(ms: number, answer: Answer): Promise<Answer> {
    return new Promise((resolve) => this.world.setTimer(ms, () => resolve(answer)))
  }
}

test('R1 R3 whatever is refused, everything is taken in the end, in order of its conversation', async () => {
  const conversation = fc.constantFrom('a', 'b', 'c')
  const step = fc.oneof(fc.record({ add: conversation }), fc.record({ wait: fc.nat(5_000) }))
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 30 }),
      fc.array(fc.constantFrom(ok, no(), no(null), no(503, 2_000), no(307)), { maxLength: 40 }),
      fc.string(),
      async (steps, answers, seed) => {
        const round = new Round(seed)
        round.answer = () => round.later(round.world.random() * 50, answers.shift() ?? ok)
        const added: Record<string, string[]> = { a: [], b: [], c: [] }
        for (const now of steps) {
          if ('wait' in now) await round.world.advance(now.wait)
          else {
            const list = added[now.add]!
            list.push(`${now.add}:${list.length + 1}`)
            round.add(now.add, list.length)
          }
        }
        await round.world.advance(3_600_000)
        for (const [name, list] of Object.entries(added)) {
          assert.deepEqual(
            round.taken.filter((id) => id.startsWith(name)),
            list,
          )
        }
        assert.deepEqual([round.courier.waiting, round.atOnce, round.failures], [0, 0, []])
        assert.equal(round.courier.state, 'working')
      },
    ),
    { numRuns: 60 },
  )
})

test('R2 calls at once are bounded; a conversation that is slow holds nobody else', async () => {
  const round = new Round()
  round.answer = (id) => round.later(id.startsWith('slow') ? 10_000 : 10, ok)
  round.add('slow', 1)
  for (let n = 0; n < 50; n++) round.add(`c${n}`, 1, 2)
  await round.world.advance(500)
  assert.equal(round.atOnceMax, callsAtOnceMax)
  assert.deepEqual([round.taken.length, round.courier.waiting], [100, 1])
  await round.world.advance(10_000)
  assert.equal(round.taken.at(-1), 'slow:1')
})

test('R2 R3 while nothing is taken, calls become rare: at most one at a time, each conversation ever later', async () => {
  const round = new Round()
  round.answer = () => no()
  for (let n = 0; n < 200; n++) round.add(`c${n}`, 1)
  await round.world.advance(60_000)
  const first = round.calls.length
  assert.ok(first < 40, `${first} calls in the first minute to somebody who takes nothing`)
  round.calls.length = 0
  await round.world.advance(3_600_000)
  assert.ok(round.calls.length <= 2 * (3_600_000 / backoffMsMax) + 2, `${round.calls.length} calls in an hour`)
  round.answer = () => ok
  await round.world.advance(2 * backoffMsMax)
  assert.equal(round.taken.length, 200)
  assert.deepEqual(round.states, ['failing', 'working'])
})

test('R3 the pauses of one conversation double, with their jitter, and a server that asks for more gets it', async () => {
  const round = new Round()
  round.answer = () => no()
  round.add('a', 1)
  await round.world.advance(30_000)
  const pauses = round.calls.slice(1).map(({ at }, n) => at - round.calls[n]!.at)
  for (const [n, pause] of pauses.entries()) assert.ok(pause >= 500 * 2 ** n && pause <= 1_000 * 2 ** n + 1, `pause ${n} is ${pause}`)
  assert.ok(pauses.length >= 4)
  const other = new Round()
  other.answer = () => no(429, 60_000)
  other.add('a', 1)
  await other.world.advance(59_000)
  assert.equal(other.calls.length, 1)
})

test('R4 410 stops it at once, and nothing is told any more', async () => {
  const round = new Round()
  round.answer = () => no(410)
  round.add('a', 1)
  await round.world.advance(1_000)
  round.add('b', 1)
  await round.world.advance(giveUpMsMax)
  assert.deepEqual(
    [round.calls.length, round.states, round.courier.state, round.courier.failure, round.courier.waiting],
    [1, ['stopped'], 'stopped', 'answered 410', 0],
  )
})

test('R4 three days without anything taken stop it, and not before', async () => {
  const round = new Round()
  round.answer = () => no(null)
  round.add('a', 1)
  await round.world.advance(failingMsMax - 1)
  assert.deepEqual(round.states, [])
  await round.world.advance(giveUpMsMax - failingMsMax - 1)
  assert.deepEqual(round.states, ['failing'])
  await round.world.advance(2 * backoffMsMax)
  assert.deepEqual([round.states, round.courier.failure], [['failing', 'stopped'], 'no answer'])
})

test('R4 what alone is not taken for three days is left out, and what comes after it is told', async () => {
  const round = new Round()
  round.answer = (id) => (id === 'bad:1' ? no(422) : ok)
  round.add('bad', 1, 2)
  for (let day = 0; day < 4; day++) {
    await round.world.advance(86_400_000)
    round.add('good', day)
  }
  await round.world.advance(backoffMsMax * 2)
  assert.deepEqual(round.taken, ['good:0', 'good:1', 'good:2', 'bad:2', 'good:3'])
  assert.deepEqual([round.failures.length, round.courier.state], [1, 'working'])
})

test('what happens while a conversation is told is told after it', async () => {
  const round = new Round()
  round.answer = () => round.later(100, ok)
  round.add('a', 1)
  await round.world.advance(50)
  round.add('a', 2)
  round.courier.poke('a')
  await round.world.advance(500)
  assert.deepEqual([round.taken, round.courier.waiting], [['a:1', 'a:2'], 0])
})

test('conversations beyond those kept in mind are asked for again, once', async () => {
  const round = new Round()
  round.answer = () => round.later(1, ok)
  for (let n = 0; n < jobsMax + 10; n++) round.courier.poke(`c${n}`)
  assert.equal(round.courier.waiting, jobsMax)
  await round.world.advance(10)
  assert.deepEqual([round.behind, round.courier.waiting], [1, 0])
})

test('a disk that fails is no refusal: it is told again, and the webhook is not blamed', async () => {
  const round = new Round()
  let fails = 2
  round.courier.close()
  const world = simulatedWorld('disk')
  const courier: Courier = new Courier({
    world,
    call: async () => ok,
    tell: async (_, say) => {
      if (fails-- > 0) throw new Error('disk')
      return say('a:1', {})
    },
    changed: () => assert.fail('its state did not change'),
    behind: () => {},
    failed: (error) => round.failures.push(error),
  })
  courier.poke('a')
  await world.advance(10_000)
  assert.deepEqual([round.failures.length, courier.waiting, courier.failure], [2, 0, null])
})

test('closed, it calls nobody, whatever was to come', async () => {
  const round = new Round()
  round.answer = () => round.later(100, no())
  round.add('a', 1)
  await round.world.advance(10)
  round.courier.close()
  round.add('b', 1)
  await round.world.advance(giveUpMsMax)
  assert.deepEqual([round.calls.length, round.states], [1, []])
})
