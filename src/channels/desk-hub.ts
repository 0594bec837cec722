/**
 * The desk over sockets, `WS /v1/desk`. Owns: sockets and their welcome; its parts own the rest: who sits there (desk-people.ts),
 * which conversations they see (desk-ledger.ts), what they follow (desk-watch.ts), offers and queues (desk-offers.ts), what they do
 * (desk-acting.ts). Does not own: conversations, tasks, presence, rights.
 *
 * D1 A socket gets live frames after its welcome, and nothing between the two is left out.
 * D2 Frames of one socket are answered in the order they came, each before the next.
 * D3 A lost connection loses nothing: hello, and watch after what one has, restore all of it.
 * D4 A socket that is closed or was let go hears nothing more, and nothing of it is kept.
 */
import { assert, BattutaError, errorCodes, limits } from '../base/index.ts'
import type { DeskClientFrame, DeskServerFrame, InboxItem, NoteReply, OfferReply, PersonReply, QueueReply, WorkerReply } from '../definition/index.ts'
import type { ConversationRow } from '../records/index.ts'
import type { RoutingTold } from '../route/index.ts'
import { DeskActing } from './desk-acting.ts'
import { readDeskFrame } from './desk-frame.ts'
import { DeskLedger } from './desk-ledger.ts'
import { DeskOffers } from './desk-offers.ts'
import { DeskPeople } from './desk-people.ts'
import type { DeskHubParts } from './desk-port.ts'
import type { Desk, Seat } from './desk-seat.ts'
import { DeskWatch } from './desk-watch.ts'
import type { Channel, ChatSocket, Delivery } from './port.ts'
import { SocketLine } from './socket-line.ts'

/** Until somebody whose welcome could not be read asks again, where the error does not say. */
const retryMsDefault = 1_000

export interface DeskHub extends Channel {
  /** A socket opened; `person` is null until its hello brings a key. Give its frames to `receive` and its end to `closed`. */
  open(socket: ChatSocket, person: PersonReply | null): { receive(data: string): void; closed(): void }
  /** The customer types, or no longer. Ephemeral. */
  customerTypes(conversation: string, on: boolean): void
  /** The customer has read up to here. Ephemeral. */
  customerSaw(conversation: string, seq: number): void
  readonly sockets: number
  /** Cancels timers and tells the lanes nothing more; sockets are the server's to close. */
  close(): void
}

interface Snapshot {
  readonly queues: readonly QueueReply[]
  readonly offers: readonly OfferReply[]
  readonly worker: WorkerReply | undefined
  readonly items: readonly InboxItem[]
}

export function openDeskHub(parts: DeskHubParts): DeskHub {
  return new SocketDesk(parts)
}

class SocketDesk implements DeskHub {
  readonly #parts: DeskHubParts
  readonly #people: DeskPeople
  readonly #ledger: DeskLedger
  readonly #watch: DeskWatch
  readonly #offers: DeskOffers
  readonly #acting: DeskActing
  #sockets = 0

  constructor(parts: DeskHubParts) {
    this.#parts = parts
    const people = new DeskPeople(parts.world, parts.may, (worker, on) => parts.commands.connected(worker, on))
    const ledger = new DeskLedger(parts, people, (known) => watch.said(known))
    const watch = new DeskWatch(parts, people, ledger)
    const offers = new DeskOffers(parts, people)
    this.#acting = new DeskActing(parts, { people, ledger, offers, watch })
    this.#people = people
    this.#ledger = ledger
    this.#watch = watch
    this.#offers = offers
  }

  get sockets(): number {
    return this.#sockets
  }

  open(socket: ChatSocket, person: PersonReply | null): { receive(data: string): void; closed(): void } {
    const line = new SocketLine(
      socket,
      (data) => this.#handle(seat, person, data),
      () => this.#leave(seat),
    )
    const seat: Seat = { line, desk: null, isWelcome: false, meanwhile: { rows: new Map(), ended: new Set() }, watch: null }
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
    this.#ledger.deliver(delivery)
  }

  owner(row: ConversationRow): void {
    this.#ledger.told(row)
  }

  changed(row: ConversationRow): void {
    this.#ledger.told(row)
  }

  note(conversation: string, note: NoteReply): void {
    this.#ledger.note(conversation, note)
  }

  routed(told: RoutingTold): void {
    this.#offers.told(told)
    if (told.kind !== 'offered' && told.kind !== 'ended') return
    const desk = this.#people.desk(told.reservation.worker)
    if (desk) this.#ledger.review(desk, told.task.conversation)
  }

  thinking(): void {}

  customerTypes(conversation: string, on: boolean): void {
    this.#watch.customerTypes(conversation, on)
  }

  customerSaw(conversation: string, seq: number): void {
    this.#watch.customerSaw(conversation, seq)
  }

  close(): void {
    this.#people.close()
    this.#watch.close()
    this.#offers.close()
  }

  /** D2 */
  async #handle(seat: Seat, person: PersonReply | null, data: string): Promise<void> {
    let frame: DeskClientFrame | null = null
    try {
      frame = readDeskFrame(data)
      if (frame.type === 'hello') return await this.#hello(seat, person ?? (await this.#parts.identify(frame.key ?? null, frame.worker ?? null)))
      if (seat.desk === null) throw new BattutaError('UNAUTHENTICATED', 'say hello first; the welcome says who you are')
      await this.#acting.act(seat, seat.desk, frame)
    } catch (error) {
      this.#refuse(seat, frame, error)
    }
  }

  async #hello(seat: Seat, person: PersonReply): Promise<void> {
    if (seat.line.gone) return
    this.#leave(seat)
    const desk = this.#people.sit(seat, person)
    const { meanwhile } = seat
    const { heard } = desk
    let read: Snapshot
    try {
      read = await this.#read(person)
    } catch (error) {
      this.#leave(seat)
      throw error
    }
    if (seat.line.gone) return
    for (const offer of read.offers)
      if (!meanwhile.ended.has(offer.reservation) && !desk.offers.has(offer.reservation)) desk.offers.set(offer.reservation, offer)
    if (read.worker && desk.heard === heard) Object.assign(desk, { presence: read.worker.presence, taken: read.worker.taken })
    // D1: what was told while the inbox was read is newer than it, and its items follow the welcome.
    for (const item of read.items) this.#ledger.read(item)
    for (const row of meanwhile.rows.values()) this.#ledger.told(row)
    const inbox = read.items.flatMap((item) => this.#asItIs(desk, item))
    seat.isWelcome = true
    this.#send(seat, {
      type: 'welcome',
      person,
      presence: desk.presence,
      queues: read.queues,
      offers: [...desk.offers.values()],
      inbox,
      at: this.#parts.world.now(),
    })
    this.#offers.welcomed(seat, desk, read.worker)
    meanwhile.rows.clear()
    meanwhile.ended.clear()
    this.#people.welcomed(desk)
  }

  async #read({ id, role }: PersonReply): Promise<Snapshot> {
    const { views } = this.#parts
    const most = limits.pageItemsMax
    const [queues, offers, workers, theirs, waiting] = await Promise.all([
      views.queues(),
      views.offers(id),
      views.workers(),
      views.conversations({ status: 'open', owner: 'human', ...(role === 'desk' ? { worker: id } : {}) }, most, null),
      views.conversations({ status: 'open', owner: 'waiting' }, most, null),
    ])
    return { queues, offers, worker: workers.find((worker) => worker.id === id), items: [...theirs.items, ...waiting.items] }
  }

  /** The item of an inbox as of the newest row; nothing where it is not theirs any more. */
  #asItIs(desk: Desk, item: InboxItem): readonly InboxItem[] {
    const place = this.#ledger.read(item)
    const known = this.#ledger.open(item.conversation)
    const isTheirs = this.#ledger.holds(desk, place)
    if (isTheirs) known.holders.add(desk)
    else this.#ledger.prune(known)
    return isTheirs ? [{ ...item, ...place }] : []
  }

  #refuse(seat: Seat, frame: DeskClientFrame | null, error: unknown): void {
    const isKnown = error instanceof BattutaError
    const { code, message, retryAfterMs, details } = isKnown ? error : new BattutaError('STORAGE_FAILED', 'it could not be done; try again')
    if (!isKnown) this.#parts.failed(error)
    const marks = markOf({ ...details, ...frame })
    const isHello = frame?.type === 'hello'
    const retry = retryAfterMs ?? (isHello && errorCodes[code].retry ? retryMsDefault : undefined)
    this.#send(seat, { type: 'error', code, detail: message, ...marks, ...(retry === undefined ? {} : { retryAfterMs: retry }) })
    // A page that could not be welcomed connects again, and asks again.
    if (isHello && !isKnown) seat.line.letGo(1011, 'the desk could not be read')
  }

  #send(seat: Seat, frame: DeskServerFrame): void {
    seat.line.write(JSON.stringify(frame))
  }

  #leave(seat: Seat): void {
    this.#watch.stopsTyping(seat)
    this.#ledger.unwatch(seat)
    seat.meanwhile.rows.clear()
    seat.meanwhile.ended.clear()
    const left = this.#people.leave(seat)
    if (left) this.#ledger.left(left)
  }
}

/** What the sender knows the frame by. */
function markOf(frame: Readonly<Record<string, unknown>>): { id?: string; ref?: string; conversation?: string } {
  const marks: { id?: string; ref?: string; conversation?: string } = {}
  for (const field of ['id', 'ref', 'conversation'] as const) if (typeof frame[field] === 'string') marks[field] = frame[field]
  return marks
}
