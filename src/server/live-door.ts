/**
 * `GET /v1/live`: the console's feed, as server-sent events. First `hello`, then what the watch says, as it says it.
 *
 * L1 A reader that does not read is let go before it fills the memory.
 * L2 A reader whose session is over reads no more.
 */
import type { FastifyReply } from 'fastify'
import { BattutaError } from '../base/index.ts'
import type { Entrance } from './entrance.ts'
import { securityHeaders } from './security-headers.ts'

export const liveReadersMax = 100
const bufferedBytesMax = 1_000_000
const retryMs = 2_000

export function liveDoor({ house, places, open, onClosing }: Entrance): void {
  const readers = new Set<() => void>()
  // One text for all readers of one event.
  let last: { data: unknown; text: string } | null = null
  const textOf = (event: string, data: unknown): string => {
    if (last === null || last.data !== data) last = { data, text: `event: ${event}\ndata: ${JSON.stringify(data)}\n\n` }
    return last.text
  }

  open('live', (request, reply) => {
    places.checkSameOrigin(request.headers)
    if (readers.size >= liveReadersMax) throw new BattutaError('OVERLOADED', `${liveReadersMax} readers have the live feed open`, { retryAfterMs: retryMs })
    const { live, sessions } = house.parts()
    const { raw } = startStream(reply, house.world.monotonicMs() - request.startedMono)
    raw.write(`retry: ${retryMs}\nevent: hello\ndata: ${JSON.stringify(live.hello())}\n\n`)
    const unsubscribe = live.subscribe((event, data) => {
      if (raw.writableLength > bufferedBytesMax) raw.destroy()
      else raw.write(textOf(event, data))
    })
    const end = (): void => {
      raw.end()
    }
    readers.add(end)
    const { session } = request.visitor!
    const release = session === null ? (): void => {} : sessions.hold(session, end)
    raw.on('close', () => {
      readers.delete(end)
      release()
      unsubscribe()
    })
  })
  onClosing(() => {
    for (const end of readers) end()
  })
}

/** From here on the reply is ours; its headers are those every reply has. */
function startStream(reply: FastifyReply, elapsedMs: number): FastifyReply {
  reply
    .headers(securityHeaders)
    .header('content-type', 'text/event-stream')
    .header('cache-control', 'no-store')
    .header('x-accel-buffering', 'no')
    .header('x-battuta-elapsed-ms', elapsedMs.toFixed(2))
  reply.hijack()
  reply.raw.writeHead(200, reply.getHeaders() as Record<string, string>)
  return reply
}
