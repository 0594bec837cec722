/** Mends a top-up that failed: tries again where that can help, sends the money back where it cannot, and says so where neither can. */
import { flow, slot } from 'battuta'
import { refund, retry, topUpStatus } from '../tools/top-ups.ts'
import type { TopUpSeen } from '../tools/top-ups.ts'
import { day, list, money } from '../words.ts'
import { toColleague } from './colleague.ts'

/** Why a top-up failed: as the customer reads it, and as a colleague does. */
const reasons = {
  bankUnreachable: { said: 'the bank it came from did not answer in time', noted: 'the other bank did not answer' },
  cardExpired: { said: 'the card you used has expired', noted: 'card expired' },
  noReference: { said: 'the money came without its reference, so we cannot tell whose it is', noted: 'no reference' },
} as const

/** The two ways to mend it: what is asked for, what follows, and what is said when it is done. */
const mending = {
  'try again': { noted: 'Try again', follows: 'is on the account', done: 'is on your account' },
  'send it back': {
    noted: 'Send back',
    follows: 'is back where it came from within two working days',
    done: 'goes back to where it came from, within two working days',
  },
} as const

export const fixTopUp = flow(
  {
    goal: 'have the money on the account',
    slots: {
      amount: slot.amount({ label: 'amount' }),
      way: slot.choice(['try again', 'send it back'], { label: 'choice' }),
      sendBack: slot.yesNo({ label: 'go-ahead' }),
    },
    tools: { topUpStatus, retryTopUp: retry, refundTopUp: refund },
  },
  function* (bot) {
    const { ask, again, say, call, fact, tried, promise } = bot
    const found = yield* call('topUpStatus', {})
    if (!found.ok) {
      yield* tried('Look the top-ups up: the payments system did not answer')
      const said = 'I cannot see your top-ups at the moment. A colleague looks at it with you.'
      return yield* toColleague(bot, 'payments', { said, because: 'the payments system does not answer', question: 'What came of the top-up?' })
    }

    // Which top-up. That none has failed is an end, too: what came of the last one is said.
    const failed = found.output.topUps.filter(({ state }) => state === 'failed')
    if (failed.length === 0) {
      yield* say(`No top-up of yours has failed.${newsOf(found.output.topUps[0])}`)
      return { resolved: false, summary: 'No top-up has failed' }
    }
    const yours = list(failed.map(nameOf))
    const amount = failed.length === 1 ? failed[0]?.amount : yield* ask('amount', `Which top-up is it? These failed: ${yours}. The amount will do.`)
    if (failed.length > 1) yield* fact(`Means the top-up of ${money(amount ?? 0)}`)
    const topUp = failed.find((one) => one.amount === amount)
    if (topUp === undefined) return yield* again('amount', `No failed top-up has that amount. I see ${yours}. Which top-up is it?`)

    // What happened to it.
    const name = nameOf(topUp)
    const { said, noted } = reasons[topUp.reason ?? 'bankUnreachable']
    yield* fact(`Top-up of ${name} on ${day(topUp.madeOn)} failed: ${noted}; the money was ${topUp.collected ? '' : 'not '}collected`, 'topUpStatus')
    if (!topUp.collected) {
      yield* say(`Your top-up of ${name} failed, because ${said}. Nothing was taken. Please choose another way under Accounts › Add money.`)
      return { resolved: false, summary: `Top-up of ${name} needs another way to pay: ${noted}` }
    }

    // Money moves only after the customer has said how.
    const seen = `Your top-up of ${name} failed, because ${said}. The money was collected`
    const canRetry = topUp.reason === 'bankUnreachable'
    const way = canRetry ? yield* ask('way', `${seen}. Shall I try again or send it back?`) : 'send it back'
    if (!canRetry && !(yield* ask('sendBack', `${seen}, and I cannot add it. Shall I send it back?`))) {
      const question = `Which account does the top-up of ${name} belong to?`
      return yield* toColleague(bot, 'payments', {
        said: 'Then a colleague finds out where it belongs.',
        because: 'the money of a top-up has no reference',
        question,
      })
    }

    // Act, confirm, and say what follows.
    const done = way === 'try again' ? yield* call('retryTopUp', { topUp: topUp.id }) : yield* call('refundTopUp', { topUp: topUp.id })
    const mended = mending[way]
    if (!done.ok || done.output.outcome === 'refused') {
      yield* tried(`${mended.noted}, top-up of ${name}: ${done.ok ? 'the bank refused it' : 'the payments system did not answer'}`)
      const question = `What is to become of the top-up of ${name}?`
      return yield* toColleague(bot, 'payments', {
        said: 'That did not work. A colleague looks at it with you.',
        because: 'the top-up could not be mended',
        question,
      })
    }
    yield* tried(`${mended.noted}, top-up of ${name}: done`)
    yield* promise(`${money(topUp.amount)} ${mended.follows}`)
    yield* say(`Done: ${money(topUp.amount)} ${mended.done}.`)
    return { resolved: true, summary: `Top-up of ${name}: ${mended.noted.toLowerCase()}, done` }
  },
)

const methods = { card: 'by card', bank: 'by bank transfer', wallet: 'by wallet' } as const

/** `€150.00 by card` */
function nameOf({ amount, currency, method }: TopUpSeen): string {
  return `${money(amount, currency)} ${methods[method]}`
}

/** What came of a top-up that is over. */
function newsOf(topUp: TopUpSeen | undefined): string {
  return topUp === undefined ? '' : ` The last one, ${nameOf(topUp)}, ${topUp.state === 'done' ? 'is on your account' : 'was sent back'}.`
}
