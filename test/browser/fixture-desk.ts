/**
 * A server for the desk's browser tests: the built page with the real content security policy, the desk's socket and its doors, in
 * the real frames and wire types, over a made-up floor. Its verbs are what happens on such a floor; its switches, what goes wrong.
 */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import type {
  Attachment,
  DeskClientFrame,
  DeskServerFrame,
  EntryReply,
  InboxItem,
  Notice,
  OfferReply,
  PersonReply,
  Presence,
  Problem,
  QueueReply,
  WorkerReply,
} from '../../src/client/index.ts'
import { conversations, customer, features, password, people, queueTable, timeline } from './fixture-desk-data.ts'
import type { Held } from './fixture-desk-data.ts'

const policy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
const types: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }
const wrapUpMs = 30_000

interface Seat {
  readonly socket: WebSocket
  readonly person: PersonReply
  watches: string | null
}

interface Offered {
  readonly offer: OfferReply
  readonly worker: string
}

type Heard<Type extends DeskClientFrame['type']> = Extract<DeskClientFrame, { type: Type }>

export class FixtureDesk {
  readonly url: string
  readonly held: Map<string, Held>
  readonly heard: DeskClientFrame[] = []
  readonly failing = new Map<string, { readonly status: number; readonly code: string; readonly detail: string }>()
  /** While false, the socket is refused at the door. */
  up = true
  /** Messages are heard, and their acknowledgement is lost with the connection. */
  loseAccepted = false
  readonly #root: string
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  readonly #sockets = new WebSocketServer({ noServer: true })
  readonly #seats = new Set<Seat>()
  readonly #offers = new Map<string, Offered>()
  readonly #wraps = new Map<string, { readonly worker: string; readonly frame: Extract<DeskServerFrame, { type: 'wrapping' }> }>()
  readonly #presence = new Map<string, Presence>(people.map(({ id }) => [id, 'available']))
  readonly #sessions = new Set<string>()
  readonly #said = new Map<string, number>()
  readonly #files: { readonly attachment: Attachment; readonly bytes: Buffer }[] = []
  #next = 1

  private constructor(root: string, url: string) {
    this.#root = root
    this.url = url
    this.held = new Map(conversations(Date.now()).map((one) => [one.conversation, one]))
  }

  static async open(root: string): Promise<FixtureDesk> {
    const probe = createServer()
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
    const { port } = probe.address() as AddressInfo
    await new Promise((resolve) => probe.close(resolve))
    const fixture = new FixtureDesk(root, `http://127.0.0.1:${port}`)
    fixture.#server.on('upgrade', (request, socket, head) => {
      const person = fixture.#personOf(request)
      if (!fixture.up || person === null) return void socket.destroy()
      fixture.#sockets.handleUpgrade(request, socket, head, (line) => fixture.#sit(line, person))
    })
    await new Promise<void>((resolve) => fixture.#server.listen(port, '127.0.0.1', resolve))
    return fixture
  }

  /** The floor as it was at the beginning, with nobody at it. */
  reset(): void {
    this.cut()
    this.held.clear()
    for (const one of conversations(Date.now())) this.held.set(one.conversation, one)
    for (const map of [this.failing, this.#offers, this.#wraps, this.#said]) map.clear()
    for (const { id } of people) this.#presence.set(id, 'available')
    this.heard.length = 0
    this.up = true
    this.loseAccepted = false
  }

  /** A cookie for somebody who signed in on an earlier day. */
  session(person: string): string {
    const id = `${person}|${this.#next++}`
    this.#sessions.add(id)
    return encodeURIComponent(id)
  }

  endSessions(): void {
    this.#sessions.clear()
    for (const { socket } of this.#seats) {
      tell(socket, { type: 'error', code: 'UNAUTHENTICATED', detail: 'you are signed out: sign in again' })
      socket.close(1008, 'signed out')
    }
  }

  /** Offers a waiting conversation to somebody; what has an answer yet ends with it. */
  offer(conversation: string, worker: string, lengthMs = 20_000): string {
    const { customer: whose, channel, queue, priority, goal, because, packet } = this.#get(conversation)
    const reservation = `res_${this.#next++}`
    const at = Date.now()
    const offer: OfferReply = {
      reservation,
      conversation,
      customer: whose,
      channel,
      queue: queue ?? '',
      priority,
      goal,
      because,
      offeredAt: at,
      expiresAt: at + lengthMs,
    }
    this.#offers.set(reservation, { offer, worker })
    if (packet) this.#tell(worker, { type: 'offer', offer, packet })
    this.#placesChanged(worker)
    return reservation
  }

  rescind(reservation: string, reason: 'taken' | 'timeout' | 'canceled'): void {
    const offered = this.#offers.get(reservation)
    this.#offers.delete(reservation)
    if (!offered) return
    this.#tell(offered.worker, { type: 'rescinded', reservation, reason })
    this.#placesChanged(offered.worker)
  }

  /** Somebody else took them, and this desk has not heard of it yet. */
  forgetOffers(): void {
    this.#offers.clear()
  }

  customerSays(conversation: string, text: string): void {
    this.#say(this.#get(conversation), { from: 'customer', text })
  }

  botSays(conversation: string, text: string): void {
    this.#say(this.#get(conversation), { from: 'bot', by: 'unblockCard', text })
  }

  customerTypes(conversation: string, on: boolean): void {
    this.#toWatchers(conversation, { type: 'typing', conversation, from: 'customer', by: null, on })
  }

  customerSaw(conversation: string, seq: number): void {
    this.#toWatchers(conversation, { type: 'seen', conversation, seq })
  }

  /** Somebody else takes it; `silently`, this page has not heard of it yet. */
  seize(conversation: string, worker: string, silently = false): void {
    const held = this.#get(conversation)
    Object.assign(held, { owner: 'human', worker, epoch: held.epoch + 1 })
    if (!silently) this.#changed(held, true)
  }

  setFeature(conversation: string, name: string, value: unknown): void {
    const values = features(Date.now())
    const feature = { ...(values[name] as (typeof values)[string]), value }
    this.#toWatchers(conversation, { type: 'context', conversation, features: { [name]: feature }, emotion: this.#get(conversation).emotion })
  }

  queuesChanged(): void {
    for (const { socket } of this.#seats) tell(socket, { type: 'queues', queues: this.#queues() })
  }

  /** Frames of one kind that were heard, newest last. */
  heardOf<Type extends DeskClientFrame['type']>(type: Type): Heard<Type>[] {
    return this.heard.filter((frame): frame is Heard<Type> => frame.type === type)
  }

  cut(): void {
    for (const { socket } of this.#seats) socket.terminate()
    this.#seats.clear()
  }

  async close(): Promise<void> {
    this.cut()
    this.#sockets.close()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #sit(socket: WebSocket, person: PersonReply): void {
    const seat: Seat = { socket, person, watches: null }
    socket.on('close', () => this.#seats.delete(seat))
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as DeskClientFrame
      this.heard.push(frame)
      this.#hear(seat, frame)
    })
  }

  #hear(seat: Seat, frame: DeskClientFrame): void {
    const { socket, person } = seat
    if (frame.type === 'hello') return this.#welcome(seat)
    if (frame.type === 'watch') return this.#follow(seat, frame)
    if (frame.type === 'message') return this.#message(seat, frame)
    if (frame.type === 'presence') {
      this.#presence.set(person.id, frame.state)
      return this.#tell(person.id, this.#presenceOf(person))
    }
    if (frame.type === 'note') {
      const held = this.#get(frame.conversation)
      const note = { id: frame.id, at: Date.now(), by: person.id, text: frame.text, afterSeq: held.seq }
      held.notes.push(note)
      this.#toWatchers(frame.conversation, { type: 'note', conversation: frame.conversation, note })
      return tell(socket, { type: 'accepted', id: frame.id, conversation: frame.conversation, seq: held.seq })
    }
    if (frame.type === 'typing') return
    const refusal = this.#act(person, frame)
    if (refusal !== null) tell(socket, { type: 'error', ...refusal, ...(frame.ref === undefined ? {} : { ref: frame.ref }) })
    else if (frame.ref !== undefined) tell(socket, { type: 'done', ref: frame.ref })
  }

  #welcome(seat: Seat): void {
    const { socket, person } = seat
    const mine = [...this.#offers.values()].filter(({ worker }) => worker === person.id)
    tell(socket, {
      type: 'welcome',
      person,
      presence: this.#presence.get(person.id) ?? 'offline',
      queues: this.#queues(),
      offers: mine.map(({ offer }) => offer),
      inbox: [...this.held.values()].filter((held) => isInInbox(held, person)).map(itemOf),
      at: Date.now(),
    })
    this.#seats.add(seat)
    for (const { offer } of mine) {
      const { packet } = this.#get(offer.conversation)
      if (packet) tell(socket, { type: 'offer', offer, packet })
    }
    tell(socket, this.#presenceOf(person))
    for (const { worker, frame } of this.#wraps.values()) if (worker === person.id) tell(socket, frame)
  }

  #follow(seat: Seat, { conversation, after = 0 }: Heard<'watch'>): void {
    seat.watches = conversation
    if (conversation === null) return
    const held = this.#get(conversation)
    tell(seat.socket, ownerFrame(held))
    for (const entry of held.entries) if (entry.seq > after) tell(seat.socket, { type: 'delivery', conversation, entry })
    tell(seat.socket, { type: 'context', conversation, features: features(Date.now()), emotion: held.emotion })
  }

  #message(seat: Seat, frame: Heard<'message'>): void {
    const held = this.#get(frame.conversation)
    const { id, conversation, epoch, text, attachments = [] } = frame
    const known = this.#said.get(id)
    if (known === undefined && (held.epoch !== epoch || held.worker !== seat.person.id)) {
      const detail = `conversation ${conversation} has epoch ${held.epoch} by now, not ${epoch}: it changed hands, and nothing was sent`
      return tell(seat.socket, { type: 'error', code: 'STALE_EPOCH', detail, id, conversation })
    }
    const files = this.#files.map(({ attachment }) => attachment).filter((attachment) => attachments.includes(attachment.id))
    const seq = known ?? this.#say(held, { from: 'human', by: seat.person.id, text, attachments: files }, this.loseAccepted ? null : id)
    this.#said.set(id, seq)
    if (this.loseAccepted) seat.socket.terminate()
    else tell(seat.socket, { type: 'accepted', id, conversation, seq })
  }

  /** What a frame with a `ref` does, or why not. */
  #act(person: PersonReply, frame: Heard<'accept' | 'reject' | 'complete' | 'handoff' | 'resolve'>): { code: string; detail: string } | null {
    if (frame.type === 'complete') {
      this.#wraps.delete(frame.reservation)
      this.#placesChanged(person.id)
      return null
    }
    if (frame.type === 'accept' || frame.type === 'reject') {
      const offered = this.#offers.get(frame.reservation)
      if (!offered || offered.worker !== person.id) return { code: 'RESERVATION_GONE', detail: 'the offer was taken by somebody else' }
      this.#offers.delete(frame.reservation)
      this.#placesChanged(person.id)
      if (frame.type === 'accept') this.#assign(this.#get(offered.offer.conversation), person)
      return null
    }
    const held = this.#get(frame.conversation)
    if (held.epoch !== frame.epoch) return { code: 'STALE_EPOCH', detail: `epoch ${held.epoch} has it by now` }
    if (frame.type === 'resolve') {
      Object.assign(held, { status: 'resolved', owner: null, worker: person.id, queue: null })
      this.#notice(held, 'resolved', null)
      this.#changed(held, false)
    } else this.#handOff(held, person, frame)
    return null
  }

  #assign(held: Held, person: PersonReply): void {
    const team = queueTable.find(({ name }) => name === held.queue)?.team ?? null
    Object.assign(held, { owner: 'human', worker: person.id, waitingSince: null, epoch: held.epoch + 1 })
    this.#changed(held, true)
    this.#notice(held, 'joined', team)
  }

  #handOff(held: Held, person: PersonReply, { to, because: given, agreed = [] }: Heard<'handoff'>): void {
    const at = Date.now()
    const because = given ?? null
    const packet = held.packet ?? { facts: [], tried: [], promised: [], question: null, emotion: [], decision: null, goal: held.goal }
    const told = { ...packet, at, because, agreed: agreed.map((text) => ({ text, at })), from: { owner: 'human' as const, name: person.id } }
    const queue = to.kind === 'queue' ? to.queue : held.queue
    Object.assign(held, { epoch: held.epoch + 1, worker: null, because })
    if (to.kind === 'bot') {
      Object.assign(held, { owner: 'bot', queue: null, packet: { ...told, to: { owner: 'bot', name: to.flow ?? null } } })
      this.#notice(held, 'returned', null)
    } else {
      Object.assign(held, { owner: null, queue, waitingSince: at, packet: { ...told, to: { owner: 'human', name: to.kind === 'worker' ? to.worker : null } } })
      this.#notice(held, 'transferred', queueTable.find(({ name }) => name === queue)?.team ?? null)
    }
    this.#changed(held, true)
    const reservation = `res_${this.#next++}`
    const frame = { type: 'wrapping', reservation, conversation: held.conversation, endsAt: at + wrapUpMs, codes: held.wrapUpCodes } as const
    this.#wraps.set(reservation, { worker: person.id, frame })
    this.#tell(person.id, frame)
    this.#placesChanged(person.id)
    if (to.kind === 'worker') this.offer(held.conversation, to.worker)
  }

  #say(held: Held, said: Partial<EntryReply> & Pick<EntryReply, 'from' | 'text'>, id: string | null = null): number {
    const entry: EntryReply = { by: null, notice: null, attachments: [], ...said, seq: held.entries.length + 1, epoch: held.epoch, at: Date.now() }
    held.entries.push(entry)
    Object.assign(held, { seq: entry.seq, messages: held.messages + 1, updatedAt: entry.at })
    Object.assign(held, { last: { from: entry.from, text: entry.text, at: entry.at } })
    if (entry.from === 'customer') held.emotion = [...held.emotion, { seq: entry.seq, at: entry.at, level: 0.5 }].slice(-10)
    this.#toWatchers(held.conversation, { type: 'delivery', conversation: held.conversation, entry, ...(id === null ? {} : { id }) })
    this.#changed(held, false)
    return entry.seq
  }

  #notice(held: Held, kind: Notice['kind'], team: string | null): void {
    this.#say(held, { from: 'system', text: kind, notice: { kind, team } })
  }

  #changed(held: Held, owner: boolean): void {
    if (owner) this.#toWatchers(held.conversation, ownerFrame(held))
    for (const { socket, person, watches } of this.#seats) {
      if (isInInbox(held, person) || watches === held.conversation) tell(socket, { type: 'item', item: itemOf(held) })
      if (!isInInbox(held, person) && held.status === 'open') tell(socket, { type: 'gone', conversation: held.conversation })
    }
    for (const { socket, person } of this.#seats) tell(socket, this.#presenceOf(person))
    this.queuesChanged()
  }

  #get(conversation: string): Held {
    const held = this.held.get(conversation)
    if (!held) throw new Error(`the fixture has no conversation ${conversation}`)
    return held
  }

  #tell(worker: string, frame: DeskServerFrame): void {
    for (const { socket, person } of this.#seats) if (person.id === worker) tell(socket, frame)
  }

  #toWatchers(conversation: string, frame: DeskServerFrame): void {
    for (const { socket, person, watches } of this.#seats)
      if (watches === conversation || this.held.get(conversation)?.worker === person.id) tell(socket, frame)
  }

  #placesChanged(worker: string): void {
    const person = people.find(({ id }) => id === worker)
    if (person) this.#tell(worker, this.#presenceOf(person))
  }

  #presenceOf({ id, capacity }: PersonReply): DeskServerFrame {
    return { type: 'presence', state: this.#presence.get(id) ?? 'offline', taken: this.#takenBy(id), capacity }
  }

  #takenBy(worker: string): number {
    const own = [...this.held.values()].filter((held) => held.status === 'open' && held.owner === 'human' && held.worker === worker).length
    return own + [...this.#offers.values(), ...this.#wraps.values()].filter((one) => one.worker === worker).length
  }

  #queues(): readonly QueueReply[] {
    const now = Date.now()
    return queueTable.map((queue) => {
      const waits = [...this.held.values()].filter((held) => held.owner === null && held.status === 'open' && held.queue === queue.name)
      const longestWaitMs = Math.max(0, ...waits.map(({ waitingSince }) => now - (waitingSince ?? now)))
      return { ...queue, waiting: waits.length, longestWaitMs, workersAvailable: 2 }
    })
  }

  #workers(): readonly WorkerReply[] {
    return people.map(({ id, name, skills, capacity }) => ({
      id,
      name,
      kind: 'human',
      presence: this.#presence.get(id) ?? 'offline',
      connected: id !== 'person:lead' || [...this.#seats].some(({ person }) => person.id === id),
      skills,
      capacity,
      taken: this.#takenBy(id),
      since: Date.now() - 600_000,
    }))
  }

  #personOf(request: IncomingMessage): PersonReply | null {
    const [, cookie = ''] = /fixture-desk=([^;]+)/.exec(request.headers.cookie ?? '') ?? []
    const id = decodeURIComponent(cookie)
    return this.#sessions.has(id) ? (people.find((person) => id.startsWith(`${person.id}|`)) ?? null) : null
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url)
    response.setHeader('content-security-policy', policy)
    response.setHeader('x-content-type-options', 'nosniff')
    if (!url.pathname.startsWith('/v1/')) return this.#page(url.pathname, response)
    const bytes = await bytesOf(request)
    const failed = [...this.failing].find(([path]) => url.pathname.startsWith(path))
    if (failed) return refuse(response, failed[1])
    if (url.pathname === '/v1/session') return this.#session(request, bytes, response)
    const person = this.#personOf(request)
    if (person === null) return refuse(response, { status: 401, code: 'UNAUTHENTICATED', detail: 'Sign in: no cookie came with the request.' })
    if (request.method !== 'GET' && request.headers['x-battuta-csrf'] !== 'csrf-token')
      return refuse(response, { status: 403, code: 'CSRF_REQUIRED', detail: 'send the `csrf` of GET /v1/session as x-battuta-csrf' })
    return this.#door(url, request, bytes, response)
  }

  #session(request: IncomingMessage, bytes: Buffer, response: ServerResponse): void {
    let person = this.#personOf(request)
    if (request.method === 'DELETE') {
      this.endSessions()
      return void response.writeHead(204, { 'set-cookie': 'fixture-desk=; Max-Age=0; Path=/' }).end()
    }
    if (request.method === 'POST') {
      const body = JSON.parse(String(bytes)) as Record<string, unknown>
      const named = body['code'] === 'good-code' ? people[0] : people.find(({ name }) => name === body['name'])
      if (named === undefined || (body['code'] === undefined && body['password'] !== password))
        return refuse(response, {
          status: 401,
          code: body['code'] ? 'LINK_CODE_INVALID' : 'CREDENTIALS_INVALID',
          detail: 'This name and password do not belong together.',
        })
      person = named
      response.setHeader('set-cookie', `fixture-desk=${this.session(person.id)}; HttpOnly; SameSite=Strict; Path=/`)
    }
    if (person === null) return refuse(response, { status: 401, code: 'UNAUTHENTICATED', detail: 'Sign in: no cookie came with the request.' })
    send(response, { role: person.role, person, csrf: 'csrf-token', expiresAt: Date.now() + 3_600_000 })
  }

  #door(url: URL, request: IncomingMessage, bytes: Buffer, response: ServerResponse): void {
    const [, , room, id = '', what] = url.pathname.split('/').map(decodeURIComponent)
    const now = Date.now()
    if (room === 'conversations' && id !== '') {
      const held = this.held.get(id)
      if (!held) return refuse(response, { status: 404, code: 'CONVERSATION_UNKNOWN', detail: `There is no conversation “${id}”, or it is not yours.` })
      return send(response, held)
    }
    if (room === 'conversations') {
      const asked = (name: 'status' | 'customer') => url.searchParams.get(name)
      const items = [...this.held.values()].filter((held) =>
        (['status', 'customer'] as const).every((name) => asked(name) === null || held[name] === asked(name)),
      )
      return send(response, { items: items.map(itemOf).sort((a, b) => b.updatedAt - a.updatedAt), nextCursor: null })
    }
    if (room === 'queues') return send(response, { items: this.#queues(), nextCursor: null })
    if (room === 'workers') return send(response, { items: this.#workers(), nextCursor: null })
    if (room === 'chat' && id === 'attachments') return this.#attach(url, request, bytes, response)
    if (room === 'attachments') {
      const file = this.#files.find(({ attachment }) => attachment.id === id)
      return void response.writeHead(file ? 200 : 404, { 'content-disposition': 'attachment' }).end(file?.bytes)
    }
    if (what === 'features') return send(response, { features: features(now) })
    if (what === 'timeline') return send(response, { items: id === 'user:current-4821' ? timeline(now) : [], nextCursor: null })
    send(response, customer(id, now))
  }

  #attach(url: URL, request: IncomingMessage, bytes: Buffer, response: ServerResponse): void {
    const type = request.headers['content-type'] ?? ''
    if (!/^(?:image\/png|text\/plain|application\/pdf)/.test(type))
      return refuse(response, { status: 422, code: 'ATTACHMENT_REFUSED', detail: `The attachment is of type “${type}”; images, PDF and plain text are taken.` })
    const attachment: Attachment = { id: `att_${this.#next++}`, name: url.searchParams.get('name') ?? '', type, bytes: bytes.length }
    this.#files.push({ attachment, bytes })
    send(response, attachment)
  }

  async #page(path: string, response: ServerResponse): Promise<void> {
    const file = extname(path) === '' ? '/desk.html' : normalize(path)
    try {
      const bytes = await readFile(join(this.#root, file))
      response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' }).end(bytes)
    } catch {
      response.writeHead(404).end()
    }
  }
}

function isInInbox({ status, owner, worker, queue }: Held, { id, role, skills }: PersonReply): boolean {
  if (status !== 'open') return false
  if (owner === null) return role !== 'desk' || (queue !== null && skills.includes(queue))
  return owner === 'human' && (role !== 'desk' || worker === id)
}

function itemOf(held: Held): InboxItem {
  const {
    conversation,
    customer: whose,
    channel,
    status,
    owner,
    worker,
    queue,
    task,
    epoch,
    seq,
    waitingSince,
    priority,
    goal,
    because,
    last,
    updatedAt,
  } = held
  return { conversation, customer: whose, channel, status, owner, worker, queue, task, epoch, seq, waitingSince, priority, goal, because, last, updatedAt }
}

function ownerFrame({ conversation, epoch, owner, worker, queue }: Held): DeskServerFrame {
  return { type: 'owner', conversation, epoch, role: owner, worker, queue }
}

function tell(socket: WebSocket, frame: DeskServerFrame): void {
  socket.send(JSON.stringify(frame))
}

function send(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
}

function refuse(response: ServerResponse, what: { readonly status: number; readonly code: string; readonly detail: string }): void {
  const body: Problem = { type: 'about:blank', title: what.code, ...what }
  response.writeHead(what.status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(body))
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}
