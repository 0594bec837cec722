/**
 * Who owns a conversation. Pure: the ledger is the conversation's row, and its epoch guards every send (I2).
 *
 * O1 The epoch rises whenever the owner changes (whoever it is: the next person is another owner), and never otherwise.
 * O2 An open conversation has an owner, or a place in a queue with a task; never neither, never both.
 * O3 Only whoever owns it, under the epoch they own it by, says anything in it. Notices of the system are nobody's words.
 */
import { assert } from '../base/index.ts'
import type { ErrorCode } from '../base/index.ts'
import type { OwnerKind, OwnerRead } from '../definition/index.ts'
import type { ConversationRow } from '../records/index.ts'

export type Owner = OwnerKind

/** The first owner of every conversation. */
export const firstOwner: OwnerRead & { readonly owner: Owner } = Object.freeze({ owner: 'bot', epoch: 1 })

/** The part of a conversation's row that says whose it is. */
export type Ledger = Pick<ConversationRow, 'owner' | 'worker' | 'queue' | 'task' | 'epoch' | 'status'>

export function ledgerOf({ owner, worker, queue, task, epoch, status }: ConversationRow): Ledger {
  return { owner, worker, queue, task, epoch, status }
}

/**
 * A bot or an agent has it from now on: from a queue, from a person, from a closed conversation. Nothing changes where it has it.
 * @example
 * giveTo(row, 'bot') // { …row, owner: 'bot', epoch: row.epoch + 1 } unless the bot had it
 */
export function giveTo(row: ConversationRow, owner: 'bot' | 'agent'): ConversationRow {
  if (row.status === 'open' && row.owner === owner) return row
  return { ...row, status: 'open', owner, worker: null, queue: null, task: null, epoch: row.epoch + 1 }
}

/** It waits in a queue, under a task of the routing lane. */
export function putInQueue(row: ConversationRow, queue: string, task: string): ConversationRow {
  assert(row.status === 'open', 'only an open conversation waits')
  assert(task !== row.task, 'each wait is a task of its own')
  return { ...row, owner: null, worker: null, queue, task, epoch: row.epoch + 1 }
}

/** Somebody took the task. Null when the conversation waits for it no longer. */
export function assignTo(row: ConversationRow, task: string, worker: string): ConversationRow | null {
  if (row.status !== 'open' || row.owner !== null || row.task !== task) return null
  return { ...row, owner: 'human', worker, epoch: row.epoch + 1 }
}

export function closeConversation(row: ConversationRow): ConversationRow {
  assert(row.status === 'open', 'a conversation is closed once')
  return { ...row, status: 'resolved', owner: null, worker: null, queue: null, task: null, epoch: row.epoch + 1 }
}

export interface Refusal {
  readonly code: ErrorCode
  readonly message: string
}

/** O3. Null when `worker` may act in the conversation under `epoch`; `role` is who they act as. */
export function refusalOf(row: ConversationRow, { epoch, role, worker }: { epoch: number; role: OwnerKind; worker: string }): Refusal | null {
  if (epoch !== row.epoch)
    return { code: 'STALE_EPOCH', message: `conversation ${row.id} is at epoch ${row.epoch}, ${whoHas(row)}; epoch ${epoch} is over, and nothing was sent` }
  if (row.owner !== role || (role === 'human' && row.worker !== worker))
    return { code: 'NOT_OWNER', message: `conversation ${row.id} is not ${role === 'human' ? worker : `a ${role}`}’s: ${whoHas(row)}; nothing was sent` }
  return null
}

function whoHas({ owner, queue, status }: ConversationRow): string {
  if (status === 'resolved') return 'and closed'
  return owner === null ? `where it waits in ${queue ?? 'a queue'}` : `where ${owner === 'human' ? 'a person' : `the ${owner}`} has it`
}

/** O2, held by every step. */
export function assertOwned(row: ConversationRow): void {
  if (row.status === 'resolved') assert(row.owner === null && row.task === null, `closed conversation ${row.id} has no owner and no task`)
  else if (row.owner === null)
    assert(row.queue !== null && row.task !== null && row.worker === null, `open conversation ${row.id} has an owner or waits in a queue`)
  else assert((row.owner === 'human') === (row.worker !== null), `conversation ${row.id} names its worker exactly when a person has it`)
}
