/**
 * The bank behind the bots, in one SQLite file: what customers have, and every change that was made to it.
 *
 * Owns: the file, and the bank's own rules of what may be changed. Does not own: when a change is asked for, or what is said about
 * it (tools and flows).
 *
 * B1 A change is applied once for its key, however often and from wherever it is asked for: the item and the key are written in one
 *    transaction, and a repeated key gets the first one's answer. A key used for another request is refused.
 * B2 A change can be undone once, and only while nothing else has changed the item since.
 * B3 What was answered survives the end of the process. (Not the loss of power: the last changes may then be gone whole, keys and
 *    all. A sync for each would hold up every conversation of this process.)
 */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ownCheck } from './accounts.ts'
import type { Card, TopUp, Transfer } from './accounts.ts'
import { addWorkingDays, dayOf } from './calendar.ts'
import { Store } from './store.ts'
import type { Changed, Next } from './store.ts'

export const cardRefusals = ['unknownCard', 'alreadyActive', 'reportedLost', 'suspectedFraud'] as const
export const traceRefusals = ['unknownTransfer', 'notPending', 'alreadyTraced', 'heldByUs'] as const
export const retryRefusals = ['unknownTopUp', 'notFailed', 'cardExpired', 'noReference'] as const
export const refundRefusals = ['unknownTopUp', 'notFailed', 'nothingCollected'] as const

type CardRefusal = (typeof cardRefusals)[number]
type TraceRefusal = (typeof traceRefusals)[number]
type RetryRefusal = (typeof retryRefusals)[number]
type RefundRefusal = (typeof refundRefusals)[number]

export interface Bank {
  cards(customer: string): readonly Card[]
  transfers(customer: string): readonly Transfer[]
  topUps(customer: string): readonly TopUp[]
  unblockCard(customer: string, last4: string, key: string): Changed<Card, CardRefusal>
  /** Asks the bank where it waits to look for it; that bank has three working days to answer. */
  openTrace(customer: string, transfer: string, key: string): Changed<Transfer, TraceRefusal>
  /** Adds money that was collected and never added. */
  retryTopUp(customer: string, topUp: string, key: string): Changed<TopUp, RetryRefusal>
  /** Sends money that was collected and never added back to where it came from. */
  refundTopUp(customer: string, topUp: string, key: string): Changed<TopUp, RefundRefusal>
  /** Puts what `change` changed back to what it was before. */
  undo(customer: string, change: string, key: string): Changed<unknown, 'unknownChange' | 'changedSince'>
  close(): void
}

/** How long to wait for another process that writes the file. */
const lockMsMax = 1_000
/** What the other bank has to answer a trace. */
const traceWorkingDays = 3

/** `now` is the bank's clock, in milliseconds since the epoch. The file `:memory:` is no file and ends with `close`. */
export function openBank(file: string, now: () => number = Date.now): Bank {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true })
  const database = new DatabaseSync(file, { timeout: lockMsMax })
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
  const store = new Store(database)
  const today = (): string => dayOf(now())
  return {
    cards: (customer) => store.items(customer, 'card', today()) as readonly Card[],
    transfers: (customer) => store.items(customer, 'transfer', today()) as readonly Transfer[],
    topUps: (customer) => store.items(customer, 'topUp', today()) as readonly TopUp[],
    unblockCard: (customer, id, key) => store.change(key, { customer, kind: 'card', id, what: 'unblock' }, today(), unblocked),
    openTrace: (customer, id, key) =>
      store.change<Transfer, TraceRefusal>(key, { customer, kind: 'transfer', id, what: 'trace' }, today(), (transfer) => traced(transfer, today())),
    retryTopUp: (customer, id, key) => store.change(key, { customer, kind: 'topUp', id, what: 'retry' }, today(), retried),
    refundTopUp: (customer, id, key) => store.change(key, { customer, kind: 'topUp', id, what: 'refund' }, today(), refunded),
    undo: (customer, change, key) => store.undo(key, customer, change, today()),
    close: () => database.close(),
  }
}

function unblocked(card: Card | undefined): Next<Card, CardRefusal> {
  if (card === undefined) return { why: 'unknownCard' }
  if (card.state === 'active') return { why: 'alreadyActive' }
  if (card.state === 'lost') return { why: 'reportedLost' }
  // Whoever writes may be the one it was blocked against: that is for a person to find out.
  if (card.why === 'suspectedFraud') return { why: 'suspectedFraud' }
  return { item: { ...card, state: 'active', why: null } }
}

function traced(transfer: Transfer | undefined, today: string): Next<Transfer, TraceRefusal> {
  if (transfer === undefined) return { why: 'unknownTransfer' }
  if (transfer.state !== 'pending') return { why: 'notPending' }
  if (transfer.trace !== null) return { why: 'alreadyTraced' }
  if (transfer.waitsAt === ownCheck) return { why: 'heldByUs' }
  const reference = `TR-${transfer.id.slice(-6).toUpperCase()}`
  return { item: { ...transfer, trace: { reference, answerBy: addWorkingDays(today, traceWorkingDays) } } }
}

function retried(topUp: TopUp | undefined): Next<TopUp, RetryRefusal> {
  if (topUp === undefined) return { why: 'unknownTopUp' }
  if (topUp.state !== 'failed') return { why: 'notFailed' }
  // The bank's own fault passes; an expired card stays expired, and money nobody can place stays unplaced.
  if (topUp.reason === 'cardExpired' || topUp.reason === 'noReference') return { why: topUp.reason }
  return { item: { ...topUp, state: 'done', reason: null } }
}

function refunded(topUp: TopUp | undefined): Next<TopUp, RefundRefusal> {
  if (topUp === undefined) return { why: 'unknownTopUp' }
  if (topUp.state !== 'failed') return { why: 'notFailed' }
  if (!topUp.collected) return { why: 'nothingCollected' }
  return { item: { ...topUp, state: 'refunded', reason: null } }
}
