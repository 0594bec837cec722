import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileFunction } from 'node:vm'
import { BattutaError } from '../base/index.ts'
import { purely, shadowLine, shadows } from './purity.ts'

const attempts: Readonly<Record<string, string>> = {
  'Date.now': 'Date.now()',
  'new Date': 'new Date()',
  Date: 'Date()',
  'Math.random': 'Math.random()',
  'performance.now': 'performance.now()',
  'crypto.randomUUID': 'crypto.randomUUID()',
  'process.env': 'process.env',
  fetch: "fetch('http://127.0.0.1:1')",
  setTimeout: 'setTimeout(() => {}, 1)',
  setInterval: 'setInterval(() => {}, 1)',
  queueMicrotask: 'queueMicrotask(() => {})',
  setImmediate: 'setImmediate(() => {})',
  'new WebSocket': "new WebSocket('ws://127.0.0.1:1')",
}

/** Code as an app's module would hold it: compiled with the shadow line before it. */
function asApp(source: string): () => unknown {
  return compileFunction(`${shadowLine(source)} return (${source})`) as () => unknown
}

test('P1 while the guard is up every way to the clock, chance, timers, environment and network is refused with its name', () => {
  for (const [name, source] of Object.entries(attempts)) {
    assert.throws(
      () => purely('policy inbound', asApp(source)),
      (error: unknown) => error instanceof BattutaError && error.code === 'POLICY_IMPURE' && error.message.includes(`policy inbound called ${name}`),
      name,
    )
  }
})

test('P1 a reference kept when the module was loaded is refused as well', () => {
  const source = `${shadowLine('')} const { now } = Date; const { random } = Math; const Clock = Date; return [() => now(), () => random(), () => new Clock()]`
  const kept = (compileFunction(source) as () => (() => unknown)[])()
  for (const use of kept) assert.throws(() => purely('policy kept', use), /POLICY_IMPURE|called/)
  for (const use of kept) assert.ok(use())
})

test('P1 while the guard is down the shadows are the real thing', () => {
  assert.ok(Math.abs(Number(asApp('Date.now()')()) - new Date().getTime()) < 1_000)
  assert.ok(asApp('new Date()')() instanceof Date)
  assert.equal(typeof asApp('crypto.randomUUID()')(), 'string')
  assert.equal(asApp('Math.max(1, 3)')(), 3)
})

test('what needs no clock stays allowed in a policy: parsing and arithmetic', () => {
  assert.equal(purely('p', asApp("Date.parse('2026-01-01T00:00:00Z')")), Date.UTC(2026, 0, 1))
  assert.equal(purely('p', asApp('new Date(5).getTime()')), 5)
  assert.equal(purely('p', asApp('Math.round(2.5) + Math.PI')), 3 + Math.PI)
  assert.ok(purely('p', asApp('new Date(5) instanceof Date')))
})

test('the guard comes down again when a policy throws', () => {
  assert.throws(
    () =>
      purely('p', () => {
        throw new Error('own')
      }),
    /own/,
  )
  assert.equal(typeof asApp('Date.now()')(), 'number')
})

test('a module that declares a name of its own keeps it', () => {
  const line = shadowLine("import { fetch } from './own.ts'\nconst performance = 1")
  assert.ok(!/\bfetch\b/.test(line) && !/\bperformance\b/.test(line) && /\bDate\b/.test(line))
  assert.ok(Object.keys(shadows).every((name) => shadowLine('').includes(name)))
})
