/**
 * What a person does at the desk, given on to the lanes. Owns: nothing; the lanes decide, under the epoch.
 *
 * B1 Nobody learns of a conversation they may not see: what the lane says of it is then CONVERSATION_UNKNOWN, unless they had it
 *    and are told that it changed hands.
 * B2 An accepted offer is answered once its conversation can be told: the first message is possible at once.
 */
import { BattutaError } from '../base/index.ts'
import type { DeskClientFrame } from '../definition/index.ts'
import { isOwner, itemOf, placeOf } from './desk-ledger.ts'
import type { DeskLedger } from './desk-ledger.ts'
import type { DeskOffers } from './desk-offers.ts'
import type { DeskPeople } from './desk-people.ts'
import type { DeskHubParts, DeskPlace } from './desk-port.ts'
import type { Desk, Seat } from './desk-seat.ts'
import { unseen } from './desk-watch.ts'
import type { DeskWatch } from './desk-watch.ts'

interface Rest {
  readonly people: DeskPeople
  readonly ledger: DeskLedger
  readonly offers: DeskOffers
  readonly watch: DeskWatch
}
type Frame<Type extends DeskClientFrame['type']> = Extract<DeskClientFrame, { readonly type: Type }>
type Moved = Frame<'handoff'> | Frame<'resolve'>

export class DeskActing {
  readonly #parts: DeskHubParts
  readonly #rest: Rest

  constructor(parts: DeskHubParts, rest: Rest) {
    this.#parts = parts
    this.#rest = rest
  }

  /** Resolves once it is answered; throws what refuses it. */
  async act(seat: Seat, desk: Desk, frame: Exclude<DeskClientFrame, { readonly type: 'hello' }>): Promise<void> {
    const { commands } = this.#parts
    const { watch, offers } = this.#rest
    const worker = desk.person.id
    switch (frame.type) {
      case 'presence':
        return this.#presence(desk, frame)
      case 'watch':
        return watch.follow(seat, desk, frame.conversation, frame.after ?? 0)
      case 'typing':
        return watch.typing(seat, desk, frame.conversation, frame.on)
      case 'message':
        return this.#message(seat, desk, frame)
      case 'note':
        return this.#note(seat, desk, frame)
      case 'accept':
        await offers.answering(seat, desk, frame.reservation, () => this.#accept(desk, frame))
        break
      case 'reject':
        await offers.answering(seat, desk, frame.reservation, () => commands.reject(frame.reservation, worker, frame.reason ?? null))
        break
      case 'complete':
        await commands.complete(frame.reservation, worker, frame.wrapUpCode)
        offers.completed(worker, frame.reservation)
        break
      default:
        await this.#move(desk, frame)
    }
    if (frame.ref !== undefined) seat.line.write(JSON.stringify({ type: 'done', ref: frame.ref }))
  }

  async #presence(desk: Desk, { state }: Frame<'presence'>): Promise<void> {
    const { id, name, skills, capacity } = desk.person
    await this.#parts.commands.presence({ id, name, kind: 'human', skills, capacity, state })
    desk.presence = state
    this.#rest.offers.present(desk)
  }

  /** B2 */
  async #accept({ person }: Desk, { reservation }: Frame<'accept'>): Promise<void> {
    const { commands, views } = this.#parts
    const { ledger } = this.#rest
    const { conversation } = await commands.accept(reservation, person.id)
    const known = ledger.open(conversation)
    known.reading++
    try {
      const reply = await views.conversation(conversation)
      ledger.read(reply, reply.emotion)
      ledger.tellItem(known, itemOf(reply))
    } catch (error) {
      // It is theirs all the same; its row tells so a moment later.
      this.#parts.failed(error)
    }
    known.reading--
    ledger.prune(known)
  }

  async #message(seat: Seat, desk: Desk, { conversation, id, epoch, text, attachments = [] }: Frame<'message'>): Promise<void> {
    const { commands } = this.#parts
    this.#rest.watch.stopsTyping(seat)
    const worker = desk.person.id
    const seq = await this.#unlessUnseen(desk, conversation, async () => {
      const found = attachments.length === 0 ? {} : { attachments: await this.#parts.attachments(desk.person, conversation, attachments) }
      return (await commands.compose({ conversation, epoch, id, text, role: 'human', worker, ...found })).seq
    })
    seat.line.write(JSON.stringify({ type: 'accepted', id, conversation, seq }))
  }

  async #note(seat: Seat, desk: Desk, { conversation, id, text }: Frame<'note'>): Promise<void> {
    const place = await this.#placeOf(conversation)
    if (!this.#rest.people.sees(desk, place)) throw unseen(conversation)
    const isTheirs = place.worker === desk.person.id || this.#rest.people.had(desk, conversation)
    if (!isTheirs && !this.#parts.may.acts(desk.person, place))
      throw new BattutaError('FORBIDDEN', `you see conversation ${conversation}, but may note something down only in what is yours or was within the last day`)
    await this.#parts.commands.note({ conversation, id, text, worker: desk.person.id })
    seat.line.write(JSON.stringify({ type: 'accepted', id, conversation, seq: place.seq }))
  }

  async #move(desk: Desk, frame: Moved): Promise<void> {
    const { commands, may } = this.#parts
    const { conversation, epoch } = frame
    const place = await this.#placeOf(conversation)
    const worker = desk.person.id
    const force = !isOwner(desk, place) && this.#rest.people.sees(desk, place) && may.acts(desk.person, place) ? { force: true } : {}
    await this.#unlessUnseen(desk, conversation, () =>
      frame.type === 'resolve'
        ? commands.resolve({ conversation, epoch, worker, wrapUpCode: frame.wrapUpCode, ...force })
        : commands.handOff({ conversation, epoch, to: frame.to, worker, because: frame.because ?? null, agreed: frame.agreed ?? [], ...force }),
    )
  }

  /** B1 */
  async #unlessUnseen<Result>(desk: Desk, conversation: string, act: () => Promise<Result>): Promise<Result> {
    const { people } = this.#rest
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof BattutaError) || people.had(desk, conversation)) throw error
      const place = await this.#placeOf(conversation)
      throw people.sees(desk, place) ? error : unseen(conversation)
    }
  }

  async #placeOf(conversation: string): Promise<DeskPlace> {
    return this.#rest.ledger.get(conversation)?.place ?? placeOf(conversation, await this.#parts.views.conversation(conversation))
  }
}
