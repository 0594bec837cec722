/** Changes of hands, one step after another, against a plain account of whose it is and which tasks are under way. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { queue, setup, slot, flow } from '../app/index.ts'
import { emptyMemory, openConversation } from '../context/index.ts'
import type { EmitEffect, HandoffTarget, LoggedEvent } from '../definition/index.ts'
import type { ConversationRow } from '../records/index.ts'
import { assertOwned, firstOwner, giveTo } from '../route/index.ts'
import { Draft } from './draft.ts'
import { assigned, carryOut, composed, endTurn, handed, keyWorker, resolved, unassigned } from './hands.ts'
import type { Plan } from './plan.ts'

const cards = queue({ skills: ['cards'], team: 'Cards team', offer: '8s', wrapUp: '5s', wrapUpCodes: ['solved'] })
const payments = queue({ skills: ['payments'], team: 'Payments team', offer: '8s', wrapUp: '5s', wrapUpCodes: ['solved'] })
const ask = flow({ goal: 'be asked', slots: { size: slot.choice(['small', 'large'], { label: 'size' }) }, tools: {} }, function* ({ ask: question }) {
  yield* question('size', 'Small or large?')
  return { resolved: true, summary: null }
})
const app = setup({ events: {}, queues: { cards, payments }, flows: { ask } }).app({ name: 'hands', policies: {} })

/** Steps of one conversation. */
class Hands {
  row: ConversationRow
  /** Tasks that began and did not end. */
  readonly tasks = new Set<string>()
  offset = 1

  constructor() {
    this.row = { ...openConversation('conv_1', this.#event(), 'web', firstOwner), messages: 1 }
  }

  #event(): LoggedEvent {
    return { id: `e${this.offset}`, source: 's', type: 't', customer: 'user:1', time: this.offset, received: this.offset, from: 'battuta', data: {} }
  }

  draft(): Draft {
    this.offset++
    return new Draft(
      {
        event: this.#event(),
        partition: 0,
        offset: this.offset,
        receivedMono: 0,
        durable: Promise.resolve(),
        durableMono: 0,
        recovered: false,
        done: null,
        failed: null,
      },
      this.row,
    )
  }

  /** Takes over what the step came to, unless it was refused; `ends` is the task that routing says is over. */
  step(work: (draft: Draft) => void, ends: string | null = null): Draft {
    const draft = this.draft()
    work(draft)
    const before = this.row
    if (draft.refusal !== null) return draft
    if (ends !== null && before.task === ends) this.tasks.delete(ends)
    for (const effect of draft.effects) if (effect.kind === 'emit') this.#account(effect)
    this.row = { ...draft.open, memory: JSON.stringify(draft.memory) }
    return draft
  }

  #account({ type, data }: EmitEffect): void {
    const { task } = data as { task: string }
    if (type === 'task.queued') {
      assert.ok(!this.tasks.has(task), 'each wait is a task of its own')
      this.tasks.add(task)
    } else if (this.tasks.has(task)) this.tasks.delete(task)
    else assert.equal((data as { reason?: string }).reason, 'it waits no longer', `H2 ${task} ends once`)
  }
}

const targets: readonly HandoffTarget[] = [
  { kind: 'queue', queue: 'cards' },
  { kind: 'queue', queue: 'payments' },
  { kind: 'queue', queue: 'nowhere' },
  { kind: 'worker', worker: 'person:b' },
  { kind: 'bot' },
  { kind: 'bot', flow: 'ask' },
  { kind: 'bot', flow: 'nothing' },
]
const plan = (says: readonly string[], handsOver: boolean): Plan => ({
  decision: 'dec_0_1',
  says,
  calls: [],
  handOver: handsOver ? { queue: 'cards', priority: 2, because: null, from: 'bot' } : null,
  memory: emptyMemory,
})

const command = fc.record({
  what: fc.constantFrom('handed', 'resolved', 'assigned', 'unassigned', 'lost', 'composed', 'bot', 'written', 'turn'),
  stale: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  own: fc.integer({ min: 0, max: 4 }).map((n) => n > 0),
  force: fc.boolean(),
  worker: fc.constantFrom('person:a', 'person:b', keyWorker),
  target: fc.constantFrom(...targets),
})

function carry(hands: Hands, { what, stale, own, force, worker: any, target }: typeof command extends fc.Arbitrary<infer C> ? C : never): Draft | null {
  const { row } = hands
  const epoch = stale ? row.epoch - 1 : row.epoch
  const worker = own ? (row.worker ?? keyWorker) : any
  const task = stale ? 'task_0_0' : (row.task ?? 'task_0_0')
  switch (what) {
    case 'handed':
      return hands.step((draft) => handed(app, draft, { epoch, to: target, worker, agreed: ['a promise'], ...(force ? { force } : {}) }))
    case 'resolved':
      return hands.step((draft) => resolved(app, draft, { epoch, worker, wrapUpCode: 'solved', ...(force ? { force } : {}) }))
    case 'assigned':
      return hands.step((draft) => assigned(app, draft, { task, reservation: 'res_1', worker: any, queue: row.queue ?? 'cards' }))
    case 'unassigned':
      return row.owner === 'human' ? null : hands.step((draft) => unassigned(app, draft, { task, reason: 'unanswered' }), task)
    case 'lost':
      return hands.step((draft) => unassigned(app, draft, { task, reason: 'lost' }), task)
    case 'composed':
      return hands.step((draft) => composed(app, draft, { epoch, text: 'words', role: worker === keyWorker ? 'bot' : 'human', worker }))
    case 'bot':
      return row.owner === 'bot' ? hands.step((draft) => carryOut(app, draft, plan(['words'], force))) : null
    case 'turn':
      return row.owner === 'bot'
        ? hands.step((draft) => {
            endTurn(app, draft, 'dropped')
            draft.memory = { ...draft.memory, turn: { since: 1, texts: ['hi'], timer: draft.timer('turn', 2, {}), plan: plan(['words'], false) } }
          })
        : null
    default:
      return row.status === 'open' ? null : hands.step((draft) => void (draft.row = giveTo(draft.open, 'bot')))
  }
}

test('O2 O3 H2 whoever hands over, and however late, there is one owner or one place in a queue, and one task for it', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
      const hands = new Hands()
      for (const one of commands) {
        const before = hands.row
        const draft = carry(hands, one)
        if (draft === null) continue
        const { row } = hands
        assertOwned(row)
        const named = row.status === 'open' && row.task !== null ? [row.task] : []
        assert.deepEqual([...hands.tasks], named, `H2 tasks under way are the conversation’s own, after ${one.what}`)
        const changed = [before.owner, before.worker, before.task, before.status].join() !== [row.owner, row.worker, row.task, row.status].join()
        assert.equal(row.epoch > before.epoch, changed, `O1 the epoch rises with the owner, after ${one.what}`)
        for (const effect of draft.refusal === null ? draft.effects : []) {
          if (effect.kind !== 'deliver' || effect.author === 'system') continue
          const owner = effect.epoch === before.epoch ? before : row
          assert.equal(owner.owner, effect.author ?? 'bot', `O3 only the owner speaks, after ${one.what}`)
        }
        if (one.stale && ['handed', 'resolved', 'composed'].includes(one.what)) assert.ok(draft.refusal, 'a stale epoch is refused')
        if (row.status !== 'open' || row.owner !== 'bot')
          assert.equal(draft.memory.turn === null || draft.refusal !== null, true, 'nobody else keeps a turn of the bot')
      }
    }),
    { numRuns: 400 },
  )
})

function waiting(): Hands {
  const hands = new Hands()
  hands.step((draft) => carryOut(app, draft, plan([], true)))
  return hands
}

test('O3 only whoever has it may hand it over; a supervisor may, and nobody under an epoch that is over', () => {
  const hands = waiting()
  const task = hands.row.task ?? ''
  hands.step((draft) => assigned(app, draft, { task, reservation: 'res_1', worker: 'person:a', queue: 'cards' }))
  const by = (worker: string, more: object = {}): string | undefined =>
    hands.step((draft) => handed(app, draft, { epoch: hands.row.epoch, to: { kind: 'bot' }, worker, ...more })).refusal?.code
  assert.equal(by('person:b'), 'NOT_OWNER')
  assert.equal(by(keyWorker), 'NOT_OWNER')
  assert.equal(by('person:s', { epoch: hands.row.epoch - 1, force: true }), 'STALE_EPOCH')
  assert.equal(by('person:s', { force: true }), undefined)
  assert.deepEqual([hands.row.owner, hands.row.epoch], ['bot', 4])
})

test('H2 an assignment that comes too late is sent back, and nobody is told that they have it', () => {
  const hands = waiting()
  const late = hands.row.task ?? ''
  hands.step((draft) => handed(app, draft, { epoch: hands.row.epoch, to: { kind: 'queue', queue: 'payments' }, worker: 'person:s', force: true }))
  const draft = hands.step((given) => assigned(app, given, { task: late, reservation: 'res_1', worker: 'person:a', queue: 'cards' }))
  assert.deepEqual(
    draft.effects.map((effect) => (effect.kind === 'emit' ? [effect.type, effect.data] : effect.kind)),
    [['task.withdrawn', { task: late, reason: 'it waits no longer' }]],
  )
  assert.deepEqual(draft.assigned, { reservation: 'res_1', epoch: null })
  assert.equal(hands.row.owner, null)
})

test('whom a colleague lost waits before the others, in the same queue, and not for that colleague', () => {
  const hands = waiting()
  const task = hands.row.task ?? ''
  hands.step((draft) => assigned(app, draft, { task, reservation: 'res_1', worker: 'person:a', queue: 'cards' }))
  const lost = hands.step((draft) => unassigned(app, draft, { task, reason: 'lost' }), task)
  const queued = lost.effects.find((effect) => effect.kind === 'emit')
  assert.ok(queued?.type === 'task.queued')
  const { queue: into, priority } = queued.data as { queue: string; priority: number }
  assert.deepEqual([into, priority, lost.memory.waitingSince], ['cards', 8, lost.at])
  assert.equal(lost.memory.hands.at(-1)?.from, 'person:a')
})

test('a colleague who hands over does not get it back', () => {
  const hands = waiting()
  hands.step((draft) => assigned(app, draft, { task: hands.row.task ?? '', reservation: 'res_1', worker: 'person:a', queue: 'cards' }))
  const given = hands.step((draft) => handed(app, draft, { epoch: hands.row.epoch, to: { kind: 'queue', queue: 'cards' }, worker: 'person:a' }))
  const emits = given.effects.filter((effect) => effect.kind === 'emit')
  assert.deepEqual(
    emits.map(({ type, data }) => [type, (data as { except?: string }).except]),
    [
      ['task.released', undefined],
      ['task.queued', 'person:a'],
    ],
  )
})

test('whoever takes over drops what the bot was about to say; a bot that is given what it has says it still', () => {
  const begun = (): Hands => {
    const hands = new Hands()
    hands.step((draft) => {
      draft.memory = { ...draft.memory, turn: { since: 1, texts: ['hi'], timer: draft.timer('turn', 2, {}), plan: plan(['words'], false) } }
    })
    return hands
  }
  const over = begun().step((draft) => handed(app, draft, { epoch: 1, to: { kind: 'queue', queue: 'cards' }, worker: 'person:s', force: true }))
  assert.deepEqual([over.memory.turn, over.timersCleared.length], [null, 1])
  const same = begun().step((draft) => handed(app, draft, { epoch: 1, to: { kind: 'bot' }, worker: 'person:s', force: true }))
  assert.ok(same.memory.turn)
  const answered = begun().step((draft) => endTurn(app, draft, 'answered'))
  assert.deepEqual(
    answered.effects.map((effect) => (effect.kind === 'deliver' ? effect.text : effect.kind)),
    ['words'],
  )
})
