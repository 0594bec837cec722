/** The customer's doors of the fixture: one conversation in an array, and every way a connection can misbehave. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import type { Attachment, ChatClientFrame, ChatServerFrame, Notice, OwnerKind } from '../../src/client/index.ts'

type Said = ChatServerFrame & { type: 'delivery' }

const noticeTexts: Readonly<Record<Notice['kind'], string>> = {
  waiting: 'A person takes over.',
  joined: 'A colleague joined and has read this conversation.',
  returned: 'The assistant is back.',
  transferred: 'Another colleague takes over.',
  lost: 'Your colleague lost the connection.',
  unanswered: 'Nobody could take over in time.',
  resolved: 'This conversation is closed.',
}

export class FixtureChat {
  readonly said: Said[] = []
  /** Everything customers' pages sent but hellos and messages. */
  readonly heard: ChatClientFrame[] = []
  readonly events: unknown[] = []
  /** Bodies of `POST /v1/chat/sessions`. */
  readonly sessions: Record<string, unknown>[] = []
  readonly files = new Map<string, { readonly attachment: Attachment; readonly bytes: Buffer }>()
  /** Other origins whose pages may come. */
  readonly origins = new Set<string>()
  conversation = 'con_1'
  /** While false, sockets are refused at the door. */
  up = true
  /** Messages are heard, but their acknowledgement is lost with the connection. */
  loseAccepted = false
  /** Everything is delivered twice. */
  repeat = false
  /** Messages with this text are refused for good. */
  refusedText: string | null = null
  /** Whether the bot answers. */
  answers = true
  /** Uploads wait until this is called. */
  holdUploads: Promise<void> = Promise.resolve()
  refuseUploads = false
  #epoch = 1
  #owner: ChatServerFrame & { type: 'owner' } = { type: 'owner', epoch: 1, role: 'bot', team: null }
  readonly #server = new WebSocketServer({ noServer: true })
  readonly #open = new Set<WebSocket>()

  /** As new. */
  reset(): void {
    Object.assign(this, { up: true, loseAccepted: false, repeat: false, refusedText: null, answers: true, refuseUploads: false, conversation: 'con_1' })
    this.holdUploads = Promise.resolve()
    for (const list of [this.said, this.heard, this.events, this.sessions]) list.length = 0
    this.files.clear()
    this.origins.clear()
    this.#epoch = 1
    this.#owner = { type: 'owner', epoch: 1, role: 'bot', team: null }
  }

  get sockets(): number {
    return this.#open.size
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!this.up) {
      socket.destroy()
      return
    }
    this.#server.handleUpgrade(request, socket, head, (line) => {
      this.#open.add(line)
      line.on('close', () => this.#open.delete(line))
      line.on('message', (data) => this.#hear(line, JSON.parse(String(data)) as ChatClientFrame))
    })
  }

  /** Says something, over every socket that is open: a customer's own tabs are told as well. */
  say(from: Said['from'], text: string, more: Partial<Pick<Said, 'id' | 'notice' | 'attachments' | 'at'>> = {}): void {
    const delivery: Said = { type: 'delivery', seq: this.said.length + 1, epoch: this.#epoch, from, text, at: Date.now(), ...more }
    this.said.push(delivery)
    for (let time = 0; time < (this.repeat ? 2 : 1); time++) this.#tellAll(delivery)
  }

  /** Another owner, under the next epoch. */
  owner(role: OwnerKind | null, team: string | null = null): void {
    this.#epoch++
    this.#owner = { type: 'owner', epoch: this.#epoch, role, team }
    this.#tellAll(this.#owner)
  }

  notice(kind: Notice['kind'], team: string | null = null): void {
    this.say('system', noticeTexts[kind], { notice: { kind, team } })
  }

  /** A person takes the conversation, as the server tells it. */
  join(team: string): void {
    this.notice('joined', team)
    this.owner('human', team)
  }

  typing(from: OwnerKind, on: boolean, epochsAgo = 0): void {
    this.#tellAll({ type: 'typing', epoch: this.#epoch - epochsAgo, from, on })
  }

  read(seq: number = this.said.length): void {
    this.#tellAll({ type: 'read', seq })
  }

  cut(): void {
    for (const line of this.#open) line.terminate()
  }

  close(): void {
    this.cut()
    this.#server.close()
  }

  /** Answers what customers' pages ask over HTTP; false when it is another's door. */
  async http(request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> {
    const door = /^\/v1\/(?:chat\/(sessions|attachments)|(events)|(attachments)\/(.+))$/.exec(url.pathname)
    if (!door) return false
    const { origin } = request.headers
    if (origin !== undefined && this.origins.has(origin)) {
      response.setHeader('access-control-allow-origin', origin)
      response.setHeader('access-control-allow-headers', 'content-type, authorization')
    }
    const body = await bytesOf(request)
    if (request.method === 'OPTIONS') response.writeHead(204).end()
    else if (door[1] === 'sessions') this.#session(body, response)
    else if (door[1] === 'attachments') await this.#keep(request, body, url, response)
    else if (door[2] === 'events') this.#event(body, response)
    else this.#download(request, door[4] as string, response)
    return true
  }

  #session(body: Buffer, response: ServerResponse): void {
    this.sessions.push(body.length === 0 ? {} : (JSON.parse(String(body)) as Record<string, unknown>))
    answer(response, 200, { token: `chat_${this.sessions.length}`, expiresAt: Date.now() + 7 * 86_400_000, conversation: this.conversation })
  }

  #event(body: Buffer, response: ServerResponse): void {
    this.events.push(JSON.parse(String(body)))
    answer(response, 202, { accepted: 1 })
  }

  async #keep(request: IncomingMessage, bytes: Buffer, url: URL, response: ServerResponse): Promise<void> {
    await this.holdUploads
    if (request.headers.authorization?.startsWith('Bearer chat_') !== true) return refuse(response, 401, 'CHAT_TOKEN_INVALID', 'no chat token')
    if (this.refuseUploads) return refuse(response, 422, 'ATTACHMENT_REFUSED', 'the attachment does not begin as image/png does')
    const type = request.headers['content-type'] ?? ''
    const attachment = { id: `att_${this.files.size + 1}`, name: url.searchParams.get('name') ?? '', type, bytes: bytes.length }
    this.files.set(attachment.id, { attachment, bytes })
    answer(response, 201, attachment)
  }

  #download(request: IncomingMessage, id: string, response: ServerResponse): void {
    const file = this.files.get(id)
    if (!file || request.headers.authorization?.startsWith('Bearer chat_') !== true) return refuse(response, 404, 'CONVERSATION_UNKNOWN', 'no such attachment')
    response.writeHead(200, { 'content-type': file.attachment.type, 'content-disposition': 'attachment' }).end(file.bytes)
  }

  #hear(line: WebSocket, frame: ChatClientFrame): void {
    if (frame.type === 'hello') {
      tell(line, { type: 'welcome', conversation: this.conversation, seq: this.said.length })
      tell(line, this.#owner)
      for (const delivery of this.said) if (delivery.seq > frame.after) tell(line, delivery)
      return
    }
    if (frame.type !== 'message') return void this.heard.push(frame)
    if (frame.text === this.refusedText) {
      tell(line, { type: 'error', code: 'MESSAGE_INVALID', detail: 'message: text has 4,001 characters; at most 4,000 can be sent at once', id: frame.id })
      return
    }
    const isKnown = this.said.some(({ id }) => id === frame.id)
    const attachments = (frame.attachments ?? []).flatMap((id) => this.files.get(id)?.attachment ?? [])
    if (!isKnown) this.say('customer', frame.text, { id: frame.id, ...(attachments.length === 0 ? {} : { attachments }) })
    if (this.loseAccepted) line.terminate()
    else tell(line, { type: 'accepted', id: frame.id, seq: this.said.findIndex(({ id }) => id === frame.id) + 1 })
    if (!isKnown && this.answers) this.say('bot', `You said: ${frame.text}`)
  }

  #tellAll(frame: ChatServerFrame): void {
    for (const line of this.#open) tell(line, frame)
  }
}

function tell(line: WebSocket, frame: ChatServerFrame): void {
  line.send(JSON.stringify(frame))
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function refuse(response: ServerResponse, status: number, code: string, detail: string): void {
  response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify({ type: 'about:blank', title: code, status, code, detail }))
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}
