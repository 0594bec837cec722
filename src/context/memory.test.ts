import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { EventDefinition, Fact, LoggedEvent } from '../definition/index.ts'
import { emotionLevel, emptyMemory, handoffPacket, memoryLimits, packetLimits, readMemory, shortened, withFacts, withTold } from './index.ts'
import type { ConversationMemory } from './index.ts'

const text = fc.string({ maxLength: 600, unit: 'grapheme' })
const fact: fc.Arbitrary<Fact> = fc.record({
  text,
  status: fc.constantFrom('claimed' as const, 'verified' as const),
  source: fc.constant('chat'),
  at: fc.nat(1_000),
})

test('M1 what is remembered stays under its limits, whatever is said', () => {
  fc.assert(
    fc.property(fc.array(fact, { maxLength: 60 }), fc.array(fc.array(text, { maxLength: 4 }), { maxLength: 20 }), (facts, told) => {
      const kept = facts.reduce<readonly Fact[]>((held, one) => withFacts(held, [one]), [])
      assert.ok(kept.length <= memoryLimits.facts && kept.every((one) => one.text.length <= memoryLimits.textChars))
      const heard = told.reduce<readonly { text: string; at: number }[]>((held, texts, at) => withTold(held, texts, at), [])
      assert.ok(heard.length <= memoryLimits.told && heard.every((one) => one.text.length <= memoryLimits.textChars))
      assert.equal(new Set(heard.map((one) => one.text)).size, heard.length, 'nothing is told twice')
    }),
  )
})

test('K2 what was verified is never made a claim again, and the newest word of a fact counts', () => {
  const known: Fact = { text: 'The card is blocked', status: 'verified', source: 'cardStatus', at: 1 }
  assert.deepEqual(withFacts([known], [{ ...known, status: 'claimed', source: 'chat', at: 2 }]), [known])
  assert.deepEqual(withFacts([{ ...known, status: 'claimed' }], [known]), [known])
})

test('a text is shortened at a word, and never in the middle of a character', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 10, max: 100 }), (long, max) => {
      const short = shortened(long, max)
      assert.ok(short.length <= max)
      assert.equal(short.isWellFormed() || !long.isWellFormed(), true)
    }),
  )
  assert.equal(shortened('one two three four', 12), 'one two…')
})

test('a conversation of the first release remembers nothing, and lacks nothing', () => {
  assert.deepEqual(readMemory('{}'), emptyMemory)
})

test('the level of emotion is the expected one under the scores, and unknown where the model did not answer', () => {
  const definition = { model: 'tone', angry: ['anger'], worried: ['fear', 'sadness'] }
  const read = { status: 'on-time' as const, label: 'anger', confidence: 0.5, scores: { anger: 0.5, fear: 0.2, joy: 0.3 } }
  assert.equal(emotionLevel(definition, read), 0.6)
  assert.equal(emotionLevel(definition, { ...read, status: 'late', label: null, confidence: null, scores: null }), null)
  assert.equal(emotionLevel(definition, undefined), null)
})

const hand = { at: 500, from: 'bot unblockCard', to: 'cards', because: 'an angry customer of value', decision: 'dec_0_1', messages: 2 }

function declined(time: number): LoggedEvent {
  return { id: `e${time}`, source: 's', type: 'cardDeclined', customer: 'user:1', time, received: time, from: 'service', data: { merchant: 'Corner shop' } }
}

const events = { cardDeclined: { fact: ({ merchant }: { merchant: string }) => `Declined at ${merchant}` } as unknown as EventDefinition }

test('K1 a packet has its limits, and K2 its facts say where they come from', () => {
  fc.assert(
    fc.property(fc.array(fact, { maxLength: 40 }), fc.array(fc.nat(1_000), { maxLength: 40 }), text, (facts, times, goal) => {
      const memory: ConversationMemory = { ...emptyMemory, goal, facts: withFacts([], facts), hands: [hand] }
      const packet = handoffPacket({ memory, timeline: times.map(declined), events })
      assert.ok(packet)
      assert.ok(packet.facts.length <= packetLimits.facts && packet.goal.length <= packetLimits.goalChars)
      for (const one of packet.facts) assert.equal(one.status === 'verified' || one.source === 'chat', true)
      assert.ok(packet.facts.filter((one) => one.source === 'cardDeclined').length <= 1, 'equal events are one fact with their count')
    }),
  )
})

test('a packet knows nothing that happened after the hand-over, and is the same whenever it is built', () => {
  const memory: ConversationMemory = { ...emptyMemory, first: 'My card does not work', hands: [hand] }
  const packet = handoffPacket({ memory, timeline: [declined(900), declined(400), declined(300)], events })
  assert.deepEqual(
    packet?.facts.map((one) => one.text),
    ['Declined at Corner shop, 2 times'],
  )
  assert.deepEqual(
    [packet?.goal, packet?.from, packet?.to.owner, packet?.decision],
    ['My card does not work', { owner: 'bot', name: 'unblockCard' }, 'human', 'dec_0_1'],
  )
  assert.equal(handoffPacket({ memory: emptyMemory, timeline: [], events }), null)
})
