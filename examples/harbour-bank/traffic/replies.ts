/**
 * How simulated customers go on once they are answered: they give what a bot asks for, have a short sentence for a colleague, then
 * say thanks and stop. What they own they know as the bank does, so they can say which card and which amount.
 *
 * Owns: how far each conversation is. Does not own: how they begin, which is the traffic's.
 *
 * Bounded twice: nobody goes on for ever, and no more conversations are kept than are still going on.
 */
import { seededChance } from '../../../src/base/index.ts'
import type { Chance } from '../../../src/base/index.ts'
import { accountsOf } from '../back-end/index.ts'

/** What a customer was told. */
export interface Heard {
  readonly customer: string
  readonly conversation: string
  readonly from: 'bot' | 'agent' | 'human' | 'system' | 'customer'
  readonly text: string
}

/** What they say to it, after a while of reading and typing. */
export interface Reply {
  readonly afterMs: number
  readonly text: string
}

interface Talk {
  readonly chance: Chance
  /** Answers given to a bot so far. */
  answers: number
  /** Sentences of colleagues so far. */
  colleagues: number
  over: boolean
}

/** After so many answers a customer gives up. */
const answersMax = 6
const talksMax = 2_000
/** Reading, thinking, and half a second a word of typing. */
const pause = { leastMs: 2_500, mostMs: 9_000, perWordMs: 500 } as const

const sentences = {
  yes: ['yes', 'Yes, please', 'yes please do', 'ok, go ahead', 'Yes'],
  no: ['no', 'No, leave it', 'no thank you'],
  neverMind: ['never mind', 'Never mind, forget it'],
  retry: ['try again', 'Try again, please', 'please try again'],
  refund: ['send it back', 'Send it back, please'],
  thanks: ['Thank you', 'thanks!', 'Great, thank you', 'perfect, thanks'],
  toColleague: ['Yes, that is right', 'Ok, thank you for having a look', 'Yes, it was me', 'That would be a great help', 'ok'],
  bye: ['Thanks, that is all', 'Thank you, that was all I needed', 'All good now, thanks'],
  person: ['A person, please', 'can I talk to a human instead?'],
} as const

/**
 * @example
 * const replies = harbourReplies('demo')
 * replies({ customer: 'user:current-4821', conversation: 'c1', from: 'bot', text: 'Shall I unblock it now?' }) // { afterMs: 4210, text: 'yes please do' }
 */
export function harbourReplies(seed: string): (heard: Heard) => Reply | null {
  const talks = new Map<string, Talk>()
  return (heard) => {
    const talk = talks.get(heard.conversation) ?? { chance: seededChance(`${seed}:${heard.conversation}`), answers: 0, colleagues: 0, over: false }
    if (!talks.has(heard.conversation)) {
      if (talks.size >= talksMax) talks.delete(talks.keys().next().value as string)
      talks.set(heard.conversation, talk)
    }
    const text = talk.over ? null : heard.from === 'human' ? toColleague(talk) : heard.from === 'bot' ? toBot(heard, talk) : null
    return text === null ? null : { afterMs: pauseMs(text, talk.chance), text }
  }
}

/** A short sentence to what a colleague says first, thanks to the second, and no more. */
function toColleague(talk: Talk): string {
  talk.over = ++talk.colleagues > 1
  return talk.chance.pick(talk.over ? sentences.bye : sentences.toColleague)
}

function toBot({ customer, text }: Heard, talk: Talk): string | null {
  if (/^(?:Done|The trace is open)\b/.test(text)) {
    talk.over = true
    return talk.chance.next() < 0.7 ? talk.chance.pick(sentences.thanks) : null
  }
  const answer = answerTo(customer, text, talk.chance)
  if (answer === null || ++talk.answers > answersMax) return null
  return answer
}

/** What is said to a bot's question; null where it is none, or none that this customer can answer. */
function answerTo(customer: string, text: string, chance: Chance): string | null {
  const { cards, transfers, topUps } = accountsOf(customer, '2026-01-01')
  if (/which card is it|which of them is it/i.test(text)) return cards[0]?.last4 ?? null
  if (/which transfer/i.test(text)) return String(transfers[0]?.amount ?? '')
  if (/which top-up/i.test(text)) return String(topUps[0]?.amount ?? '')
  if (/try again or send/i.test(text)) return chance.pick(chance.next() < 0.8 ? sentences.retry : sentences.refund)
  if (/\b(?:Shall|Do you want)\b.*\?/.test(text)) {
    const mood = chance.next()
    return chance.pick(mood < 0.86 ? sentences.yes : mood < 0.93 ? sentences.no : mood < 0.97 ? sentences.neverMind : sentences.person)
  }
  return null
}

function pauseMs(text: string, chance: Chance): number {
  return Math.round(pause.leastMs + chance.next() * (pause.mostMs - pause.leastMs) + text.split(' ').length * pause.perWordMs)
}
