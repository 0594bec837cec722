import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { flow, slot } from '../app/index.ts'
import { appOf, Talk, unblockCard } from './fixture.ts'

const app = appOf({
  unblockCard,
  pay: flow(
    {
      goal: 'have it paid',
      slots: {
        amount: slot.amount({ label: 'amount' }),
        last4: slot.digits(4, { label: 'card number' }),
        kind: slot.choice(['debit card', 'credit card', 'stop'], { label: 'kind of card' }),
        why: slot.text({ label: 'reason' }),
        sure: slot.yesNo({ label: 'go-ahead' }),
        end: slot.yesNo({ label: 'order' }),
      },
    },
    function* ({ ask }) {
      yield* ask('amount', 'How much is it?')
      yield* ask('last4', 'Which card is it?')
      yield* ask('kind', 'Which kind of card is it?')
      yield* ask('why', 'What happened?')
      yield* ask('sure', 'Shall I send it?')
      yield* ask('end', 'Shall I cancel the order?')
      return { resolved: true }
    },
  ),
})

function reads(talk: Talk, readings: Readonly<Record<string, readonly string[]>>): void {
  for (const [reading, texts] of Object.entries(readings))
    for (const text of texts) assert.equal(talk.reads(text), reading, `${talk.state?.asking?.prompt ?? 'a tool'} – ${text}`)
}

test('a question for digits takes digits, and leaves the rest to the policy', () => {
  reads(new Talk(app, 'unblockCard'), {
    answer: [
      '1234',
      'it is 1234',
      'my card ends in 1234',
      'the one ending 4821 please',
      'it’s the Visa ending in 4821',
      '1234?',
      '1234\nhurry up please',
      'hi\n1234\nthanks a lot',
    ],
    cancellation: [
      'never mind',
      'nevermind',
      'forget it',
      'Forget about it!',
      'cancel',
      'cancel that please',
      'stop',
      'please stop',
      'Actually, never mind, thanks',
      'no, forget it',
      'cancel please',
      "don't bother",
      'I changed my mind',
      'I do not want it anymore',
      'I no longer need this',
      'leave it',
      'cancel my request',
    ],
    repetition: [
      'what?',
      'can you repeat that please',
      'Could you say that again?',
      'Sorry?',
      'pardon',
      'Pardon me?',
      'what do you mean?',
      'say that again',
      'what was the question?',
      'I did not get that',
      'huh?',
    ],
    unclear: ['umm the blue one', 'hello', 'I don’t know', 'no', 'ok', 'no thanks', 'cancel my card', 'I lost my card yesterday', 'I do not want that'],
    other: [
      'why do you need that?',
      'is it 1234?',
      'what are your opening hours',
      'where is my money',
      'stop the transfer to my brother',
      'I want to talk about my mortgage instead',
      'my card 4821 was stolen yesterday in Paris and I want to report it',
      'my card is stolen in Paris by a thief\n1234',
    ],
  })
})

test('while a tool is at work all but a correction or a cancellation waits', () => {
  const talk = new Talk(app, 'unblockCard', { slots: { last4: '1234' }, text: null })
  reads(talk, {
    waiting: ['hello?', 'how long does it take?', 'ok', 'card number 1234', '4821', 'what?'],
    correction: ['no, the card is 5678', 'sorry, I meant 5678', 'actually 5678', 'card number 5678', 'Oops, 5678'],
    cancellation: ['never mind', 'stop', 'actually forget it'],
  })
})

test('a yes-or-no question takes a yes or a no; a no with another value corrects', () => {
  const talk = new Talk(app, 'unblockCard', { slots: { last4: '1234' }, text: null })
  talk.result('f1:1', { state: 'blocked' })
  reads(talk, {
    answer: ['yes', 'no', 'yes please', 'sorry no', 'actually no', 'no, do not unblock it', 'go ahead'],
    correction: [
      'no, 5678',
      'no, the card is 5678',
      'sorry, I meant 5678',
      'not 1234, 5678',
      'no wait, it is 5678',
      'No, 1234',
      'I meant the one ending in 5678',
      'the card number is 5678',
      'yes but the card is 5678',
      'wait, 5678',
      'make that 5678',
    ],
    repetition: ['what?', 'come again?'],
    unclear: ['4821', 'maybe'],
    other: [
      'is it safe?',
      'what about my other card 4821?',
      'I have no idea what this is about, my last salary did not arrive',
      'my card 5678 was stolen yesterday in Paris',
      'can I have a new card number 5678?',
    ],
  })
})

test('corrections go to the slot that is named, else to the only one that can be meant, else to none', () => {
  const talk = new Talk(app, 'pay', { slots: { amount: 50 }, text: null })
  reads(talk, {
    answer: ['1234', 'actually 1234', 'no, 1234'],
    correction: ['sorry, I meant 60', 'no, 60', 'the amount is 60', 'no, the amount was 70', 'amount 60'],
  })
  talk.say('1234')
  reads(talk, {
    answer: ['debit card', 'the second', 'stop', 'the debit one', 'credit'],
    correction: ['no, 60 euros', 'sorry I meant 5678', 'not 1234 but 5678', 'make it 60', 'the card number is 9999'],
    unclear: ['no wait', 'my card'],
  })
  assert.equal(talk.reads('actually, the card number is 9999 and the amount is 60') === 'correction', false, 'two at once cannot be told apart')
  talk.say('the first')
  reads(talk, {
    answer: ['it was declined at the shop', 'I do not know'],
    correction: ['sorry, I meant 60', 'no, credit card', 'not the debit card, the credit card'],
    other: ['why was it declined?', 'what is this'],
    cancellation: ['never mind'],
  })
  talk.say('it was declined')
  reads(talk, {
    correction: ['no, the reason is that I was abroad', 'reason: I was abroad', 'actually the second', 'change it to 60'],
    answer: ['yes'],
    cancellation: ['cancel'],
  })
  talk.say('yes')
  reads(talk, { unclear: ['cancel', 'cancel it'], cancellation: ['never mind', 'stop'], answer: ['yes, cancel it', 'no'] })
})

test('a flow that stands still for a person, or closes, takes nothing for itself', () => {
  const talk = new Talk(app, 'unblockCard')
  talk.state = { ...(talk.state ?? assert.fail()), asking: null }
  reads(talk, { other: ['1234', 'never mind', 'yes'] })
})

test('whatever is written, it is read as something', () => {
  const talk = new Talk(app, 'pay', { slots: { amount: 50, last4: '1234' }, text: null })
  const readings = ['answer', 'correction', 'cancellation', 'repetition', 'waiting', 'unclear', 'other']
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.array(fc.constantFrom('no', 'sorry', '1234', 'card', 'the', '50', '?', 'number', 'is', ',', 'stop')).map((words) => words.join(' ')),
      ),
      (text) => assert.ok(readings.includes(talk.reads(text))),
    ),
    { numRuns: 300 },
  )
})
