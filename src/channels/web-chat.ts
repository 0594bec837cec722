/**
 * Web chat over a socket. Owns: which sockets look at which conversation, and what each was already sent.
 * Does not own: conversations, sequence numbers or ownership (records hold them), nor the socket itself (the server does).
 *
 * C1 A socket gets every delivery after its `after`, in order of seq, none twice, whatever arrives while it catches up.
 * C2 A message is `accepted` only once it is durable and committed; a repeated id is accepted again with its first seq.
 * C3 A socket speaks only for the customer and conversation of its token.
 * C4 Frames are answered in the order they came: what comes while a hello is being answered waits for it.
 * C5 A socket that is closed or was let go hears nothing more, and nothing of it is kept.
 */
import { assert, BattutaError } from '../base/index.ts'
import type { ChatServerFrame } from '../definition/index.ts'
import { readFrame } from './chat-frame.ts'
import type { Channel, ChatSocket, Delivery } from './port.ts'

export interface ChatSession {
  readonly customer: string
  readonly conversation: string
}

export type ChatOwner = 'bot' | 'agent' | 'human' | null

/** What web chat needs to know of a conversation; the composer wires it to records and the orchestrator. */
export interface WebChatConversation {
  /** Checks the token. Throws CHAT_TOKEN_INVALID. */
  session(token: string): ChatSession
  /** Through the whole step. */
  say(session: ChatSession, id: string, text: string): Promise<{ readonly seq: number }>
  /** Entries after `after` that have left, in order, and the last seq and owner. What leaves later is delivered. */
  history(
    conversation: string,
    after: number,
  ): Promise<{ readonly items: readonly Delivery[]; readonly seq: number; readonly epoch: number; readonly owner: ChatOwner }>
}

export interface WebChat extends Channel {
  /** A socket opened; give its frames to `receive` and its end to `closed`. */
  open(socket: ChatSocket): { receive(data: string): void; closed(): void }
  readonly sockets: number
}

/** A page that does not read is let go before it fills the memory. */
export const bufferedBytesMax = 1_000_000
/** Frames a socket may send before its hello is answered. */
export const waitingFramesMax = 32

interface Seat {
  readonly socket: ChatSocket
  session: ChatSession | null
  /** Highest seq sent, and the epoch of the last owner told. */
  sent: number
  epoch: number
  /** Set while history is read: what happens meanwhile waits here. */
  waiting: { readonly deliveries: Delivery[]; owner: { readonly epoch: number; readonly role: ChatOwner } | null } | null
  /** Frames that came while the hello was being answered. */
  frames: string[] | null
  /** Closed, or let go. */
  gone: boolean
}

export function openWebChat(conversations: WebChatConversation): WebChat {
  return new SocketChat(conversations)
}

class SocketChat implements WebChat {
  readonly #conversations: WebChatConversation
  readonly #seats = new Map<string, Set<Seat>>()
  #sockets = 0

  constructor(conversations: WebChatConversation) {
    this.#conversations = conversations
  }

  get sockets(): number {
    return this.#sockets
  }

  open(socket: ChatSocket): { receive(data: string): void; closed(): void } {
    const seat: Seat = { socket, session: null, sent: 0, epoch: 0, waiting: null, frames: null, gone: false }
    let isOpen = true
    this.#sockets++
    return {
      receive: (data) => this.#receive(seat, data),
      closed: () => {
        assert(isOpen, 'a socket closes once')
        isOpen = false
        this.#sockets--
        seat.gone = true
        this.#leave(seat)
      },
    }
  }

  deliver(delivery: Delivery): void {
    for (const seat of this.#seats.get(delivery.conversation) ?? []) {
      if (seat.waiting) seat.waiting.deliveries.push(delivery)
      else this.#deliverTo(seat, delivery)
    }
  }

  owner(conversation: string, epoch: number, role: ChatOwner): void {
    for (const seat of this.#seats.get(conversation) ?? []) {
      if (seat.waiting) seat.waiting.owner = { epoch, role }
      else this.#ownerTo(seat, epoch, role)
    }
  }

  #receive(seat: Seat, data: string): void {
    if (seat.gone) return
    if (seat.frames === null) this.#handle(seat, data)
    else if (seat.frames.length < waitingFramesMax) seat.frames.push(data)
    else this.#letGo(seat, 1008, 'too many frames before the hello was answered')
  }

  #handle(seat: Seat, data: string): void {
    try {
      const frame = readFrame(data)
      if (frame.type === 'hello') void this.#greet(seat, frame.token, frame.after)
      else if (frame.type === 'message') void this.#take(seat, frame.id, frame.text)
    } catch (error) {
      this.#refuse(seat, error, error instanceof BattutaError ? (error.details['id'] as string | undefined) : undefined)
    }
  }

  /** C4 */
  async #greet(seat: Seat, token: string, after: number): Promise<void> {
    seat.frames = []
    try {
      await this.#hello(seat, token, after)
    } catch (error) {
      this.#refuse(seat, error)
      // A page that could not be told what it missed connects again, and asks again.
      if (!(error instanceof BattutaError)) this.#letGo(seat, 1011, 'the conversation could not be read')
    }
    const frames = seat.frames
    seat.frames = null
    for (const frame of frames) this.#receive(seat, frame)
  }

  async #hello(seat: Seat, token: string, after: number): Promise<void> {
    const session = this.#conversations.session(token)
    this.#leave(seat)
    seat.session = session
    seat.sent = after
    seat.epoch = 0
    const waiting: NonNullable<Seat['waiting']> = { deliveries: [], owner: null }
    seat.waiting = waiting
    this.#join(seat, session.conversation)
    let past: Awaited<ReturnType<WebChatConversation['history']>>
    try {
      past = await this.#conversations.history(session.conversation, after)
    } catch (error) {
      this.#leave(seat)
      throw error
    }
    seat.waiting = null
    this.#send(seat, { type: 'welcome', conversation: session.conversation, seq: past.seq })
    this.#ownerTo(seat, past.epoch, past.owner)
    if (waiting.owner) this.#ownerTo(seat, waiting.owner.epoch, waiting.owner.role)
    for (const item of past.items) this.#deliverTo(seat, item)
    for (const item of waiting.deliveries) this.#deliverTo(seat, item)
  }

  async #take(seat: Seat, id: string, text: string): Promise<void> {
    try {
      if (seat.session === null) throw new BattutaError('CHAT_TOKEN_INVALID', 'say hello with a token before the first message')
      const { seq } = await this.#conversations.say(seat.session, id, text)
      this.#send(seat, { type: 'accepted', id, seq })
    } catch (error) {
      this.#refuse(seat, error, id)
    }
  }

  #refuse(seat: Seat, error: unknown, id?: string): void {
    const failed = id === undefined ? 'the conversation could not be read; connect again' : 'the message could not be kept; send it again'
    const { code, message, retryAfterMs } = error instanceof BattutaError ? error : new BattutaError('STORAGE_FAILED', failed)
    this.#send(seat, { type: 'error', code, detail: message, ...(id === undefined ? {} : { id }), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
  }

  #deliverTo(seat: Seat, { seq, epoch, from, text, id }: Delivery): void {
    if (seq <= seat.sent) return
    seat.sent = seq
    this.#send(seat, { type: 'delivery', seq, epoch, from, text, ...(id === null ? {} : { id }) })
  }

  /** What was read from records may be ahead of what is told live. */
  #ownerTo(seat: Seat, epoch: number, role: ChatOwner): void {
    if (epoch <= seat.epoch) return
    seat.epoch = epoch
    this.#send(seat, { type: 'owner', epoch, role })
  }

  #send(seat: Seat, frame: ChatServerFrame): void {
    if (seat.gone) return
    if (seat.socket.buffered > bufferedBytesMax) this.#letGo(seat, 1013, 'the page does not read')
    else seat.socket.send(JSON.stringify(frame))
  }

  /** C5: a socket that missed one frame gets none after it; its page comes back and says what it has. */
  #letGo(seat: Seat, code: number, reason: string): void {
    if (seat.gone) return
    seat.gone = true
    this.#leave(seat)
    seat.socket.close(code, reason)
  }

  #join(seat: Seat, conversation: string): void {
    if (seat.gone) return
    const seats = this.#seats.get(conversation)
    if (seats) seats.add(seat)
    else this.#seats.set(conversation, new Set([seat]))
  }

  #leave(seat: Seat): void {
    seat.waiting = null
    if (seat.session === null) return
    const seats = this.#seats.get(seat.session.conversation)
    seats?.delete(seat)
    if (seats?.size === 0) this.#seats.delete(seat.session.conversation)
    seat.session = null
  }
}
