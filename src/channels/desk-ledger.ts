/**
 * The conversations that somebody at the desk has in their inbox or follows, as they are now, and what is told of them.
 *
 * Owns: the newest row of each, who holds it and who follows it. Does not own: conversations (records), rights (the composer).
 *
 * G1 A person never receives a frame of a conversation they may not see as of its newest row: what is said under an epoch whose
 *    row was not told yet waits for that row.
 * G2 The newest row wins, whether it was told or read.
 * G3 An inbox holds what is open and with a colleague or waiting, as far as its person may see it: `item` when it comes or changes,
 *    `gone` when it leaves.
 * G4 Who follows a conversation gets each entry after their `after` once and in order; who owns it, every entry while they do.
 */
import { assert } from '../base/index.ts'
import { readMemory } from '../context/index.ts'
import type { DeskServerFrame, EmotionPoint, InboxItem, NoteReply } from '../definition/index.ts'
import type { ConversationRow } from '../records/index.ts'
import type { DeskPeople } from './desk-people.ts'
import type { DeskHubParts, DeskPlace } from './desk-port.ts'
import type { Desk, Known, Seat, Watch } from './desk-seat.ts'
import type { Delivery } from './port.ts'

/** Entries of one conversation that may wait for the row they were said under. */
const earlyMax = 1_000

export class DeskLedger {
  readonly #parts: DeskHubParts
  readonly #people: DeskPeople
  readonly #said: (known: Known) => void
  readonly #known = new Map<string, Known>()

  /** `said` is told when the customer said something in a conversation that somebody follows. */
  constructor(parts: DeskHubParts, people: DeskPeople, said: (known: Known) => void) {
    this.#parts = parts
    this.#people = people
    this.#said = said
  }

  get(conversation: string): Known | undefined {
    return this.#known.get(conversation)
  }

  open(id: string): Known {
    const held = this.#known.get(id)
    if (held) return held
    const known: Known = {
      id,
      place: null,
      row: null,
      emotion: [],
      holders: new Set(),
      watchers: new Set(),
      reading: 0,
      early: [],
      delivered: 0,
      seen: 0,
      isDirty: false,
    }
    this.#known.set(id, known)
    return known
  }

  told(row: ConversationRow): void {
    const place = placeOf(row.id, row)
    for (const desk of this.#people.desks) for (const seat of desk.seats) if (!seat.isWelcome) seat.meanwhile.rows.set(row.id, row)
    const known = this.#known.get(row.id) ?? (this.#isSomebodys(place) ? this.open(row.id) : undefined)
    if (known === undefined || isOlder(place, known.place)) return
    known.row = row
    if (known.watchers.size > 0) known.emotion = readMemory(row.memory).emotion
    this.#settle(known, place)
    this.refresh(known)
  }

  /** What was read of it. Gives the newest there is of it; whoever asked lets go of it with `prune`. */
  read(item: InboxItem, emotion: readonly EmotionPoint[] | null = null): DeskPlace {
    const known = this.open(item.conversation)
    const place = placeOf(item.conversation, item)
    if (emotion !== null && !isOlder(place, known.place)) known.emotion = emotion
    if (known.place !== null && !isOlder(known.place, place)) return known.place
    this.#settle(known, place)
    return place
  }

  /** G3 */
  holds(desk: Desk, place: DeskPlace): boolean {
    return place.status === 'open' && (place.owner === 'human' || place.owner === null) && this.#people.seesNow(desk, place)
  }

  /** An offer came or ended, and with it perhaps the right to see its conversation. */
  review(desk: Desk, conversation: string): void {
    const known = this.#known.get(conversation)
    if (known === undefined || known.place === null) return
    this.#takeFrom(desk, known, known.place)
    this.refresh(known)
  }

  /** Inboxes are told in the next turn of the event loop: what changes together is told once. */
  refresh(known: Known): void {
    if (known.isDirty) return
    known.isDirty = true
    known.reading++
    this.#parts.world.defer(() => void this.#flush(known))
  }

  deliver(delivery: Delivery): void {
    const known = this.#known.get(delivery.conversation)
    if (known === undefined) return
    if (known.place === null || delivery.epoch > known.place.epoch) {
      known.early.push(delivery)
      if (known.early.length > earlyMax) this.#giveUp(known)
      return
    }
    const json = JSON.stringify(deliveryFrame(delivery))
    for (const watch of known.watchers) {
      if (watch.waiting) watch.waiting.deliveries.push(delivery)
      else this.give(watch, delivery, json)
    }
    this.#toOwner(known, delivery, json)
    if (delivery.from === 'customer' && known.watchers.size > 0) this.#said(known)
  }

  /** One entry to one that follows, in order. An entry that is early for them is early for all. */
  give(watch: Watch, delivery: Delivery, json: string | null = null): void {
    const { known, seat } = watch
    if (delivery.seq <= watch.sent || known.place === null) return
    if (delivery.epoch > known.place.epoch) {
      known.early.push(delivery)
      return
    }
    if (seat.desk === null || !this.#people.sees(seat.desk, known.place)) return
    watch.sent = delivery.seq
    seat.line.write(json ?? JSON.stringify(deliveryFrame(delivery)))
    if (isOwner(seat.desk, known.place) && delivery.from === 'customer') this.#parts.customer.read(known.id, delivery.seq)
  }

  note(conversation: string, note: NoteReply): void {
    const known = this.#known.get(conversation)
    if (known === undefined) return
    for (const watch of known.watchers) watch.waiting?.notes.push(note)
    this.tellWatchers(known, { type: 'note', conversation, note })
  }

  /** To all that follow it and may see it. */
  tellWatchers(known: Known, frame: DeskServerFrame, except: Desk | null = null): void {
    const json = JSON.stringify(frame)
    for (const { seat, waiting } of known.watchers) {
      if (waiting === null && seat.desk !== null && seat.desk !== except && known.place !== null && this.#people.sees(seat.desk, known.place))
        seat.line.write(json)
    }
  }

  /** To its owner on every socket, and to all that follow it. */
  tellAll(known: Known, frame: DeskServerFrame): void {
    this.tellWatchers(known, frame)
    const json = JSON.stringify(frame)
    for (const seat of this.#ownersSeats(known)) if (seat.watch?.known !== known) seat.line.write(json)
  }

  /** To every inbox that has it, gets it or loses it. An item older than what is known is nothing new. */
  tellItem(known: Known, item: InboxItem): void {
    const { place } = known
    if (place === null || isOlder(placeOf(known.id, item), place)) return
    for (const desk of this.#people.desks) {
      if (this.holds(desk, place)) {
        known.holders.add(desk)
        this.#people.tell(desk, { type: 'item', item })
        continue
      }
      const wasHeld = known.holders.delete(desk)
      if (!this.#people.sees(desk, place)) continue
      for (const seat of desk.seats)
        if (seat.isWelcome && (wasHeld || seat.watch?.known === known)) seat.line.write(JSON.stringify({ type: 'item', item } satisfies DeskServerFrame))
      if (wasHeld && place.status === 'open') this.#people.tell(desk, { type: 'gone', conversation: known.id })
    }
  }

  unwatch(seat: Seat): void {
    const { watch } = seat
    if (watch === null) return
    stopWatching(seat)
    this.prune(watch.known)
  }

  /** Nobody sits at the desk any more. */
  left(desk: Desk): void {
    for (const known of this.#known.values()) if (known.holders.delete(desk)) this.prune(known)
  }

  /** What nobody holds or follows is forgotten. */
  prune(known: Known): void {
    assert(this.#known.get(known.id) === known, 'a conversation is known once')
    if (known.holders.size === 0 && known.watchers.size === 0 && known.reading === 0) this.#known.delete(known.id)
  }

  #settle(known: Known, place: DeskPlace): void {
    const before = known.place
    if (before !== null) this.#remember(before)
    known.place = place
    this.#remember(place)
    for (const desk of this.#people.desks) {
      this.#takeFrom(desk, known, place)
      // Theirs from now on, though the item is still to be read.
      if (this.holds(desk, place)) known.holders.add(desk)
    }
    if (before !== null && before.epoch < place.epoch) this.tellWatchers(known, ownerFrame(place))
    for (const delivery of known.early.splice(0)) this.deliver(delivery)
  }

  #remember({ conversation, owner, worker }: DeskPlace): void {
    if (owner === 'human' && worker !== null && this.#people.desk(worker)) this.#people.has(worker, conversation)
  }

  /** G1: what a person may not see any more leaves their inbox and their sight at once. */
  #takeFrom(desk: Desk, known: Known, place: DeskPlace): void {
    if (this.#people.sees(desk, place)) return
    const isHeld = known.holders.delete(desk)
    const gone = JSON.stringify({ type: 'gone', conversation: known.id } satisfies DeskServerFrame)
    for (const seat of desk.seats) {
      const follows = seat.watch?.known === known && seat.watch.waiting === null
      if (seat.isWelcome && (isHeld || follows)) seat.line.write(gone)
      if (follows) stopWatching(seat)
    }
  }

  async #flush(known: Known): Promise<void> {
    known.isDirty = false
    const { row } = known
    try {
      const item = row === null ? null : await this.#parts.item(row)
      // A newer row has its own flush.
      if (item !== null && known.row === row) this.tellItem(known, item)
    } catch (error) {
      this.#parts.failed(error)
    }
    known.reading--
    this.prune(known)
  }

  /** G4: unread counts of what is theirs and not in front of them. */
  #toOwner(known: Known, delivery: Delivery, json: string): void {
    if (delivery.seq <= known.delivered) return
    known.delivered = delivery.seq
    for (const seat of this.#ownersSeats(known)) if (seat.watch?.known !== known) seat.line.write(json)
  }

  #ownersSeats({ place }: Known): Seat[] {
    if (place === null) return []
    const desk = place.owner === 'human' ? this.#people.desk(place.worker) : undefined
    return desk === undefined || !this.#people.sees(desk, place) ? [] : [...desk.seats].filter(({ isWelcome }) => isWelcome)
  }

  #isSomebodys(place: DeskPlace): boolean {
    for (const desk of this.#people.desks) if (this.holds(desk, place)) return true
    return false
  }

  /** The row never came: whoever follows it connects again, and reads it. */
  #giveUp(known: Known): void {
    known.early.length = 0
    for (const { seat } of known.watchers) seat.line.letGo(1011, 'the conversation could not be followed')
  }
}

function stopWatching(seat: Seat): void {
  if (seat.watch) seat.watch.known.watchers.delete(seat.watch)
  seat.watch = null
}

export function isOwner(desk: Desk, place: DeskPlace): boolean {
  return place.status === 'open' && place.owner === 'human' && place.worker === desk.person.id
}

export function ownerFrame({ conversation, epoch, owner: role, worker, queue }: DeskPlace): DeskServerFrame {
  return { type: 'owner', conversation, epoch, role, worker, queue }
}

function deliveryFrame({ conversation, id, seq, epoch, at, from, by, text, notice, attachments }: Delivery): DeskServerFrame {
  return { type: 'delivery', conversation, entry: { seq, epoch, at, from, by, text, notice, attachments }, ...(id === null ? {} : { id }) }
}

export function placeOf(conversation: string, row: Omit<DeskPlace, 'conversation'>): DeskPlace {
  const { customer, channel, status, owner, worker, queue, task, epoch, seq, updatedAt } = row
  return { conversation, customer, channel, status, owner, worker, queue, task, epoch, seq, updatedAt }
}

/** The row of an inbox in what more than an inbox shows. */
export function itemOf(reply: InboxItem): InboxItem {
  const { waitingSince, priority, goal, because, last } = reply
  return { ...placeOf(reply.conversation, reply), waitingSince, priority, goal, because, last }
}

/** Epoch and sequence number only rise. */
function isOlder(place: DeskPlace, than: DeskPlace | null): boolean {
  return than !== null && (place.epoch < than.epoch || (place.epoch === than.epoch && place.seq < than.seq))
}
