import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { repeatMs, restMs, TypingSignal } from './typing-signal.ts'

/** A clock that is set by hand, with the one timer the signal uses. */
function started() {
  let now = 0
  let due: { at: number; run: () => void } | null = null
  const said: { at: number; on: boolean }[] = []
  const signal = new TypingSignal(
    {
      now: () => now,
      chance: () => 0.5,
      after: (delayMs, run) => {
        const timer = { at: now + delayMs, run }
        due = timer
        return () => void (due === timer && (due = null))
      },
    },
    (on) => said.push({ at: now, on }),
  )
  const pass = (ms: number) => {
    const until = now + ms
    if (due && due.at <= until) {
      now = due.at
      const { run } = due
      due = null
      run()
    }
    now = until
  }
  return { signal, said, pass }
}

test('T1 the first key says so at once, more keys say it every three seconds, and a pause ends it', () => {
  const { signal, said, pass } = started()
  for (let key = 0; key < 8; key++) {
    signal.key()
    pass(500)
  }
  pass(restMs)
  assert.deepEqual(said, [
    { at: 0, on: true },
    { at: 3_000, on: true },
    { at: 8_500, on: false },
  ])
})

test('T1 rest is said once, and not at all by somebody who wrote nothing', () => {
  const { signal, said } = started()
  signal.rest()
  assert.deepEqual(said, [])
  signal.key()
  signal.rest()
  signal.rest()
  assert.deepEqual(
    said.map(({ on }) => on),
    [true, false],
  )
})

test('T1 however somebody writes, they are never said to rest twice, and `true` is never said too often', () => {
  const step = fc.oneof(fc.constant('key' as const), fc.constant('rest' as const), fc.integer({ min: 0, max: 9_000 }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { signal, said, pass } = started()
      for (const act of steps) {
        if (typeof act === 'number') pass(act)
        else signal[act]()
      }
      for (const [index, { at, on }] of said.entries()) {
        const before = said[index - 1]
        if (!on) assert.equal(before?.on, true)
        else if (before?.on) assert.ok(at - before.at >= repeatMs)
      }
      pass(restMs)
      if (said.length > 0) assert.equal(said.at(-1)?.on, false, 'nobody is left writing')
    }),
  )
})
