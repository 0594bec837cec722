/**
 * Who sits at the desk, on which sockets. Owns: desks (a person's open sockets), what they had lately, and that the routing lane
 * knows who is connected. Does not own: presence and reservations (the routing lane), nor who a person is (the server).
 *
 * P1 The routing lane is told of the first socket that was welcomed and of the last one that closed; it ends up knowing what is
 *    true, whatever fails meanwhile.
 * P2 Of a person who left, nothing is kept but what they had within the last day.
 */
import type { World } from '../base/index.ts'
import type { DeskServerFrame, PersonReply } from '../definition/index.ts'
import type { DeskPlace, DeskRights } from './desk-port.ts'
import type { Desk, Seat } from './desk-seat.ts'
import { Leading } from './leading.ts'

/** How long somebody is known to have had a conversation. */
export const hadMsMax = 86_400_000
/** Conversations that one person is known to have had. */
export const hadMax = 1_000

export class DeskPeople {
  readonly #world: World
  readonly #may: DeskRights
  readonly #links: Leading<boolean>
  readonly #desks = new Map<string, Desk>()
  /** By person, then by conversation: when they last had it, oldest first. */
  readonly #had = new Map<string, Map<string, number>>()

  constructor(world: World, may: DeskRights, connected: (worker: string, on: boolean) => Promise<void>) {
    this.#world = world
    this.#may = may
    this.#links = new Leading<boolean>(world, false, connected)
  }

  get desks(): Iterable<Desk> {
    return this.#desks.values()
  }

  get anybody(): boolean {
    return this.#desks.size > 0
  }

  desk(person: string | null): Desk | undefined {
    return person === null ? undefined : this.#desks.get(person)
  }

  sit(seat: Seat, person: PersonReply): Desk {
    this.leave(seat)
    const desk = this.#desks.get(person.id) ?? { person, seats: new Set(), offers: new Map(), presence: 'offline', taken: 0, heard: 0 }
    desk.person = person
    desk.seats.add(seat)
    this.#desks.set(person.id, desk)
    seat.desk = desk
    return desk
  }

  /** P1 */
  welcomed(desk: Desk): void {
    this.#links.want(desk.person.id, true)
  }

  /** Gives the desk that nobody sits at any more. */
  leave(seat: Seat): Desk | null {
    const { desk } = seat
    if (desk === null) return null
    seat.desk = null
    seat.isWelcome = false
    desk.seats.delete(seat)
    if (desk.seats.size > 0) return null
    this.#desks.delete(desk.person.id)
    this.#links.want(desk.person.id, false)
    return desk
  }

  sees(desk: Desk, place: DeskPlace): boolean {
    const { conversation } = place
    return this.#may.sees(desk.person, place, { offered: isOffered(desk, conversation), had: this.had(desk, conversation) })
  }

  /** Whether they see it for what it is now, not for what it was. */
  seesNow(desk: Desk, place: DeskPlace): boolean {
    return this.#may.sees(desk.person, place, { offered: isOffered(desk, place.conversation), had: false })
  }

  /** Whether the person knows of the conversation: telling them that it changed hands gives nothing away. */
  had(desk: Desk, conversation: string): boolean {
    const at = this.#had.get(desk.person.id)?.get(conversation)
    return at !== undefined && at > this.#world.now() - hadMsMax
  }

  /** Whoever has it now is remembered to have had it. */
  has(person: string, conversation: string): void {
    const held = this.#had.get(person) ?? new Map<string, number>()
    held.delete(conversation)
    held.set(conversation, this.#world.now())
    const oldest = held.keys().next()
    if (held.size > hadMax && !oldest.done) held.delete(oldest.value)
    this.#had.set(person, held)
  }

  /** To every welcomed socket of the desk. */
  tell(desk: Desk, frame: DeskServerFrame, except: Seat | null = null): void {
    const json = JSON.stringify(frame)
    for (const seat of desk.seats) if (seat.isWelcome && seat !== except) seat.line.write(json)
  }

  tellAll(frame: DeskServerFrame): void {
    const json = JSON.stringify(frame)
    for (const { seats } of this.#desks.values()) for (const seat of seats) if (seat.isWelcome) seat.line.write(json)
  }

  close(): void {
    this.#links.close()
  }
}

function isOffered({ offers }: Desk, conversation: string): boolean {
  for (const offer of offers.values()) if (offer.conversation === conversation) return true
  return false
}
