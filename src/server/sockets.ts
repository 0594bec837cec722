/**
 * `WS /v1/chat` and `WS /v1/desk`: carries frames between sockets and what they are for.
 *
 * Owns: the upgrade (Host, Origin, rate), frame size and rate, heartbeats, and saying goodbye at shutdown.
 * Does not own: what a frame means (channels), or who a desk's frames come from (desk-socket.ts).
 *
 * W1 A peer that does not answer a ping within one beat is let go.
 * W2 After `close` no socket is open and no timer is set.
 */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { BattutaError } from '../base/index.ts'
import type { Timer, World } from '../base/index.ts'
import type { ChatSocket } from '../channels/index.ts'
import { attendDesk } from './desk-socket.ts'
import type { Seat } from './desk-socket.ts'
import type { House } from './parts.ts'
import type { Places } from './places.ts'
import { asBattutaError, problemOf } from './problem.ts'
import { openBuckets } from './token-bucket.ts'
import type { BucketLimit } from './token-bucket.ts'

const frameBytesMax = 64 * 1024
export const chatSocketsMax = 10_000
export const deskSocketsMax = 1_000
const chatHeartbeatMs = 30_000
/** A desk that is gone holds conversations, so it is noticed sooner. */
const deskHeartbeatMs = 10_000
const chatOpened = { burst: 300, perS: 20, of: 'chat sockets from one address' }
const deskOpened = { burst: 100, perS: 5, of: 'desk sockets from one address' }
/** Frames of one socket; a page that sends more is broken. */
const framesBurst = 200
const framesPerS = 50
const goodbyeMsMax = 1_000

interface SocketDoor {
  /** Throws what refuses the upgrade. */
  readonly check: (request: IncomingMessage) => void
  readonly attend: (socket: ChatSocket, request: IncomingMessage) => Seat
  readonly heartbeatMs: number
  readonly socketsMax: number
  readonly opened: BucketLimit
}

interface OpenDoor {
  upgrade(request: IncomingMessage, raw: Duplex, head: Buffer): void
  close(): void
}

export function openSockets(server: Server, house: House, places: Places): { close(): void } {
  const open: Readonly<Record<string, OpenDoor>> = {
    '/v1/chat': openSocketDoor(house.world, {
      check: (request) => places.checkChatOrigin(request.headers),
      attend: (socket) => house.parts().chat.open(socket),
      heartbeatMs: chatHeartbeatMs,
      socketsMax: chatSocketsMax,
      opened: chatOpened,
    }),
    '/v1/desk': openSocketDoor(house.world, {
      check: (request) => places.checkSameOrigin(request.headers),
      attend: (socket, request) => attendDesk(socket, request, house),
      heartbeatMs: deskHeartbeatMs,
      socketsMax: deskSocketsMax,
      opened: deskOpened,
    }),
  }

  server.on('upgrade', (request: IncomingMessage, raw: Duplex, head: Buffer) => {
    raw.on('error', () => raw.destroy())
    try {
      const path = (request.url ?? '').split('?')[0] ?? ''
      const door = Object.hasOwn(open, path) ? open[path] : undefined
      if (door === undefined) throw new BattutaError('NOT_FOUND', `the WebSocket doors are ${Object.keys(open).join(' and ')}`)
      places.checkHost(request.headers.host)
      house.parts()
      door.upgrade(request, raw, head)
    } catch (error) {
      refuse(raw, asBattutaError(error))
    }
  })

  return {
    close() {
      for (const door of Object.values(open)) door.close()
    },
  }
}

function openSocketDoor(world: World, { check, attend, heartbeatMs, socketsMax, opened }: SocketDoor): OpenDoor {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: frameBytesMax, perMessageDeflate: false, clientTracking: true })
  const take = openBuckets(world, opened)
  const silent = new WeakSet<WebSocket>()
  let timer: Timer

  const beat = (): void => {
    for (const socket of sockets.clients) {
      if (silent.has(socket)) socket.terminate()
      else {
        silent.add(socket)
        socket.ping()
      }
    }
    timer = world.setTimer(heartbeatMs, beat)
  }
  timer = world.setTimer(heartbeatMs, beat)

  return {
    upgrade(request, raw, head) {
      check(request)
      take(request.socket.remoteAddress ?? '')
      if (sockets.clients.size >= socketsMax) throw new BattutaError('OVERLOADED', `${socketsMax} such sockets are open`, { retryAfterMs: 1_000 })
      sockets.handleUpgrade(request, raw, head, (socket) => carry(socket, attend(chatSocketOf(socket), request), world, silent))
    },
    close() {
      timer.cancel()
      for (const socket of sockets.clients) {
        socket.close(1001, 'the server is stopping')
        // What does not answer the close frame must not hold the port.
        world.setTimer(goodbyeMsMax, () => socket.terminate())
      }
      sockets.close()
    },
  }
}

function chatSocketOf(socket: WebSocket): ChatSocket {
  return {
    send: (frame) => socket.send(frame),
    close: (code, reason) => socket.close(code, reason),
    get buffered() {
      return socket.bufferedAmount
    },
  }
}

function carry(socket: WebSocket, seat: Seat, world: World, silent: WeakSet<WebSocket>): void {
  const takeFrame = openBuckets(world, { burst: framesBurst, perS: framesPerS, of: 'frames' })
  socket.on('pong', () => silent.delete(socket))
  socket.on('message', (data, isBinary) => {
    silent.delete(socket)
    if (isBinary) return socket.close(1003, 'frames are JSON text')
    try {
      takeFrame('')
    } catch {
      return socket.close(1008, `more than ${framesPerS} frames a second`)
    }
    seat.receive(String(data))
  })
  // A frame over the limit, or not UTF-8: ws closes the socket with the code for it.
  socket.on('error', () => {})
  socket.on('close', () => seat.closed())
}

function refuse(raw: Duplex, error: BattutaError): void {
  const body = JSON.stringify(problemOf(error))
  raw.end(
    `HTTP/1.1 ${error.status} ${error.code}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}
