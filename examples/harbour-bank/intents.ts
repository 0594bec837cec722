/** What the 77 intents mean to the bank: which of them a bot resolves, which concern declines or payments, and when one is sure. */
import type { PredictionRead } from 'battuta'
import type { Intent } from './models/labels.ts'

/** Intents that a flow resolves, and why it is begun. */
export const flowFor = {
  pin_blocked: { flow: 'unblockCard', because: 'a card is blocked' },
  pending_transfer: { flow: 'traceTransfer', because: 'a transfer is under way' },
  transfer_not_received_by_recipient: { flow: 'traceTransfer', because: 'a transfer has not arrived' },
  top_up_failed: { flow: 'fixTopUp', because: 'a top-up failed' },
  top_up_reverted: { flow: 'fixTopUp', because: 'a top-up was taken back' },
} as const satisfies Partial<Record<Intent, { readonly flow: string; readonly because: string }>>

export type FlowIntent = keyof typeof flowFor

export function hasFlow(intent: Intent): intent is FlowIntent {
  return Object.hasOwn(flowFor, intent)
}

/** Intents that a card which was just declined explains. */
export const aboutDeclines: ReadonlySet<Intent> = new Set<Intent>([
  'declined_card_payment',
  'declined_cash_withdrawal',
  'card_not_working',
  'contactless_not_working',
  'card_acceptance',
  'virtual_card_not_working',
])

/** Transfers and top-ups are the payments team's; everything else goes to the cards team first. */
export function isAboutPayments(intent: Intent | null): boolean {
  return intent !== null && /transfer|top_up|topping_up|beneficiary|receiving|balance/.test(intent)
}

/**
 * Below this an intent is asked back. Acting asks for more than answering does; and thanks sound like whatever they are for, so a
 * joyful message must say more clearly what it wants.
 */
const confidenceMin = { answer: 0.4, act: 0.55, joyful: 0.8 } as const

/** Intents that lead to one flow count together: which of them it is makes no difference. */
export function isSure({ label, confidence, scores }: PredictionRead<Intent>, isJoyful: boolean): boolean {
  if (label === null) return false
  if (!hasFlow(label)) return (confidence ?? 0) >= (isJoyful ? confidenceMin.joyful : confidenceMin.answer)
  const together = Object.entries(flowFor).reduce(
    (sum, [intent, { flow }]) => sum + (flow === flowFor[label].flow ? (scores?.[intent as FlowIntent] ?? 0) : 0),
    0,
  )
  return together >= (isJoyful ? confidenceMin.joyful : confidenceMin.act)
}
