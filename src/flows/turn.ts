/**
 * How a flow understands a message. Conservative: what may be another matter is left to the policy.
 *
 * - cancellation: nothing but “never mind”, “cancel that” and their like; “cancel my card” is another matter.
 * - correction: see correction.ts.
 * - waiting: anything else, while a tool is at work.
 * - repetition: nothing but “what?”, “can you say that again?” and their like.
 * - answer: the slot that is asked for can be read from it, it asks nothing itself, and hardly a word of it belongs to neither the
 *   question nor the value.
 * - other: it asks something, or says much else. unclear: the rest.
 */
import { purely } from '../decide/index.ts'
import type { FlowDefinition, FlowReading, SlotDefinition } from '../definition/index.ts'
import { correctionIn } from './correction.ts'
import type { Correction } from './correction.ts'
import type { FlowState } from './port.ts'
import { readSlot } from './slot.ts'
import { asksSomething, strangeWords, withoutCourtesy, wordsOf } from './words.ts'

export type Understood =
  | { readonly reading: 'answer'; readonly value: unknown }
  | ({ readonly reading: 'correction' } & Correction)
  | { readonly reading: Exclude<FlowReading, 'answer' | 'correction'> }

/** Words of an answer that belong to neither the question nor the value. */
const strangeMax = 1
/** Words of an answer whose slot the app reads itself, where nobody can tell which of them are the value. */
const wordsMax = 15
/** A message with more words that are strange to the flow is about something else. */
const otherStrangeMin = 3

/**
 * How the flow reads a message. Pure, and never throws: where a slot's own function does, it says `answer`, and the step that takes
 * the answer fails with the reason.
 */
export function readTurn(definition: FlowDefinition, state: FlowState, text: string): FlowReading {
  try {
    return purely(`flow ${definition.name}`, () => understand(definition, state, text)).reading
  } catch {
    return state.asking === null ? 'other' : 'answer'
  }
}

export function understand(definition: FlowDefinition, state: FlowState, text: string): Understood {
  if (state.closing !== null || (state.asking === null && state.waitsFor === null)) return { reading: 'other' }
  const asked = state.asking === null ? undefined : definition.slots[state.asking.slot]
  const prompt = state.asking?.prompt ?? ''
  const option = asked?.type === 'choice' ? asked.options.find((held) => wordsOf(held).join(' ') === wordsOf(text).join(' ')) : undefined
  if (option !== undefined && asked?.read === null) return { reading: 'answer', value: option }
  const canceled = cancels(text)
  // “Shall I cancel the order?” – “cancel it”: nobody can tell which of the two is meant.
  if (canceled !== null) return { reading: wordsOf(prompt).includes(canceled) ? 'unclear' : 'cancellation' }
  const correction = correctionIn(definition, state, text)
  if (correction !== null) return { reading: 'correction', ...correction }
  if (asked === undefined) return { reading: 'waiting' }
  if (asksAgain(text)) return { reading: 'repetition' }
  const value = asksSomething(text) || isAnotherMatter(asked, prompt, text) ? undefined : readSlot(asked, text, prompt)
  if (value !== undefined) return { reading: 'answer', value }
  return { reading: asksSomething(text) || strangeWords(wordsOf(text), new Set(wordsOf(prompt))).length >= otherStrangeMin ? 'other' : 'unclear' }
}

const softBefore = /^(?:(?:no|nope|ok|okay|actually|sorry|wait|just|then|now|can you|could you|can we|i want to|i would like to|let us|please)\s+)+/
const softAfter = /(?:\s+(?:then|now|for now|instead|sorry|actually|please|thanks|ok|okay|again))+$/
const cancellation =
  /^(?:(?:cancel|stop|abort|quit)(?: (?:it|that|this|here|everything|all|all of it|(?:this|the|my) request|the whole thing))?|never ?mind(?: (?:it|that|this))?|nvm|forget (?:about )?(?:it|that|this)|(?:leave|drop) (?:it|that|this)|leave it be|let it be|scratch that|(?:do )?not bother|(?:i )?(?:have )?changed my mind|i (?:do not|no longer) (?:want|need) (?:it|that|this)(?: (?:anymore|any more|any longer))?(?<!do not (?:want|need) (?:it|that|this)))$/

/** The word it is canceled with; null when it is not. */
function cancels(text: string): string | null {
  const words = withoutCourtesy(wordsOf(text)).join(' ')
  const bare = words.replace(softAfter, '').replace(softBefore, '')
  for (const said of [words, bare]) if (cancellation.test(said)) return said.split(' ')[0] ?? null
  return null
}

const repetition =
  /^(?:what|what (?:was|is) that|pardon(?: me)?|huh|eh|come again|again|repeat|repeat (?:that|it|the question)|say (?:that|it) again|say again|(?:can|could|would) (?:you )?(?:repeat|say) ?(?:that|it|the question)?(?: again)?|what (?:did|do) you (?:say|ask|mean|need|want)|what (?:was|is) (?:the|your) question|i (?:did|do|could) not (?:get|understand|catch|hear|follow)(?: (?:that|it|you|this))?|(?:do|did) not understand|not understood)$/

function asksAgain(text: string): boolean {
  const words = wordsOf(text).filter((word) => !['please', 'hey', 'oh', 'um', 'uh', 'again'].includes(word) || wordsOf(text).length === 1)
  const said = words.join(' ').replace(/^sorry (?=.)/, '')
  if (/\?/.test(text) && /^(?:sorry|excuse me)$/.test(said)) return true
  // Courtesy words are a part of some of these: “can you …”.
  return repetition.test(said) || repetition.test(wordsOf(text).join(' '))
}

/** Words of a line that only goes along with the answer: “1234” and “hurry up please” are one turn. */
const asideWordsMax = 4

/** A burst without its short lines that say nothing of the slot, where another line does. */
function withoutAsides(asked: SlotDefinition, prompt: string, text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const says = lines.map((line) => readSlot(asked, line, prompt) !== undefined)
  return lines.filter((line, index) => says[index] === true || !says.includes(true) || wordsOf(line).length > asideWordsMax).join('\n')
}

const valueWords: ReadonlySet<string> = new Set(
  (
    'ending ends end starting starts begins digits digit number numbers last four card account amount total sum value name called choose pick take option first second third fourth fifth ' +
    'eur euro euros usd dollar dollars gbp pound pounds chf k cents exactly about roughly around yes yep yeah sure no not'
  ).split(' '),
)

/** Whether an answer would be about more than the question: words that belong to neither it nor the value. */
function isAnotherMatter(asked: SlotDefinition, prompt: string, text: string): boolean {
  const words = wordsOf(withoutAsides(asked, prompt, text))
  // A yes or a no is read strictly as it is, and any words are a text.
  if (asked.read !== null) return words.length > wordsMax
  if (asked.type === 'text' || asked.type === 'yesNo') return false
  const known = new Set([...wordsOf(prompt), ...wordsOf(asked.label), ...asked.options.flatMap(wordsOf)])
  return strangeWords(words, known, valueWords).filter((word) => !/\d/.test(word)).length > strangeMax
}
