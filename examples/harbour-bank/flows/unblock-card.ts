/**
 * Unblocks a card: finds which one, says why it is blocked, asks, acts, and says what follows.
 *
 * A flow reads like the conversation it leads. Its body runs from the top at every step, and what was asked, said and called before
 * is answered from a journal. So it may branch on what it was told, on what tools gave back and on `startedAt`, and on nothing else.
 */
import { flow, slot } from 'battuta'
import { cardStatus, unblock } from '../tools/cards.ts'
import type { CardSeen } from '../tools/cards.ts'
import { list, money } from '../words.ts'
import { toColleague } from './colleague.ts'

/** Why a card is blocked: as the customer reads it, and as a colleague does. */
const reasons = {
  wrongPin: { said: 'a wrong PIN was entered three times', noted: 'wrong PIN, three times' },
  frozen: { said: 'it was frozen in the app', noted: 'frozen in the app' },
  suspectedFraud: { said: 'a payment did not look like one of yours', noted: 'suspected fraud' },
} as const

export const unblockCard = flow(
  {
    goal: 'use the card again',
    slots: {
      last4: slot.digits(4, { label: 'card number' }),
      goAhead: slot.yesNo({ label: 'go-ahead' }),
    },
    tools: { cardStatus, unblockCard: unblock },
  },
  function* (bot) {
    const { ask, again, say, call, fact, tried, promise } = bot

    // A tool that fails for good does not end the flow: the flow decides what becomes of the customer.
    const found = yield* call('cardStatus', {})
    if (!found.ok) {
      yield* tried('Look the cards up: the card system did not answer')
      const said = 'I cannot see your cards at the moment. A colleague looks at it with you.'
      return yield* toColleague(bot, 'cards', { said, because: 'the card system does not answer', question: 'Which card is blocked, and why?' })
    }

    // Which card: not asked of whoever has only one, and asked again when the number fits none. What a customer says is claimed.
    const { cards } = found.output
    const yours = list(cards.map(nameOf))
    const last4 = cards.length === 1 ? cards[0]?.last4 : yield* ask('last4', `Which card is it? You have your ${yours}. The last four digits will do.`)
    if (cards.length > 1) yield* fact(`Means the card ending in ${last4}`)
    const card = cards.find((one) => one.last4 === last4)
    if (card === undefined) return yield* again('last4', `None of your cards ends in ${last4}. You have your ${yours}. Which card is it?`)

    // What we see is verified: noted for whoever takes over, and said before anything is asked.
    const { state, why } = card
    const name = nameOf(card)
    yield* fact(`Card ··${card.last4} is ${state}${why === null ? '' : `: ${reasons[why].noted}`}`, 'cardStatus')
    if (state === 'active') {
      yield* say(`Your ${name} is active and not blocked. It pays up to ${money(card.dailyLimit)} a day. If it was declined all the same, tell me where.`)
      return { resolved: false, summary: `Card ··${card.last4} is active: there was nothing to unblock` }
    }
    if (state === 'lost' || why === null) {
      yield* say(`Your ${name} was reported lost, and such a card stays off. You can order its successor under Cards › Add a card.`)
      return { resolved: false, summary: `Card ··${card.last4} was reported lost and stays off` }
    }
    if (why === 'suspectedFraud') {
      const said = `Your ${name} is blocked, because ${reasons[why].said}. I may not lift that: a colleague goes through the last payments with you.`
      const because = 'a card that is blocked for suspected fraud needs a person'
      return yield* toColleague(bot, 'cards', { said, because, question: 'Were the last payments the customer’s own?', priority: 5 })
    }

    // Ask, act, confirm, and say what follows.
    if (!(yield* ask('goAhead', `Your ${name} is blocked, because ${reasons[why].said}. Shall I unblock it now?`))) {
      yield* say('Then it stays blocked. Write again when you want it back.')
      return { resolved: false, summary: `Card ··${card.last4} stays blocked, as the customer wishes` }
    }
    const done = yield* call('unblockCard', { last4: card.last4 })
    if (!done.ok || done.output.outcome === 'refused') {
      yield* tried(`Unblock card ··${card.last4}: ${done.ok ? 'the bank refused it' : 'the card system did not answer'}`)
      const question = `Why can card ··${card.last4} not be unblocked?`
      return yield* toColleague(bot, 'cards', {
        said: 'I could not unblock it. A colleague looks at it with you.',
        because: 'the card could not be unblocked',
        question,
      })
    }
    yield* tried(`Unblock card ··${card.last4}: done`)
    yield* promise(`Card ··${card.last4} works at every till within two minutes`)
    yield* say(`Done: your ${name} is active again. Within two minutes every till knows.${why === 'wrongPin' ? ' You see its PIN under Cards › PIN.' : ''}`)
    return { resolved: true, summary: `Card ··${card.last4} unblocked` }
  },
)

/** `debit card ··4821` */
function nameOf({ kind, last4 }: CardSeen): string {
  return `${kind} card ··${last4}`
}
