/**
 * The offers on the desk, and conversations that are being wrapped up. Pure transitions over two signals.
 *
 * P1 an offer that ended stays for a moment, with the reason, and can be accepted no more.
 */
import { signal } from '@preact/signals'
import type { HandoffPacket, OfferReply } from '../../src/client/index.ts'

/** How long an offer that ended says why. */
export const endedMs = 3_000

export type Ending = 'taken' | 'timeout' | 'canceled' | 'rejected'

export interface Offer extends OfferReply {
  /** Null until its frame came: a desk that connects again is told of its offers without their packets. */
  readonly packet: HandoffPacket | null
  readonly ended: Ending | null
  readonly answering: 'accept' | 'reject' | null
  /** Why the last answer did not go through. */
  readonly problem: string | null
}

export interface Wrapping {
  readonly reservation: string
  readonly conversation: string
  /** Null when the desk no longer knows whose it was. */
  readonly customer: string | null
  readonly endsAt: number
  readonly codes: readonly string[]
}

export const offers = signal<readonly Offer[]>([])
export const wrappings = signal<readonly Wrapping[]>([])

export function offered(held: readonly Offer[], offer: OfferReply, packet: HandoffPacket | null): readonly Offer[] {
  const known = held.find(({ reservation }) => reservation === offer.reservation)
  const fresh: Offer = { ...offer, packet: packet ?? known?.packet ?? null, ended: null, answering: known?.answering ?? null, problem: known?.problem ?? null }
  return [...held.filter(({ reservation }) => reservation !== offer.reservation), fresh].sort((a, b) => a.expiresAt - b.expiresAt)
}

export function changed(held: readonly Offer[], reservation: string, change: Partial<Offer>): readonly Offer[] {
  return held.map((offer) => (offer.reservation === reservation ? { ...offer, ...change } : offer))
}

/** One that this desk accepted or declined just leaves; any other ending is told first. */
export function ended(held: readonly Offer[], reservation: string, ending: Ending): readonly Offer[] {
  const offer = held.find((one) => one.reservation === reservation)
  if (offer === undefined || ending === 'rejected' || offer.answering === 'reject') return without(held, reservation)
  return changed(held, reservation, { ended: ending, answering: null })
}

export function without(held: readonly Offer[], reservation: string): readonly Offer[] {
  return held.filter((offer) => offer.reservation !== reservation)
}

/** What a desk that connects is told is all there is; packets that came before are kept. */
export function all(held: readonly Offer[], fresh: readonly OfferReply[]): readonly Offer[] {
  const known = held.filter(({ reservation }) => fresh.some((offer) => offer.reservation === reservation))
  return fresh.reduce<readonly Offer[]>((list, offer) => offered(list, offer, null), known).map((offer) => ({ ...offer, answering: null }))
}
