/** What a customer wrote, made comparable: small letters without accents, contractions in full, split into words. */

/** Words that hold a sentence together and carry no matter of their own. */
export const functionWords: ReadonlySet<string> = new Set(
  (
    'i me my mine myself it its that this these those the a an you your yours we us our they them he she is was am are were be been being do did does done ' +
    'have has had having will would can could should shall might may must want wanted wants like liked need needed wish to so very much really ' +
    'please thanks thank then now just of for in on at by with from about all one ones and or well oh um uh er hmm mm ah hey hi hello ok okay there here ' +
    'rather better think believe guess suppose sir madam maam both still already also too again only actually meant mean sorry kindly as same some any'
  ).split(' '),
)

/** Words that only make a sentence kind: they may stand anywhere and change nothing. */
const courtesies: ReadonlySet<string> = new Set('please thanks thank you oh um uh er hmm mm ah hey hi hello well so kindly sir madam maam'.split(' '))

const contractions: readonly (readonly [RegExp, string])[] = [
  [/\b(?:can't|cant|cannot)\b/g, 'can not'],
  [/\b(?:won't|wont)\b/g, 'will not'],
  [/\b(do|does|did|is|was|are|were|have|has|had|would|should|could|need)n'?t\b/g, '$1 not'],
  [/\bi'?m\b/g, 'i am'],
  [/\b(it|that|this|there|what|he|she)'s\b/g, '$1 is'],
  [/\bthats\b/g, 'that is'],
  [/\b(i|you|we|they|it|that)'(?:d)\b/g, '$1 would'],
  [/\b(i|you|we|they)'ve\b/g, '$1 have'],
  [/\b(you|we|they)'re\b/g, '$1 are'],
  [/\b(i|you|we|they|it|that)'ll\b/g, '$1 will'],
  [/\blet'?s\b/g, 'let us'],
]

/** Most texts hold nothing of these, and are spared the work. */
const mayContract = /'|\b(?:cannot|thats|lets|im|[a-z]+nt)\b/
// eslint-disable-next-line no-control-regex
const ascii = /^[\x00-\x7f]*$/

/** Small letters, no accents, straight apostrophes, contractions in full. Digits and punctuation stay. */
export function folded(text: string): string {
  let plain = text.toLowerCase()
  if (!ascii.test(plain))
    plain = plain
      .normalize('NFD')
      .replaceAll(/\p{Mn}/gu, '')
      .replaceAll(/[’‘`´]/g, "'")
  if (!mayContract.test(plain)) return plain
  for (const [short, long] of contractions) plain = plain.replaceAll(short, long)
  return plain
}

/** The words of a text, folded, without punctuation. */
export function wordsOf(text: string): string[] {
  return folded(text).match(/[\p{L}\p{N}]+(?:'[\p{L}]+)?|👍|👎|✅|❌/gu) ?? []
}

/** The words without what only makes them kind. */
export function withoutCourtesy(words: readonly string[]): string[] {
  return words.filter((word) => !courtesies.has(word))
}

/** Where a phrase begins among words, as whole words; -1 when it is not there. */
export function phraseAt(words: readonly string[], phrase: readonly string[]): number {
  if (phrase.length === 0) return -1
  for (let at = 0; at + phrase.length <= words.length; at++) if (phrase.every((word, index) => words[at + index] === word)) return at
  return -1
}

const opensQuestion: ReadonlySet<string> = new Set(
  'what why when where who whom whose which how can could would will do does did is are was were am may should shall has have'.split(' '),
)
const subjects: ReadonlySet<string> = new Set('i you we it that this there they he she my the your'.split(' '))
const askWords: ReadonlySet<string> = new Set('what why when where who whom whose which how'.split(' '))

/**
 * Whether a text asks something: it ends in a question mark and has more than a word or two, or it opens as questions do
 * (“how long …”, “can you …”). “1234?” asks nothing; it answers, unsure.
 */
export function asksSomething(text: string): boolean {
  const words = withoutCourtesy(wordsOf(text))
  const [first = '', second = ''] = words
  if (askWords.has(first)) return true
  if (opensQuestion.has(first) && subjects.has(second)) return true
  const sentences = text.split(/(?<=[?!.])\s+|\n/)
  return sentences.some((sentence) => {
    if (!/\?\s*$/.test(sentence)) return false
    const asked = withoutCourtesy(wordsOf(sentence))
    return asked.length > 2 || askWords.has(asked[0] ?? '')
  })
}

/** Words that belong to none of the given sets: what is left may be another matter. */
export function strangeWords(words: readonly string[], ...known: readonly ReadonlySet<string>[]): string[] {
  return words.filter((word) => !functionWords.has(word) && !known.some((set) => set.has(word)))
}
