/** What can happen at Harbour Bank, and what a colleague should know of it when a conversation is handed over. */
import { event, pii } from 'battuta'
import { z } from 'zod'
import { money } from './words.ts'

const declineReasons = { limit: 'over its limit', blocked: 'the card is blocked', funds: 'not enough money', pin: 'wrong PIN' } as const
const currency = z.string()
const iban = pii(z.string().optional(), 'IBAN_CODE')

export const cardDeclined = event(
  { merchant: z.string(), amount: z.number(), reason: z.enum(['limit', 'blocked', 'funds', 'pin']) },
  { fact: ({ merchant, reason }) => `Declined at ${merchant}: ${declineReasons[reason]}` },
)

export const payment = event({ amount: z.number(), currency, merchant: z.string().optional(), iban })

export const transferSent = event(
  { amount: z.number(), currency, state: z.enum(['pending', 'arrived', 'returned']), iban },
  { fact: ({ amount, currency, state }) => (state === 'arrived' ? null : `Transfer of ${money(amount, currency)} is ${state}`) },
)

export const topUpFailed = event(
  { amount: z.number(), currency, method: z.enum(['card', 'bank', 'wallet']) },
  { fact: ({ amount, currency, method }) => `Top-up of ${money(amount, currency)} by ${method === 'bank' ? 'bank transfer' : method} failed` },
)

export const cashWithdrawn = event(
  { amount: z.number(), currency, country: z.string() },
  { fact: ({ amount, currency, country }) => `Took out ${money(amount, currency)} in ${country}` },
)

export const appOpened = event({ screen: z.string() }, { from: 'customer' })
