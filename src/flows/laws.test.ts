/** Random flows, talked to at random, held against running their body at once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { flow, slot, tool } from '../app/index.ts'
import type { Step } from '../app/index.ts'
import { fnv1a32 } from '../base/index.ts'
import type { FlowEnd, FlowOp } from '../definition/index.ts'
import { appOf, Talk } from './fixture.ts'
import type { CallResult, FlowAdvance } from './index.ts'

/** A flow as data: what its body does, one after the other. */
type Node =
  | { readonly do: 'ask'; readonly slot: string }
  | { readonly do: 'say'; readonly slot: string }
  | { readonly do: 'call'; readonly tool: string; readonly slots: readonly string[]; readonly ok: readonly Node[]; readonly failed: readonly Node[] }
  | { readonly do: 'fork'; readonly slot: string; readonly value: number; readonly same: readonly Node[]; readonly other: readonly Node[] }

const slots: Readonly<Record<string, readonly string[]>> = {
  fruit: ['apple', 'pear', 'plum'],
  animal: ['dog', 'cat', 'horse'],
  colour: ['red', 'blue', 'green'],
  town: ['Rome', 'Paris', 'Oslo'],
}
const names = Object.keys(slots)
/** Asked last, and answered only when the talk is brought to its end: until then there is time for corrections. */
const lastSlot = 'goodbye'
const tools = {
  look: tool({ input: z.record(z.string(), z.string()), output: z.object({ n: z.number() }), run: async () => ({ n: 0 }) }),
  move: tool({
    input: z.record(z.string(), z.string()),
    output: z.object({ n: z.number() }),
    changes: true,
    run: async () => ({ n: 0 }),
    compensate: async () => undefined,
  }),
  pay: tool({
    input: z.record(z.string(), z.string()),
    output: z.object({ n: z.number() }),
    changes: true,
    run: async () => ({ n: 0 }),
    compensate: async () => undefined,
  }),
}

interface Words {
  ask(slot: string, prompt: string): Step<string>
  say(text: string): Step<void>
  call(tool: string, input: object): Step<{ ok: true; output: { n: number } } | { ok: false; error: string }>
  fact(text: string): Step<void>
}

function* run({ ask, say, call, fact }: Words, nodes: readonly Node[], seen: string[]): Step<void> {
  for (const node of nodes) {
    if (node.do === 'ask') seen.push(yield* ask(node.slot, `Which ${node.slot}?`))
    else if (node.do === 'say') {
      yield* say(`It is ${yield* ask(node.slot, `Which ${node.slot} is it?`)}.`)
      yield* fact(`said ${node.slot}`)
    } else if (node.do === 'fork') {
      const value = yield* ask(node.slot, `What ${node.slot}?`)
      yield* run({ ask, say, call, fact }, value === slots[node.slot]?.[node.value] ? node.same : node.other, seen)
    } else {
      const input: Record<string, string> = {}
      for (const name of node.slots) input[name] = yield* ask(name, `And the ${name}?`)
      const result = yield* call(node.tool, input)
      seen.push(result.ok ? `${node.tool} ${result.output.n}` : result.error)
      yield* run({ ask, say, call, fact }, result.ok ? node.ok : node.failed, seen)
    }
  }
}

function* body(words: Words, nodes: readonly Node[]): Generator<FlowOp, FlowEnd, unknown> {
  const seen: string[] = []
  yield* run(words, nodes, seen)
  yield* words.ask(lastSlot, 'Say when you are done.')
  return { resolved: true, summary: seen.join(', ') }
}

/** What the outside says to a call: the same to the same. */
function outside(name: string, input: unknown): CallResult {
  const hash = fnv1a32(name + JSON.stringify(input))
  return hash % 5 === 0 ? { ok: false, error: `${name} failed` } : { ok: true, output: { n: hash % 100 } }
}

interface Direct {
  /** Changes that took effect, by tool and input, as often as they did. */
  readonly changes: readonly string[]
  readonly end: FlowEnd | null
}

/** The body, run at once. */
function direct(nodes: readonly Node[], values: Readonly<Record<string, unknown>>): Direct {
  const one = function* (op: FlowOp): Step<never> {
    return (yield op) as never
  }
  const words: Words = {
    ask: (name, prompt) => one({ op: 'ask', slot: name, prompt }),
    say: (text) => one({ op: 'say', text }),
    call: (name, input) => one({ op: 'call', tool: name, input }),
    fact: (text) => one({ op: 'note', kind: 'fact', text, source: null }),
  }
  const generator = body(words, nodes)
  const changes: string[] = []
  for (let turn = generator.next(); ;) {
    if (turn.done === true) return { changes, end: turn.value }
    const op = turn.value
    if (op.op === 'ask' && !(op.slot in values)) return { changes, end: null }
    const result = op.op === 'call' ? outside(op.tool, op.input) : op.op === 'ask' ? values[op.slot] : undefined
    if (op.op === 'call' && op.tool !== 'look' && (result as CallResult).ok) changes.push(`${op.tool} ${JSON.stringify(op.input)}`)
    turn = generator.next(result)
  }
}

/** Keeps the outside's books: what acted, what was undone, what is still under way. */
class Outside {
  readonly out: { readonly call: string; readonly result: CallResult }[] = []
  readonly acted = new Map<string, string>()
  readonly undone = new Set<string>()
  readonly made = new Set<string>()
  readonly told: { readonly call: string; readonly result: CallResult }[] = []

  take({ calls }: FlowAdvance): void {
    for (const { call, tool: name, input, undoes } of calls) {
      assert.ok(!this.made.has(call), `FL1 ${call} is made once`)
      this.made.add(call)
      if (undoes === undefined) this.out.push({ call, result: outside(name, input) })
      else {
        const original = call.replace(':undo', '')
        assert.equal(this.acted.get(original), `${name} ${JSON.stringify(input)}`, `FL1 ${call} undoes what acted, and was reported`)
        assert.deepEqual({ ok: true, output: undoes.output }, outside(name, input))
        this.undone.add(original)
        this.out.push({ call, result: { ok: true, output: null } })
      }
    }
    for (const { call, tool: name, input } of calls)
      if (name !== 'look' && outside(name, input).ok && !call.endsWith(':undo')) this.pendingChange.set(call, `${name} ${JSON.stringify(input)}`)
  }
  readonly pendingChange = new Map<string, string>()

  /** One of the results that are out comes in; which one is chance. */
  next(pick: number): { readonly call: string; readonly result: CallResult } | undefined {
    const [came] = this.out.splice(pick % Math.max(1, this.out.length), 1)
    if (came === undefined) return undefined
    const change = this.pendingChange.get(came.call)
    if (change !== undefined) this.acted.set(came.call, change)
    this.told.push(came)
    return came
  }

  /** Changes that stand. */
  standing(): string[] {
    return [...this.acted].filter(([call]) => !this.undone.has(call)).map(([, change]) => change)
  }
}

type Action =
  | { readonly do: 'answer' | 'correct'; readonly pick: number; readonly value: number }
  | { readonly do: 'result' | 'again' | 'resume' | 'hello' | 'repeat'; readonly pick: number }

const slotName = fc.constantFrom(...names)
const value = fc.nat(2)
const asks = fc.record({ do: fc.constant('ask' as const), slot: slotName })
const says = fc.record({ do: fc.constant('say' as const), slot: slotName })
const programs = (depth: number, minLength: number): fc.Arbitrary<Node[]> => {
  if (depth === 0) return fc.array(fc.oneof(asks, says), { maxLength: 2 })
  const inner = programs(depth - 1, 0)
  const calls = fc.record({
    do: fc.constant('call' as const),
    tool: fc.constantFrom('look', 'move', 'pay', 'move'),
    slots: fc.subarray(names, { maxLength: 2 }),
    ok: inner,
    failed: inner,
  })
  const forks = fc.record({ do: fc.constant('fork' as const), slot: slotName, value, same: inner, other: inner })
  return fc.array(fc.oneof({ weight: 1, arbitrary: asks }, { weight: 1, arbitrary: says }, { weight: 3, arbitrary: calls }, { weight: 1, arbitrary: forks }), {
    minLength,
    maxLength: 4,
  })
}
const program = programs(3, 1)
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ do: fc.constantFrom('answer' as const, 'answer' as const, 'correct' as const, 'correct' as const), pick: fc.nat(3), value }),
  fc.record({
    do: fc.constantFrom('result' as const, 'result' as const, 'result' as const, 'again' as const, 'resume' as const, 'hello' as const, 'repeat' as const),
    pick: fc.nat(20),
  }),
)

/** A talk that remembers what its flow was told, also in the step that ended it. */
class Told extends Talk {
  readonly values: Record<string, unknown> = {}

  tell(text: string, name: string, value: unknown): FlowAdvance {
    const before = this.state ?? assert.fail()
    const reading = this.reads(text)
    if (reading === 'correction') this.values[name] = value
    else if (reading === 'answer' && before.asking !== null) this.values[before.asking.slot] = value
    const advance = this.say(text)
    for (const [known, held] of Object.entries(advance.state?.slots ?? {})) assert.equal(held.value, this.values[known], `${known} is what was said last`)
    return advance
  }
}

function talkTo(nodes: readonly Node[]): { talk: Told; books: Outside } {
  const drafts = Object.fromEntries(
    Object.entries(slots)
      .map(([name, options]) => [name, slot.choice(options, { label: name })])
      .concat([[lastSlot, slot.choice(['done', 'ready'], { label: lastSlot })]]),
  )
  const app = appOf({
    made: flow({ goal: 'x', slots: drafts, tools }, function* (words: unknown) {
      return yield* body(words as Words, nodes)
    } as never),
  })
  const talk = new Told(app, 'made')
  const books = new Outside()
  books.take(talk.last)
  return { talk, books }
}

function acted(talk: Told, books: Outside, step: Action): FlowAdvance | null {
  switch (step.do) {
    case 'answer':
      return answered(talk, step.value)
    case 'correct': {
      const known = Object.keys(talk.state?.slots ?? {})
      const name = known[step.pick % Math.max(1, known.length)]
      return name === undefined ? null : talk.tell(`no, the ${name} is ${slots[name]?.[step.value]}`, name, slots[name]?.[step.value])
    }
    case 'result': {
      const came = books.next(step.pick)
      return came === undefined ? null : talk.result(came.call, came.result)
    }
    case 'again': {
      const old = books.told[step.pick % Math.max(1, books.told.length)]
      return old === undefined ? null : talk.result(old.call, old.result)
    }
    case 'resume':
      return talk.give({ kind: 'resume', agreed: [], slots: {} })
    case 'hello':
      return talk.say('hello there')
    case 'repeat':
      return talk.give({ kind: 'askAgain' })
  }
}

function answered(talk: Told, pick: number, atEnd = false): FlowAdvance | null {
  const asked = talk.state?.asking?.slot
  if (asked === lastSlot) return atEnd ? talk.tell('done', lastSlot, 'done') : null
  const value = asked === undefined ? undefined : slots[asked]?.[pick]
  return asked === undefined || value === undefined ? null : talk.tell(value, asked, value)
}

/** Everything that is out comes in, and every question is answered, until the flow is over. */
function toTheEnd(talk: Told, books: Outside): FlowAdvance {
  let last = talk.last
  for (let steps = 0; talk.state !== null || books.out.length > 0; steps++) {
    assert.ok(steps < 1_000, 'the flow comes to its end')
    const came = books.next(steps)
    if (talk.state === null) continue
    if (came !== undefined) last = talk.result(came.call, came.result)
    else {
      const { asking } = talk.state
      assert.ok(asking !== null, 'a flow that waits for no tool asks for something')
      last = answered(talk, 1, true) ?? last
    }
    checked(talk, last)
    books.take(last)
  }
  return last
}

function checked(talk: Talk, advance: FlowAdvance): void {
  assert.equal(advance.failure, null)
  if (advance.state === null) return
  assert.deepEqual(structuredClone(advance.state), talk.state, 'a state is plain JSON')
  const { asking } = advance.state
  if (asking !== null) assert.ok(!(asking.slot in advance.state.slots), `FL3 ${asking.slot} is known, and asked for`)
}

test('FL1 FL2 FL3 after whatever is said, corrected, repeated and come back to, the outside and the end are as if it had been said at once', () => {
  let undone = 0
  fc.assert(
    fc.property(program, fc.array(action, { minLength: 10, maxLength: 40, size: 'max' }), (nodes, actions) => {
      const { talk, books } = talkTo(nodes)
      checked(talk, talk.last)
      for (const step of actions) {
        if (talk.state === null) break
        const advance = acted(talk, books, step)
        if (advance === null) continue
        checked(talk, advance)
        books.take(advance)
      }
      const last = talk.state === null && books.out.length === 0 ? talk.last : toTheEnd(talk, books)
      const expected = direct(nodes, talk.values)
      assert.deepEqual(books.standing().toSorted(), expected.changes.toSorted(), 'FL1')
      if (last.ended !== null) assert.deepEqual(last.ended, { ...expected.end, canceled: false }, 'FL2')
      undone += books.undone.size
    }),
    { numRuns: 120 },
  )
  assert.ok(undone > 40, `corrections undid ${undone} changes`)
})

test('FL1 a cancellation leaves nothing that was changed', () => {
  fc.assert(
    fc.property(program, fc.array(action, { minLength: 5, maxLength: 20, size: 'max' }), (nodes, actions) => {
      const { talk, books } = talkTo(nodes)
      for (const step of actions) {
        if (talk.state === null) return
        const advance = acted(talk, books, step)
        if (advance !== null) books.take(advance)
      }
      if (talk.state === null) return
      books.take(talk.say('never mind'))
      for (let steps = 0; books.out.length > 0; steps++) {
        const came = books.next(steps)
        if (talk.state !== null && came !== undefined) books.take(talk.result(came.call, came.result))
      }
      assert.equal(talk.state, null)
      assert.deepEqual(books.standing(), [])
    }),
    { numRuns: 60 },
  )
})
