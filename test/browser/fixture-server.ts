/**
 * A server for the browser tests: the built pages with the real content security policy, and every door with made-up
 * data in the real wire types. Its switches reach the states that are hard to reach with a real server.
 */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import type { DecisionBrief, Problem, ReplayReply } from '../../src/client/index.ts'
import { FixtureChat } from './fixture-chat.ts'
import { beat, beatMs, brief, featureReplies, hello, reply, second, timeline } from './fixture-data.ts'

const policy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
const types: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }
const secondMs = 1_000
const decisionsKept = 120

export class Fixture {
  readonly url: string
  readonly chat = new FixtureChat()
  /** Nothing has happened yet. */
  empty = false
  /** While false, the feed is refused. */
  liveUp = true
  /** Doors whose path begins with the key are refused with the problem. */
  readonly failing = new Map<string, Problem>()
  replay: ReplayReply = { mode: 'recorded', version: '3f9c1e7a52d04b18', equal: true, differences: [] }
  /** Paths asked for, with their method. */
  readonly asked: string[] = []
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  readonly #root: string
  readonly #feeds = new Set<ServerResponse>()
  readonly #rows: DecisionBrief[] = Array.from({ length: decisionsKept }, (_, index) => brief(index, Date.now() - index * 3_100))
  #next = decisionsKept
  #timer: NodeJS.Timeout | undefined

  private constructor(root: string, url: string) {
    this.#root = root
    this.url = url
  }

  static async open(root: string): Promise<Fixture> {
    const probe = createServer()
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
    const { port } = probe.address() as AddressInfo
    await new Promise((resolve) => probe.close(resolve))
    const fixture = new Fixture(root, `http://127.0.0.1:${port}`)
    fixture.#server.on('upgrade', (request, socket, head) => fixture.chat.upgrade(request, socket, head))
    await new Promise<void>((resolve) => fixture.#server.listen(port, '127.0.0.1', resolve))
    fixture.#timer = setInterval(() => fixture.#tick(), secondMs)
    return fixture
  }

  /** Cuts every feed that is open; new ones are refused until `liveUp` is set again. */
  dropLive(): void {
    this.liveUp = false
    for (const feed of this.#feeds) feed.destroy()
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.chat.close()
    this.dropLive()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #tick(): void {
    const at = Date.now()
    const frames = [['second', second(at, this.empty)] as const]
    for (const feed of this.#feeds) {
      for (const [name, frame] of frames) tell(feed, name, frame)
      if (this.empty) continue
      const rows = Array.from({ length: 4 }, (_, index) => brief(this.#next + index, at - index * 21))
      tell(feed, 'decisions', { rows, notShown: 38 })
      if (Math.floor(at / secondMs) % (beatMs / secondMs) === 0) tell(feed, 'beat', beat(at, false))
    }
    this.#next += 4
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url)
    this.asked.push(`${request.method} ${url.pathname}${url.search}`)
    response.setHeader('content-security-policy', policy)
    response.setHeader('x-content-type-options', 'nosniff')
    if (!url.pathname.startsWith('/v1/')) return this.#page(url.pathname, response)
    if (await this.chat.http(request, response, url)) return
    const body = request.method === 'POST' ? await bodyOf(request) : {}
    const failed = [...this.failing].find(([path]) => url.pathname.startsWith(path))
    if (failed) return refuse(response, failed[1])
    if (url.pathname === '/v1/session') return this.#session(request, body, response)
    if (!request.headers.cookie?.includes('fixture='))
      return refuse(response, problem(401, 'UNAUTHENTICATED', 'No key, cookie or token came with the request. Open the console with its link.'))
    if (url.pathname === '/v1/live') return this.#live(response)
    return this.#door(url, response)
  }

  #session(request: IncomingMessage, body: Record<string, unknown>, response: ServerResponse): void {
    if (request.method === 'POST') {
      if (body['code'] !== 'good-code') return refuse(response, problem(401, 'LINK_CODE_INVALID', 'This code is unknown, used or older than ten minutes.'))
      response.setHeader('set-cookie', 'fixture=1; HttpOnly; SameSite=Strict; Path=/')
    } else if (!request.headers.cookie?.includes('fixture=')) {
      return refuse(response, problem(401, 'UNAUTHENTICATED', 'No key, cookie or token came with the request.'))
    }
    send(response, { role: 'admin', csrf: 'csrf-token', expiresAt: Date.now() + 3_600_000 })
  }

  #live(response: ServerResponse): void {
    if (!this.liveUp) return void response.destroy()
    const at = Date.now()
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    tell(response, 'hello', hello(at, this.empty))
    tell(response, 'second', second(at, this.empty))
    this.#feeds.add(response)
    response.on('close', () => this.#feeds.delete(response))
  }

  #door(url: URL, response: ServerResponse): void {
    const [, , room, id = '', what] = url.pathname.split('/').map(decodeURIComponent)
    const after = Number(url.searchParams.get('cursor') ?? 0)
    const limit = Number(url.searchParams.get('limit') ?? 50)
    if (room === 'decisions' && what === 'replay') return send(response, this.replay)
    if (room === 'decisions' && id !== '') {
      const number = Number(id.replace(/^dec_01JD4M7/, ''))
      if (!Number.isInteger(number))
        return refuse(response, problem(404, 'DECISION_UNKNOWN', `No decision has the id “${id}”. It may have been kept only as long as the retention says.`))
      return send(response, reply(this.#rows.find((row) => row.id === id) ?? brief(number, Date.now() - 5_000)))
    }
    if (room === 'decisions') {
      const fits = this.empty ? [] : this.#rows.filter((row) => fitsQuery(row, url.searchParams))
      return send(response, { items: fits.slice(after, after + limit), nextCursor: after + limit < fits.length ? String(after + limit) : null })
    }
    if (room !== 'customers' || id === 'user:nobody')
      return refuse(response, problem(404, 'CUSTOMER_UNKNOWN', `Nothing is known of “${id}”. An event with this subject makes them known.`))
    if (what === 'features') return send(response, { features: featureReplies() })
    if (what === 'timeline')
      return send(response, { items: timeline(after, limit, Date.now() - 9_000), nextCursor: after + limit < 90 ? String(after + limit) : null })
    send(response, {
      id,
      identities: [id, 'email:sealed', 'phone:sealed'],
      firstSeenAt: Date.now() - 31_000_000_000,
      lastSeenAt: Date.now() - 9_000,
      conversation: { id: 'con_01JD4M6ZZ0', owner: 'bot', epoch: 7, messages: 4 },
    })
  }

  async #page(path: string, response: ServerResponse): Promise<void> {
    const file = path === '/demo' ? '/demo.html' : extname(path) === '' ? '/index.html' : normalize(path)
    try {
      const bytes = await readFile(join(this.#root, file))
      response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' }).end(bytes)
    } catch {
      response.writeHead(404).end()
    }
  }
}

function fitsQuery(row: DecisionBrief, query: URLSearchParams): boolean {
  const asked = (name: string) => query.get(name) ?? ''
  const text = `${row.id} ${row.customer} ${row.name} ${row.because}`.toLowerCase()
  return (
    (['act', 'status', 'customer', 'policy'] as const).every((name) => asked(name) === '' || row[name] === asked(name)) &&
    text.includes(asked('search').toLowerCase())
  )
}

export function problem(status: number, code: string, detail: string): Problem {
  return { type: 'about:blank', title: code, status, code, detail }
}

function tell(feed: ServerResponse, event: string, frame: unknown): void {
  feed.write(`event: ${event}\ndata: ${JSON.stringify(frame)}\n\n`)
}

function send(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
}

function refuse(response: ServerResponse, what: Problem): void {
  response.writeHead(what.status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(what))
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = ''
  for await (const piece of request) text += String(piece)
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}
