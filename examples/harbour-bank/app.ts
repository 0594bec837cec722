/** Harbour Bank: what can happen, what is known of a customer, and what the bank says, on the beat. */
import { count, distinct, event, ewma, last, linear, max, messageReceived, pii, setup, sum } from 'battuta'
import { z } from 'zod'
import { answerTo, declined, sorry, texts, topUpTrouble, transferOnItsWay } from './answers.ts'
import type { Emotion, Intent } from './models/labels.ts'

/** Below this confidence an intent is asked back. */
const confidenceMin = 0.4
/** Intents that a card which was just declined explains. */
const aboutDeclines: ReadonlySet<Intent> = new Set([
  'declined_card_payment',
  'declined_cash_withdrawal',
  'card_not_working',
  'contactless_not_working',
  'card_acceptance',
  'virtual_card_not_working',
])

const cardDeclined = event({ merchant: z.string(), amount: z.number(), reason: z.enum(['limit', 'blocked', 'funds', 'pin']) })
const payment = event({ amount: z.number(), currency: z.string(), merchant: z.string().optional(), iban: pii(z.string().optional(), 'IBAN_CODE') })
const transferSent = event({
  amount: z.number(),
  currency: z.string(),
  state: z.enum(['pending', 'arrived', 'returned']),
  iban: pii(z.string().optional(), 'IBAN_CODE'),
})
const topUpFailed = event({ amount: z.number(), currency: z.string(), method: z.enum(['card', 'bank', 'wallet']) })
const cashWithdrawn = event({ amount: z.number(), currency: z.string(), country: z.string() })
const appOpened = event({ screen: z.string() }, { from: 'customer' })

const bank = setup({
  events: { cardDeclined, payment, transferSent, topUpFailed, cashWithdrawn, appOpened },
  features: {
    declines5m: count(cardDeclined).over('5m'),
    declineMerchant5m: last(cardDeclined, 'merchant').over('5m'),
    declineReason5m: last(cardDeclined, 'reason').over('5m'),
    spend30d: sum(payment, 'amount', { where: { currency: 'EUR' } }).over('30d'),
    usualPayment: ewma(payment, 'amount').over('30d'),
    largestPayment1d: max(payment, 'amount').over('1d'),
    transferState1d: last(transferSent, 'state').over('1d'),
    topUpFailures1h: count(topUpFailed).over('1h'),
    topUpMethod1h: last(topUpFailed, 'method').over('1h'),
    cashCountries30d: distinct(cashWithdrawn, 'country').over('30d'),
    screens5m: count(appOpened).over('5m'),
    messages1h: count(messageReceived).over('1h'),
  },
  models: { intent: linear<Intent>('intent'), tone: linear<Emotion>('tone') },
  answers: {
    ...texts,
    sorry: ({ features }) => sorry(features.messages1h?.value ?? 0),
    declined: ({ features }) => declined(features.declines5m?.value ?? 0, features.declineMerchant5m?.value, features.declineReason5m?.value),
    topUpTrouble: ({ features }) => topUpTrouble(features.topUpFailures1h?.value ?? 0, features.topUpMethod1h?.value),
    transferOnItsWay: ({ features }) => transferOnItsWay(features.transferState1d?.value),
  },
})

export default bank.app({
  name: 'harbour-bank',
  policies: {
    inbound: bank.policy(
      {
        on: 'message.received',
        budget: '300ms',
        models: ['intent', 'tone'],
        features: ['declines5m', 'declineMerchant5m', 'declineReason5m', 'spend30d', 'messages1h', 'topUpFailures1h', 'topUpMethod1h', 'transferState1d'],
      },
      ({ features, models: { intent, tone }, answer, nothing }) => {
        const anger = tone.scores?.anger ?? 0
        if (intent.label === 'lost_or_stolen_card' || intent.label === 'compromised_card')
          return answer('lostCard', { because: 'a card in other hands comes before everything else' })
        if ((features.declines5m.value ?? 0) > 0 && intent.label !== null && aboutDeclines.has(intent.label))
          return answer('declined', { because: 'the card was declined in the last five minutes' })
        if (anger > 0.5 && (features.spend30d.value ?? 0) > 1_000) return answer('sorry', { because: 'an angry customer of value' })
        if (anger > 0.5 && (features.messages1h.value ?? 0) > 1) return answer('sorry', { because: 'an angry customer who had to write again' })
        if (intent.label === null) return nothing({ because: `the intent was ${intent.status}` })
        const about = intent.label.replaceAll('_', ' ')
        if ((intent.confidence ?? 0) >= confidenceMin) return answer(answerTo[intent.label], { because: `the customer asks about ${about}` })
        if (tone.label === 'joy') return nothing({ because: 'a kind word that asks for nothing' })
        return answer('askBack', { because: `the intent is unsure, ${about} at best` })
      },
    ),

    declineWatch: bank.policy(
      { on: 'cardDeclined', budget: '100ms', features: ['declines5m', 'usualPayment', 'largestPayment1d', 'cashCountries30d', 'screens5m'] },
      ({ event: { data }, features, nothing }) => {
        const highest = Math.max(features.largestPayment1d.value ?? 0, 3 * (features.usualPayment.value ?? data.amount))
        if (data.amount > highest) return nothing({ because: 'far above what this customer pays' })
        if ((features.cashCountries30d.value ?? 0) > 1) return nothing({ because: 'a traveller: cards are declined abroad more often' })
        if ((features.declines5m.value ?? 0) > 1 && (features.screens5m.value ?? 0) > 0)
          return nothing({ because: 'declined again and in the app: expect a message' })
        return nothing({ because: 'it explains itself at the till' })
      },
    ),
  },
})
