import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asyncapiOf } from './asyncapi.ts'
import { doors } from './doors.ts'
import { testDefinition } from './fixture.ts'
import { openapiOf } from './openapi.ts'

/** Every `$ref` in a document, resolved; fails on one that leads nowhere. */
function checkRefs(document: object): number {
  let count = 0
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [name, held] of Object.entries(value)) {
      if (name !== '$ref') {
        visit(held)
        continue
      }
      count++
      const target = String(held)
        .slice(2)
        .split('/')
        .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], document)
      assert.notEqual(target, undefined, `${String(held)} leads nowhere`)
    }
  }
  visit(document)
  return count
}

test('the OpenAPI document has every door, and names the app’s events, policies and models', () => {
  const document = openapiOf(testDefinition, 'v1') as {
    paths: Record<string, Record<string, { parameters: { schema: { enum?: string[] } }[] }>>
    components: { schemas: Record<string, unknown> }
  }
  for (const { method, path } of Object.values(doors)) assert(document.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()], `${method} ${path}`)
  assert(checkRefs(document) > 20)
  assert.deepEqual(document.paths['/v1/decisions/{policy}']?.['post']?.parameters[0]?.schema.enum, ['inbound'])
  const schema = JSON.stringify(document.components.schemas['event.payment'])
  assert.match(schema, /"x-pii":"IBAN_CODE"/)
  assert.equal(document.components.schemas['event.message.sent'], undefined)
})

test('the AsyncAPI document has every event and every frame, and its references hold', () => {
  const document = asyncapiOf(testDefinition, 'v1') as { channels: Record<string, { messages: object }> }
  assert.deepEqual(Object.keys(document.channels['events']?.messages ?? {}), [
    'message.received',
    'message.sent',
    'identity.linked',
    'decision.requested',
    'payment',
  ])
  assert.deepEqual(Object.keys(document.channels['chat']?.messages ?? {}), [
    'hello',
    'message',
    'typing',
    'seen',
    'welcome',
    'accepted',
    'delivery',
    'owner',
    'error',
  ])
  assert(checkRefs(document) > 10)
})
