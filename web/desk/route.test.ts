import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addressOf, lists, panes, routeOf } from './route.ts'

test('an address and its view are the same thing, both ways', () => {
  const conversation = fc.option(fc.string({ minLength: 1 }), { nil: null })
  const routes = fc.record({ conversation, list: fc.constantFrom(...lists), pane: fc.constantFrom(...panes), search: fc.string() }, { noNullPrototype: true })
  fc.assert(fc.property(routes, (route) => assert.deepEqual(routeOf(addressOf(route)), route)))
})

test('the plain address is the inbox of one’s own; a conversation opens in its own pane', () => {
  assert.deepEqual(routeOf('/desk'), { conversation: null, list: 'mine', pane: 'inbox', search: '' })
  assert.deepEqual(routeOf('/desk?conversation=con_1'), { conversation: 'con_1', list: 'mine', pane: 'conversation', search: '' })
  assert.equal(addressOf(routeOf('/desk?conversation=con_1&pane=conversation&list=mine')), '/desk?conversation=con_1')
  assert.equal(routeOf('/desk?list=theirs&pane=attic').list, 'mine')
})
