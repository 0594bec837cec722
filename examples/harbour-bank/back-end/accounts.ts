/**
 * What a customer of Harbour Bank has: cards, transfers and top-ups. One nobody has seen gets plausible ones, drawn from a hash of
 * their id: the same in every run, and always one card, one transfer and one top-up that the bots can do something about.
 */
import { createHash } from 'node:crypto'
import { addDays } from './calendar.ts'

export const blockReasons = ['wrongPin', 'frozen', 'suspectedFraud'] as const
export const topUpReasons = ['bankUnreachable', 'cardExpired', 'noReference'] as const

export interface Card {
  readonly last4: string
  readonly kind: 'debit' | 'credit' | 'virtual'
  readonly state: 'active' | 'blocked' | 'lost'
  /** Why it is blocked; null when it is not. */
  readonly why: (typeof blockReasons)[number] | null
  /** In whole euros. */
  readonly dailyLimit: number
}

export interface Transfer {
  readonly id: string
  /** In euros, to the cent. */
  readonly amount: number
  readonly currency: 'EUR'
  /** A company or a role, never a name. */
  readonly payee: string
  readonly state: 'pending' | 'arrived' | 'returned'
  /** The bank it waits at; null when it waits nowhere. */
  readonly waitsAt: string | null
  /** Days are written 2026-01-31. */
  readonly expectedOn: string
  /** A search for it with the other bank, and when that bank has to answer. */
  readonly trace: { readonly reference: string; readonly answerBy: string } | null
}

export interface TopUp {
  readonly id: string
  readonly amount: number
  readonly currency: 'EUR'
  readonly method: 'card' | 'bank' | 'wallet'
  readonly state: 'failed' | 'done' | 'refunded'
  readonly reason: (typeof topUpReasons)[number] | null
  /** Whether the money left where it came from, though it was not added. */
  readonly collected: boolean
  readonly madeOn: string
}

export interface Accounts {
  readonly cards: readonly Card[]
  readonly transfers: readonly Transfer[]
  readonly topUps: readonly TopUp[]
}

/** Where Harbour Bank itself holds a transfer until somebody has looked at it. */
export const ownCheck = 'Harbour Bank, payments check'

const limits = [300, 500, 1_000, 1_500] as const
const otherBanks = ['Lagoon Bank', 'Northern Clearing', 'Estuary Savings Bank', 'Lighthouse Credit Union'] as const
const payees = ['Landlord', 'Dentist', 'Music school', 'Electricity supplier', 'Nursery', 'Car insurance', 'Furniture shop', 'Tax office'] as const

/** A number below the given one; the next draw gives another. */
type Draw = (below: number) => number

export function accountsOf(customer: string, today: string): Accounts {
  const draw = drawsOf(customer)
  return { cards: cardsOf(draw), transfers: transfersOf(draw, customer, today), topUps: topUpsOf(draw, customer, today) }
}

function cardsOf(draw: Draw): Card[] {
  const first = 1_000 + draw(9_000)
  // Steps of 1,117 in a ring of 9,000: no two cards of a customer end alike.
  const last4 = (index: number): string => String(1_000 + ((first - 1_000 + index * 1_117) % 9_000))
  const dailyLimit = pick(draw, limits)
  const cards: Card[] = [{ last4: last4(0), kind: 'debit', state: 'blocked', why: draw(2) === 0 ? 'wrongPin' : 'frozen', dailyLimit }]
  if (draw(10) < 6) {
    const fate = draw(10)
    const state = fate < 6 ? 'active' : fate < 9 ? 'blocked' : 'lost'
    cards.push({ last4: last4(1), kind: 'credit', state, why: state === 'blocked' ? 'suspectedFraud' : null, dailyLimit: pick(draw, limits) })
  }
  if (draw(4) === 0) cards.push({ last4: last4(2), kind: 'virtual', state: 'active', why: null, dailyLimit: 100 })
  return cards
}

function transfersOf(draw: Draw, customer: string, today: string): Transfer[] {
  const from = draw(payees.length)
  const base = { currency: 'EUR', trace: null } as const
  const made = (index: number): Pick<Transfer, 'id' | 'amount' | 'payee'> => ({
    id: idOf('transfer', customer, index),
    // The index in the cents: two transfers of a customer never have the same amount.
    amount: (draw(9_000) * 10 + 5_000 + index) / 100,
    payee: payees[(from + index) % payees.length] as string,
  })
  const transfers: Transfer[] = [
    { ...made(0), ...base, state: 'pending', waitsAt: pick(draw, otherBanks), expectedOn: addDays(today, draw(4) - 2) },
    { ...made(1), ...base, state: draw(5) === 0 ? 'returned' : 'arrived', waitsAt: null, expectedOn: addDays(today, -3 - draw(5)) },
  ]
  if (draw(10) < 4) {
    const waitsAt = draw(2) === 0 ? ownCheck : pick(draw, otherBanks)
    transfers.push({ ...made(2), ...base, state: 'pending', waitsAt, expectedOn: addDays(today, draw(3)) })
  }
  return transfers
}

function topUpsOf(draw: Draw, customer: string, today: string): TopUp[] {
  const made = (index: number): Pick<TopUp, 'id' | 'amount' | 'currency' | 'madeOn'> => ({
    id: idOf('top-up', customer, index),
    // Different amounts, so that a customer who says one has said which.
    amount: 50 * (1 + draw(4)) + 10 * index,
    currency: 'EUR',
    madeOn: addDays(today, -draw(2) - index),
  })
  const topUps: TopUp[] = [
    { ...made(0), method: pick(draw, ['card', 'wallet', 'bank']), state: 'failed', reason: 'bankUnreachable', collected: true },
    { ...made(1), method: 'wallet', state: 'done', reason: null, collected: true },
  ]
  const fate = draw(10)
  if (fate < 3) topUps.push({ ...made(2), method: 'card', state: 'failed', reason: 'cardExpired', collected: false })
  else if (fate < 5) topUps.push({ ...made(2), method: 'bank', state: 'failed', reason: 'noReference', collected: true })
  return topUps
}

/** An endless row of numbers, 32 bits each, out of SHA-256 of the id and of what came before. */
function drawsOf(customer: string): Draw {
  let block = sha256(`harbour-bank accounts of ${customer}`)
  let at = 0
  return (below) => {
    if (at === block.length) {
      block = sha256(block)
      at = 0
    }
    at += 4
    return block.readUInt32BE(at - 4) % below
  }
}

function pick<Item>(draw: Draw, items: readonly Item[]): Item {
  return items[draw(items.length)] as Item
}

function idOf(kind: string, customer: string, index: number): string {
  return `${kind}-${sha256(`${kind} ${index} of ${customer}`).toString('hex').slice(0, 10)}`
}

function sha256(content: string | Buffer): Buffer {
  return createHash('sha256').update(content).digest()
}
