import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addressOf, noFilters, routeOf } from './route.ts'
import type { Route } from './route.ts'

// Dots alone cannot be an id: browsers resolve them as path steps.
const id = fc.option(fc.string({ minLength: 1 }).filter((text) => !/^(\.|%2e){1,2}$/i.test(text)))
const text = fc.string()
const plain = { noNullPrototype: true }
const route: fc.Arbitrary<Route> = fc.oneof(
  fc.record({ page: fc.constant('live' as const), why: fc.option(fc.string({ minLength: 1 })) }, plain),
  fc.record(
    { page: fc.constant('decisions' as const), id, filters: fc.record({ search: text, act: text, status: text, policy: text, customer: text }, plain) },
    plain,
  ),
  fc.record({ page: fc.constant('customers' as const), id, open: fc.option(fc.string({ minLength: 1 })) }, plain),
)

test('every view can be written into the address and read back', () => {
  fc.assert(fc.property(route, (view) => assert.deepEqual(routeOf(addressOf(view)), view)))
})

test('addresses are short and what is not a page is said to be none', () => {
  assert.equal(addressOf({ page: 'decisions', id: 'dec_1', filters: { ...noFilters, act: 'human' } }), '/decisions/dec_1?act=human')
  assert.equal(addressOf({ page: 'customers', id: 'user:42', open: null }), '/customers/user%3A42')
  assert.deepEqual(routeOf('/features'), { page: 'unknown', path: '/features' })
  assert.deepEqual(routeOf('/decisions/a/b'), { page: 'unknown', path: '/decisions/a/b' })
})
