import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { flow, slot, tool } from '../app/index.ts'
import type { FlowWords } from '../app/index.ts'
import { limits } from '../base/index.ts'
import { appOf, sendLetter, Talk, unblock, unblockCard } from './fixture.ts'
import { advanceFlow, opsMax, startFlow, triesMax } from './index.ts'
import type { FlowAdvance, FlowState } from './index.ts'
import { sentences } from './sentences.ts'

const app = appOf({ unblockCard })

type Body = (words: FlowWords<Record<string, never>, { unblock: typeof unblock }>) => Generator<unknown, unknown, unknown>

function failureOf(body: Body): string {
  const slots = { a: slot.text({ label: 'a', read: (text) => (text === 'throw' ? (undefined as unknown as { x: string }).x : text) }) }
  const made = appOf({ bad: flow({ goal: 'x', slots, tools: { unblock } }, body as never) })
  const { state, says, calls, failure } = new Talk(made, 'bad').last
  assert.deepEqual([state, says, calls], [null, [], []])
  assert.equal(failure?.code, 'FLOW_FAILED')
  return failure?.message ?? ''
}

test('a flow asks, calls, says, notes and ends; every step is plain JSON', () => {
  const talk = new Talk(app, 'unblockCard')
  assert.deepEqual(talk.last.says, ['Which card is it? Its last four digits, please.'])
  assert.equal(talk.last.question, 'Which card is it? Its last four digits, please.')
  assert.deepEqual(talk.say('1234').calls, [{ call: 'f1:1', tool: 'cardStatus', input: { last4: '1234' } }])
  const asked = talk.result('f1:1', { state: 'blocked' })
  assert.deepEqual(asked.says, ['I see your card.', 'Shall I unblock the card that ends in 1234?'])
  assert.deepEqual(asked.facts, [{ text: 'Card ··1234 is blocked', status: 'verified', source: 'cardStatus', at: talk.at }])
  assert.deepEqual(talk.say('yes').calls, [{ call: 'f1:2', tool: 'unblock', input: { last4: '1234' } }])
  const done = talk.result('f1:2', { reference: 'R7' })
  assert.deepEqual([done.says, done.tried, done.promised], [['Done: R7.', 'Is there another card?'], ['unblocked it'], ['It works in a minute']])
  const state = talk.state ?? assert.fail()
  assert.deepEqual(structuredClone(state), JSON.parse(JSON.stringify(state)))
  const ended = talk.say('no')
  assert.deepEqual([ended.state, ended.ended], [null, { resolved: true, canceled: false, summary: 'card 1234 unblocked' }])
})

test('the same step twice is the same, and changes nothing that it was given', () => {
  const talk = new Talk(app, 'unblockCard', { slots: {}, text: 'my card 1234 is blocked' })
  const state = freeze<FlowState>(talk.state ?? assert.fail())
  const step = (): FlowAdvance =>
    advanceFlow(
      app.flows['unblockCard'] ?? assert.fail(),
      app.tools,
      state,
      freeze({ kind: 'result', call: 'f1:1', result: { ok: true, output: { state: 'blocked' } } }),
      5,
      'user:1',
    )
  assert.deepEqual(step(), step())
})

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(freeze)
  return Object.freeze(value)
}

test('what the policy gives and what the first words say is not asked for (FL3)', () => {
  assert.equal(new Talk(app, 'unblockCard', { slots: { last4: '1234' }, text: null }).state?.slots['last4']?.from, 'policy')
  const said = new Talk(app, 'unblockCard', { slots: {}, text: 'yes, my card 1234 is blocked' })
  assert.equal(said.state?.slots['last4']?.from, 'customer')
  assert.equal(said.state?.slots['sure'], undefined, 'a yes is never read from words that answer nothing')
  assert.equal(said.last.calls.length, 1)
  assert.equal(new Talk(app, 'unblockCard', { slots: { last4: 12, nonsense: 1 }, text: null }).state?.asking?.slot, 'last4')
})

test('a correction replays the flow: what read is asked anew, and what was said once is not said again', () => {
  const talk = new Talk(app, 'unblockCard', { slots: { last4: '1234' }, text: null })
  talk.result('f1:1', { state: 'blocked' })
  const corrected = talk.say('no, the card is 5678')
  assert.deepEqual([corrected.says, corrected.calls], [['Understood: card number 5678.'], [{ call: 'f1:2', tool: 'cardStatus', input: { last4: '5678' } }]])
  const again = talk.result('f1:2', { state: 'blocked' })
  assert.deepEqual(again.says, ['I see your card.', 'Shall I unblock the card that ends in 5678?'])
  assert.deepEqual(again.calls, [], 'what only read is not undone')
  const back = talk.say('the card number is 1234')
  assert.deepEqual(
    back.calls.map(({ call }) => call),
    ['f1:3'],
    'the path back asks again: the old one was left for good',
  )
  assert.deepEqual(talk.say('card number 1234').says, [sentences.stillWorking], 'the same value again corrects nothing')
  assert.deepEqual(talk.say('no, 1234').says, ['That is what I have: card number 1234.'])
})

test('FL1 a change that the corrected path does not come by is undone before the same tool acts anew', () => {
  const talk = new Talk(app, 'unblockCard', { slots: { last4: '1234', sure: true }, text: null })
  talk.result('f1:1', { state: 'blocked' })
  talk.result('f1:2', { reference: 'R1' })
  assert.deepEqual(talk.say('sorry, the card is 5678').calls, [{ call: 'f1:3', tool: 'cardStatus', input: { last4: '5678' } }], 'it may still come by it')
  assert.deepEqual(talk.result('f1:3', { state: 'blocked' }).calls, [
    { call: 'f1:2:undo', tool: 'unblock', input: { last4: '1234' }, undoes: { output: { reference: 'R1' } } },
    { call: 'f1:4', tool: 'unblock', input: { last4: '5678' } },
  ])
  assert.deepEqual(talk.result('f1:2:undo', { ok: false, error: 'no line' }).tried, ['undoing f1:2:undo failed: no line'])
  assert.deepEqual(talk.result('f1:4', { reference: 'R2' }).says, ['Done: R2.', 'Is there another card?'])
})

test('FL1 a change that is still out when it is corrected is undone once it has acted, and kept when the path comes back to it', () => {
  const talk = new Talk(app, 'unblockCard', { slots: { last4: '1234', sure: true }, text: null })
  talk.result('f1:1', { state: 'blocked' })
  talk.say('sorry, the card is 5678')
  assert.deepEqual(
    talk.result('f1:3', { state: 'blocked' }).calls.map(({ call }) => call),
    ['f1:4'],
  )
  assert.deepEqual(
    talk.result('f1:2', { reference: 'R1' }).calls.map(({ call }) => call),
    ['f1:2:undo'],
  )
  assert.deepEqual(talk.result('f1:2', { reference: 'R1' }).calls, [], 'a repeated result does nothing')

  const back = new Talk(app, 'unblockCard', { slots: { last4: '1234', sure: true }, text: null })
  back.result('f1:1', { state: 'blocked' })
  back.say('sorry, the card is 5678')
  back.say('no, the card is 1234')
  assert.equal(back.state?.waitsFor, 'f1:2', 'both calls of the first path were only left, not given up')
  assert.deepEqual(back.result('f1:2', { reference: 'R1' }).says, ['Done: R1.', 'Is there another card?'])
})

test('a cancellation undoes what was done, the newest first, and says so; what cannot be undone is told', () => {
  const talk = new Talk(app, 'unblockCard', { slots: { last4: '1234', sure: true }, text: null })
  talk.result('f1:1', { state: 'blocked' })
  talk.result('f1:2', { reference: 'R1' })
  const canceled = talk.say('never mind')
  assert.deepEqual([canceled.state, canceled.ended?.canceled, canceled.says], [null, true, [sentences.canceledUndoing]])
  assert.deepEqual(
    canceled.calls.map(({ call }) => call),
    ['f1:2:undo'],
  )

  const letters = appOf({
    letters: flow({ goal: 'x', slots: { a: slot.text({ label: 'a' }) }, tools: { sendLetter, unblock } }, function* ({ ask, call }) {
      for (const last4 of ['1111', '2222']) yield* call('unblock', { last4 })
      yield* call('sendLetter', { to: 'me' })
      yield* ask('a', 'A?')
      return { resolved: true }
    }),
  })
  const both = new Talk(letters, 'letters')
  for (const call of ['f1:1', 'f1:2', 'f1:3']) both.result(call, { reference: call })
  const stopped = both.cancel()
  assert.deepEqual(
    stopped.calls.map(({ call }) => call),
    ['f1:2:undo', 'f1:1:undo'],
  )
  assert.deepEqual(stopped.tried, ['sendLetter was done, is no longer wanted, and cannot be undone'])
  assert.deepEqual(new Talk(app, 'unblockCard').say('forget it').says, [sentences.canceled])
})

test('a flow that is canceled while a change is out closes when it is undone, and takes nothing more until then', () => {
  const talk = new Talk(app, 'unblockCard', { slots: { last4: '1234', sure: true }, text: null })
  talk.result('f1:1', { state: 'blocked' })
  const canceled = talk.say('stop')
  assert.deepEqual([canceled.ended, canceled.calls, canceled.says], [null, [], [sentences.canceledUndoing]])
  assert.equal(talk.reads('no, the card is 5678'), 'other')
  assert.deepEqual([talk.say('no').says, talk.cancel().says, talk.give({ kind: 'askAgain' }).says], [[], [], []])
  const closed = talk.result('f1:2', { reference: 'R1' })
  assert.deepEqual([closed.state, closed.ended?.canceled, closed.calls.map(({ call }) => call)], [null, true, ['f1:2:undo']])
})

test('an answer that does not do is told what would; after three a person takes over', () => {
  const limited = appOf({
    pay: flow(
      { goal: 'x', slots: { amount: slot.amount({ label: 'amount', validate: (amount) => amount <= 500 || 'Up to 500 euros.' }) } },
      function* ({ ask }) {
        return { resolved: (yield* ask('amount', 'How much?')) > 0 }
      },
    ),
  })
  const talk = new Talk(limited, 'pay')
  assert.deepEqual(talk.say('900').says, ['Up to 500 euros.', 'How much?'])
  assert.deepEqual(talk.give({ kind: 'message', text: 'umm', reading: 'unclear' }).says, [
    'Sorry, I did not get that. Please give me an amount, such as 25 or 25.50.',
    'How much?',
  ])
  assert.equal(talk.state?.asking?.times, triesMax)
  const given = talk.say('901')
  assert.deepEqual(given.says, [sentences.gaveUp])
  assert.deepEqual(given.handOff, { queue: '', because: 'the assistant could not make out an answer', question: 'How much?', priority: 0 })
  assert.deepEqual(talk.give({ kind: 'resume', agreed: ['at most 400'], slots: {} }).says, [sentences.backFromPerson, 'How much?'])
  assert.equal(talk.say('400').ended?.resolved, true)
})

test('a value that turns out not to do is asked for again, and its answer is another path', () => {
  const talk = new Talk(app, 'unblockCard')
  talk.say('1111')
  assert.deepEqual(talk.result('f1:1', { state: 'unknown' }).says, ['I find no card that ends in 1111. Which one is it?'])
  assert.deepEqual(talk.say('2222').calls, [{ call: 'f1:2', tool: 'cardStatus', input: { last4: '2222' } }])
  assert.deepEqual(talk.result('f1:2', { state: 'unknown' }).says, ['I find no card that ends in 2222. Which one is it?'])
  const third = talk.say('2222')
  assert.deepEqual(third.calls, [], 'the call is answered from before')
  assert.equal(third.handOff?.question, 'I find no card that ends in 2222. Which one is it?')
})

test('customers who name a value that does not do time and again get a person', () => {
  const talk = new Talk(app, 'unblockCard')
  for (let call = 1; call <= triesMax; call++) {
    talk.say(`${call}000`)
    talk.result(`f1:${call}`, { state: 'unknown' })
  }
  assert.equal(talk.last.handOff?.question, 'I find no card that ends in 3000. Which one is it?')
})

test('asked again, it asks again; while a tool is at work it says so once', () => {
  const talk = new Talk(app, 'unblockCard')
  for (const text of ['what?', 'sorry?']) assert.deepEqual(talk.say(text).says, ['Which card is it? Its last four digits, please.'])
  assert.deepEqual(talk.give({ kind: 'askAgain' }).says, ['Which card is it? Its last four digits, please.'])
  assert.equal(talk.state?.asking?.times, 1)
  talk.say('1234')
  assert.deepEqual([talk.say('hello?').says, talk.say('are you there?').says, talk.give({ kind: 'askAgain' }).says], [[sentences.stillWorking], [], []])
})

test('results that nobody waits for are dropped', () => {
  const talk = new Talk(app, 'unblockCard', { slots: { last4: '1234' }, text: null })
  const before = talk.state
  assert.deepEqual(talk.result('f1:9', { state: 'blocked' }).state, before)
  talk.result('f1:1', { state: 'blocked' })
  const { state } = talk
  assert.deepEqual(talk.result('f1:1', { state: 'active' }).state, state)
})

const withPerson = appOf({
  help: flow(
    { goal: 'x', slots: { last4: slot.digits(4, { label: 'card number' }), sure: slot.yesNo({ label: 'go-ahead' }) }, tools: { unblock } },
    function* ({ ask, call, say, handOff, agreed }) {
      const last4 = yield* ask('last4', 'Which card?')
      yield* say('I hand you over.')
      const first = yield* handOff('cards', { because: 'it needs a person', question: 'May it be unblocked?', priority: 3 })
      if (!first.includes('yes')) return { resolved: false, summary: `agreed: ${agreed.join()}` }
      yield* call('unblock', { last4 })
      yield* handOff('cards', { because: 'and once more' })
      yield* ask('sure', 'Anything else?')
      return { resolved: true }
    },
  ),
})

test('after a person it goes on behind its hand-over, with what they agreed and the slots they filled', () => {
  const talk = new Talk(withPerson, 'help')
  assert.deepEqual(talk.say('1234').handOff, { queue: 'cards', because: 'it needs a person', question: 'May it be unblocked?', priority: 3 })
  assert.equal(talk.last.question, 'May it be unblocked?')
  assert.deepEqual(talk.say('hello?').says, [], 'people answer now')
  const back = talk.give({ kind: 'resume', agreed: ['yes'], slots: { last4: 'it is 5678' } })
  assert.deepEqual([back.says, back.calls], [[], [{ call: 'f1:1', tool: 'unblock', input: { last4: '5678' } }]], 'nothing is said twice')
  assert.deepEqual(talk.state?.slots['last4']?.from, 'colleague')
  assert.equal(talk.result('f1:1', { reference: 'R' }).handOff?.because, 'and once more')
  assert.deepEqual(talk.give({ kind: 'resume', agreed: [], slots: {} }).says, [sentences.back, 'Anything else?'])
  const ended = new Talk(withPerson, 'help', { slots: { last4: '1234' }, text: null }).give({ kind: 'resume', agreed: ['no'], slots: {} })
  assert.deepEqual([ended.says, ended.ended?.summary], [[], 'agreed: no'])
})

test('a result that comes while a person has the conversation is kept for when the flow resumes', () => {
  const talk = new Talk(app, 'unblockCard', { slots: { last4: '1234' }, text: null })
  const held = talk.give({ kind: 'result', call: 'f1:1', result: { ok: true, output: { state: 'blocked' } }, hold: true })
  assert.deepEqual([held.says, held.state?.waitsFor], [[], 'f1:1'])
  assert.deepEqual(talk.give({ kind: 'resume', agreed: [], slots: {} }).says, [
    sentences.back,
    'I see your card.',
    'Shall I unblock the card that ends in 1234?',
  ])
})

test('FL4 a flow that changed under a running one fails, unless it meets the same operations', () => {
  const of = (text: string, more: boolean): Talk['app'] =>
    appOf({
      f: flow(
        { goal: 'x', slots: { a: slot.text({ label: 'a' }), b: slot.text({ label: 'b' }) } },
        more
          ? function* ({ ask, say }) {
              yield* ask('b', 'B?')
              yield* say(text)
              return { resolved: true }
            }
          : function* ({ ask, say }) {
              yield* say(text)
              yield* ask('a', 'A?')
              yield* ask('b', 'B?')
              return { resolved: true }
            },
      ),
    })
  const talk = new Talk(of('one', false), 'f')
  const state = talk.state ?? assert.fail()
  const under = (next: Talk['app'], from: FlowState): FlowAdvance =>
    advanceFlow(next.flows['f'] ?? assert.fail(), next.tools, from, { kind: 'message', text: 'x', reading: 'answer' }, 5, 'user:1')
  assert.equal(under(of('one', false), state).failure, null)
  const message = under(of('two', true), { ...state, slots: { b: { value: 'x', from: 'policy', at: 1 } } }).failure?.message
  assert.equal(message, 'flow f, operation 1 (ask b): the journal holds something said here: the flow has changed since this one began')
})

test('FL4 a body that depends on anything but its journal fails', () => {
  let runs = 0
  const fickle = appOf({
    fickle: flow({ goal: 'x', slots: { a: slot.text({ label: 'a' }), b: slot.text({ label: 'b' }) } }, function* ({ ask, say }) {
      yield* say(`run ${++runs}`)
      yield* ask('a', 'A?')
      yield* ask('b', 'B?')
      return { resolved: true }
    }),
  })
  const talk = new Talk(fickle, 'fickle')
  assert.match(
    talk.say('x').failure?.message ?? '',
    /^flow fickle, operation 1 \(say\): the journal holds something said here: its body depends on something that is not in the journal$/,
  )
})

test('what goes wrong in a flow ends it with a sentence that names flow and operation', () => {
  const cases: readonly (readonly [Body, RegExp])[] = [
    [
      function* ({ say }) {
        yield* say('x')
        throw new TypeError('no such thing')
      },
      /^flow bad, operation 1 \(say\) threw TypeError: no such thing$/,
    ],
    [
      function* ({ ask }) {
        yield* ask('b', 'B?')
      },
      /operation 1 \(ask b\): it asks for the slot “b”, which it does not declare/,
    ],
    [
      function* ({ ask }) {
        yield* ask('a', '')
      },
      /what it asks for a is empty/,
    ],
    [
      function* ({ say }) {
        yield* say(5 as never)
      },
      /what it says is no text but 5/,
    ],
    [
      function* ({ call }) {
        yield* call('block' as never, {} as never)
      },
      /it calls the tool “block”, which it does not declare/,
    ],
    [
      function* ({ call }) {
        yield* call('unblock', { last4: '12' })
      },
      /operation 1 \(call unblock\): unblock was given what does not fit its input, at last4: /,
    ],
    [
      function* ({ call }) {
        yield* call('unblock', { last4: new Date(0) } as never)
      },
      /an object of Date is no JSON/,
    ],
    [
      function* ({ call }) {
        yield* call('unblock', { last4: Number.NaN } as never)
      },
      /NaN is no JSON/,
    ],
    [
      function* ({ say }) {
        for (;;) yield* say('again')
      },
      new RegExp(`operation ${opsMax + 1} \\(say\\): it did not come to a question or its end within 1,000 operations`),
    ],
    [
      function* () {
        yield 5
      },
      /operation 1 \(no operation\): it yielded no operation/,
    ],
    [function* () {}, /its end: it returned no \{ resolved, summary \}/],
    [
      function* ({ handOff }) {
        yield* handOff('cards', { because: 'x', priority: 11 })
      },
      /operation 1 \(handOff cards\): its priority is 11/,
    ],
    [
      function* ({ question }) {
        yield* question('')
      },
      /the question it notes is empty/,
    ],
  ]
  for (const [body, said] of cases) assert.match(failureOf(body), said)
})

test('a slot whose own function throws fails the step that takes the answer, and no other', () => {
  const throwing = slot.text({
    label: 'a',
    read: (text) => {
      if (text.includes('throw')) throw new TypeError('bad read')
      return text
    },
    validate: () => true,
  })
  const made = appOf({
    bad: flow({ goal: 'x', slots: { a: throwing } }, function* ({ ask }) {
      return { resolved: (yield* ask('a', 'A?')) !== '' }
    }),
  })
  const talk = new Talk(made, 'bad')
  assert.equal(talk.reads('throw it'), 'answer')
  assert.equal(talk.say('throw it').failure?.message, 'flow bad: the read of slot a threw TypeError: bad read')
})

test('a failure tells what was changed by then', () => {
  const made = appOf({
    bad: flow({ goal: 'x', tools: { unblock } }, function* ({ call }) {
      yield* call('unblock', { last4: '1234' })
      if (Object.is(1, 1)) throw new TypeError('late')
      return { resolved: true }
    }),
  })
  const failed = new Talk(made, 'bad').result('f1:1', { reference: 'R' })
  assert.deepEqual(
    [failed.failure?.message, failed.tried],
    ['flow bad, operation 1 (call unblock) threw TypeError: late', ['unblock was done before the assistant failed']],
  )
})

test('texts are cut to what a message holds, and never in the middle of a character', () => {
  const long = `${'a'.repeat(limits.messageCharsMax - 2)}😀😀`
  const made = appOf({
    long: flow({ goal: 'x' }, function* ({ say }) {
      yield* say(long)
      return { resolved: true, summary: long }
    }),
  })
  const { says, ended } = startFlow(made.flows['long'] ?? assert.fail(), {}, 'f', { kind: 'start', slots: {}, text: null }, 1, 'c')
  for (const text of [says[0] ?? '', ended?.summary ?? '']) {
    assert.ok(text.length <= limits.messageCharsMax && text.endsWith('…') && text.isWellFormed())
  }
})

test('a fact is verified when a tool that has answered says so, else it is claimed', () => {
  const failing = tool({ input: z.object({}), output: z.object({}), run: async () => ({}) })
  const made = appOf({
    facts: flow({ goal: 'x', tools: { failing } }, function* ({ fact, call }) {
      yield* fact('before', 'failing')
      yield* call('failing', {})
      yield* fact('after', 'failing')
      yield* fact('said')
      return { resolved: true }
    }),
  })
  const talk = new Talk(made, 'facts')
  const all = [...talk.last.facts, ...talk.result('f1:1', {}).facts]
  assert.deepEqual(
    all.map(({ text, status, source }) => `${text} ${status} ${source}`),
    ['before claimed failing', 'after verified failing', 'said claimed chat'],
  )
})
