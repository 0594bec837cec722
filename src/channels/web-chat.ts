/**
 * Web chat over a socket. Owns: which sockets look at which conversation, and what each was already sent.
 * Does not own: conversations, sequence numbers or ownership (records hold them), nor the socket itself (the server does).
 *
 * C1 A socket gets every delivery after its `after`, in order of seq, none twice, whatever arrives while it catches up.
 * C2 A message is `accepted` only once it is durable and committed; a repeated id is accepted again with its first seq.
 * C3 A socket speaks only for the customer and conversation of its token.
 * C4 Frames are answered in the order they came: what comes while a hello is being answered, or attachments are looked up, waits.
 * C5 A socket that is closed or was let go hears nothing more, and nothing of it is kept.
 * C6 What is ephemeral (typing, read) is told to who is there, under the current epoch only, and never again.
 */
import { assert, BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'
import type { Attachment, ChatServerFrame, OwnerKind } from '../definition/index.ts'
import type { ConversationRow } from '../records/index.ts'
import { readChatFrame } from './chat-frame.ts'
import type { Channel, ChatSocket, Delivery } from './port.ts'
import { SocketLine } from './socket-line.ts'
import { Typists } from './typists.ts'

export interface ChatSession {
  readonly customer: string
  readonly conversation: string
}

/** The last seq of a conversation and whose it is. */
export interface ChatPlace {
  readonly seq: number
  readonly epoch: number
  readonly owner: OwnerKind | null
  /** Where it waits, or through which its worker got it. */
  readonly queue: string | null
}

/** What web chat needs to know of a conversation; the composer wires it to records and the orchestrator. */
export interface WebChatParts {
  readonly world: World
  /** Checks the token. Throws CHAT_TOKEN_INVALID. */
  session(token: string): ChatSession
  /** Through the whole step. */
  say(session: ChatSession, id: string, text: string, attachments: readonly Attachment[]): Promise<{ readonly seq: number }>
  /** Entries after `after` that have left, in order, and the place they lead to. What leaves later is delivered. */
  history(conversation: string, after: number): Promise<ChatPlace & { readonly items: readonly Delivery[] }>
  /** What a customer reads of the queue: `Cards team`. */
  teamOf(queue: string): string | null
  /** What was put up before under these ids. Throws ATTACHMENT_REFUSED for what is not this session's to send. */
  attachments(session: ChatSession, ids: readonly string[]): Promise<readonly Attachment[]>
  /** The customer began to type, or no longer does. */
  typing(conversation: string, on: boolean): void
  /** The customer has read up to here. */
  seen(conversation: string, seq: number): void
}

export interface WebChat extends Channel {
  /** A socket opened; give its frames to `receive` and its end to `closed`. */
  open(socket: ChatSocket): { receive(data: string): void; closed(): void }
  /** A colleague types, as the owner of `epoch`, or no longer. Ephemeral. */
  typing(conversation: string, epoch: number, on: boolean): void
  /** Whoever answers has read up to here. Ephemeral. */
  read(conversation: string, seq: number): void
  readonly sockets: number
}

interface Owner {
  readonly epoch: number
  readonly role: OwnerKind | null
  readonly queue: string | null
}

interface Seat {
  readonly line: SocketLine
  session: ChatSession | null
  /** Highest seq sent, and the last owner told. */
  sent: number
  epoch: number
  role: OwnerKind | null
  /** Up to where the customer has read, as far as was told. */
  seen: number
  /** Set while history is read: what happens meanwhile waits here. */
  waiting: { readonly deliveries: Delivery[]; owner: Owner | null } | null
}

/** A frame that many seats get: written out once, by the first that needs it. */
type Written = { json: string | null }

export function openWebChat(parts: WebChatParts): WebChat {
  return new SocketChat(parts)
}

class SocketChat implements WebChat {
  readonly #parts: WebChatParts
  readonly #typists: Typists<Seat>
  readonly #seats = new Map<string, Set<Seat>>()
  #sockets = 0

  constructor(parts: WebChatParts) {
    this.#parts = parts
    this.#typists = new Typists(parts.world, (conversation, on) => parts.typing(conversation, on))
  }

  get sockets(): number {
    return this.#sockets
  }

  open(socket: ChatSocket): { receive(data: string): void; closed(): void } {
    const line = new SocketLine(
      socket,
      (data) => this.#handle(seat, data),
      () => this.#leave(seat),
    )
    const seat: Seat = { line, session: null, sent: 0, epoch: 0, role: null, seen: 0, waiting: null }
    let isOpen = true
    this.#sockets++
    return {
      receive: (data) => line.receive(data),
      closed: () => {
        assert(isOpen, 'a socket closes once')
        isOpen = false
        this.#sockets--
        line.closed()
      },
    }
  }

  deliver(delivery: Delivery): void {
    const written: Written = { json: null }
    for (const seat of this.#at(delivery.conversation)) {
      if (seat.waiting) seat.waiting.deliveries.push(delivery)
      else this.#deliverTo(seat, delivery, written)
    }
  }

  owner({ id, epoch, owner: role, queue }: ConversationRow): void {
    for (const seat of this.#at(id)) {
      if (seat.waiting) seat.waiting.owner = { epoch, role, queue }
      else this.#ownerTo(seat, { epoch, role, queue })
    }
  }

  changed(): void {}
  note(): void {}
  routed(): void {}

  thinking(conversation: string, epoch: number, on: boolean): void {
    this.#typingTo(conversation, epoch, on, (role) => role === 'bot' || role === 'agent')
  }

  typing(conversation: string, epoch: number, on: boolean): void {
    this.#typingTo(conversation, epoch, on, (role) => role === 'human')
  }

  read(conversation: string, seq: number): void {
    const json = JSON.stringify({ type: 'read', seq } satisfies ChatServerFrame)
    for (const seat of this.#at(conversation)) if (seat.waiting === null) seat.line.write(json)
  }

  #at(conversation: string): Iterable<Seat> {
    return this.#seats.get(conversation) ?? []
  }

  #handle(seat: Seat, data: string): Promise<void> | void {
    try {
      const frame = readChatFrame(data)
      if (frame.type === 'hello') return this.#greet(seat, frame.token, frame.after)
      if (frame.type === 'message') return this.#message(seat, frame)
      if (seat.session === null) return
      if (frame.type === 'typing') this.#typists.typing(seat, seat.session.conversation, frame.on)
      else this.#seen(seat, seat.session.conversation, frame.seq)
    } catch (error) {
      this.#refuse(seat, error, error instanceof BattutaError ? (error.details['id'] as string | undefined) : undefined)
    }
  }

  async #greet(seat: Seat, token: string, after: number): Promise<void> {
    try {
      await this.#hello(seat, token, after)
    } catch (error) {
      this.#refuse(seat, error)
      // A page that could not be told what it missed connects again, and asks again.
      if (!(error instanceof BattutaError)) seat.line.letGo(1011, 'the conversation could not be read')
    }
  }

  async #hello(seat: Seat, token: string, after: number): Promise<void> {
    const session = this.#parts.session(token)
    this.#leave(seat)
    seat.session = session
    seat.sent = after
    seat.epoch = 0
    seat.role = null
    seat.seen = 0
    const waiting: NonNullable<Seat['waiting']> = { deliveries: [], owner: null }
    seat.waiting = waiting
    this.#join(seat, session.conversation)
    let past: Awaited<ReturnType<WebChatParts['history']>>
    try {
      past = await this.#parts.history(session.conversation, after)
    } catch (error) {
      this.#leave(seat)
      throw error
    }
    if (seat.line.gone) return
    seat.waiting = null
    this.#send(seat, { type: 'welcome', conversation: session.conversation, seq: past.seq })
    this.#ownerTo(seat, { epoch: past.epoch, role: past.owner, queue: past.queue })
    if (waiting.owner) this.#ownerTo(seat, waiting.owner)
    for (const item of past.items) this.#deliverTo(seat, item, { json: null })
    for (const item of waiting.deliveries) this.#deliverTo(seat, item, { json: null })
  }

  /** What follows waits until the message is given on, not until it is kept: messages of one page are kept in their order. */
  #message(seat: Seat, { id, text, attachments = [] }: { id: string; text: string; attachments?: readonly string[] }): Promise<void> | void {
    const { session } = seat
    if (session === null) throw new BattutaError('CHAT_TOKEN_INVALID', 'say hello with a token before the first message', { details: { id } })
    this.#typists.stops(seat)
    if (attachments.length === 0) {
      void this.#take(seat, session, id, text, [])
      return
    }
    return this.#parts.attachments(session, attachments).then(
      (found) => void this.#take(seat, session, id, text, found),
      (error: unknown) => this.#refuse(seat, error, id),
    )
  }

  async #take(seat: Seat, session: ChatSession, id: string, text: string, attachments: readonly Attachment[]): Promise<void> {
    if (seat.line.gone) return
    try {
      const { seq } = await this.#parts.say(session, id, text, attachments)
      this.#send(seat, { type: 'accepted', id, seq })
    } catch (error) {
      this.#refuse(seat, error, id)
    }
  }

  #seen(seat: Seat, conversation: string, seq: number): void {
    const read = Math.min(seq, seat.sent)
    if (read <= seat.seen) return
    seat.seen = read
    this.#parts.seen(conversation, read)
  }

  #refuse(seat: Seat, error: unknown, id?: string): void {
    const failed = id === undefined ? 'the conversation could not be read; connect again' : 'the message could not be kept; send it again'
    const { code, message, retryAfterMs } = error instanceof BattutaError ? error : new BattutaError('STORAGE_FAILED', failed)
    this.#send(seat, { type: 'error', code, detail: message, ...(id === undefined ? {} : { id }), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
  }

  #deliverTo(seat: Seat, delivery: Delivery, written: Written): void {
    if (delivery.seq <= seat.sent) return
    seat.sent = delivery.seq
    written.json ??= JSON.stringify(deliveryFrame(delivery))
    seat.line.write(written.json)
  }

  /** What was read from records may be ahead of what is told live. */
  #ownerTo(seat: Seat, { epoch, role, queue }: Owner): void {
    if (epoch <= seat.epoch) return
    seat.epoch = epoch
    seat.role = role
    this.#send(seat, { type: 'owner', epoch, role, team: queue === null || role === 'bot' ? null : this.#parts.teamOf(queue) })
  }

  /** C6 */
  #typingTo(conversation: string, epoch: number, on: boolean, isTheirs: (role: OwnerKind) => boolean): void {
    for (const { line, waiting, epoch: current, role } of this.#at(conversation)) {
      if (waiting === null && epoch === current && role !== null && isTheirs(role))
        line.write(JSON.stringify({ type: 'typing', epoch, from: role, on } satisfies ChatServerFrame))
    }
  }

  #send(seat: Seat, frame: ChatServerFrame): void {
    seat.line.write(JSON.stringify(frame))
  }

  #join(seat: Seat, conversation: string): void {
    if (seat.line.gone) return
    const seats = this.#seats.get(conversation)
    if (seats) seats.add(seat)
    else this.#seats.set(conversation, new Set([seat]))
  }

  #leave(seat: Seat): void {
    seat.waiting = null
    this.#typists.stops(seat)
    if (seat.session === null) return
    const seats = this.#seats.get(seat.session.conversation)
    seats?.delete(seat)
    if (seats?.size === 0) this.#seats.delete(seat.session.conversation)
    seat.session = null
  }
}

/** Who of us said it stays with us; the id is told to the pages it came from. */
function deliveryFrame({ seq, epoch, from, text, at, id, notice, attachments }: Delivery): ChatServerFrame {
  return {
    type: 'delivery',
    seq,
    epoch,
    from,
    text,
    at,
    ...(id === null || from !== 'customer' ? {} : { id }),
    ...(notice === null ? {} : { notice }),
    ...(attachments.length === 0 ? {} : { attachments }),
  }
}
