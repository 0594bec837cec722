import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ConversationRow } from '../records/index.ts'
import { assertOwned, assignTo, closeConversation, firstOwner, giveTo, ledgerOf, putInQueue, refusalOf } from './index.ts'

const opened: ConversationRow = {
  id: 'conv_1',
  customer: 'user:1',
  channel: 'web',
  ...firstOwner,
  worker: null,
  queue: null,
  task: null,
  seq: 0,
  messages: 0,
  status: 'open',
  openedAt: 0,
  updatedAt: 0,
  memory: '{}',
}

interface Move {
  readonly kind: 'bot' | 'agent' | 'close' | 'queue' | 'assign' | 'assignOld'
  readonly worker: string
}

const move: fc.Arbitrary<Move> = fc.record({
  kind: fc.constantFrom('bot', 'agent', 'close', 'queue', 'assign', 'assignOld'),
  worker: fc.constantFrom('person:a', 'person:b'),
})

/** The moves that the row allows; others change nothing. */
function moved(row: ConversationRow, step: Move, n: number): ConversationRow {
  if (step.kind === 'bot' || step.kind === 'agent') return giveTo(row, step.kind)
  if (step.kind === 'close') return row.status === 'open' ? closeConversation(row) : row
  if (step.kind === 'queue') return row.status === 'open' ? putInQueue(row, 'cards', `task_${n}`) : row
  if (step.kind === 'assign') return assignTo(row, row.task ?? 'none', step.worker) ?? row
  return assignTo(row, 'task_of_before', step.worker) ?? row
}

const owner = (row: ConversationRow): string => JSON.stringify([row.status, row.owner, row.worker, row.owner === null ? row.task : null])

test('O1 the epoch rises by one exactly when the owner changes', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      moves.reduce((row, step, n) => {
        const next = moved(row, step, n)
        assert.equal(next.epoch - row.epoch, owner(next) === owner(row) ? 0 : 1)
        return next
      }, opened)
    }),
  )
})

test('O2 an open conversation has an owner or a place in a queue, whatever happens to it', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      moves.reduce((row, step, n) => {
        const next = moved(row, step, n)
        assertOwned(next)
        return next
      }, opened)
    }),
  )
})

test('O3 nobody but the owner says anything, and nobody under an epoch that is over', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 30 }), fc.nat(40), fc.constantFrom('bot' as const, 'agent' as const, 'human' as const), (moves, epoch, role) => {
      const row = moves.reduce(moved, opened)
      const allowed = refusalOf(row, { epoch, role, worker: 'person:a' }) === null
      assert.equal(allowed, row.epoch === epoch && row.owner === role && (role !== 'human' || row.worker === 'person:a'))
    }),
  )
})

test('a task that was withdrawn, or taken by somebody else, assigns nothing', () => {
  const waiting = putInQueue(opened, 'cards', 'task_1')
  assert.equal(assignTo(waiting, 'task_0', 'person:a'), null)
  const taken = assignTo(waiting, 'task_1', 'person:a')
  assert.ok(taken)
  assert.equal(assignTo(taken, 'task_1', 'person:b'), null)
  assert.deepEqual(ledgerOf(taken), { owner: 'human', worker: 'person:a', queue: 'cards', task: 'task_1', epoch: 3, status: 'open' })
})
