import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { slot } from '../app/index.ts'
import type { SlotDraft } from '../app/index.ts'
import { appOf, unblockCard } from './fixture.ts'
import { flow } from '../app/index.ts'
import { givenSlot, readSlot, slotsInFirstText, validated } from './slot.ts'

function read(draft: SlotDraft, text: string, question = ''): unknown {
  return readSlot({ ...draft, name: 'it' }, text, question)
}

const question = 'Shall I unblock the card that ends in 4821?'
const agreeing = [
  'yes',
  'Yep!',
  'yes please',
  'yeah go ahead',
  'sure, why not',
  'ok',
  'OK thanks',
  'please do',
  'Do it',
  'yes, unblock it',
  'of course',
  'no problem',
  'I don’t mind',
  'yes it was me',
  'Yes, that’s my card',
  'it is',
  'that works for me',
  '👍',
  'definitely yes',
  'go for it please',
  'I would like that',
  'sure thing',
  'Yes I do',
  'alright then',
  'yes that is correct',
  "that's right",
  'YES!!!',
  'Yes, go ahead and unblock the card.',
  'absolutely',
  'I do',
  'gladly',
]
const refusing = [
  'no',
  'Nope',
  'nah',
  'no thanks',
  'No, thank you',
  'rather not',
  'I’d rather not',
  "please don't",
  "don't do it",
  'do not go ahead',
  'no way',
  'not now',
  'not really',
  "no it wasn't me",
  'No I did not',
  'never',
  'that’s not right',
  'i dont think so',
  "no, that's fine",
  'no thanks I’m good',
  'better not',
  'absolutely not',
  'certainly not',
  'of course not',
  'No, don’t unblock it',
  'it was not me',
  'I do not want that',
  '👎',
  'wrong',
  'i don’t agree',
  'not at all',
  'No, not that card',
  'please do not unblock the card',
]
const neither = [
  'not sure',
  'maybe',
  "I don't know",
  'yes but not now',
  'no wait yes',
  'what is this',
  'I have no idea why this card has no contactless',
  'no my card is lost',
  'yes or no?',
  'is it safe',
  'no, I want to know about my mortgage',
  'there is no money on my account',
  'yes if it is free',
  'hello',
  '',
  'I lost my no limit card',
  'it depends',
  'do you think I should',
  'right after the payment there was no answer',
  'ok but what does it cost',
  'thanks',
  'I am in Spain',
  'no card arrived',
  'sure is hot today',
  'tell me yes or no',
  'yes and no',
  'I said no such thing about Paris',
  'go away',
  'nothing works',
]

test('yes and no are read where nothing else is said, whatever the words for it', () => {
  for (const text of agreeing) assert.equal(read(slot.yesNo({ label: 'it' }), text, question), true, text)
  for (const text of refusing) assert.equal(read(slot.yesNo({ label: 'it' }), text, question), false, text)
  for (const text of neither) assert.equal(read(slot.yesNo({ label: 'it' }), text, question), undefined, text)
})

const amounts: readonly (readonly [string, number | undefined])[] = [
  ['50', 50],
  ['€50', 50],
  ['50 €', 50],
  ['50 euros please', 50],
  ['EUR 1,234.56', 1234.56],
  ['1.234,56', 1234.56],
  ['1 234,56 €', 1234.56],
  ["1'234.50", 1234.5],
  ['1’234.50', 1234.5],
  ['2k', 2000],
  ['2.5k', 2500],
  ['2,5 k', 2500],
  ['$1,000', 1000],
  ['1.000.000', 1_000_000],
  ['12,50', 12.5],
  ['0,99', 0.99],
  ['1,234', 1234],
  ['1.234', 1234],
  ['12.5', 12.5],
  ['it was €50, card 1234', 50],
  ['50.', 50],
  ['50, please', 50],
  ['£9.99!', 9.99],
  ['50EUR', 50],
  ['eur50', 50],
  ['20 cents', 0.2],
  ['1,50€', 1.5],
  ['$ 20', 20],
  ['12\u00a0345', 12345],
  ['5 k', 5000],
  ['50 and again 50', 50],
  ['007', 7],
  ['it was 50 or 60', undefined],
  ['about 50-60', undefined],
  ['at 10:30', undefined],
  ['10am', undefined],
  ['on 12/05/2026', undefined],
  ['2026-01-05', undefined],
  ['5%', undefined],
  ['A4', undefined],
  ['4821a', undefined],
  ['5kg', undefined],
  ['the 2nd', undefined],
  ['-50', undefined],
  ['fifty', undefined],
  ['1234 5678', undefined],
  ['100 dollars and 20 cents', undefined],
  ['', undefined],
  ['€', undefined],
]
const digits: readonly (readonly [string, string | undefined])[] = [
  ['4821', '4821'],
  ['it is 48 21', '4821'],
  ['48-21', '4821'],
  ['4 8 2 1', '4821'],
  ['4111 1111 1111 4821', '4821'],
  ['card 4821, account 12345678', '4821'],
  ['12345678', '5678'],
  ['0042', '0042'],
  ['it ends with 4821.', '4821'],
  ['4821, thanks', '4821'],
  ['4821?', '4821'],
  ['my number is 4821 and again 4821', '4821'],
  ['1234 or 5678', undefined],
  ['1234 5678', undefined],
  ['12345678 and 87654321', undefined],
  ['482', undefined],
  ['x4821', undefined],
  ['€1,234', undefined],
  ['2026-01-05', undefined],
  ['10:30', undefined],
  ['', undefined],
]
const options = ['debit card', 'credit card', 'Bonus Café'] as const
const choices: readonly (readonly [string, string | undefined])[] = [
  ['debit card', options[0]],
  ['the DEBIT CARD please', options[0]],
  ['the debit one', options[0]],
  ['credit', options[1]],
  ['the second', options[1]],
  ['2nd one', options[1]],
  ['option 3', options[2]],
  ['2', options[1]],
  ['last one', options[2]],
  ['bonus cafe', options[2]],
  ['CAFÉ', options[2]],
  ['debit card or credit card', undefined],
  ['not the debit card', undefined],
  ['card', undefined],
  ['4', undefined],
  ['the first or the second', undefined],
  ['neither', undefined],
  ['debits', undefined],
  ['', undefined],
]

test('sums of money are read in both conventions, with and without a currency, and never guessed', () => {
  for (const [text, value] of amounts) assert.equal(read(slot.amount({ label: 'it' }), text), value, text)
})

test('digits are read whatever stands between them; the end of a longer number where there is one only', () => {
  for (const [text, value] of digits) assert.equal(read(slot.digits(4, { label: 'it' }), text), value, text)
})

test('choices are read by name and by place', () => {
  for (const [text, value] of choices) assert.equal(read(slot.choice(options, { label: 'it' }), text), value, text)
  const nested = slot.choice(['card', 'debit card'], { label: 'it' })
  assert.deepEqual([read(nested, 'my debit card'), read(nested, 'my card')], ['debit card', 'card'])
  assert.equal(read(slot.choice(['yes, do', 'not now'], { label: 'it' }), 'not now'), 'not now')
})

test('any sum that a program writes in either convention is read back', () => {
  const styles = ['en-US', 'de-DE', 'fr-FR', 'de-CH'].map((locale) => new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 }))
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 99_999_999 }),
      fc.constantFrom(...styles),
      fc.constantFrom('€%', '% €', 'EUR %', '%', 'it was %, I think'),
      (cents, style, around) => {
        const text = around.replace('%', style.format(cents / 100))
        assert.equal(read(slot.amount({ label: 'it' }), text), cents / 100, text)
      },
    ),
  )
})

test('a reader never throws, and gives nothing or a value of its slot’s type', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      const amount = read(slot.amount({ label: 'it' }), text)
      assert.ok(amount === undefined || (typeof amount === 'number' && Number.isFinite(amount)))
      const four = read(slot.digits(4, { label: 'it' }), text)
      assert.ok(four === undefined || /^\d{4}$/.test(four as string))
      const choice = read(slot.choice(options, { label: 'it' }), text)
      assert.ok(choice === undefined || options.includes(choice as 'debit card'))
      const sure = read(slot.yesNo({ label: 'it' }), text, question)
      assert.ok(sure === undefined || typeof sure === 'boolean')
    }),
    { numRuns: 300 },
  )
})

const many = appOf({
  many: flow(
    {
      goal: 'x',
      slots: {
        amount: slot.amount({ label: 'amount', validate: (amount) => amount <= 500 || 'Up to 500 euros.' }),
        last4: slot.digits(4, { label: 'card' }),
        kind: slot.choice(['debit', 'credit'], { label: 'kind' }),
        sure: slot.yesNo({ label: 'go-ahead' }),
        why: slot.text({ label: 'reason' }),
        iban: slot.text({ label: 'account', read: (text) => /\b[A-Z]{2}\d{10,}\b/.exec(text)?.[0] }),
      },
    },
    function* ({ say }) {
      yield* say('x')
      return { resolved: true }
    },
  ),
}).flows['many'] as never

test('the first words fill what can hardly mean something else, and nothing that was not said', () => {
  const first = (text: string): unknown => Object.fromEntries(slotsInFirstText(many, text))
  assert.deepEqual(first('Yes, my debit card 4821 was charged €50.20 twice'), { amount: 50.2, last4: '4821', kind: 'debit' })
  assert.deepEqual(first('please pay 50 to DE1234567890'), { iban: 'DE1234567890' })
  assert.deepEqual(first('my card 4821 or 1234'), {}, 'two numbers are neither')
  assert.deepEqual(first('debit or credit'), {})
  assert.deepEqual(first('€900 were taken'), {}, 'a value that does not do is asked for')
  assert.deepEqual(first('the second one, 4111 1111 1111 4821'), {}, 'what only an answer may say is none')
  assert.deepEqual(first('€4821'), {}, 'and what is no sum that would do is no card either')
  const twice = appOf({
    twice: flow({ goal: 'x', slots: { from: slot.amount({ label: 'from' }), to: slot.amount({ label: 'to' }) } }, function* ({ say }) {
      yield* say('x')
      return { resolved: true }
    }),
  }).flows['twice'] as never
  assert.deepEqual([...slotsInFirstText(twice, 'it was €50')], [], 'what two slots could mean fills neither')
})

test('what a policy or a colleague gives is taken typed or in words, when it fits', () => {
  const { last4, sure } = appOf({ unblockCard }).flows['unblockCard']?.slots ?? assert.fail()
  assert.ok(last4 && sure)
  assert.deepEqual(
    ['4821', 'it ends in 4821', 4821, '48', null, { last4: '4821' }].map((given) => givenSlot(last4, given)),
    ['4821', '4821', undefined, undefined, undefined, undefined],
  )
  assert.deepEqual(
    [true, 'yes', 'nope', 1].map((given) => givenSlot(sure, given)),
    [true, true, false, undefined],
  )
})

test('a value that does not do is answered with the slot’s sentence, or with what would do', () => {
  const limited = { ...slot.amount({ label: 'it', validate: (amount) => amount <= 500 || 'Up to 500 euros.' }), name: 'it' }
  assert.equal(validated(limited, 50), null)
  assert.equal(validated(limited, 501), 'Up to 500 euros.')
  assert.equal(validated({ ...limited, validate: () => false as never }, 50), 'Please give me an amount, such as 25 or 25.50.')
})
