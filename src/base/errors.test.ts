import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as invariant, AssertionError, BattutaError, errorCodes } from './index.ts'
import type { ErrorCode } from './index.ts'

test('every code is capitals, has a status of HTTP, and says what it means in half a sentence', () => {
  const meanings = new Set<string>()
  for (const [code, { status, means }] of Object.entries(errorCodes)) {
    assert.match(code, /^[A-Z]+(?:_[A-Z]+)*$/)
    assert.ok(status >= 400 && status < 600, code)
    assert.match(means, /^[a-z“].*[^.]$/, code)
    meanings.add(means)
  }
  assert.equal(meanings.size, Object.keys(errorCodes).length, 'two codes never mean one thing')
})

test('the class says whether to retry: what is refused for now can, what is wrong with the request cannot', () => {
  for (const [code, { status, retry }] of Object.entries(errorCodes)) {
    if (status === 429 || status === 503) assert.ok(retry, code)
    else if (status < 500) assert.ok(!retry, code)
  }
})

test('an error carries its code, status, details and cause', () => {
  const cause = new Error('disk')
  const error = new BattutaError('OVERLOADED', 'too much; try again', { retryAfterMs: 200, details: { lanes: 3 }, cause })
  assert.deepEqual(
    [error.name, error.code, error.status, error.retryAfterMs, error.details, error.cause],
    ['BattutaError', 'OVERLOADED', 429, 200, { lanes: 3 }, cause],
  )
  const bare = new BattutaError('NOT_FOUND', 'no such door')
  assert.deepEqual([bare.retryAfterMs, bare.details, 'cause' in bare], [undefined, {}, false])
  for (const code of Object.keys(errorCodes) as ErrorCode[]) assert.equal(new BattutaError(code, code).status, errorCodes[code].status)
})

test('a broken invariant is no operating error', () => {
  assert.doesNotThrow(() => invariant(1, 'one holds'))
  for (const broken of [false, 0, '', null, undefined])
    assert.throws(
      () => invariant(broken, 'it holds'),
      (error: unknown) => error instanceof AssertionError && !(error instanceof BattutaError) && error.message === 'it holds',
    )
})
