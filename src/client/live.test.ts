import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoffMs } from './backoff.ts'
import { battutaClient } from './client.ts'
import type { LiveState } from './live.ts'

const hello = 'event: hello\ndata: {"app":{"name":"a"}}\n\n'

/** A server whose next answers are given one by one, and a clock that moves when told to. */
function opened(answers: ((signal: AbortSignal) => Response | Promise<Response>)[]) {
  let now = 0
  let due: { at: number; run: () => void }[] = []
  const states: LiveState[] = []
  const seconds: unknown[] = []
  const fake = (async (_url: string, init: RequestInit) => {
    const answer = answers.shift()
    if (!answer) throw new TypeError('refused')
    return await answer(init.signal as AbortSignal)
  }) as unknown as typeof fetch
  const timers = {
    now: () => now,
    chance: () => 0.5,
    after: (delayMs: number, run: () => void) => {
      const timer = { at: now + delayMs, run }
      due.push(timer)
      return () => void (due = due.filter((other) => other !== timer))
    },
  }
  const pass = async (ms: number) => {
    now += ms
    const ripe = due.filter(({ at }) => at <= now)
    due = due.filter(({ at }) => at > now)
    for (const { run } of ripe) run()
    await turn()
  }
  const feed = battutaClient({ url: 'http://door.test', fetch: fake, timers }).live({
    state: (state) => states.push(state),
    second: (frame) => seconds.push(frame),
  })
  return { feed, states, seconds, pass }
}

const turn = async () => {
  for (let count = 0; count < 5; count++) await new Promise((resolve) => setImmediate(resolve))
}

/** A stream that can be written to and cut from outside. */
function line(first: string) {
  let out: ReadableStreamDefaultController<Uint8Array>
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (out = controller) })
  const write = (text: string) => out.enqueue(new TextEncoder().encode(text))
  write(first)
  const cut = () => out.error(new Error('cut'))
  const answer = (signal: AbortSignal) => {
    signal.addEventListener('abort', cut)
    return new Response(body)
  }
  return { answer, write, cut }
}

test('C2 a feed that is cut says since when, waits, and comes back', async () => {
  const first = line(hello)
  const second = line(hello)
  const { feed, states, seconds, pass } = opened([first.answer, second.answer])
  await turn()
  first.write('event: second\ndata: {"at":7}\n\n')
  await turn()
  assert.deepEqual(seconds, [{ at: 7 }])
  first.cut()
  await turn()
  assert.deepEqual(
    states.map(({ kind }) => kind),
    ['connecting', 'open', 'waiting'],
  )
  const waiting = states.at(-1)
  assert.ok(waiting?.kind === 'waiting' && waiting.lastAt === 0 && waiting.retryAt > 0)
  await pass(1_000)
  assert.deepEqual(
    states.slice(3).map(({ kind }) => kind),
    ['connecting', 'open'],
  )
  feed.close()
})

test('C1 silence is not life: a feed that says nothing is not called open', async () => {
  const silent = line(hello)
  const { feed, states, pass } = opened([silent.answer])
  await turn()
  assert.equal(states.at(-1)?.kind, 'open')
  await pass(6_000)
  assert.equal(states.at(-1)?.kind, 'waiting')
  feed.close()
})

test('C2 a person need not wait: retryNow tries at once', async () => {
  const later = line(hello)
  const { feed, states } = opened([() => Promise.reject(new TypeError('refused')), later.answer])
  await turn()
  assert.equal(states.at(-1)?.kind, 'waiting')
  feed.retryNow()
  await turn()
  assert.equal(states.at(-1)?.kind, 'open')
  feed.close()
})

test('a refusal is final: asking again would change nothing', async () => {
  const problem = JSON.stringify({ code: 'UNAUTHENTICATED', detail: 'Sign in first.' })
  const { states } = opened([() => new Response(problem, { status: 401 })])
  await turn()
  const last = states.at(-1)
  assert.ok(last?.kind === 'refused' && last.error.code === 'UNAUTHENTICATED')
})

test('waits double, are spread, and stop growing at fifteen seconds', () => {
  assert.deepEqual(
    [1, 2, 3].map((attempt) => [backoffMs(attempt, 0), backoffMs(attempt, 1)]),
    [
      [250, 500],
      [500, 1_000],
      [1_000, 2_000],
    ],
  )
  assert.equal(backoffMs(30, 1), 15_000)
})
