import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OfferReply } from '../../src/client/index.ts'
import { all, changed, ended, offered } from './offers.ts'

const offer = (reservation: string, expiresAt: number): OfferReply => ({
  reservation,
  conversation: `con_${reservation}`,
  customer: 'user:current-1',
  channel: 'chat',
  queue: 'cards',
  priority: 0,
  goal: 'use the card again',
  because: null,
  offeredAt: 0,
  expiresAt,
})

test('the offer that ends first stands first, and each stands once', () => {
  const two = offered(offered([], offer('a', 40_000), null), offer('b', 20_000), null)
  assert.deepEqual(
    two.map(({ reservation }) => reservation),
    ['b', 'a'],
  )
  assert.equal(offered(two, offer('a', 10_000), null).length, 2)
})

test('P1 an offer that somebody else took says so; one that was declined here just leaves', () => {
  const one = offered([], offer('a', 20_000), null)
  assert.equal(ended(one, 'a', 'taken')[0]?.ended, 'taken')
  assert.deepEqual(ended(one, 'a', 'rejected'), [])
  assert.deepEqual(ended(changed(one, 'a', { answering: 'reject' }), 'a', 'canceled'), [])
  assert.equal(ended(changed(one, 'a', { answering: 'accept' }), 'a', 'taken')[0]?.answering, null)
})

test('a desk that comes back keeps the offers that still stand, and only those', () => {
  const two = offered(offered([], offer('a', 40_000), null), offer('b', 20_000), null)
  const back = all(changed(two, 'a', { answering: 'accept' }), [offer('a', 40_000), offer('c', 50_000)])
  assert.deepEqual(
    back.map(({ reservation, answering }) => [reservation, answering]),
    [
      ['a', null],
      ['c', null],
    ],
  )
})
