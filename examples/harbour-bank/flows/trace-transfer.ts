/** Has a transfer traced that is under way: finds which one, says where it waits and whether it is late, asks, and opens a trace. */
import { flow, slot } from 'battuta'
import { dayOf } from '../back-end/index.ts'
import { trace, transfersPending } from '../tools/transfers.ts'
import type { TransferSeen } from '../tools/transfers.ts'
import { day, list, money } from '../words.ts'
import { toColleague } from './colleague.ts'

export const traceTransfer = flow(
  {
    goal: 'know where the transfer is',
    slots: {
      amount: slot.amount({ label: 'amount' }),
      goAhead: slot.yesNo({ label: 'go-ahead' }),
    },
    tools: { transfersPending, traceTransfer: trace },
  },
  function* (bot) {
    const { ask, again, say, call, fact, tried, promise, startedAt } = bot
    const found = yield* call('transfersPending', {})
    if (!found.ok) {
      yield* tried('Look the transfers up: the payments system did not answer')
      const said = 'I cannot see your transfers at the moment. A colleague looks at it with you.'
      return yield* toColleague(bot, 'payments', { said, because: 'the payments system does not answer', question: 'Where is the transfer?' })
    }

    // Which transfer. That none is under way is an end, too: what came of the last one is said.
    const { pending, latest } = found.output
    if (pending.length === 0) {
      yield* say(`You have no transfer under way.${latest === null ? '' : ` ${newsOf(latest)}`}`)
      return { resolved: false, summary: 'No transfer is under way' }
    }
    const yours = list(pending.map(nameOf))
    const amount = pending.length === 1 ? pending[0]?.amount : yield* ask('amount', `Which transfer is it? Under way: ${yours}. The amount will do.`)
    if (pending.length > 1) yield* fact(`Means the transfer of ${money(amount ?? 0)}`)
    const transfer = ofAmount(pending, amount)
    if (transfer === undefined) return yield* again('amount', `No transfer under way has that amount. I see ${yours}. Which transfer is it?`)

    // Where it is. Late is what was expected before the day this flow began: a flow has no other clock.
    const name = nameOf(transfer)
    const { heldByUs, expectedOn } = transfer
    const waitsAt = transfer.waitsAt ?? 'the other bank'
    const isLate = expectedOn < dayOf(startedAt)
    yield* fact(`${name} waits at ${waitsAt}, ${isLate ? 'was' : 'is'} expected on ${day(expectedOn)}`, 'transfersPending')
    if (transfer.trace !== null) {
      const { reference, answerBy } = transfer.trace
      yield* promise(`${waitsAt} answers trace ${reference} by ${day(answerBy)}`)
      yield* say(`${name} waits at ${waitsAt} and is being traced already, as ${reference}. That bank has until ${day(answerBy)} to answer.`)
      return { resolved: true, summary: `${name} is being traced already, as ${reference}` }
    }
    if (heldByUs) {
      const said = `${name} is still with us: it is checked before it leaves. A colleague looks at what is missing.`
      return yield* toColleague(bot, 'payments', { said, because: 'our own check holds the transfer', question: `Can ${name} be released?`, priority: 3 })
    }

    // Ask, act, confirm, and say what follows.
    const when = isLate ? `was expected on ${day(expectedOn)}, so it is late` : `is expected on ${day(expectedOn)}, so it is not late yet`
    if (!(yield* ask('goAhead', `${name} has left us and waits at ${waitsAt}. It ${when}. Shall I have that bank trace it?`))) {
      yield* say(isLate ? 'Then I leave it. Write again when you want it traced.' : `Then we wait. If it is not there on ${day(expectedOn)}, write again.`)
      return { resolved: !isLate, summary: `${name} is not traced, as the customer wishes` }
    }
    const done = yield* call('traceTransfer', { transfer: transfer.id })
    if (!done.ok || done.output.outcome === 'refused' || done.output.item.trace === null) {
      yield* tried(`Trace ${name}: ${done.ok ? 'the bank refused it' : 'the payments system did not answer'}`)
      const question = `Can ${name} be traced at ${waitsAt}?`
      return yield* toColleague(bot, 'payments', {
        said: 'I could not open the trace. A colleague does it.',
        because: 'the trace could not be opened',
        question,
      })
    }
    const { reference, answerBy } = done.output.item.trace
    yield* tried(`Trace ${name}: opened as ${reference}`)
    yield* promise(`${waitsAt} answers trace ${reference} by ${day(answerBy)}`)
    yield* say(`The trace is open: ${reference}. ${waitsAt} has until ${day(answerBy)} to answer, and you read the answer under Payments.`)
    return { resolved: true, summary: `${name} is being traced as ${reference}, answer by ${day(answerBy)}` }
  },
)

/** `€640.00 to Landlord` */
function nameOf({ amount, currency, payee }: TransferSeen): string {
  return `${money(amount, currency)} to ${payee}`
}

/** What came of a transfer that is over. */
function newsOf(transfer: TransferSeen): string {
  return transfer.state === 'returned'
    ? `The last one, ${nameOf(transfer)}, was returned and the money is back on your account: please check the payee’s IBAN.`
    : `The last one, ${nameOf(transfer)}, has arrived. If the payee does not see it, please compare the IBAN with theirs.`
}

/** People leave the cents out. */
function ofAmount<Transfer extends TransferSeen>(transfers: readonly Transfer[], amount: number | undefined): Transfer | undefined {
  return transfers.find((one) => one.amount === amount) ?? transfers.find((one) => amount !== undefined && Math.abs(one.amount - amount) < 1)
}
