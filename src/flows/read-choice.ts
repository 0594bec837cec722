/** One of several options in what a customer wrote: by its name, or by its place. */
import { functionWords, phraseAt, wordsOf } from './words.ts'

const places: Readonly<Record<string, number>> = {
  first: 0,
  '1st': 0,
  second: 1,
  '2nd': 1,
  third: 2,
  '3rd': 2,
  fourth: 3,
  '4th': 3,
  fifth: 4,
  '5th': 4,
  sixth: 5,
  '6th': 5,
  seventh: 6,
  '7th': 6,
  eighth: 7,
  '8th': 7,
  ninth: 8,
  '9th': 8,
  tenth: 9,
  '10th': 9,
}
const denials = ['not', 'no', 'none', 'neither', 'nor', 'except', 'without', 'never']

/**
 * The option a text names as whole words, whatever its case and accents; else the one it has a word of that no other option has
 * (“the debit one”), or gives the place of (“the second”, “option 2”, “the last one”). Nothing where it names several, or says what it is not.
 */
export function readChoice(text: string, options: readonly string[]): string | undefined {
  const words = wordsOf(text)
  const named = namedIn(words, options)
  const denied = words.some((word) => denials.includes(word)) && !options.some((option) => wordsOf(option).some((word) => denials.includes(word)))
  if (denied || named.length > 1) return undefined
  return named[0] ?? byOwnWord(words, options) ?? byPlace(words, options)
}

/** The option a text that says much else names; places say nothing there. */
export function readNamedChoice(text: string, options: readonly string[]): string | undefined {
  const words = wordsOf(text)
  const named = namedIn(words, options)
  return named.length === 1 && !words.some((word) => denials.includes(word)) ? named[0] : undefined
}

/** Options whose words are there; where one lies within another that is there (“card” in “debit card”), the longer counts. */
function namedIn(words: readonly string[], options: readonly string[]): string[] {
  const found = options.map((option) => ({ option, phrase: wordsOf(option) })).filter(({ phrase }) => phraseAt(words, phrase) >= 0)
  return found
    .filter(
      ({ option, phrase }) => !found.some((other) => other.option !== option && other.phrase.length > phrase.length && phraseAt(other.phrase, phrase) >= 0),
    )
    .map(({ option }) => option)
}

/** “The debit one”: a word that only one of the options has. */
function byOwnWord(words: readonly string[], options: readonly string[]): string | undefined {
  const parts = options.map((option) => ({ option, words: wordsOf(option).filter((word) => !functionWords.has(word)) }))
  const own = parts.filter((part) => part.words.some((word) => words.includes(word) && !parts.some((other) => other !== part && other.words.includes(word))))
  return own.length === 1 ? own[0]?.option : undefined
}

function byPlace(words: readonly string[], options: readonly string[]): string | undefined {
  const named = new Set<number>()
  words.forEach((word, index) => {
    if (Object.hasOwn(places, word)) named.add(places[word] ?? -1)
    else if (word === 'last' || (word === 'latter' && options.length === 2)) named.add(options.length - 1)
    else if (word === 'former' && options.length === 2) named.add(0)
    else if (/^\d{1,2}$/.test(word) && (words.length === 1 || ['option', 'number', 'no', 'nr'].includes(words[index - 1] ?? ''))) named.add(Number(word) - 1)
  })
  const [only] = named
  return named.size === 1 && only !== undefined ? options[only] : undefined
}
