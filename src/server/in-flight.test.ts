import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import fc from 'fast-check'
import { BattutaError, limits } from '../base/index.ts'
import { inFlightBytesMax, inFlightRequestsMax, openInFlight } from './in-flight.ts'

const response = (): ServerResponse => new EventEmitter() as ServerResponse

test('P1 whatever comes and goes, limits hold and nothing is left reserved', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: limits.bodyBytesMax }))), (lengths) => {
      const inFlight = openInFlight()
      const open: ServerResponse[] = []
      for (const length of lengths) {
        const reply = response()
        try {
          inFlight.reserve(length === null ? undefined : String(length), reply)
          open.push(reply)
        } catch (error) {
          assert(error instanceof BattutaError && error.code === 'OVERLOADED')
          open.shift()?.emit('close')
        }
        assert(inFlight.bytes <= inFlightBytesMax && inFlight.requests <= inFlightRequestsMax)
      }
      for (const reply of open) reply.emit('close')
      assert.deepEqual([inFlight.requests, inFlight.bytes], [0, 0])
    }),
  )
})

test('the request that would be one too many is refused before it is read, and told when to come back', () => {
  const inFlight = openInFlight()
  for (let i = 0; i < inFlightRequestsMax; i++) inFlight.reserve('0', response())
  assert.throws(
    () => inFlight.reserve('0', response()),
    (error) => error instanceof BattutaError && error.code === 'OVERLOADED' && (error.retryAfterMs ?? 0) > 0,
  )
})

test('a body of unknown length counts as the longest', () => {
  const inFlight = openInFlight()
  inFlight.reserve(undefined, response())
  assert.equal(inFlight.bytes, limits.bodyBytesMax)
})
