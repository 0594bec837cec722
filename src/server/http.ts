/**
 * The HTTP server: one Fastify instance, listening from the first moment, with its doors opening when their parts are there.
 *
 * Owns: the port, what every reply carries (security headers, `x-battuta-elapsed-ms`, problem documents), back-pressure
 * before bodies are read. Does not own: what a door does (the `…-door.ts` files), or the parts it stands on.
 *
 * S1 Whatever is answered, it carries the security headers and, when it is an error, a code of the closed list.
 * S2 A body is read only after Host, access and back-pressure said yes.
 */
import Fastify from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import type { AddressInfo, Socket } from 'node:net'
import { AssertionError, BattutaError, limits } from '../base/index.ts'
import type { Timer, World } from '../base/index.ts'
import { admit } from './access.ts'
import type { Config } from './config.ts'
import { bodyBytesMaxOf, doors } from './doors.ts'
import type { DoorName } from './doors.ts'
import { openInFlight } from './in-flight.ts'
import { openHouse } from './parts.ts'
import type { House, Parts } from './parts.ts'
import { openPlaces } from './places.ts'
import type { Places } from './places.ts'
import { asBattutaError, problemOf, sendProblem } from './problem.ts'
import { openReplies } from './replies.ts'
import type { Replies } from './replies.ts'
import { securityHeaders } from './security-headers.ts'
import { openSockets } from './sockets.ts'
import { attachmentDoors } from './attachment-doors.ts'
import { chatSessionDoor } from './chat-door.ts'
import { conversationDoors } from './conversation-doors.ts'
import { customerDoors } from './customer-doors.ts'
import { decisionDoors } from './decision-doors.ts'
import { descriptionDoors } from './description-doors.ts'
import type { Entrance } from './entrance.ts'
import { eventsDoor } from './events-door.ts'
import { liveDoor } from './live-door.ts'
import { modelDoors } from './model-doors.ts'
import { operationDoors } from './operation-doors.ts'
import { peopleDoors } from './people-doors.ts'
import { routingDoors } from './routing-doors.ts'
import { sessionDoors } from './session-doors.ts'
import { webhookDoors } from './webhook-doors.ts'
import { webPages } from './web-pages.ts'

export interface HttpServer {
  /** `http://127.0.0.1:4321` */
  readonly url: string
  readonly house: House
  /** Opens every door. */
  install(parts: Parts): void
  /** Lets replies finish and streams end, then lets go of the port. */
  close(): Promise<void>
}

const requestMsMax = 30_000
const keepAliveMs = 72_000
const idleSweepMs = 50
/** Every file of doors. */
const rooms: readonly ((entrance: Entrance) => void)[] = [
  eventsDoor,
  customerDoors,
  decisionDoors,
  modelDoors,
  conversationDoors,
  attachmentDoors,
  routingDoors,
  chatSessionDoor,
  liveDoor,
  sessionDoors,
  peopleDoors,
  webhookDoors,
  operationDoors,
  descriptionDoors,
]
const jsonTypes = ['application/json', 'application/cloudevents+json', 'application/cloudevents-batch+json']

export async function openHttp(world: World, config: Config): Promise<HttpServer> {
  const house = openHouse(world, config)
  const places = openPlaces(config)
  const inFlight = openInFlight()
  const closing: (() => void)[] = []
  const fastify = Fastify({
    logger: false,
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: requestMsMax,
    keepAliveTimeout: keepAliveMs,
    forceCloseConnections: 'idle',
    // Longer than any id once percent-encoded; what is longer is no door.
    routerOptions: { maxParamLength: limits.idCharsMax * 3 },
    clientErrorHandler: refuseMalformed,
    frameworkErrors: (error, _request, reply) => sendProblem(reply.headers(securityHeaders), asBattutaError(error)),
  })
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser(jsonTypes, { parseAs: 'string' }, (_request, body, done) => done(null, body))
  fastify.decorateRequest('startedMono', 0)
  fastify.decorateRequest('visitor', null)
  const replies = openReplies()
  everyReply(fastify, house, places, replies)

  const entrance: Entrance = {
    house,
    places,
    inFlight,
    replies,
    onClosing: (callback) => closing.push(callback),
    open: (name, handler) => openDoor(fastify, name, handler, { house, places, inFlight }),
  }
  for (const open of rooms) open(entrance)
  preflight(fastify, places)
  webPages(fastify, places)
  const sockets = openSockets(fastify.server, house, places)

  try {
    await fastify.listen({ port: config.port, host: config.host })
  } catch (error) {
    throw portRefused(config, error)
  }
  const { port } = fastify.server.address() as AddressInfo
  const name = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host.includes(':') ? `[${config.host}]` : config.host
  return {
    url: `http://${name}:${port}`,
    house,
    install: (parts) => house.install(parts),
    async close() {
      for (const callback of closing) callback()
      sockets.close()
      await letGo(fastify, world)
    },
  }
}

/** A reply that was under way leaves its connection open behind it; until all are gone, whatever became idle is closed. */
async function letGo(fastify: FastifyInstance, world: World): Promise<void> {
  let timer: Timer
  const sweep = (): void => {
    fastify.server.closeIdleConnections()
    timer = world.setTimer(idleSweepMs, sweep)
  }
  timer = world.setTimer(idleSweepMs, sweep)
  await fastify.close()
  timer.cancel()
}

function everyReply(fastify: FastifyInstance, house: House, places: Places, replies: Replies): void {
  const { world } = house
  fastify.addHook('onRequest', (request, _reply, done) => {
    request.startedMono = world.monotonicMs()
    places.checkHost(request.headers.host)
    done()
  })
  fastify.addHook('onSend', (request, reply, payload, done) => {
    // A door may say something stricter of its own.
    for (const [name, value] of Object.entries(securityHeaders)) if (!reply.hasHeader(name)) reply.header(name, value)
    reply.header('x-battuta-elapsed-ms', (world.monotonicMs() - request.startedMono).toFixed(2))
    replies.count(reply.statusCode)
    done(null, payload)
  })
  fastify.setNotFoundHandler((request) => {
    throw new BattutaError('NOT_FOUND', `there is no door ${request.method} ${request.url.split('?')[0]}; GET /openapi.json lists them`)
  })
  fastify.setErrorHandler((error, _request, reply) => {
    const known = asBattutaError(error)
    if (known.code === 'INTERNAL') console.error(error)
    sendProblem(reply, known)
    // A broken invariant must stop the process, not spread; the reply leaves first.
    if (error instanceof AssertionError)
      world.defer(() => {
        throw error
      })
  })
}

function openDoor(
  fastify: FastifyInstance,
  name: DoorName,
  handler: (request: FastifyRequest, reply: FastifyReply) => unknown,
  { house, places, inFlight }: Pick<Entrance, 'house' | 'places' | 'inFlight'>,
): void {
  const door = doors[name]
  const bodyLimit = bodyBytesMaxOf(door)
  const route: RouteOptions = {
    method: door.method,
    url: door.path,
    bodyLimit,
    // Nobody asks for the headers of a stream that never ends.
    exposeHeadRoute: name !== 'live',
    onRequest: (request, reply, done) => {
      if (door.crossOrigin && request.headers.origin !== undefined && places.isListed(request.headers.origin)) allow(reply, request.headers.origin)
      request.visitor = door.roles === null ? null : admit(door, request, house, places)
      if (door.body !== undefined) inFlight.reserve(lengthOf(request), reply.raw, bodyLimit)
      done()
    },
    handler: async (request, reply) => handler(request, reply),
  }
  if (door.body !== 'bytes') fastify.route(route)
  else fastify.register(bytesScope(route))
}

/** Here a body of any type is taken, as it is: the door looks at it. Nowhere else is it, so that a page's form can never be sent. */
function bytesScope(route: RouteOptions): (scope: FastifyInstance) => Promise<void> {
  return async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    scope.route(route)
  }
}

function lengthOf(request: FastifyRequest): string | undefined {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  return length ?? (encoding === undefined ? '0' : undefined)
}

function allow(reply: FastifyReply, origin: string): void {
  reply.header('access-control-allow-origin', origin).header('vary', 'origin')
}

/** Answers a browser that asks before it sends from an allow-listed origin. */
function preflight(fastify: FastifyInstance, places: Places): void {
  for (const door of Object.values(doors)) {
    if (!door.crossOrigin) continue
    fastify.options(door.path, async (request, reply) => {
      places.checkChatOrigin(request.headers)
      if (request.headers.origin !== undefined) allow(reply, request.headers.origin)
      return reply
        .code(204)
        .header('access-control-allow-methods', door.method)
        .header('access-control-allow-headers', 'content-type, authorization')
        .header('access-control-max-age', '600')
        .send()
    })
  }
}

function refuseMalformed(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const problem = problemOf(new BattutaError('REQUEST_INVALID', 'this is not well-formed HTTP/1.1, or its headers are too long'))
  const body = JSON.stringify(problem)
  socket.end(
    `HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

function portRefused(config: Config, error: unknown): BattutaError {
  const { code } = error as NodeJS.ErrnoException
  const reason =
    code === 'EADDRINUSE'
      ? 'is taken: stop what listens there, or give another with --port or BATTUTA_PORT'
      : code === 'EACCES'
        ? 'may not be listened on by this user: give one above 1023'
        : `cannot be listened on (${code ?? String(error)})`
  return new BattutaError('CONFIG_INVALID', `port ${config.port} on ${config.host} ${reason}`, { cause: error })
}
