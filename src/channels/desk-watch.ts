/**
 * Following one conversation: what was missed, then what happens, and what is known of its customer meanwhile.
 *
 * Owns: catching up, the pace of context, who types. Does not own: conversations and rights (desk-ledger.ts).
 *
 * H1 What happens while the past is read comes after it; nothing of it is left out or told twice.
 * H2 Context is read at most once in `contextMsMin` for one conversation, however many follow it and however much is said.
 */
import { BattutaError } from '../base/index.ts'
import type { Timer } from '../base/index.ts'
import type { NoteReply } from '../definition/index.ts'
import { isOwner, ownerFrame } from './desk-ledger.ts'
import type { DeskLedger } from './desk-ledger.ts'
import type { DeskPeople } from './desk-people.ts'
import type { DeskHubParts, DeskPlace } from './desk-port.ts'
import type { Desk, Known, Seat, Watch } from './desk-seat.ts'
import { Typists } from './typists.ts'

/** Between two contexts of one conversation. */
export const contextMsMin = 1_000

export class DeskWatch {
  readonly #parts: DeskHubParts
  readonly #people: DeskPeople
  readonly #ledger: DeskLedger
  readonly #typists: Typists<Seat>
  /** Conversations whose context was just read, and whether it is due again. */
  readonly #resting = new Map<Known, { readonly timer: Timer; isDue: boolean }>()

  constructor(parts: DeskHubParts, people: DeskPeople, ledger: DeskLedger) {
    this.#parts = parts
    this.#people = people
    this.#ledger = ledger
    this.#typists = new Typists(parts.world, (conversation, on, seat) => this.#typingTold(conversation, on, seat))
  }

  /** Throws CONVERSATION_UNKNOWN, also for what the person may not see, and MESSAGE_INVALID. */
  async follow(seat: Seat, desk: Desk, conversation: string | null, after: number): Promise<void> {
    const ledger = this.#ledger
    const people = this.#people
    this.#typists.stops(seat)
    ledger.unwatch(seat)
    if (conversation === null) return
    const waiting: NonNullable<Watch['waiting']> = { deliveries: [], notes: [] }
    const watch: Watch = { seat, known: ledger.open(conversation), sent: after, waiting }
    seat.watch = watch
    watch.known.watchers.add(watch)
    try {
      const reply = await this.#parts.views.conversation(conversation)
      const place = ledger.read(reply, reply.emotion)
      if (!people.sees(desk, place)) throw unseen(conversation)
      if (after > place.seq) throw new BattutaError('MESSAGE_INVALID', `watch: after is ${after}, but the conversation ends at ${place.seq}`)
      const missed = await this.#parts.entries(conversation, after)
      // Gone meanwhile, or no longer theirs to see.
      if (seat.watch !== watch || watch.known.place === null) return
      if (!people.sees(desk, watch.known.place)) throw unseen(conversation)
      watch.waiting = null
      seat.line.write(JSON.stringify(ownerFrame(watch.known.place)))
      for (const delivery of [...missed, ...waiting.deliveries]) ledger.give(watch, delivery)
      this.#notesTo(seat, conversation, [...reply.notes, ...waiting.notes])
      this.#readBy(watch, desk, watch.known.place)
    } catch (error) {
      if (seat.watch === watch) ledger.unwatch(seat)
      throw error
    }
    void this.#tellContext(watch.known, watch)
  }

  /** H2 */
  said(known: Known): void {
    const rest = this.#resting.get(known)
    if (rest) {
      rest.isDue = true
      return
    }
    const timer = this.#parts.world.setTimer(contextMsMin, () => {
      const held = this.#resting.get(known)
      this.#resting.delete(known)
      if (held?.isDue && known.watchers.size > 0) this.said(known)
    })
    this.#resting.set(known, { timer, isDue: false })
    void this.#tellContext(known)
  }

  /** A person types: only as the owner of what they type in. */
  typing(seat: Seat, desk: Desk, conversation: string, on: boolean): void {
    const place = this.#ledger.get(conversation)?.place
    if (place && isOwner(desk, place)) this.#typists.typing(seat, conversation, on)
  }

  stopsTyping(seat: Seat): void {
    this.#typists.stops(seat)
  }

  customerTypes(conversation: string, on: boolean): void {
    const known = this.#ledger.get(conversation)
    if (known) this.#ledger.tellAll(known, { type: 'typing', conversation, from: 'customer', by: null, on })
  }

  customerSaw(conversation: string, seq: number): void {
    const known = this.#ledger.get(conversation)
    if (known === undefined || seq <= known.seen) return
    known.seen = seq
    this.#ledger.tellAll(known, { type: 'seen', conversation, seq })
  }

  close(): void {
    for (const { timer } of this.#resting.values()) timer.cancel()
  }

  #notesTo(seat: Seat, conversation: string, notes: readonly NoteReply[]): void {
    const told = new Set<string>()
    for (const note of notes) {
      if (told.has(note.id)) continue
      told.add(note.id)
      seat.line.write(JSON.stringify({ type: 'note', conversation, note }))
    }
  }

  #readBy({ seat, sent, known }: Watch, desk: Desk, place: DeskPlace): void {
    if (known.seen > 0) seat.line.write(JSON.stringify({ type: 'seen', conversation: known.id, seq: known.seen }))
    if (isOwner(desk, place)) this.#parts.customer.read(known.id, sent)
  }

  async #tellContext(known: Known, only: Watch | null = null): Promise<void> {
    if (known.place === null) return
    try {
      const values = await this.#parts.features(known.place.customer)
      const frame = { type: 'context', conversation: known.id, features: values, emotion: known.emotion } as const
      if (only === null) this.#ledger.tellWatchers(known, frame)
      else if (only.seat.watch === only && only.seat.desk && this.#people.sees(only.seat.desk, known.place)) only.seat.line.write(JSON.stringify(frame))
    } catch (error) {
      this.#parts.failed(error)
    }
  }

  /** What they typed under an epoch that is over is nobody's any more. */
  #typingTold(conversation: string, on: boolean, { desk }: Seat): void {
    const known = this.#ledger.get(conversation)
    if (!known?.place || desk === null || !isOwner(desk, known.place)) return
    this.#parts.customer.typing(conversation, known.place.epoch, on)
    this.#ledger.tellWatchers(known, { type: 'typing', conversation, from: 'human', by: desk.person.id, on }, desk)
  }
}

export function unseen(conversation: string): BattutaError {
  return new BattutaError('CONVERSATION_UNKNOWN', `there is no conversation ${JSON.stringify(conversation)}, or it is not yours`)
}
