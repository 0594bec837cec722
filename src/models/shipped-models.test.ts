import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { realWorld } from '../base/index.ts'
import { labelsFile } from './card.ts'
import { modelBytesMax } from './linear-format.ts'
import { readLinearModel } from './linear.ts'
import type { LinearModel } from './linear.ts'
import { openModels } from './runner.ts'

const path = (file: string): string => fileURLToPath(new URL(`../../examples/harbour-bank/models/${file}`, import.meta.url))
const read = (name: string): LinearModel => readLinearModel(readFileSync(path(`${name}.model`)))
const intent = read('intent')
const tone = read('tone')

test('the shipped files are short enough, whole, and their types say what they hold', async () => {
  for (const name of ['intent', 'tone']) assert.ok(readFileSync(path(`${name}.model`)).length <= modelBytesMax)
  assert.equal(intent.labels.length, 77)
  const expected = labelsFile([
    { name: 'Intent', labels: intent.heads[0]!.labels },
    { name: 'Emotion', labels: tone.heads[0]!.labels },
  ])
  assert.equal(readFileSync(path('labels.ts'), 'utf8'), expected)
  const models = await openModels(realWorld(), { intent: { file: path('intent.model') }, tone: { file: path('tone.model') } })
  assert.equal(models.run('tone', { text: 'I hate this' }, 1_000).version, tone.version)
  models.close()
})

test('the card beside a model is of that version', () => {
  for (const model of [intent, tone]) assert.ok(readFileSync(path(`${model.name}.card.md`), 'utf8').includes(`\`${model.version}\``))
})

test('plain intents are told apart', () => {
  const expected: Record<string, string> = {
    'I am still waiting for my new card to come': 'card_arrival',
    'My card is broken and does not work in any shop': 'card_not_working',
    'How do I change my PIN?': 'change_pin',
    'Somebody stole my card, block it': 'lost_or_stolen_card',
    'What exchange rate do you use?': 'exchange_rate',
    'I want to close my account': 'terminate_account',
    'I was charged twice for the same thing': 'transaction_charged_twice',
    'My transfer was declined': 'declined_transfer',
  }
  for (const [text, label] of Object.entries(expected)) assert.equal(intent.predict(text).label, label, text)
})

test('plain questions to a bank do not read as angry', () => {
  const plain = [
    'I am still waiting on my card?',
    'How do I change my PIN?',
    'What is the exchange rate for euros?',
    'Can I get a second card for my wife?',
    'hello',
    'ok thanks',
    'My card does not work',
    'why was I charged a fee for withdrawing cash?',
    'Where can I see my last transactions?',
    'I would like to close my account',
    'Could you tell me when my transfer arrives?',
    'My payment was declined, what can I do?',
    'I lost my phone',
    'please call me back tomorrow',
  ]
  for (const text of plain) {
    const { label, scores } = tone.predict(text)
    assert.ok(label !== 'anger' && label !== 'disgust' && scores.anger! < 0.2, `${text}: ${label}, anger ${scores.anger}`)
  }
})

test('obvious anger is told from calm, thanks and fear', () => {
  const angry = [
    'My card was declined AGAIN, this is ridiculous!!',
    'I hate this app',
    'stop wasting my time and connect me to a human',
    'I am furious, you idiots lost my money',
    'this makes me so angry',
    'you are a bunch of liars and I am sick of it',
  ]
  for (const text of angry) {
    const { scores } = tone.predict(text)
    assert.ok(scores.anger! > 0.35 && scores.negative! > 0.5, `${text}: anger ${scores.anger}, negative ${scores.negative}`)
  }
  assert.equal(tone.predict('thank you so much, that solved it!').label, 'joy')
  assert.equal(tone.predict('I think someone stole my card, I am really scared').label, 'fear')
  assert.equal(tone.predict('I am so disappointed with your service').label, 'sadness')
})
