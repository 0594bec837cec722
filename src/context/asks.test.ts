import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asksForPerson } from './asks.ts'

const asks = [
  'A person, please',
  'human',
  'agent!',
  'Representative please',
  'Can I talk to a human?',
  'I want to speak with a real person',
  'let me speak to someone',
  'Please connect me with somebody from the bank',
  'Could you connect me with an agent',
  'transfer me to a representative now',
  'please put me through to an adviser',
  'I need a human being',
  'Is there anyone real there?',
  'are you a bot? I want a person',
  'Stop this bot',
  'no more robot',
  'I would like to talk to a colleague of yours',
  'get me a live agent',
  'may I have a person please',
  'Einen Menschen, bitte',
  'Kann ich mit einem Mitarbeiter sprechen?',
  'Une personne, s’il vous plaît',
  'je veux parler à un conseiller',
  'Una persona, por favor',
  'quiero hablar con alguien',
  'أريد شخصًا، من فضلك',
]
const doesNot = [
  'My card was declined',
  'The person at the till said no',
  'I do not need a person, thanks',
  "I don't want to talk to an agent",
  'Another person used my card',
  'Can I change my personal details?',
  'can a second person be added to my account',
  'Do I have to come in person?',
  'An agent told me yesterday it would be fixed',
  'I was charged twice',
  'no need for a human',
  'How do I get a virtual card?',
  'I want to cancel my transfer',
  'what is the exchange rate',
  'Meine Karte geht nicht',
  'Ma carte est bloquée',
  'La persona de la caja dijo que no',
  '',
]

test('a customer who asks for a person is understood', () => {
  for (const text of asks) assert.equal(asksForPerson(text), true, text)
})

test('whoever speaks of people without asking for one is not taken for it', () => {
  for (const text of doesNot) assert.equal(asksForPerson(text), false, text)
})
