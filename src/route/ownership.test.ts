import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Act, OwnerRead } from '../definition/index.ts'
import { afterAct, firstOwner } from './index.ts'

const acts: Act[] = ['bot', 'agent', 'human', 'reachOut', 'nothing']

test('O1 the epoch rises by one exactly when the owner changes', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...acts), { maxLength: 50 }), (taken) => {
      let owner: OwnerRead = firstOwner
      for (const act of taken) {
        const next = afterAct(owner, act)
        assert.equal(next.epoch - owner.epoch, next.owner === owner.owner ? 0 : 1)
        owner = next
      }
    }),
  )
})

test('O2 an open conversation always has an owner', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...acts)), (taken) => {
      const last = taken.reduce<OwnerRead>(afterAct, firstOwner)
      assert.notEqual(last.owner, null)
      const lastActor = taken.filter((act) => act !== 'nothing' && act !== 'reachOut').at(-1) ?? 'bot'
      assert.equal(last.owner, lastActor)
    }),
  )
})
