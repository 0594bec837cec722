import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { FlowReading, MomentConversation, Outcome, OutcomeWord } from '../definition/index.ts'
import type { Inputs, Words } from './moment.ts'
import { standingRules } from './standing.ts'

const words: Words = { answers: {}, flows: {}, queues: {}, personTo: 'cards' }
const conversation: MomentConversation = { id: 'conv_1', owner: 'bot', epoch: 1, messages: 1, waitsIn: null, flow: null }

function inputs(more: Partial<MomentConversation>, reading: FlowReading | null = null, type = 'message.received'): Inputs {
  const event = { id: 'e', type, source: 's', time: 1, data: { text: 'hi' } }
  return { decisionId: 'dec_0_1', event, customer: 'user:1', conversation: { ...conversation, ...more }, features: [], predictions: [], now: 1, reading }
}

function said(word: OutcomeWord): Outcome {
  return { kind: 'outcome', word, act: word === 'nothing' ? 'nothing' : word === 'human' ? 'human' : 'bot', name: word, because: null }
}

const word = fc.constantFrom<OutcomeWord>('answer', 'bot', 'human', 'nothing')
const reading = fc.constantFrom<FlowReading | null>(null, 'answer', 'correction', 'cancellation', 'repetition', 'waiting', 'unclear', 'other')

test('T1 while a person has the conversation, or it waits for one, whatever is decided is held', () => {
  fc.assert(
    fc.property(word, reading, fc.boolean(), fc.boolean(), (what, how, person, waits) => {
      const held = standingRules(inputs(waits ? { owner: null, waitsIn: 'cards' } : { owner: 'human' }, how), said(what), { person }, words)
      assert.equal(typeof held.held, 'string')
      assert.equal(held.overruled, null)
      assert.equal(held.outcome.word, what, 'what the policy decided is on record')
    }),
  )
})

test('T2 whoever asks for a person gets one in the same turn, whatever the policy said and whatever flow is on', () => {
  fc.assert(
    fc.property(word, reading, (what, how) => {
      const { outcome, overruled, held } = standingRules(inputs({ flow: how === null ? null : 'fix' }, how), said(what), { person: true }, words)
      assert.equal(outcome.act, 'human')
      assert.equal(held, null)
      assert.equal(overruled === null, what === 'human')
      if (what !== 'human') assert.deepEqual([outcome.name, overruled?.rule, overruled?.word], ['cards', 'asksForPerson', what])
    }),
  )
})

test('T3 what a flow understands goes to the flow, unless the policy wants a person', () => {
  fc.assert(
    fc.property(word, reading, (what, how) => {
      const { outcome, overruled } = standingRules(inputs({ flow: 'fix' }, how), said(what), { person: false }, words)
      const goesOn = what !== 'human' && how !== null && how !== 'unclear' && how !== 'other'
      assert.equal(outcome.word, goesOn ? 'flow' : what)
      assert.equal(overruled?.rule ?? null, goesOn ? 'flowGoesOn' : null)
    }),
  )
})

test('without queues nobody can be handed over, and the policy decides', () => {
  const { outcome, overruled } = standingRules(inputs({}), said('answer'), { person: true }, { ...words, personTo: null })
  assert.deepEqual([outcome.word, overruled], ['answer', null])
})

test('events that are no messages are held while a person has the conversation, and decided otherwise', () => {
  assert.equal(typeof standingRules(inputs({ owner: 'human' }, null, 'cardDeclined'), said('answer'), { person: false }, words).held, 'string')
  assert.equal(standingRules(inputs({}, null, 'cardDeclined'), said('answer'), { person: true }, words).outcome.word, 'answer')
})
