/**
 * A customer's end of one conversation: `WS /v1/chat`, kept open.
 *
 * Owns the socket, the messages the server has not acknowledged, and the place in the conversation to continue from.
 * Does not own how a conversation looks.
 *
 * C3 a message is kept until it is accepted or refused, and is sent again under the same id, so it is said once.
 * C4 a delivery is handed on once, however often it arrives. On one socket they come in the order of `seq`, so the
 *    highest one handed on is where the next socket continues.
 * C5 another conversation is another sequence: a new token may open one, and then it is read from its beginning.
 * C6 epochs only rise: what an earlier owner's server says about owner or typing is dropped, so nobody is shown typing
 *    who no longer has the conversation.
 */
import type { Attachment, ChatClientFrame, ChatServerFrame, OwnerKind } from '../definition/index.ts'
import { backoffMs } from './backoff.ts'
import { BattutaClientError } from './error.ts'
import { systemTimers } from './timers.ts'
import type { ClientTimers } from './timers.ts'

/** A socket that has not acknowledged within this time is dead, whatever the platform believes. */
const answerMsMax = 8_000
/** Messages that may wait for a connection; more are refused where they are written. */
export const pendingMessagesMax = 50

export interface ChatMessage {
  readonly id: string
  readonly text: string
  /** Already uploaded; the message carries their ids. */
  readonly attachments?: readonly Attachment[]
}

/** One entry of the conversation. `id` is the sender's own, when it was said over this door. */
export type ChatDelivery = Omit<ChatServerFrame & { readonly type: 'delivery' }, 'type'>

/** Who has the conversation. Without a role it waits for a person, of `team` where one is meant. */
export interface ChatOwner {
  readonly epoch: number
  readonly role: OwnerKind | null
  readonly team: string | null
}

export type ChatState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  | { readonly kind: 'waiting'; readonly retryAt: number; readonly error: BattutaClientError }
  | { readonly kind: 'refused'; readonly error: BattutaClientError }
  | { readonly kind: 'closed' }

export interface ChatHandlers {
  readonly state?: (state: ChatState) => void
  readonly welcome?: (conversation: string) => void
  readonly delivery?: (delivery: ChatDelivery) => void
  /** The message is durable, at its place in the conversation. */
  readonly accepted?: (id: string, seq: number) => void
  /** The message will not be sent: it is the customer's again. */
  readonly refused?: (id: string, error: BattutaClientError) => void
  readonly owner?: (owner: ChatOwner) => void
  /** The owner is about to say something, or no longer. */
  readonly typing?: (from: OwnerKind, on: boolean) => void
  /** Whoever answers has read up to here. */
  readonly read?: (seq: number) => void
}

/** The part of a `WebSocket` that is used. */
export interface ChatSocket {
  send(data: string): void
  close(): void
  onopen: ((event: never) => unknown) | null
  onmessage: ((event: never) => unknown) | null
  onclose: ((event: never) => unknown) | null
}

export interface ChatOptions {
  /** The server's address: `https://battuta.example`. */
  readonly url: string
  /** Asked before each connection; `invalid` when the last token was refused, so a new one is due. */
  readonly token: string | ((invalid: boolean) => Promise<string>)
  /** The last `seq` this page already shows; 0 for the whole conversation. */
  readonly after?: number
  /** Messages an earlier page could not get acknowledged. */
  readonly pending?: readonly ChatMessage[]
  readonly handlers: ChatHandlers
  readonly timers?: ClientTimers
  readonly openSocket?: (url: string) => ChatSocket
}

/** Opens a conversation and keeps it open until `close()`. */
export function chat(options: ChatOptions): Chat {
  return new Chat(options)
}

export class Chat {
  readonly #options: ChatOptions
  readonly #timers: ClientTimers
  /** Unacknowledged, in the order they were written. */
  readonly #pending: Map<string, ChatMessage>
  readonly #seen = new Set<number>()
  #after: number
  /** The highest that was heard of. */
  #epoch = 0
  /** Up to where the customer has read; told again on every socket. */
  #read = 0
  #conversation: string | null = null
  /** What a socket delivered before it said which conversation it is of. */
  #early: ChatDelivery[] = []
  #socket: ChatSocket | null = null
  #state: ChatState = { kind: 'connecting' }
  #attempt = 0
  #connects = 0
  #tokenInvalid = false
  #cancelRetry = () => {}
  #cancelWatch = () => {}

  constructor(options: ChatOptions) {
    this.#options = options
    this.#timers = options.timers ?? systemTimers
    this.#after = options.after ?? 0
    this.#pending = new Map((options.pending ?? []).map((message) => [message.id, message]))
    void this.#connect()
  }

  get state(): ChatState {
    return this.#state
  }

  /** What is not acknowledged yet, oldest first: keep it, and hand it to the next page as `pending`. */
  get pending(): readonly ChatMessage[] {
    return [...this.#pending.values()]
  }

  /** Says `text`, now or when there is a connection; null when `pendingMessagesMax` wait already. */
  send(text: string, attachments: readonly Attachment[] = []): string | null {
    if (this.#pending.size >= pendingMessagesMax || this.#state.kind === 'closed') return null
    const id = messageId(this.#timers.chance)
    const message = { id, text, ...(attachments.length === 0 ? {} : { attachments }) }
    this.#pending.set(id, message)
    if (this.#state.kind === 'open') this.#say(frameOf(message))
    return id
  }

  /** Tells whoever answers that the customer writes, or no longer. Worth nothing later, so it is never kept. */
  typing(on: boolean): void {
    if (this.#state.kind === 'open') this.#write({ type: 'typing', on })
  }

  /** Tells the server up to where the customer has read. */
  seen(seq: number): void {
    if (seq <= this.#read) return
    this.#read = seq
    if (this.#state.kind === 'open') this.#write({ type: 'seen', seq })
  }

  /** Ends the wait for the next attempt, if there is one. */
  retryNow(): void {
    if (this.#state.kind === 'waiting' || this.#state.kind === 'refused') void this.#connect()
  }

  /** Lets go of the socket and opens another with the token asked for anew: the customer signed in, or the network changed. */
  reconnect(): void {
    if (this.#isClosed()) return
    this.#drop()
    void this.#connect()
  }

  close(): void {
    this.#cancelRetry()
    this.#drop()
    this.#set({ kind: 'closed' })
  }

  async #connect(): Promise<void> {
    this.#cancelRetry()
    const attempt = ++this.#connects
    this.#set({ kind: 'connecting' })
    const { token } = this.#options
    let value: string
    try {
      value = typeof token === 'string' ? token : await token(this.#tokenInvalid)
    } catch (cause) {
      if (attempt === this.#connects)
        this.#lost(cause instanceof BattutaClientError ? cause : new BattutaClientError('UNREACHABLE', 'No chat token could be had.', { cause }))
      return
    }
    // Another attempt may have begun while the token was fetched; only the latest opens a socket.
    if (this.#isClosed() || attempt !== this.#connects) return
    this.#tokenInvalid = false
    const open = this.#options.openSocket ?? ((url: string): ChatSocket => new WebSocket(url))
    const socket = open(`${this.#options.url.replace(/^http/, 'ws').replace(/\/+$/, '')}/v1/chat`)
    this.#socket = socket
    this.#early = []
    this.#watch()
    socket.onopen = () => socket.send(JSON.stringify({ type: 'hello', token: value, after: this.#after } satisfies ChatClientFrame))
    socket.onmessage = ({ data }: { data: unknown }) => {
      if (socket === this.#socket) this.#take(JSON.parse(String(data)) as ChatServerFrame)
    }
    socket.onclose = () => {
      if (socket === this.#socket) this.#lost(new BattutaClientError('UNREACHABLE', 'The connection was lost.'))
    }
  }

  #take(frame: ChatServerFrame): void {
    const { handlers } = this.#options
    if (frame.type === 'welcome') {
      this.#welcome(frame.conversation)
    } else if (frame.type === 'accepted') {
      this.#acknowledge(frame.id, frame.seq)
    } else if (frame.type === 'delivery') {
      if (this.#state.kind === 'open') this.#deliver(frame)
      else this.#early.push(frame)
    } else if (frame.type === 'owner') {
      if (this.#isCurrent(frame.epoch)) handlers.owner?.({ epoch: frame.epoch, role: frame.role, team: frame.team })
    } else if (frame.type === 'typing') {
      if (this.#isCurrent(frame.epoch)) handlers.typing?.(frame.from, frame.on)
    } else if (frame.type === 'read') {
      handlers.read?.(frame.seq)
    } else if (frame.type === 'error') {
      this.#refuse(frame)
    }
  }

  #welcome(conversation: string): void {
    const other = this.#conversation !== null && this.#conversation !== conversation
    this.#conversation = conversation
    if (other) {
      this.#epoch = 0
      this.#read = 0
      this.#seen.clear()
    }
    if (other && this.#after > 0) {
      this.#after = 0
      this.reconnect()
      return
    }
    this.#attempt = 0
    this.#cancelWatch()
    this.#set({ kind: 'open' })
    this.#options.handlers.welcome?.(conversation)
    for (const delivery of this.#early.splice(0)) this.#deliver(delivery)
    if (this.#read > 0) this.#write({ type: 'seen', seq: this.#read })
    for (const message of this.#pending.values()) this.#say(frameOf(message))
  }

  /** C6 */
  #isCurrent(epoch: number): boolean {
    if (epoch < this.#epoch) return false
    this.#epoch = epoch
    return true
  }

  #deliver(delivery: ChatDelivery): void {
    if (this.#seen.has(delivery.seq)) return
    this.#seen.add(delivery.seq)
    this.#after = Math.max(this.#after, delivery.seq)
    this.#epoch = Math.max(this.#epoch, delivery.epoch)
    // A page that reconnects is told what it said itself: as good as the acknowledgement that got lost.
    if (delivery.from === 'customer' && delivery.id !== undefined) this.#acknowledge(delivery.id, delivery.seq)
    this.#options.handlers.delivery?.(delivery)
  }

  #acknowledge(id: string, seq: number): void {
    if (!this.#pending.delete(id)) return
    this.#cancelWatch()
    if (this.#pending.size > 0) this.#watch()
    this.#options.handlers.accepted?.(id, seq)
  }

  #refuse(frame: ChatServerFrame & { type: 'error' }): void {
    const error = new BattutaClientError(frame.code, frame.detail, { retryAfterMs: frame.retryAfterMs })
    if (frame.code === 'CHAT_TOKEN_INVALID') {
      this.#drop()
      this.#tokenInvalid = true
      // A token from a function can be renewed; a given one cannot.
      if (typeof this.#options.token === 'string') this.#set({ kind: 'refused', error })
      else this.#lost(error)
      return
    }
    if (frame.id === undefined) return
    if (!this.#pending.has(frame.id)) return
    this.#cancelWatch()
    if (frame.retryAfterMs !== undefined) {
      const { id } = frame
      this.#cancelRetry = this.#timers.after(frame.retryAfterMs, () => this.#resend(id))
      return
    }
    this.#pending.delete(frame.id)
    if (this.#pending.size > 0) this.#watch()
    this.#options.handlers.refused?.(frame.id, error)
  }

  #resend(id: string): void {
    const message = this.#pending.get(id)
    if (message !== undefined && this.#state.kind === 'open') this.#say(frameOf(message))
  }

  #say(frame: ChatClientFrame): void {
    this.#write(frame)
    this.#watch()
  }

  #write(frame: ChatClientFrame): void {
    this.#socket?.send(JSON.stringify(frame))
  }

  /** Waits for an answer to what was just said; without one the socket is given up. */
  #watch(): void {
    this.#cancelWatch()
    this.#cancelWatch = this.#timers.after(answerMsMax, () => this.#lost(new BattutaClientError('UNREACHABLE', 'The server does not answer.')))
  }

  #lost(error: BattutaClientError): void {
    if (this.#isClosed()) return
    this.#drop()
    this.#attempt++
    const delayMs = error.retryAfterMs ?? backoffMs(this.#attempt, this.#timers.chance())
    this.#set({ kind: 'waiting', retryAt: this.#timers.now() + delayMs, error })
    this.#cancelRetry()
    this.#cancelRetry = this.#timers.after(delayMs, () => void this.#connect())
  }

  /** Lets go of the socket first, so that its last words are not taken for the next one's. */
  #drop(): void {
    this.#cancelWatch()
    const socket = this.#socket
    this.#socket = null
    socket?.close()
  }

  #isClosed(): boolean {
    return this.#state.kind === 'closed'
  }

  #set(state: ChatState): void {
    this.#state = state
    this.#options.handlers.state?.(state)
  }
}

function frameOf({ id, text, attachments }: ChatMessage): ChatClientFrame {
  return { type: 'message', id, text, ...(attachments === undefined ? {} : { attachments: attachments.map((attachment) => attachment.id) }) }
}

/** 96 bits, so that two pages never meet on one id. */
function messageId(chance: () => number): string {
  const part = () =>
    Math.floor(chance() * 2 ** 32)
      .toString(36)
      .padStart(7, '0')
  return `msg_${part()}${part()}${part()}`
}
