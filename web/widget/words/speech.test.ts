import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ar } from './ar.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { fill, sizeIn, speechFor, timeIn, unreadIn } from './speech.ts'

/** Every text of a dictionary under its path; the forms of a plural are one text each of their own. */
function texts(node: object, path = ''): Map<string, string> {
  return new Map(
    Object.entries(node).flatMap(([key, value]: [string, unknown]): [string, string][] =>
      typeof value === 'string' ? [[path + key, value]] : [...texts(value as object, `${path}${key}.`)],
    ),
  )
}
const places = (text: string): string => [...text.matchAll(/\{\w+\}/g)].map(String).sort().join(' ')

test('every language says everything, with the same things put in', () => {
  const english = texts(en)
  for (const [language, words] of Object.entries({ de, fr, es, ar })) {
    const said = texts(words)
    for (const [path, text] of english) {
      if (path.startsWith('unread.')) continue
      assert.ok(said.get(path)?.trim(), `${language} does not say ${path}`)
      assert.equal(places(said.get(path) as string), places(text), `${language} ${path}`)
    }
    for (const category of new Intl.PluralRules(language).resolvedOptions().pluralCategories)
      assert.ok(category === 'zero' || category === 'many' || words.unread[category], `${language} has no form for ${category}`)
  }
})

test('the page’s language wins over the browser’s, a region is kept for times, and what is not spoken becomes English', () => {
  assert.deepEqual(
    [['de-AT', 'en'], ['pt', 'fr-CA'], ['ja'], [], ['ar'], ['not a tag', 'es']].map((wished) => {
      const { locale, dir } = speechFor(wished)
      return `${locale} ${dir}`
    }),
    ['de-AT ltr', 'fr-CA ltr', 'en ltr', 'en ltr', 'ar rtl', 'es ltr'],
  )
})

test('times are the clock’s, and the day’s when it was another one', () => {
  const speech = speechFor(['en'])
  const now = new Date(2026, 2, 5, 15, 0).getTime()
  assert.equal(timeIn(speech, new Date(2026, 2, 5, 9, 5).getTime(), now), '09:05')
  assert.match(timeIn(speech, new Date(2026, 2, 4, 21, 14).getTime(), now), /4.*21:14|21:14.*4/)
})

test('sizes and counts are in the language’s own form', () => {
  assert.equal(sizeIn(speechFor(['en']), 83_000), '81 kB')
  assert.equal(sizeIn(speechFor(['de']), 5_400_000), '5,1 MB')
  assert.equal(unreadIn(speechFor(['en']), 1), '1 new message')
  assert.equal(unreadIn(speechFor(['fr']), 0), '0 nouveau message')
  assert.equal(unreadIn(speechFor(['ar']), 2), 'رسالتان جديدتان')
})

test('what is not known stays visible rather than empty', () => {
  assert.equal(fill('{a} and {b}', { a: 1 }), '1 and {b}')
})
