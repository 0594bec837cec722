/**
 * `POST /v1/events`: the way in for everything that happens. One CloudEvent or a batch in structured mode, or one in
 * binary mode (CloudEvents 1.0.2, HTTP binding). This is the hottest door: one JSON.parse, and a reply that goes straight to Node.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { BattutaError, limits } from '../base/index.ts'
import type { Entrance } from './entrance.ts'
import { parseJson } from './request-body.ts'
import { securityHeaders } from './security-headers.ts'

const batchType = 'application/cloudevents-batch+json'
const attributes = ['specversion', 'id', 'source', 'type', 'subject', 'time'] as const

const acceptedHeaders: readonly string[] = [...Object.entries(securityHeaders).flat(), 'content-type', 'application/json']

export function eventsDoor({ house, open, replies }: Entrance): void {
  /** The accepted reply as every other would be, without the framework's walk through its hooks. */
  const answer = (request: FastifyRequest, reply: FastifyReply, accepted: number): void => {
    reply.hijack()
    const body = `{"accepted":${accepted}}`
    const elapsedMs = (house.world.monotonicMs() - request.startedMono).toFixed(2)
    reply.raw.writeHead(202, [...acceptedHeaders, 'x-battuta-elapsed-ms', elapsedMs, 'content-length', String(body.length)])
    reply.raw.end(body)
    replies.count(202)
  }

  open('events', async (request, reply) => {
    const { runtime } = house.parts()
    const events = readEvents(request)
    const { caller, chat } = request.visitor!
    if (chat !== null) checkConversations(events, chat.conversation)
    const { accepted } = await runtime.accept(events, caller)
    // A page of another origin is answered the long way, which knows about origins.
    if (request.headers.origin !== undefined) return reply.code(202).header('content-type', 'application/json').send(`{"accepted":${accepted}}`)
    answer(request, reply, accepted)
    return reply
  })
}

function readEvents(request: FastifyRequest): readonly unknown[] {
  const text = request.body
  if (typeof text !== 'string' || text === '') throw new BattutaError('EVENT_INVALID', 'the body is empty: send a CloudEvent as JSON')
  const type = request.headers['content-type'] ?? ''
  if (request.headers['ce-specversion'] !== undefined) return [binaryEvent(request, parseJson(text, 'EVENT_INVALID'))]
  const value = parseJson(text, 'EVENT_INVALID')
  if (type.startsWith(batchType) || Array.isArray(value)) return checkBatch(value)
  if (text.length > limits.eventBytesMax) throw tooLong(text.length)
  return [value]
}

/** A chat token reaches its own conversation only, by whatever door. */
function checkConversations(events: readonly unknown[], own: string): void {
  events.forEach((event, index) => {
    const named = (event as { data?: { conversation?: unknown } | null } | null)?.data?.conversation
    if (named !== undefined && named !== own) {
      throw new BattutaError('CONVERSATION_UNKNOWN', `event ${index}: data.conversation is not the conversation of this token`, {
        details: { index, field: 'data.conversation' },
      })
    }
  })
}

function checkBatch(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new BattutaError('BATCH_INVALID', 'a batch must be a JSON array of events')
  if (value.length === 0) throw new BattutaError('BATCH_INVALID', 'the batch is empty: send at least one event')
  if (value.length > limits.batchEventsMax)
    throw new BattutaError('BATCH_INVALID', `the batch has ${value.length} events; at most ${limits.batchEventsMax} are taken at once`)
  return value as unknown[]
}

/** Attributes from `ce-` headers, percent-decoded; the body is the payload alone. */
function binaryEvent(request: FastifyRequest, data: unknown): Record<string, unknown> {
  const event: Record<string, unknown> = { data }
  for (const name of attributes) {
    const value = request.headers[`ce-${name}`]
    if (typeof value !== 'string') continue
    try {
      event[name] = decodeURIComponent(value)
    } catch {
      throw new BattutaError('EVENT_INVALID', `the header ce-${name} is not well percent-encoded`, { details: { field: name } })
    }
  }
  return event
}

function tooLong(length: number): BattutaError {
  return new BattutaError('BODY_TOO_LARGE', `the event has ${length} characters; one event may have ${limits.eventBytesMax} bytes`)
}
