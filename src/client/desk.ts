/**
 * A person's end of the desk: `WS /v1/desk`, kept open.
 *
 * Owns the socket, what was said and is not acknowledged, the questions that wait for an answer, and the place in each
 * conversation to continue from. Does not own how a desk looks, nor what a person may do: the server says so.
 *
 * D1 a message or note is kept until it is accepted or refused, and is sent again under the same id and the same epoch: it is said
 *    once, as the owner it was written by, or not at all.
 * D2 an entry of a conversation is handed on once, however often it arrives; the highest one handed on is where the next socket
 *    continues.
 * D3 every question is answered: done, refused, or not known because the connection was lost.
 * D4 the state is always known: a line that has been silent is doubted, and asked about at another door.
 */
import type { DeskClientFrame, DeskServerFrame, HandoffTarget, Presence } from '../definition/index.ts'
import { backoffMs } from './backoff.ts'
import type { ChatSocket } from './chat.ts'
import { BattutaClientError } from './error.ts'
import { systemTimers } from './timers.ts'
import type { ClientTimers } from './timers.ts'

/** A socket that has not answered within this time is dead, whatever the platform believes. */
const answerMsMax = 8_000
/** After this much silence the server is asked whether it is still there. */
const silenceMsMax = 20_000
/** Messages and notes that may wait for a connection; more are refused where they are written. */
export const deskPendingMax = 50

/** Something said at the desk that is not acknowledged yet. */
export type DeskPending =
  | {
      readonly kind: 'message'
      readonly id: string
      readonly conversation: string
      readonly text: string
      readonly epoch: number
      readonly attachments: readonly string[]
    }
  | { readonly kind: 'note'; readonly id: string; readonly conversation: string; readonly text: string }

export type DeskState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  | { readonly kind: 'waiting'; readonly retryAt: number; readonly error: BattutaClientError }
  /** The server answered and said no: asking again would change nothing. */
  | { readonly kind: 'refused'; readonly error: BattutaClientError }
  | { readonly kind: 'closed' }

type Answer = 'accepted' | 'done' | 'error'
type Frames = { readonly [Type in Exclude<DeskServerFrame['type'], Answer>]?: (frame: Extract<DeskServerFrame, { type: Type }>) => void }

/** What happens at the desk, by the name of its frame, and what became of what was said. */
export interface DeskHandlers extends Frames {
  readonly state?: (state: DeskState) => void
  /** The message or note is durable. */
  readonly accepted?: (id: string, conversation: string, seq: number) => void
  /** It will not be said: the words are their writer's again. */
  readonly refused?: (pending: DeskPending, error: BattutaClientError) => void
  /** The server complains of something that nobody waits for. */
  readonly complaint?: (error: BattutaClientError, conversation: string | null) => void
}

export interface DeskOptions {
  /** The server's address: `https://battuta.example`. */
  readonly url: string
  /** For programs; browsers have a cookie. `worker` is who a key speaks for. */
  readonly key?: string
  readonly worker?: string
  readonly handlers: DeskHandlers
  /** A request that only who may use the desk gets answered: tells a lost line from a refused one. */
  readonly probe?: () => Promise<unknown>
  readonly timers?: ClientTimers
  readonly openSocket?: (url: string) => ChatSocket
}

interface Question {
  readonly resolve: () => void
  readonly reject: (error: BattutaClientError) => void
  readonly cancelWatch: () => void
}

interface Place {
  after: number
  readonly seen: Set<number>
}

type Asked = Extract<DeskClientFrame, { ref?: string }>
/** Distributes over the frames, so that each keeps its own fields. */
type WithoutRef<Frame> = Frame extends Asked ? Omit<Frame, 'ref'> : never

/**
 * Opens a person's desk and keeps it open until `close()`.
 * @example
 * const line = desk({ url: location.origin, handlers: { offer: ({ offer }) => show(offer) } })
 * await line.accept(reservation)
 */
export function desk(options: DeskOptions): Desk {
  return new Desk(options)
}

export class Desk {
  readonly #options: DeskOptions
  readonly #timers: ClientTimers
  /** Unacknowledged, in the order they were written. */
  readonly #pending = new Map<string, DeskPending>()
  readonly #questions = new Map<string, Question>()
  readonly #places = new Map<string, Place>()
  #watched: string | null = null
  #socket: ChatSocket | null = null
  #state: DeskState = { kind: 'connecting' }
  #attempt = 0
  #cancelRetry = () => {}
  #cancelWatch = () => {}
  #cancelSilence = () => {}

  constructor(options: DeskOptions) {
    this.#options = options
    this.#timers = options.timers ?? systemTimers
    this.#connect()
  }

  get state(): DeskState {
    return this.#state
  }

  /** What is not acknowledged yet, oldest first: keep it, and `restore` it on the next page. */
  get pending(): readonly DeskPending[] {
    return [...this.#pending.values()]
  }

  /**
   * Takes what an earlier page of the same person could not get acknowledged. Best called on `welcome`, which says who the person
   * is: it is then sent before anything newer.
   */
  restore(pending: readonly DeskPending[]): void {
    const written = [...this.#pending.values()]
    this.#pending.clear()
    for (const said of [...pending, ...written]) this.#pending.set(said.id, said)
  }

  presence(state: Exclude<Presence, 'offline'>): void {
    this.#write({ type: 'presence', state })
  }

  accept(reservation: string): Promise<void> {
    return this.#ask({ type: 'accept', reservation })
  }

  reject(reservation: string, reason?: string): Promise<void> {
    return this.#ask({ type: 'reject', reservation, ...(reason === undefined ? {} : { reason }) })
  }

  /** Ends the wrap-up of a reservation. */
  complete(reservation: string, wrapUpCode: string): Promise<void> {
    return this.#ask({ type: 'complete', reservation, wrapUpCode })
  }

  /** Follows one conversation from after `after`, or none. */
  watch(conversation: string | null, after = 0): void {
    this.#watched = conversation
    if (conversation !== null) this.#places.set(conversation, { after, seen: new Set() })
    this.#write(conversation === null ? { type: 'watch', conversation } : { type: 'watch', conversation, after })
  }

  /** Says something as the owner of `epoch`, now or when there is a connection; null when `deskPendingMax` wait already. */
  say(message: { conversation: string; epoch: number; text: string; attachments?: readonly string[] }): string | null {
    const { conversation, epoch, text, attachments = [] } = message
    return this.#keep((id) => ({ kind: 'message', id, conversation, text, epoch, attachments }))
  }

  /** Notes something down for colleagues; null when `deskPendingMax` wait already. */
  note(conversation: string, text: string): string | null {
    return this.#keep((id) => ({ kind: 'note', id, conversation, text }))
  }

  typing(conversation: string, on: boolean): void {
    this.#write({ type: 'typing', conversation, on })
  }

  handOff(handoff: { conversation: string; epoch: number; to: HandoffTarget; because?: string; agreed?: readonly string[] }): Promise<void> {
    return this.#ask({ type: 'handoff', ...handoff })
  }

  resolve(resolved: { conversation: string; epoch: number; wrapUpCode: string }): Promise<void> {
    return this.#ask({ type: 'resolve', ...resolved })
  }

  /** Ends the wait for the next attempt, if there is one. */
  retryNow(): void {
    if (this.#state.kind === 'waiting' || this.#state.kind === 'refused') this.#connect()
  }

  /** The platform says that its network is gone: what is open is not to be trusted. */
  networkLost(): void {
    if (this.#state.kind === 'open') this.#lost(new BattutaClientError('UNREACHABLE', 'The network is gone.'))
  }

  close(): void {
    this.#cancelRetry()
    this.#drop()
    this.#giveUpQuestions()
    this.#set({ kind: 'closed' })
  }

  #connect(): void {
    this.#cancelRetry()
    this.#set({ kind: 'connecting' })
    const { url, key, worker, openSocket = (address: string): ChatSocket => new WebSocket(address) } = this.#options
    const socket = openSocket(`${url.replace(/^http/, 'ws').replace(/\/+$/, '')}/v1/desk`)
    this.#socket = socket
    this.#watch()
    const hello: DeskClientFrame = { type: 'hello', ...(key === undefined ? {} : { key }), ...(worker === undefined ? {} : { worker }) }
    socket.onopen = () => socket.send(JSON.stringify(hello))
    socket.onmessage = ({ data }: { data: unknown }) => {
      if (socket === this.#socket) this.#take(JSON.parse(String(data)) as DeskServerFrame)
    }
    socket.onclose = () => {
      if (socket !== this.#socket) return
      const lost = new BattutaClientError('UNREACHABLE', 'The connection was lost.')
      // A socket that is turned away at the door looks like one that got lost: another door says which it was.
      const wasOpen = this.#state.kind === 'open'
      this.#lost(lost)
      if (!wasOpen) void this.#probe()
    }
  }

  #take(frame: DeskServerFrame): void {
    this.#listen()
    if (frame.type === 'accepted') return this.#acknowledge(frame.id, frame.conversation, frame.seq)
    if (frame.type === 'done') return this.#answer(frame.ref, null)
    if (frame.type === 'error') return this.#refuse(frame)
    if (frame.type === 'welcome') this.#welcome()
    if (frame.type === 'note') this.#acknowledge(frame.note.id, frame.conversation, frame.note.afterSeq)
    if (frame.type === 'delivery') {
      const { seq } = frame.entry
      // The entry itself is as good as the acknowledgement that got lost.
      if (frame.id !== undefined) this.#acknowledge(frame.id, frame.conversation, seq)
      if (!this.#isNew(frame.conversation, seq)) return
    }
    ;(this.#options.handlers[frame.type] as ((frame: DeskServerFrame) => void) | undefined)?.(frame)
    if (frame.type === 'welcome') this.#resume()
  }

  #welcome(): void {
    this.#attempt = 0
    this.#cancelWatch()
    this.#set({ kind: 'open' })
  }

  #resume(): void {
    const place = this.#watched === null ? undefined : this.#places.get(this.#watched)
    if (place) this.#write({ type: 'watch', conversation: this.#watched, after: place.after })
    for (const said of this.#pending.values()) this.#send(said)
  }

  #isNew(conversation: string, seq: number): boolean {
    let place = this.#places.get(conversation)
    if (!place) this.#places.set(conversation, (place = { after: 0, seen: new Set() }))
    if (place.seen.has(seq)) return false
    place.seen.add(seq)
    place.after = Math.max(place.after, seq)
    return true
  }

  #keep(make: (id: string) => DeskPending): string | null {
    if (this.#pending.size >= deskPendingMax || this.#state.kind === 'closed') return null
    const said = make(this.#newId('dsk'))
    this.#pending.set(said.id, said)
    if (this.#state.kind === 'open') this.#send(said)
    return said.id
  }

  #send(said: DeskPending): void {
    const { id, conversation, text } = said
    if (said.kind === 'note') this.#write({ type: 'note', conversation, id, text })
    else {
      const attachments = said.attachments.length === 0 ? {} : { attachments: said.attachments }
      this.#write({ type: 'message', conversation, id, epoch: said.epoch, text, ...attachments })
    }
    this.#watch()
  }

  #acknowledge(id: string, conversation: string, seq: number): void {
    if (!this.#pending.delete(id)) return
    this.#cancelWatch()
    if (this.#pending.size > 0) this.#watch()
    this.#options.handlers.accepted?.(id, conversation, seq)
  }

  #refuse(frame: Extract<DeskServerFrame, { type: 'error' }>): void {
    const error = new BattutaClientError(frame.code, frame.detail, { retryAfterMs: frame.retryAfterMs })
    if (frame.ref !== undefined) return this.#answer(frame.ref, error)
    const said = frame.id === undefined ? undefined : this.#pending.get(frame.id)
    if (said) return this.#refuseSaid(said, error)
    if (this.#state.kind === 'connecting' && error.retryAfterMs !== undefined) return this.#lost(error)
    if (this.#state.kind === 'connecting' || frame.code === 'UNAUTHENTICATED') return this.#turnedAway(error)
    this.#options.handlers.complaint?.(error, frame.conversation ?? null)
  }

  #refuseSaid(said: DeskPending, error: BattutaClientError): void {
    this.#cancelWatch()
    if (error.retryAfterMs !== undefined) {
      this.#timers.after(error.retryAfterMs, () => {
        if (this.#pending.has(said.id) && this.#state.kind === 'open') this.#send(said)
      })
      return
    }
    this.#pending.delete(said.id)
    if (this.#pending.size > 0) this.#watch()
    this.#options.handlers.refused?.(said, error)
  }

  #turnedAway(error: BattutaClientError): void {
    this.#cancelRetry()
    this.#drop()
    this.#giveUpQuestions()
    this.#set({ kind: 'refused', error })
  }

  #ask(frame: WithoutRef<DeskClientFrame>): Promise<void> {
    if (this.#state.kind !== 'open')
      return Promise.reject(new BattutaClientError('UNREACHABLE', 'There is no connection, so nothing was asked. Try again when it is back.'))
    const ref = this.#newId('ref')
    return new Promise<void>((resolve, reject) => {
      const cancelWatch = this.#timers.after(answerMsMax, () => this.#lost(new BattutaClientError('UNREACHABLE', 'The server does not answer.')))
      this.#questions.set(ref, { resolve, reject, cancelWatch })
      this.#write({ ...frame, ref })
    })
  }

  #answer(ref: string, error: BattutaClientError | null): void {
    const question = this.#questions.get(ref)
    if (!question) return
    this.#questions.delete(ref)
    question.cancelWatch()
    if (error === null) question.resolve()
    else question.reject(error)
  }

  #giveUpQuestions(): void {
    const lost = 'The connection was lost before the answer came, so it may have been done. Look before you try again.'
    for (const ref of this.#questions.keys()) this.#answer(ref, new BattutaClientError('UNREACHABLE', lost))
  }

  #write(frame: DeskClientFrame): void {
    if (this.#state.kind === 'open') this.#socket?.send(JSON.stringify(frame))
  }

  /** Waits for an answer to what was just said; without one the socket is given up. */
  #watch(): void {
    this.#cancelWatch()
    this.#cancelWatch = this.#timers.after(answerMsMax, () => this.#lost(new BattutaClientError('UNREACHABLE', 'The server does not answer.')))
  }

  /** Something came, so the line is alive; the silence after it is watched. */
  #listen(): void {
    this.#cancelSilence()
    this.#cancelSilence = this.#timers.after(silenceMsMax, () => void this.#probe())
  }

  async #probe(): Promise<void> {
    const { probe } = this.#options
    if (!probe) return
    const socket = this.#socket
    const cancelWait = this.#timers.after(answerMsMax, () => {
      if (this.#state.kind === 'open' && socket === this.#socket) this.#lost(new BattutaClientError('UNREACHABLE', 'The server does not answer.'))
    })
    const error = await probe().then(
      () => null,
      (cause: unknown) => (cause instanceof BattutaClientError ? cause : new BattutaClientError('UNREACHABLE', 'The server does not answer.', { cause })),
    )
    cancelWait()
    if (this.#isClosed() || socket !== this.#socket) return
    if (error?.status === 401 || error?.status === 403) this.#turnedAway(error)
    else if (this.#state.kind === 'open') {
      if (error) this.#lost(error)
      else this.#listen()
    }
  }

  #lost(error: BattutaClientError): void {
    if (this.#isClosed()) return
    this.#drop()
    this.#attempt++
    const delayMs = error.retryAfterMs ?? backoffMs(this.#attempt, this.#timers.chance())
    this.#set({ kind: 'waiting', retryAt: this.#timers.now() + delayMs, error })
    this.#giveUpQuestions()
    this.#cancelRetry()
    this.#cancelRetry = this.#timers.after(delayMs, () => this.#connect())
  }

  /** Lets go of the socket first, so that its last words are not taken for the next one's. */
  #drop(): void {
    this.#cancelWatch()
    this.#cancelSilence()
    const socket = this.#socket
    this.#socket = null
    socket?.close()
  }

  #isClosed(): boolean {
    return this.#state.kind === 'closed'
  }

  #set(state: DeskState): void {
    this.#state = state
    this.#options.handlers.state?.(state)
  }

  /** 96 bits, so that two pages never meet on one id. */
  #newId(kind: string): string {
    const part = () =>
      Math.floor(this.#timers.chance() * 2 ** 32)
        .toString(36)
        .padStart(7, '0')
    return `${kind}_${part()}${part()}${part()}`
  }
}
