/** The flow that docs/guide/flows.md is written around. It compiles with `promises.ts`; nothing here runs. */
import { flow, slot, tool } from 'battuta'
import { z } from 'zod'

interface Store {
  order(number: string, signal: AbortSignal): Promise<{ state: 'sent' | 'arrived' | 'unknown'; price: number }>
  /** Does it once for one key. */
  refund(order: string, amount: number, key: string): Promise<{ reference: string }>
  takeBack(reference: string, key: string): Promise<void>
}
declare const store: Store

const findOrder = tool({
  input: z.object({ order: z.string() }),
  output: z.object({ state: z.enum(['sent', 'arrived', 'unknown']), price: z.number() }),
  run: async ({ order }, { signal }) => store.order(order, signal),
})

const refund = tool({
  input: z.object({ order: z.string(), amount: z.number().positive() }),
  output: z.object({ reference: z.string() }),
  changes: true,
  timeout: '10s',
  run: async ({ order, amount }, { idempotencyKey }) => store.refund(order, amount, idempotencyKey),
  compensate: async ({ output }, { idempotencyKey }) => store.takeBack(output.reference, idempotencyKey),
})

export const returnOrder = flow(
  {
    goal: 'send the order back',
    slots: {
      order: slot.digits(6, { label: 'order number' }),
      why: slot.choice(['too small', 'broken', 'not what I ordered'], { label: 'reason' }),
      sure: slot.yesNo({ label: 'go-ahead' }),
    },
    tools: { findOrder, refund },
  },
  function* ({ ask, again, say, call, fact, promise, handOff }) {
    const order = yield* ask('order', 'Which order is it? Its number has six digits.')
    const found = yield* call('findOrder', { order })
    if (!found.ok) {
      const agreed = yield* handOff('orders', { because: 'the orders cannot be seen', question: `Where is order ${order}?` })
      return { resolved: agreed.length > 0, summary: agreed.join(', ') }
    }
    const { state, price } = found.output
    if (state === 'unknown') return yield* again('order', `I find no order ${order}. Which one is it?`)
    yield* fact(`Order ${order} is ${state}, ${price} EUR`, 'findOrder')

    if ((yield* ask('why', 'What is wrong with it: too small, broken, or not what you ordered?')) === 'broken') yield* say('I am sorry about that.')
    if (!(yield* ask('sure', `You get ${price} EUR back. Shall I?`))) return { resolved: true, summary: 'kept it after all' }

    const paid = yield* call('refund', { order, amount: price })
    if (!paid.ok) return { resolved: false, summary: paid.error }
    yield* promise(`${price} EUR within three days`)
    yield* say('Done. The money is with you within three days.')
    return { resolved: true, summary: `order ${order} refunded, ${paid.output.reference}` }
  },
)
