/**
 * Yes or no in what a customer wrote. The rule: taken apart into phrases that agree, phrases that refuse, and words that hold
 * sentences together, nothing else may be left but words of the question itself; and all phrases say the same. So “yes, unblock it”
 * answers “Shall I unblock the card?”, and “no idea why my card has no contactless” answers nothing.
 *
 * “Not” refuses, and takes with it the phrase it stands before: “do not go ahead” is a no, and nothing but a no.
 */
import { functionWords, wordsOf } from './words.ts'

const yes = phrases(
  'yes, yep, yeah, yea, yup, yah, ya, aye, y, sure, sure thing, of course, certainly, definitely, absolutely, totally, correct, right, that is right, exactly, ' +
    'indeed, ok, okay, k, kk, fine, alright, all right, sounds good, sounds great, sounds right, go ahead, go for it, do it, do that, do so, please do, proceed, carry on, continue, ' +
    'confirm, confirmed, i confirm, agreed, agree, affirmative, true, by all means, why not, no problem, no worries, not a problem, no objection, no objections, ' +
    'not mind, not wrong, that is me, it was me, that was me, let us do it, let us do that, let us go, ' +
    'that works, works for me, perfect, great, good, gladly, happy to, i would like that, i would love that, i would love to, i think so, think so, 👍, ✅',
)
/** These agree where they are all of it: “I do”; in “I would rather not” they are the beginning of something else. */
const yesAlone = phrases('i do, i did, i would, i am, i have, it is, it was, it does, it did, that is it')
const no = phrases(
  'no, nope, nah, na, n, no way, no thanks, no thank you, never, not, negative, wrong, incorrect, false, decline, declined, disagree, refuse, do not bother, 👎, ❌',
)
/** Neither: whoever says so has not decided, or sets a condition. */
const unsure = phrases(
  'maybe, perhaps, possibly, probably, not sure, unsure, not certain, do not know, no idea, no clue, dunno, idk, depends, it depends, what if, if, unless, but, except, however, later, ' +
    'i guess, not yet decided, either, whatever, might, think about it, let me think, wait, hold on, one moment, one second, first',
)
/** After a no these only make it kind: “no, that is fine”, “no thanks, I am good”. */
const kindAfterNo = phrases(
  'that is fine, that is ok, that is okay, that is all right, that is alright, it is fine, it is ok, it is okay, i am good, i am fine, i am ok, all good, not now, not today',
)

function phrases(list: string): ReadonlyMap<string, number> {
  return new Map(list.split(', ').map((phrase) => [phrase, phrase.split(' ').length]))
}
const phraseWordsMax = 4

/**
 * @example
 * readYesNo('Yep, go ahead', 'Shall I unblock it?') // true
 * readYesNo('I would rather not', '') // false
 */
export function readYesNo(text: string, question: string): boolean | undefined {
  const words = wordsOf(text)
  const asked = new Set(wordsOf(question))
  let said: boolean | undefined
  let negated = false
  for (let at = 0; at < words.length;) {
    if (longest(unsure, words, at) > 0) return undefined
    const kind = said === false ? longest(kindAfterNo, words, at) : 0
    const agreeing = longest(yes, words, at) || (longest(yesAlone, words, at) === words.length - at ? words.length - at : 0)
    const refusing = longest(no, words, at)
    if (kind > 0) at += kind
    else if (agreeing > 0 && agreeing >= refusing) {
      // “Absolutely not”, “please do not”: what stands before “not” is a part of it.
      const counts = !negated && words[at + agreeing] !== 'not'
      if (counts && said === false) return undefined
      if (counts) said = true
      at += agreeing
    } else if (refusing > 0) {
      if (said === true) return undefined
      said = false
      negated ||= words[at + refusing - 1] === 'not' || words[at] === 'never'
      at += refusing
    } else if (functionWords.has(words[at] ?? '') || asked.has(words[at] ?? '')) at++
    else return undefined
  }
  return said
}

/** How many words the longest phrase of the list takes that begins here; 0 when none does. */
function longest(list: ReadonlyMap<string, number>, words: readonly string[], at: number): number {
  for (let length = Math.min(phraseWordsMax, words.length - at); length > 0; length--) if (list.has(words.slice(at, at + length).join(' '))) return length
  return 0
}
