import { answer, count, event, messageReceived, setup, sum } from 'battuta'
import { z } from 'zod'

const payment = event({ amount: z.number() })
const shop = setup({
  events: { payment },
  features: { payments: count(payment).over('30d'), paid: sum(payment, 'amount').over('30d'), messages: count(messageReceived).over('1d') },
  answers: {
    told: answer(
      ({ features, event: { data } }) =>
        `to ${(data as { text: string }).text}: ${String(features['payments']?.value)} ${String(features['paid']?.value)} ${String(features['messages']?.value)}`,
    ),
  },
})

export default shop.app({
  name: 'shop',
  turn: { settle: '0ms', longest: '1s' },
  policies: {
    inbound: shop.policy({ on: 'message.received', features: ['payments', 'paid', 'messages'] }, ({ answer: tell }) => tell('told')),
  },
})
