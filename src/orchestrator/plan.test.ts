import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { flow, queue, setup, slot, tool } from '../app/index.ts'
import { emptyMemory } from '../context/index.ts'
import type { ConversationMemory, HandRecord } from '../context/index.ts'
import type { AppDefinition, Outcome } from '../definition/index.ts'
import type { CallResult, FlowState } from '../flows/index.ts'
import { planResult, planResume, planTurn } from './plan.ts'
import type { Decided, Plan, PlanContext } from './plan.ts'

const never = (): Promise<never> => Promise.reject(new Error('plans run no tools'))
const act = tool({ input: z.object({ card: z.string() }), output: z.object({ done: z.boolean() }), changes: true, run: never, compensate: never })

/** `fix` acts and says so; `help` asks for a person at once, then asks a question; `ask` only asks. */
const fix = flow({ goal: 'use the card again', slots: { card: slot.digits(4, { label: 'card' }) }, tools: { act } }, function* ({ ask, call, say }) {
  const card = yield* ask('card', 'Which card?')
  const done = yield* call('act', { card })
  yield* say(done.ok ? 'Done.' : 'It failed.')
  return { resolved: done.ok, summary: null }
})
const help = flow({ goal: 'be helped', slots: { more: slot.text({ label: 'matter' }) }, tools: {} }, function* ({ ask, handOff }) {
  yield* handOff('cards', { because: 'it needs a person' })
  yield* ask('more', 'What is left to do?')
  return { resolved: true, summary: null }
})
/** Acts, then asks. */
const stay = flow(
  { goal: 'stay', slots: { card: slot.digits(4, { label: 'card' }), more: slot.text({ label: 'matter' }) }, tools: { act } },
  function* ({ ask: question, call }) {
    yield* call('act', { card: yield* question('card', 'Which card?') })
    yield* question('more', 'What else?')
    return { resolved: true, summary: null }
  },
)
/** Wants a person, and then another. */
const insist = flow({ goal: 'be helped at last', slots: {}, tools: {} }, function* ({ handOff }) {
  yield* handOff('cards', { because: 'it needs a person' })
  yield* handOff('cards', { because: 'it needs another one' })
  return { resolved: false, summary: null }
})
const ask = flow({ goal: 'be asked', slots: { size: slot.choice(['small', 'large'], { label: 'size' }) }, tools: {} }, function* ({ ask: question }) {
  yield* question('size', 'Small or large?')
  return { resolved: true, summary: null }
})

const cards = queue({ skills: ['cards'], team: 'Cards team', offer: '8s', wrapUp: '5s', wrapUpCodes: ['solved'] })
const app = setup({ events: {}, queues: { cards }, flows: { fix, stay, help, insist, ask } }).app({ name: 'plans', policies: {} })
const alone = setup({ events: {}, flows: { ask } }).app({ name: 'alone', policies: {} })

function context(messages: number, of: AppDefinition = app): PlanContext {
  return { app: of, customer: 'user:1', at: 1_000 + messages, flowId: `flow_0_${messages}`, messages }
}

function decided(word: Outcome['word'], name: string | null, more: Partial<Decided> = {}): Decided {
  const outcome: Outcome = { kind: 'outcome', word, act: word === 'nothing' ? 'nothing' : word === 'human' ? 'human' : 'bot', name, because: null }
  return { decision: 'dec_0_1', outcome, held: null, answer: null, text: '', reading: null, ...more }
}

const handed = (from: string, to: string, messages: number): HandRecord => ({ at: 1, from, to, because: null, decision: null, messages })
const top = (plan: Plan): FlowState | undefined => plan.memory.flows.at(-1) as FlowState | undefined
const done: CallResult = { ok: true, output: { done: true } }

/** `fix` waits for its tool. */
function atWork(): Plan {
  const begun = planTurn(context(1), emptyMemory, decided('bot', 'fix', { text: 'fix it' }))
  return planTurn(context(2), begun.memory, decided('flow', 'fix', { text: '4821', reading: 'answer' }))
}

test('H1 a bot hands over to a person only after the customer said something since a person gave the conversation back', () => {
  const word = fc.constantFrom<Decided>(decided('human', 'cards'), decided('bot', 'help'))
  const hands = [null, ['person:a', 'bot'], ['person:a', 'bot help'], ['cards', 'bot'], ['bot', 'person:a'], ['bot help', 'cards']] as const
  const last = fc.constantFrom(...hands)
  fc.assert(
    fc.property(word, last, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 3 }), (what, hand, messages, since) => {
      const before = hand === null ? [] : [handed(hand[0], hand[1], messages - Math.min(since, messages))]
      const plan = planTurn(context(messages), { ...emptyMemory, hands: before }, what)
      const justBack = hand !== null && hand[1].startsWith('bot') && since === 0
      assert.equal(plan.handOver !== null, !justBack)
      if (justBack) assert.ok(plan.says.length > 0, 'and it says why nobody comes')
    }),
  )
})

test('H1 a flow that wants a person again as soon as it is given back asks for one in words', () => {
  const first = planTurn(context(1), emptyMemory, decided('bot', 'insist'))
  assert.deepEqual([first.handOver?.queue, first.handOver?.from], ['cards', 'bot insist'])
  const back = planResume(context(1), { ...first.memory, hands: [handed('person:a', 'bot', 1)] }, { flow: null, slots: {}, agreed: ['it is done'] })
  assert.equal(back.handOver, null)
  assert.match(back.says.at(-1) ?? '', /a person, please/)
})

test('an app without queues says that it cannot go on', () => {
  const plan = planTurn(context(1, alone), emptyMemory, decided('human', ''))
  assert.deepEqual([plan.handOver, plan.says.length], [null, 1])
})

test('T1 what is held changes nothing', () => {
  const memory: ConversationMemory = atWork().memory
  for (const what of [decided('human', 'cards'), decided('bot', 'ask'), decided('answer', 'a', { answer: 'words' }), decided('flow', 'fix')]) {
    assert.deepEqual(planTurn(context(3), memory, { ...what, held: 'a person has it' }), { decision: 'dec_0_1', says: [], calls: [], handOver: null, memory })
  }
})

test('an answer in between is given, then the flow asks again', () => {
  const begun = planTurn(context(1), emptyMemory, decided('bot', 'ask'))
  const plan = planTurn(context(2), begun.memory, decided('answer', 'hours', { answer: 'Always open.' }))
  assert.deepEqual(plan.says, ['Always open.', 'Small or large?'])
  assert.deepEqual(planTurn(context(2), begun.memory, decided('nothing', null, { reading: 'other' })).says, [])
})

test('a flow that ends gives the word to the one below it', () => {
  const below = planTurn(context(1), emptyMemory, decided('bot', 'ask'))
  const above = planTurn(context(2), below.memory, decided('bot', 'fix', { text: 'fix 4821' }))
  const call = above.calls[0]?.call ?? ''
  const plan = planResult(context(2), above.memory, call, { kind: 'result', call, result: done })
  assert.deepEqual(plan.says, ['Done.', 'Back to where we were.', 'Small or large?'])
  assert.deepEqual([plan.memory.flows.length, plan.memory.question], [1, 'Small or large?'])
})

test('O3 a result that came while a person had the conversation gave the flow below the word', () => {
  const below = planTurn(context(1), emptyMemory, decided('bot', 'ask'))
  const above = planTurn(context(2), below.memory, decided('bot', 'fix', { text: 'fix 4821' }))
  const canceled = planTurn(context(3), above.memory, decided('flow', 'fix', { text: 'never mind', reading: 'cancellation' }))
  const call = above.calls[0]?.call ?? ''
  const failed: CallResult = { ok: false, error: 'busy' }
  const plan = planResult(context(3), canceled.memory, call, { kind: 'result', call, result: failed, hold: true })
  assert.deepEqual([plan.says, plan.handOver, plan.calls], [[], null, []])
  assert.deepEqual([plan.memory.flows.length, top(plan)?.flow], [1, 'ask'], 'the flow that was to be undone is over')
})

test('a result that is held is kept, and the flow goes on from it when the conversation comes back', () => {
  const { memory, calls } = atWork()
  const call = calls[0]?.call ?? ''
  const held = planResult(context(2), memory, call, { kind: 'result', call, result: done, hold: true })
  assert.deepEqual([held.says, held.calls, held.memory.flows.length], [[], [], 1])
  const back = planResume(context(2), held.memory, { flow: null, slots: {}, agreed: [] })
  assert.deepEqual([back.says, back.calls], [['Done.'], []], 'the tool is not called again')
})

test('a result of a flow that is forgotten changes nothing', () => {
  const plan = planResult(context(1), emptyMemory, 'flow_0_9:1', { kind: 'result', call: 'flow_0_9:1', result: done })
  assert.deepEqual(plan, { decision: null, says: [], calls: [], handOver: null, memory: emptyMemory })
})

test('whoever asked again for what was being undone got no word', () => {
  const canceled = planTurn(context(3), atWork().memory, decided('flow', 'fix', { text: 'never mind', reading: 'cancellation' }))
  assert.ok(top(canceled)?.closing)
  const plan = planTurn(context(4), canceled.memory, decided('bot', 'fix', { text: 'fix it', reading: 'other' }))
  assert.deepEqual([plan.says, plan.memory.flows.length], [['Which card?'], 2])
})

test('whoever asked again for a flow whose person never came got no word', () => {
  const begun = planTurn(context(1), emptyMemory, decided('bot', 'help'))
  const memory = { ...begun.memory, hands: [handed('bot help', 'cards', 1), handed('cards', 'bot', 1)] }
  const plan = planTurn(context(2), memory, decided('bot', 'help', { reading: 'other' }))
  assert.deepEqual([plan.says.at(-1), plan.memory.flows.length], ['What is left to do?', 1])
})

/** `fix` acts, and stays; two others lie on it, and a third one comes. */
function buried(result: CallResult | null): { readonly call: string; readonly plan: Plan } {
  let plan = planTurn(context(1), emptyMemory, decided('bot', 'stay', { text: 'stay with 4821' }))
  const call = plan.calls[0]?.call ?? ''
  if (result !== null) plan = planResult(context(1), plan.memory, call, { kind: 'result', call, result })
  for (const [n, name] of ['ask', 'help', 'insist'].entries()) plan = planTurn(context(2 + n), { ...plan.memory, hands: [] }, decided('bot', name))
  return { call, plan }
}

test('no more flows lie on each other than may, and what the oldest had done is undone', () => {
  const { call, plan } = buried(done)
  assert.deepEqual(
    plan.memory.flows.map((held) => (held as FlowState).flow),
    ['ask', 'help', 'insist'],
  )
  assert.deepEqual(
    plan.calls.map((made) => [made.call, made.flow]),
    [[`${call}:undo`, 'stay']],
  )
})

test('FL1 what a flow had begun when it was forgotten stayed done, and nobody knew', () => {
  const { call, plan } = buried(null)
  assert.deepEqual([plan.calls, plan.memory.flows.length], [[], 4])
  const after = planResult(context(5), plan.memory, call, { kind: 'result', call, result: done })
  assert.deepEqual(
    after.calls.map((made) => made.call),
    [`${call}:undo`],
  )
  const undo: CallResult = { ok: true, output: null }
  const over = planResult(context(5), after.memory, `${call}:undo`, { kind: 'result', call: `${call}:undo`, result: undo })
  assert.deepEqual([over.memory.flows.length, over.says], [3, []])
})
