/**
 * What the routing lane tells of workers and queues, on its way to the desks.
 *
 * Owns: offers that wait for a person at the desk, wrap-ups that run, the pace of queue figures. Does not own: tasks, reservations
 * and presence (the routing lane), nor the packet (context).
 *
 * F1 An offer goes to its worker only, with its packet, and never after it ended.
 * F2 An offer that ended leaves every socket of its worker but the one that answered it.
 * F3 Queue figures are read at most once in `queuesMsMin`.
 */
import type { Timer } from '../base/index.ts'
import type { DeskServerFrame, HandoffPacket, OfferReply, QueueReply, WorkerReply } from '../definition/index.ts'
import type { RoutingTold } from '../route/index.ts'
import type { DeskPeople } from './desk-people.ts'
import type { DeskHubParts } from './desk-port.ts'
import type { Desk, Seat } from './desk-seat.ts'

/** Between two readings of the queues. */
export const queuesMsMin = 1_000

type Told<Kind extends RoutingTold['kind']> = Extract<RoutingTold, { readonly kind: Kind }>
type Wrapping = Extract<DeskServerFrame, { readonly type: 'wrapping' }>

export class DeskOffers {
  readonly #parts: DeskHubParts
  readonly #people: DeskPeople
  /** Wrap-ups that run, by worker and reservation: a person who reloads goes on noting down. */
  readonly #wraps = new Map<string, Map<string, Wrapping>>()
  /** The socket that is just answering an offer. */
  readonly #answering = new Map<string, Seat>()
  #resting: Timer | null = null
  #isDue = false

  constructor(parts: DeskHubParts, people: DeskPeople) {
    this.#parts = parts
    this.#people = people
  }

  told(told: RoutingTold): void {
    if (told.kind === 'offered') this.#offered(told)
    else if (told.kind === 'ended') this.#ended(told)
    else if (told.kind === 'wrapping') this.#wrapping(told)
    else if (told.kind === 'worker') this.#worker(told)
    if (told.kind !== 'wrapping') this.#queuesChanged()
  }

  /** What the desk was told in its welcome, and what belongs to it: packets, presence, wrap-ups. */
  welcomed(seat: Seat, desk: Desk, worker: WorkerReply | undefined): void {
    for (const offer of desk.offers.values()) void this.#present(desk, offer, seat)
    if (worker) seat.line.write(JSON.stringify(presenceFrame(desk)))
    for (const wrapping of this.#wrapsOf(desk.person.id).values()) seat.line.write(JSON.stringify(wrapping))
  }

  /** While `act` answers the offer, its own socket knows; the routing lane may tell of its end before or after that. */
  async answering(seat: Seat, desk: Desk, reservation: string, act: () => Promise<void>): Promise<void> {
    this.#answering.set(reservation, seat)
    try {
      await act()
    } catch (error) {
      this.#answering.delete(reservation)
      throw error
    }
    if (!desk.offers.delete(reservation)) this.#answering.delete(reservation)
  }

  completed(worker: string, reservation: string): void {
    const wraps = this.#wrapsOf(worker)
    if (wraps.delete(reservation) && wraps.size === 0) this.#wraps.delete(worker)
  }

  /** Presence was set, whether or not the routing lane had anything to tell of it. */
  present(desk: Desk): void {
    this.#people.tell(desk, presenceFrame(desk))
  }

  close(): void {
    this.#resting?.cancel()
  }

  #offered({ reservation, task }: Told<'offered'>): void {
    const desk = this.#people.desk(reservation.worker)
    if (desk === undefined) return
    const { conversation, customer, channel, queue, priority, goal, because } = task
    const { id, offeredAt, expiresAt } = reservation
    const offer: OfferReply = { reservation: id, conversation, customer, channel, queue, priority, goal, because, offeredAt, expiresAt }
    desk.offers.set(id, offer)
    void this.#present(desk, offer)
  }

  #ended({ reservation, reason }: Told<'ended'>): void {
    const except = this.#answering.get(reservation.id) ?? null
    this.#answering.delete(reservation.id)
    const desk = this.#people.desk(reservation.worker)
    if (desk === undefined) return
    desk.offers.delete(reservation.id)
    for (const seat of desk.seats) if (!seat.isWelcome) seat.meanwhile.ended.add(reservation.id)
    this.#people.tell(desk, { type: 'rescinded', reservation: reservation.id, reason: reason === 'accepted' ? 'taken' : reason }, except)
  }

  /** F1: the offer may end while its packet is read. */
  async #present(desk: Desk, offer: OfferReply, only: Seat | null = null): Promise<void> {
    let packet: HandoffPacket | null = null
    try {
      packet = await this.#parts.views.packet(offer.conversation)
    } catch (error) {
      this.#parts.failed(error)
    }
    if (desk.offers.get(offer.reservation) !== offer) return
    const frame: DeskServerFrame = { type: 'offer', offer, packet: packet ?? bareMinimum(desk, offer) }
    if (only === null) this.#people.tell(desk, frame)
    else if (only.desk === desk) only.line.write(JSON.stringify(frame))
  }

  #wrapping({ reservation, task, endsAt }: Told<'wrapping'>): void {
    const { worker, id } = reservation
    const desk = this.#people.desk(worker)
    const frame: Wrapping = { type: 'wrapping', reservation: id, conversation: task.conversation, endsAt, codes: this.#parts.wrapUpCodes(task.queue) }
    const wraps = this.#wrapsOf(worker)
    wraps.set(id, frame)
    this.#wraps.set(worker, wraps)
    if (desk) this.#people.tell(desk, frame)
  }

  #worker({ worker, taken }: Told<'worker'>): void {
    const desk = this.#people.desk(worker.id)
    if (desk === undefined) return
    desk.presence = worker.presence
    desk.taken = taken
    desk.heard++
    this.#people.tell(desk, presenceFrame(desk))
  }

  /** Those that still run. */
  #wrapsOf(worker: string): Map<string, Wrapping> {
    const wraps = this.#wraps.get(worker) ?? new Map<string, Wrapping>()
    const now = this.#parts.world.now()
    for (const [reservation, { endsAt }] of wraps) if (endsAt <= now) wraps.delete(reservation)
    if (wraps.size === 0) this.#wraps.delete(worker)
    return wraps
  }

  #queuesChanged(): void {
    if (this.#resting !== null) {
      this.#isDue = true
      return
    }
    this.#isDue = false
    this.#resting = this.#parts.world.setTimer(queuesMsMin, () => {
      this.#resting = null
      if (this.#isDue) this.#queuesChanged()
    })
    void this.#tellQueues()
  }

  async #tellQueues(): Promise<void> {
    if (!this.#people.anybody) return
    try {
      const queues: readonly QueueReply[] = await this.#parts.views.queues()
      this.#people.tellAll({ type: 'queues', queues })
    } catch (error) {
      this.#parts.failed(error)
    }
  }
}

function presenceFrame({ presence, taken, person }: Desk): DeskServerFrame {
  return { type: 'presence', state: presence, taken, capacity: person.capacity }
}

/** A packet that could not be read must not cost its offer: what the task itself tells. */
function bareMinimum({ person }: Desk, { goal, because, offeredAt }: OfferReply): HandoffPacket {
  return {
    from: { owner: 'bot', name: null },
    to: { owner: 'human', name: person.name },
    at: offeredAt,
    goal,
    facts: [],
    tried: [],
    promised: [],
    question: null,
    emotion: [],
    because,
    decision: null,
    agreed: [],
  }
}
