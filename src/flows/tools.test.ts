import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { z } from 'zod'
import { setup, flow, tool } from '../app/index.ts'
import type { ToolDraft } from '../app/index.ts'
import type { CallEffect, ToolContext } from '../definition/index.ts'
import { simulatedWorld } from '../testing/simulated-world.ts'
import type { SimulatedWorld } from '../testing/simulated-world.ts'
import { concurrentMax, openToolRunner, waitingMax } from './index.ts'
import type { CallResult, ToolRunner } from './index.ts'

const open: ToolRunner[] = []
afterEach(() => {
  for (const runner of open.splice(0)) runner.close()
})

function runnerOf(tools: Readonly<Record<string, ToolDraft>>, seed = 'tools'): { world: SimulatedWorld; runner: ToolRunner } {
  const held = flow({ goal: 'x', tools }, function* ({ say }) {
    yield* say('x')
    return { resolved: true }
  })
  const app = setup({ events: {}, flows: { held } }).app({ name: 'test', policies: {} })
  const world = simulatedWorld(seed)
  const runner = openToolRunner({ world, tools: app.tools })
  open.push(runner)
  return { world, runner }
}

/** Waits for a promise while the world runs: it must have something to run until then. */
function settled<T>(world: SimulatedWorld, promise: Promise<T>): Promise<T> {
  world.setTimer(59_000, () => undefined)
  return world.settle(promise)
}

let calls = 0
function effect(tool: string, more: Partial<CallEffect> = {}): CallEffect {
  const key = `0:${++calls}:0`
  return { key, kind: 'call', conversation: 'c1', epoch: 1, flow: 'f', call: `f1:${calls}`, tool, input: {}, idempotencyKey: key, hash: 'h', ...more }
}

const anything = z.record(z.string(), z.unknown())

/** A promise that the test settles. */
function door<T = unknown>(): { promise: Promise<T>; open: (value: T) => void } {
  const { promise, resolve } = Promise.withResolvers<T>()
  return { promise, open: resolve }
}

test('a tool is given its parsed input, its key and its customer, and its parsed output comes back', async () => {
  const seen: unknown[] = []
  const { world, runner } = runnerOf({
    pay: tool({
      input: z.object({ amount: z.string().transform(Number) }),
      output: z.object({ reference: z.string().toUpperCase() }),
      run: async ({ amount }, { idempotencyKey, customer, signal }) => {
        seen.push(amount, idempotencyKey, customer, signal.aborted)
        return { reference: 'r7' }
      },
    }),
  })
  const call = effect('pay', { input: { amount: '50' } })
  assert.deepEqual(await settled(world, runner.run(call, 'user:1')), { ok: true, output: { reference: 'R7' } })
  assert.deepEqual(seen, [50, call.idempotencyKey, 'user:1', false])
})

test('what fails is tried again under the same key, later each time, and then fails for good', async () => {
  const tries: { key: string; at: number }[] = []
  const { world, runner } = runnerOf({
    shaky: tool({
      input: anything,
      output: anything,
      attempts: 4,
      run: async (_input, { idempotencyKey }) => {
        tries.push({ key: idempotencyKey, at: world.monotonicMs() })
        throw new TypeError('no line')
      },
    }),
  })
  assert.deepEqual(await settled(world, runner.run(effect('shaky'), 'c')), { ok: false, error: 'shaky threw TypeError: no line, after 4 attempts' })
  assert.equal(new Set(tries.map(({ key }) => key)).size, 1)
  const gaps = tries.slice(1).map(({ at }, index) => at - (tries[index]?.at ?? 0))
  gaps.forEach((gap, index) => assert.ok(gap >= 100 * 2 ** index && gap <= 200 * 2 ** index + 1, `the pause after attempt ${index + 1} is ${gap} ms`))
})

test('an attempt that takes too long is aborted and tried again; what it comes to later is nobody’s', async () => {
  const signals: AbortSignal[] = []
  const late = door<{ n: number }>()
  const { world, runner } = runnerOf({
    slow: tool({
      input: anything,
      output: anything,
      timeout: '2s',
      run: async (_input, { signal }) => {
        signals.push(signal)
        return signals.length === 1 ? late.promise : { n: signals.length }
      },
    }),
  })
  const result = runner.run(effect('slow'), 'c')
  await world.advance(1_999)
  assert.equal(signals[0]?.aborted, false)
  assert.deepEqual(await settled(world, result), { ok: true, output: { n: 2 } })
  assert.equal(signals[0]?.aborted, true)
  late.open({ n: 1 })
})

test('an error that says so is not tried again; nor is what comes back wrong, since it has acted', async () => {
  let runs = 0
  const { world, runner } = runnerOf({
    refused: tool({ input: anything, output: anything, run: async () => Promise.reject(Object.assign(new Error(`no such card ${++runs}`), { retry: false })) }),
    wrong: tool({ input: anything, output: z.object({ n: z.number() }), run: async () => ({ n: `${++runs}` as unknown as number }) }),
    odd: tool({ input: anything, output: z.object({ at: z.date() }), run: async () => ({ at: new Date(++runs) }) }),
  })
  assert.deepEqual(await settled(world, runner.run(effect('refused'), 'c')), { ok: false, error: 'refused threw Error: no such card 1' })
  const wrong = await settled(world, runner.run(effect('wrong'), 'c'))
  assert.match(wrong.ok ? '' : wrong.error, /^wrong came back with what does not fit its output: n: /)
  assert.deepEqual(await settled(world, runner.run(effect('odd'), 'c')), {
    ok: false,
    error: 'what odd came back with: an object of Date is no JSON: give numbers, texts, true, false, null, lists and plain objects',
  })
  assert.equal(runs, 3)
})

test('an input that does not fit, and a tool that is gone, fail without an attempt', async () => {
  const { world, runner } = runnerOf({ pay: tool({ input: z.object({ amount: z.number() }), output: anything, run: async () => assert.fail('not run') }) })
  const bad = await settled(world, runner.run(effect('pay', { input: { amount: 'x' } }), 'c'))
  assert.match(bad.ok ? '' : bad.error, /^pay was given what does not fit its input: amount: /)
  assert.deepEqual(await settled(world, runner.run(effect('gone'), 'c')), { ok: false, error: 'the app has no tool “gone” any more' })
  assert.deepEqual(await settled(world, runner.run(effect('pay', { undoes: { output: {} } }), 'c')), { ok: false, error: 'pay cannot be undone any more' })
})

test('an undoing is given what was asked and what came of it', async () => {
  let undone: unknown
  const { world, runner } = runnerOf({
    pay: tool({
      input: z.object({ amount: z.number() }),
      output: z.object({ reference: z.string() }),
      changes: true,
      run: async () => ({ reference: 'r' }),
      compensate: async (done, { idempotencyKey }) => void (undone = { ...done, idempotencyKey }),
    }),
  })
  const call = effect('pay', { input: { amount: 5 }, undoes: { output: { reference: 'r' } } })
  assert.deepEqual(await settled(world, runner.run(call, 'c')), { ok: true, output: null })
  assert.deepEqual(undone, { input: { amount: 5 }, output: { reference: 'r' }, idempotencyKey: call.idempotencyKey })
})

test('TR1 changes of one flow happen in their order, an undoing among them; reads and other flows do not wait for each other', async () => {
  const log: string[] = []
  const first = door()
  const acts = (name: string, { idempotencyKey }: ToolContext): void => void log.push(`${name} ${idempotencyKey}`)
  const { world, runner } = runnerOf({
    change: tool({
      input: anything,
      output: anything,
      changes: true,
      run: async (_input, context) => {
        if (context.idempotencyKey === 'k1') await first.promise
        acts('change', context)
        return {}
      },
      compensate: async (_done, context) => acts('undo', context),
    }),
    read: tool({ input: anything, output: anything, run: async (_input, context) => (acts('read', context), {}) }),
  })
  const of = (tool: string, key: string, call: string, more: Partial<CallEffect> = {}): Promise<CallResult> =>
    runner.run(effect(tool, { idempotencyKey: key, call, ...more }), 'c')
  const all = [
    of('read', 'k0', 'f1:1'),
    of('change', 'k1', 'f1:2'),
    of('change', 'k2', 'f1:2:undo', { undoes: { output: {} } }),
    of('change', 'k3', 'f1:3'),
    of('read', 'k4', 'f1:4'),
    of('change', 'k5', 'f2:1'),
    of('change', 'k6', 'f1:1', { conversation: 'c2' }),
  ]
  await world.advance(100)
  assert.deepEqual(log, ['read k0', 'change k5', 'change k6'])
  first.open({})
  await settled(world, Promise.all(all))
  assert.deepEqual(log.slice(3), ['change k1', 'undo k2', 'change k3', 'read k4'])
})

test('the same call handed in twice is carried out once', async () => {
  let runs = 0
  const { world, runner } = runnerOf({ count: tool({ input: anything, output: anything, run: async () => ({ n: ++runs }) }) })
  const call = effect('count')
  const [first, second] = await settled(world, Promise.all([runner.run(call, 'c'), runner.run(call, 'c')]))
  assert.deepEqual([first, second, runs], [{ ok: true, output: { n: 1 } }, { ok: true, output: { n: 1 } }, 1])
})

test('TR2 so many at once and no more; so many may wait, and the next is told', async () => {
  let running = 0
  let most = 0
  const gate = door()
  const busy = {
    busy: tool({
      input: anything,
      output: anything,
      timeout: '60s',
      run: async () => {
        most = Math.max(most, ++running)
        await gate.promise
        running--
        return {}
      },
    }),
  }
  const { world, runner } = runnerOf(busy)
  const all = Array.from({ length: concurrentMax + waitingMax + 1 }, () => runner.run(effect('busy'), 'c'))
  assert.deepEqual(await settled(world, all.at(-1) ?? assert.fail()), { ok: false, error: `${waitingMax.toLocaleString('en')} calls of busy wait already` })
  assert.equal(running, concurrentMax)
  gate.open({})
  assert.ok((await settled(world, Promise.all(all.slice(0, -1)))).every(({ ok }) => ok))
  assert.equal(most, concurrentMax)
})

test('TR3 after close nothing runs on: it is aborted, and was never finished', async () => {
  let signal: AbortSignal | undefined
  let shaken = 0
  const { world, runner } = runnerOf({
    hang: tool({
      input: anything,
      output: anything,
      changes: true,
      run: async (_input, context) => {
        signal = context.signal
        return new Promise<never>(() => undefined)
      },
    }),
    shaky: tool({ input: anything, output: anything, run: async () => Promise.reject(new Error(`${++shaken}`)) }),
  })
  const all = [runner.run(effect('hang'), 'c'), runner.run(effect('hang'), 'c'), runner.run(effect('shaky', { conversation: 'c2' }), 'c')]
  await world.advance(50)
  runner.close()
  all.push(runner.run(effect('shaky', { conversation: 'c3' }), 'c'))
  for (const result of await settled(world, Promise.all(all))) {
    assert.deepEqual(result, { ok: false, error: 'the process closes; the call is made again after the next start' })
  }
  assert.deepEqual([signal?.aborted, shaken], [true, 1])
  await world.advance(60_000)
  assert.equal(shaken, 1)
})
