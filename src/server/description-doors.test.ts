import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtinEvents } from '../definition/index.ts'
import type { ChatClientFrame, ChatServerFrame, DeskClientFrame, DeskServerFrame } from '../definition/index.ts'
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
  const messages = (channel: string): string[] => Object.keys(document.channels[channel]?.messages ?? {})
  assert.deepEqual(messages('events'), [...Object.keys(builtinEvents), 'payment'])
  const chat: readonly (ChatClientFrame | ChatServerFrame)['type'][] = [
    'hello',
    'message',
    'typing',
    'seen',
    'welcome',
    'accepted',
    'delivery',
    'owner',
    'read',
    'error',
  ]
  assert.deepEqual(new Set(messages('chat')), new Set([...chat, 'typing.sent']))
  const desk: readonly (DeskClientFrame | DeskServerFrame)['type'][] = [
    ...(['hello', 'presence', 'accept', 'reject', 'complete', 'watch', 'message', 'note', 'typing', 'handoff', 'resolve'] as const),
    ...(['welcome', 'offer', 'rescinded', 'item', 'gone', 'delivery', 'owner', 'context', 'seen', 'queues', 'wrapping', 'accepted', 'done', 'error'] as const),
  ]
  assert.deepEqual(new Set(messages('desk')), new Set([...desk, 'note.sent', 'typing.sent', 'presence.sent']))
  assert(checkRefs(document) > 10)
})
