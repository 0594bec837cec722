/**
 * The conversation as the customer sees it.
 *
 * Owns what is on screen and in what order, what waits to be sent and how far both sides have read. Does not own the
 * connection (client), the token (session.ts), nor how anything looks.
 *
 * K1 everything the customer wrote stays until the server has it or refused it, across reloads, tabs and lost connections.
 * K2 everything is shown once, however often and from whichever tab it comes.
 * K3 whoever no longer has the conversation is not shown typing.
 */
import { computed, signal } from '@preact/signals'
import { chat, systemTimers } from '../../src/client/index.ts'
import type { Attachment, Chat, ChatDelivery, ChatOwner, ChatState, OwnerKind } from '../../src/client/index.ts'
import { accepted, discarded, lastSeq, refused, told, unreadAfter, written } from './entries.ts'
import type { Entry } from './entries.ts'
import type { Kept } from './kept.ts'
import { linesOf } from './lines.ts'
import type { Session } from './session.ts'
import { TypingSignal } from './typing-signal.ts'

/** A sign of typing whose end got lost goes out by itself. */
const typingMsMax = 30_000
/** What comes within this time of the welcome is the past, and not read out as news. */
const pastMsMax = 400

const { now, after } = systemTimers
const notRead = { seq: 0, at: 0 }
const waitingNotices: ReadonlySet<string | undefined> = new Set(['waiting', 'transferred', 'lost'])

export class Conversation {
  readonly entries = signal<readonly Entry[]>([])
  /** Null until the customer, or a reload, begins it. */
  readonly state = signal<ChatState | null>(null)
  readonly owner = signal<ChatOwner | null>(null)
  readonly typing = signal<OwnerKind | null>(null)
  /** Up to where whoever answers has read, and when that was told. */
  readonly read = signal(notRead)
  /** Up to where the customer has read. */
  readonly place = signal(0)
  /** What was said before is on screen; what comes now is new. */
  readonly isCaughtUp = signal(false)
  readonly unread = computed(() => unreadAfter(this.entries.value, this.place.value))
  readonly lines = computed(() => linesOf(this.entries.value, this.read.value.seq))
  readonly isOff = computed(() => this.state.value?.kind === 'waiting' || this.state.value?.kind === 'refused')
  /** In a queue: the owner is null before the first message too, but then nothing has announced a person. */
  readonly isWaiting = computed(() => {
    const last = this.entries.value.findLast(({ notice }) => notice !== null)
    return this.owner.value?.role === null && waitingNotices.has(last?.notice?.kind)
  })
  readonly fingers = new TypingSignal(systemTimers, (on) => this.#chat?.typing(on))

  readonly #server: string
  readonly #kept: Kept
  readonly #session: Session
  #chat: Chat | null = null
  #current: string | null = null
  #cancelTyping = () => {}
  #cancelPast = () => {}

  constructor(server: string, kept: Kept, session: Session) {
    this.#server = server
    this.#kept = kept
    this.#session = session
    kept.watch((name) => this.#changedElsewhere(name))
    window.addEventListener('online', () => this.#chat?.retryNow())
    window.addEventListener('offline', () => this.#chat?.reconnect())
    window.addEventListener('pageshow', () => this.#chat?.retryNow())
  }

  /** Whether this customer has talked before, so that what was said meanwhile is worth a connection. */
  get isBegun(): boolean {
    return this.#kept.token !== null && (this.#kept.place !== null || this.#kept.pending.length > 0)
  }

  start(): void {
    if (this.#chat !== null) return
    const { pending } = this.#kept
    this.entries.value = pending.reduce((entries, message) => written(entries, message, now()), this.entries.value)
    this.#chat = chat({
      url: this.#server,
      token: (invalid) => this.#session.token(invalid),
      pending,
      handlers: {
        state: (state) => this.#become(state),
        welcome: (conversation) => this.#enter(conversation),
        delivery: (delivery) => this.#take(delivery),
        accepted: (id, seq) => {
          this.#kept.dropPending(id)
          this.entries.value = accepted(this.entries.value, id, seq)
        },
        refused: (id, error) => {
          this.#kept.dropPending(id)
          this.entries.value = refused(this.entries.value, id, error)
        },
        owner: (owner) => {
          this.owner.value = owner
          this.#showTyping(null)
        },
        typing: (from, on) => this.#showTyping(on ? from : null),
        read: (seq) => this.#readUpTo(seq, now()),
      },
    })
  }

  /** False when too much waits already. */
  say(text: string, attachments: readonly Attachment[] = []): boolean {
    this.start()
    const id = this.#chat?.send(text, attachments) ?? null
    if (id === null) return false
    const message = { id, text, ...(attachments.length === 0 ? {} : { attachments }) }
    this.#kept.addPending(message)
    this.entries.value = written(this.entries.value, message, now())
    this.fingers.rest()
    return true
  }

  /** A message that was refused, once more, as a new one. */
  again(entry: Entry): void {
    this.discard(entry)
    this.say(entry.text, entry.attachments)
  }

  discard({ key }: Entry): void {
    this.entries.value = discarded(this.entries.value, key)
  }

  retryNow(): void {
    this.#chat?.retryNow()
  }

  /** The customer has everything before their eyes. */
  seen(): void {
    const seq = lastSeq(this.entries.value)
    if (seq <= this.place.value) return
    this.place.value = seq
    this.#chat?.seen(seq)
    this.#keepPlace()
  }

  /** Another customer speaks here from now on. */
  changedCustomer(): void {
    if (this.#chat) this.#chat.reconnect()
  }

  /** Nobody speaks here any more. */
  end(): void {
    this.#chat?.close()
    this.#chat = null
    this.#current = null
    this.#clear()
    this.entries.value = []
    this.state.value = null
  }

  #become(state: ChatState): void {
    this.state.value = state
    if (state.kind === 'open') return
    this.#showTyping(null)
    this.#cancelPast()
    this.isCaughtUp.value = false
  }

  /** A renewed token may open another conversation; what was said in the last one is no part of it. */
  #enter(conversation: string): void {
    if (this.#current !== null && this.#current !== conversation) {
      this.#clear()
      this.entries.value = this.entries.value.filter(({ seq }) => seq === null)
    }
    if (this.#current !== conversation) this.#findPlace(conversation)
    this.#current = conversation
    this.#cancelPast = after(pastMsMax, () => (this.isCaughtUp.value = true))
  }

  #clear(): void {
    this.owner.value = null
    this.place.value = 0
    this.read.value = notRead
    this.#showTyping(null)
  }

  #take(delivery: ChatDelivery): void {
    if (delivery.from !== 'customer') this.#showTyping(null)
    else if (delivery.id !== undefined) this.#kept.dropPending(delivery.id)
    // Who joins has read everything before: so the notice says.
    if (delivery.notice?.kind === 'joined') this.#readUpTo(delivery.seq, delivery.at)
    this.entries.value = told(this.entries.value, delivery)
  }

  #showTyping(from: OwnerKind | null): void {
    this.#cancelTyping()
    this.typing.value = from
    if (from !== null) this.#cancelTyping = after(typingMsMax, () => (this.typing.value = null))
  }

  #readUpTo(seq: number, at: number): void {
    if (seq <= this.read.value.seq) return
    this.read.value = { seq, at }
    this.#keepPlace()
  }

  #findPlace(conversation: string): void {
    const { place } = this.#kept
    if (place?.conversation !== conversation) return
    this.place.value = Math.max(this.place.value, place.seq)
    if (place.read.seq > this.read.value.seq) this.read.value = place.read
  }

  #keepPlace(): void {
    if (this.#current !== null) this.#kept.place = { conversation: this.#current, seq: this.place.value, read: this.read.value }
  }

  #changedElsewhere(name: string | null): void {
    if (name === 'place' && this.#current !== null) this.#findPlace(this.#current)
    if (name !== 'token' && name !== null) return
    const token = this.#kept.token?.token ?? null
    if (token === null) this.end()
    else if (token !== this.#session.used) this.changedCustomer()
  }
}
