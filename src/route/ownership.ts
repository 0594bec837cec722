/**
 * Who owns a conversation. Pure: the ledger itself is the conversation's row, and its epoch guards every send (I2).
 *
 * O1 The epoch rises whenever the owner changes, and never otherwise.
 * O2 An open conversation always has an owner: the bot has it from the first event on.
 */
import { assert } from '../base/index.ts'
import type { Act, OwnerRead } from '../definition/index.ts'

export type Owner = 'bot' | 'agent' | 'human'

/** The first owner of every conversation. */
export const firstOwner: OwnerRead & { readonly owner: Owner } = Object.freeze({ owner: 'bot', epoch: 1 })

/**
 * The owner after a decision: whoever acts takes the conversation over; `nothing` and `reachOut` leave it where it is.
 * @example
 * afterAct({ owner: 'bot', epoch: 6 }, 'human') // { owner: 'human', epoch: 7 }
 */
export function afterAct(before: OwnerRead, act: Act): OwnerRead {
  assert(before.owner !== null, 'an open conversation has an owner')
  if (act === 'nothing' || act === 'reachOut' || act === before.owner) return before
  return Object.freeze({ owner: act, epoch: before.epoch + 1 })
}
