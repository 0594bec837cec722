/**
 * `WS /v1/chat`: carries frames between sockets and web chat.
 *
 * Owns: the upgrade (Host, Origin, rate), frame size and rate, heartbeats, and saying goodbye at shutdown.
 * Does not own: what a frame means (channels).
 *
 * W1 A peer that does not answer a ping within one beat is let go.
 * W2 After `close` no socket is open and no timer is set.
 */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { BattutaError } from '../base/index.ts'
import type { Timer } from '../base/index.ts'
import type { House } from './parts.ts'
import type { Places } from './places.ts'
import { asBattutaError, problemOf } from './problem.ts'
import { openBuckets } from './token-bucket.ts'

const frameBytesMax = 64 * 1024
const heartbeatMs = 30_000
export const chatSocketsMax = 10_000
const opened = { burst: 300, perS: 20, of: 'chat sockets from one address' }
/** Frames of one socket; a page that sends more is broken. */
const framesBurst = 200
const framesPerS = 50

export function openChatSocket(server: Server, house: House, places: Places): { close(): void } {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: frameBytesMax, perMessageDeflate: false, clientTracking: true })
  const takeSocket = openBuckets(house.world, opened)
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
    timer = house.world.setTimer(heartbeatMs, beat)
  }
  timer = house.world.setTimer(heartbeatMs, beat)

  server.on('upgrade', (request: IncomingMessage, raw: Duplex, head: Buffer) => {
    raw.on('error', () => raw.destroy())
    try {
      if ((request.url ?? '').split('?')[0] !== '/v1/chat') throw new BattutaError('NOT_FOUND', 'the only WebSocket door is /v1/chat')
      places.checkHost(request.headers.host)
      places.checkChatOrigin(request.headers)
      house.parts()
      takeSocket(request.socket.remoteAddress ?? '')
      if (sockets.clients.size >= chatSocketsMax) throw new BattutaError('OVERLOADED', `${chatSocketsMax} chat sockets are open`, { retryAfterMs: 1_000 })
      sockets.handleUpgrade(request, raw, head, (socket) => attend(socket, house, silent))
    } catch (error) {
      refuse(raw, asBattutaError(error))
    }
  })

  return {
    close() {
      timer.cancel()
      for (const socket of sockets.clients) {
        socket.close(1001, 'the server is stopping')
        // What does not answer the close frame must not hold the port.
        house.world.setTimer(goodbyeMsMax, () => socket.terminate())
      }
      sockets.close()
    },
  }
}

const goodbyeMsMax = 1_000

function attend(socket: WebSocket, house: House, silent: WeakSet<WebSocket>): void {
  const seat = house.parts().chat.open({
    send: (frame) => socket.send(frame),
    close: (code, reason) => socket.close(code, reason),
    get buffered() {
      return socket.bufferedAmount
    },
  })
  const takeFrame = openBuckets(house.world, { burst: framesBurst, perS: framesPerS, of: 'frames' })
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
