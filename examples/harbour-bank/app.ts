/** Harbour Bank: what can happen, what is known of a customer, who acts, and what the bank says, on the beat. */
import { count, distinct, ewma, last, linear, max, messageReceived, queue, setup, sum } from 'battuta'
import { answerTo, declined, sorry, texts, topUpTrouble, transferOnItsWay } from './answers.ts'
import { appOpened, cardDeclined, cashWithdrawn, payment, topUpFailed, transferSent } from './events.ts'
import { fixTopUp } from './flows/fix-top-up.ts'
import { traceTransfer } from './flows/trace-transfer.ts'
import { unblockCard } from './flows/unblock-card.ts'
import { aboutDeclines, flowFor, hasFlow, isAboutPayments, isSure } from './intents.ts'
import type { Emotion, Intent } from './models/labels.ts'

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
  queues: {
    cards: queue({
      skills: ['cards'],
      team: 'Cards team',
      serviceLevel: { share: 0.8, within: '20s' },
      patience: '10m',
      wrapUpCodes: ['unblocked', 'limit changed', 'card replaced', 'explained', 'follow-up'],
    }),
    payments: queue({
      skills: ['payments'],
      team: 'Payments team',
      serviceLevel: { share: 0.8, within: '40s' },
      patience: '10m',
      wrapUpCodes: ['traced', 'released', 'refunded', 'explained', 'follow-up'],
    }),
  },
  flows: { unblockCard, traceTransfer, fixTopUp },
})

export default bank.app({
  name: 'harbour-bank',
  personTo: 'cards',
  emotion: { model: 'tone', angry: ['anger', 'disgust'], worried: ['fear', 'sadness'] },
  policies: {
    inbound: bank.policy(
      {
        on: 'message.received',
        budget: '300ms',
        models: ['intent', 'tone'],
        features: ['declines5m', 'declineMerchant5m', 'declineReason5m', 'spend30d', 'messages1h', 'topUpFailures1h', 'topUpMethod1h', 'transferState1d'],
      },
      ({ conversation, features, models: { intent, tone }, answer, bot, human, nothing }) => {
        const isAngry = (tone.scores?.anger ?? 0) > 0.5
        if (intent.label === 'lost_or_stolen_card' || intent.label === 'compromised_card')
          return answer('lostCard', { because: 'a card in other hands comes before everything else' })
        if (isAngry && (features.spend30d.value ?? 0) > 1_000)
          return human(isAboutPayments(intent.label) ? 'payments' : 'cards', { priority: 9, because: 'an angry customer of value' })
        if ((features.declines5m.value ?? 0) > 0 && intent.label !== null && aboutDeclines.has(intent.label)) {
          if (features.declineReason5m.value === 'blocked') return bot('unblockCard', { because: 'the card was declined because it is blocked' })
          return answer('declined', { because: 'the card was declined in the last five minutes' })
        }
        const sure = isSure(intent, tone.label === 'joy')
        if (sure && intent.label !== null && hasFlow(intent.label)) {
          const { flow, because } = flowFor[intent.label]
          return bot(flow, { because })
        }
        if (isAngry && (features.messages1h.value ?? 0) > 1) return answer('sorry', { because: 'an angry customer who had to write again' })
        if (intent.label === null) return nothing({ because: `the intent was ${intent.status}` })
        const about = intent.label.replaceAll('_', ' ')
        if (sure && !hasFlow(intent.label)) return answer(answerTo[intent.label], { because: `the customer asks about ${about}` })
        // The flow asks its question again after that.
        if (conversation?.flow) return answer('pardon', { because: 'the words fit neither the question nor anything else' })
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
