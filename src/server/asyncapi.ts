/** The events and the chat socket as AsyncAPI 3.0. */
import { builtinEvents } from '../definition/index.ts'
import type { AppDefinition } from '../definition/index.ts'
import { eventSchema } from './json-schema.ts'
import type { JsonSchema } from './json-schema.ts'
import { packageVersion } from './package-root.ts'

const text = { type: 'string' } as const
const integer = { type: 'integer' } as const

/** Frames of `WS /v1/chat`: field → schema, beside `type`. A field that ends in `?` may be absent. */
const frames: Readonly<Record<'fromCustomer' | 'toCustomer', Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>>> = {
  fromCustomer: {
    hello: { token: text, after: integer },
    message: { id: text, text },
    typing: { on: { type: 'boolean' } },
    seen: { seq: integer },
  },
  toCustomer: {
    welcome: { conversation: text, seq: integer },
    accepted: { id: text, seq: integer },
    delivery: { seq: integer, epoch: integer, from: { enum: ['bot', 'agent', 'human', 'system', 'customer'] }, text, 'id?': text },
    owner: { epoch: integer, role: { enum: ['bot', 'agent', 'human', null] } },
    error: { code: text, detail: text, 'id?': text, 'retryAfterMs?': { type: 'number' } },
  },
}

export function asyncapiOf(app: AppDefinition, version: string): JsonSchema {
  const events = [...Object.values(builtinEvents), ...Object.values(app.events)]
  const eventMessages = Object.fromEntries(
    events.map((event) => [event.name, { contentType: 'application/cloudevents+json', payload: eventSchema(event), 'x-from': event.from }]),
  )
  const received = frameMessages('fromCustomer')
  const sent = frameMessages('toCustomer')
  return {
    asyncapi: '3.0.0',
    info: { title: `${app.name} on Battuta`, version: `${packageVersion}+${version}` },
    channels: {
      events: { address: '/v1/events', messages: eventMessages },
      chat: { address: '/v1/chat', bindings: { ws: { bindingVersion: '0.1.0' } }, messages: { ...received, ...sent } },
    },
    operations: {
      sendEvents: {
        action: 'receive',
        channel: { $ref: '#/channels/events' },
        messages: events.filter((event) => event.from !== 'battuta').map((event) => messageRef('events', event.name)),
      },
      customerSays: { action: 'receive', channel: { $ref: '#/channels/chat' }, messages: Object.keys(received).map((name) => messageRef('chat', name)) },
      customerHears: { action: 'send', channel: { $ref: '#/channels/chat' }, messages: Object.keys(sent).map((name) => messageRef('chat', name)) },
    },
  }
}

function frameMessages(side: keyof typeof frames): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(frames[side]).map(([type, fields]) => {
      const properties = Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name.replace('?', ''), schema]))
      const required = ['type', ...Object.keys(fields).filter((name) => !name.endsWith('?'))]
      return [type, { contentType: 'application/json', payload: { type: 'object', properties: { type: { const: type }, ...properties }, required } }]
    }),
  )
}

function messageRef(channel: string, name: string): JsonSchema {
  return { $ref: `#/channels/${channel}/messages/${name}` }
}
