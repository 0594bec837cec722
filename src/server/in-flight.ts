/**
 * Back-pressure before a body is read or parsed: what a request will cost in memory is reserved when its headers are in,
 * and given back when its reply is closed, however that ends.
 *
 * P1 Reserved bytes and requests never exceed their limits, and are zero when nothing is in flight.
 */
import type { ServerResponse } from 'node:http'
import { assert, BattutaError, limits } from '../base/index.ts'

export const inFlightRequestsMax = 4_096
export const inFlightBytesMax: number = 64 * 1024 * 1024
/** A client that was turned away should come back after this. */
const retryAfterMs = 200

export interface InFlight {
  /** Throws OVERLOADED, or BODY_TOO_LARGE for a body that says it is. `bytesMax` is the door's limit. */
  reserve(contentLength: string | undefined, response: ServerResponse, bytesMax?: number): void
  readonly requests: number
  readonly bytes: number
}

const reserved = Symbol('bytes reserved')

export function openInFlight(): InFlight {
  let requests = 0
  let bytes = 0
  // One function for all replies, told apart by `this`, so that a request allocates no closure.
  function release(this: ServerResponse & { [reserved]?: number }): void {
    requests--
    bytes -= this[reserved] ?? 0
    assert(requests >= 0 && bytes >= 0, 'what was reserved is given back once')
  }
  return {
    get requests() {
      return requests
    },
    get bytes() {
      return bytes
    },
    reserve(contentLength, response, bytesMax = limits.bodyBytesMax) {
      // A body of unknown length may grow to the limit.
      const size = contentLength === undefined ? bytesMax : Number(contentLength)
      if (size > bytesMax) throw new BattutaError('BODY_TOO_LARGE', `the body has ${size} bytes; at most ${bytesMax} are taken`)
      if (requests >= inFlightRequestsMax || bytes + size > inFlightBytesMax) {
        throw new BattutaError('OVERLOADED', `${requests} requests with ${bytes} bytes are in flight; this one was not read`, { retryAfterMs })
      }
      requests++
      bytes += size
      ;(response as ServerResponse & { [reserved]?: number })[reserved] = size
      response.on('close', release)
    },
  }
}
