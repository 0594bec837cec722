/** The events and the sockets as AsyncAPI 3.0. */
import { builtinEvents } from '../definition/index.ts'
import type { AppDefinition } from '../definition/index.ts'
import { eventSchema, wireSchemas } from './json-schema.ts'
import { packageVersion } from './package-root.ts'
import type { JsonSchema } from './schema.ts'
import { chatFrames, deskFrames } from './socket-frames.ts'

/** A frame of one name can go both ways; its message then has two. */
const sides = { received: '', sent: '.sent' } as const
type Side = keyof typeof sides

const sockets = { chat: { address: '/v1/chat', frames: chatFrames }, desk: { address: '/v1/desk', frames: deskFrames } } as const
type SocketName = keyof typeof sockets

export function asyncapiOf(app: AppDefinition, version: string): JsonSchema {
  const events = [...Object.values(builtinEvents), ...Object.values(app.events)]
  const eventMessages = Object.fromEntries(
    events.map((event) => [event.name, { contentType: 'application/cloudevents+json', payload: eventSchema(event), 'x-from': event.from }]),
  )
  return {
    asyncapi: '3.0.0',
    info: { title: `${app.name} on Battuta`, version: `${packageVersion}+${version}` },
    channels: {
      events: { address: '/v1/events', messages: eventMessages },
      chat: channelOf('chat'),
      desk: channelOf('desk'),
    },
    operations: {
      sendEvents: {
        action: 'receive',
        channel: { $ref: '#/channels/events' },
        messages: events.filter((event) => event.from !== 'battuta').map((event) => messageRef('events', event.name)),
      },
      customerSays: operation('chat', 'received'),
      customerHears: operation('chat', 'sent'),
      personSays: operation('desk', 'received'),
      personHears: operation('desk', 'sent'),
    },
    components: { schemas: wireSchemas },
  }
}

function channelOf(name: SocketName): JsonSchema {
  const messages = (['received', 'sent'] as const).flatMap((side) =>
    Object.entries(sockets[name].frames[side]).map(([type, fields]) => [messageName(name, side, type), frameMessage(type, fields)] as const),
  )
  return { address: sockets[name].address, bindings: { ws: { bindingVersion: '0.1.0' } }, messages: Object.fromEntries(messages) }
}

function frameMessage(type: string, fields: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const properties = Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name.replace('?', ''), schema]))
  const required = ['type', ...Object.keys(fields).filter((name) => !name.endsWith('?'))]
  return { name: type, contentType: 'application/json', payload: { type: 'object', properties: { type: { const: type }, ...properties }, required } }
}

function operation(name: SocketName, side: Side): JsonSchema {
  return {
    action: side === 'received' ? 'receive' : 'send',
    channel: { $ref: `#/channels/${name}` },
    messages: Object.keys(sockets[name].frames[side]).map((type) => messageRef(name, messageName(name, side, type))),
  }
}

/** `typing`, or `typing.sent` where it is received too. */
function messageName(name: SocketName, side: Side, type: string): string {
  return type in sockets[name].frames.received ? type + sides[side] : type
}

function messageRef(channel: string, name: string): JsonSchema {
  return { $ref: `#/channels/${channel}/messages/${name}` }
}
