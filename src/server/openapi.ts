/** The doors as OpenAPI 3.1, with the app's own events, policies and models named in it. */
import type { AppDefinition } from '../definition/index.ts'
import { doors } from './doors.ts'
import type { Door, DoorName } from './doors.ts'
import { attachmentTypes } from './attachment-type.ts'
import { eventSchema, sendableEvents, wireSchemas } from './json-schema.ts'
import { packageVersion } from './package-root.ts'
import { ref } from './schema.ts'
import type { JsonSchema } from './schema.ts'

/** What a door takes and gives, by the name of its schema. */
const shapes: Readonly<
  Record<DoorName, { readonly takes?: string; readonly gives?: string; readonly query?: readonly string[]; readonly as?: string; readonly status?: number }>
> = {
  events: { takes: 'Event', gives: 'Accepted', status: 202 },
  customer: { gives: 'Customer' },
  features: { gives: 'Features', query: ['names'] },
  timeline: { gives: 'Timeline', query: ['limit', 'cursor'] },
  decide: { takes: 'DecisionRequest', gives: 'DecisionRecord' },
  decisions: { gives: 'Decisions', query: ['limit', 'cursor', 'customer', 'policy', 'act', 'status', 'search'] },
  decision: { gives: 'Decision' },
  replay: { takes: 'ReplayRequest', gives: 'Replay' },
  infer: { takes: 'InferenceRequest', gives: 'Inference' },
  conversations: { gives: 'Conversations', query: ['limit', 'cursor', 'status', 'owner', 'worker', 'queue', 'customer'] },
  conversation: { gives: 'Conversation' },
  say: { takes: 'MessageRequest', gives: 'Said' },
  note: { takes: 'NoteRequest', status: 204 },
  handOff: { takes: 'HandoffRequest', status: 204 },
  resolve: { takes: 'ResolveRequest', status: 204 },
  attach: { gives: 'Attachment', query: ['conversation', 'name'], status: 201 },
  attachment: { as: '*/*' },
  queues: { gives: 'Queues' },
  workers: { gives: 'Workers' },
  presence: { takes: 'PresenceRequest', status: 204 },
  acceptReservation: { takes: 'ReservationRequest', gives: 'Taken' },
  rejectReservation: { takes: 'RejectRequest', status: 204 },
  completeReservation: { takes: 'CompleteRequest', status: 204 },
  people: { gives: 'People' },
  addPerson: { takes: 'PersonRequest', gives: 'Person', status: 201 },
  changePerson: { takes: 'PersonChange', gives: 'Person' },
  closePerson: { status: 204 },
  webhooks: { gives: 'Webhooks' },
  putWebhook: { takes: 'WebhookRequest', gives: 'WebhookChanged' },
  deleteWebhook: { status: 204 },
  webhookIn: { gives: 'WebhookTaken' },
  chatSession: { takes: 'ChatSessionRequest', gives: 'ChatSession' },
  live: { as: 'text/event-stream' },
  signIn: { takes: 'SessionRequest', gives: 'Session' },
  session: { gives: 'Session' },
  signOut: { status: 204 },
  signInLink: { takes: 'LinkRequest', gives: 'LinkCode' },
  health: {},
  ready: {},
  metrics: { as: 'text/plain' },
  openapi: {},
  asyncapi: {},
}

export function openapiOf(app: AppDefinition, version: string): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {}
  for (const name of Object.keys(doors) as DoorName[]) {
    const door = doors[name]
    const path = door.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [door.method.toLowerCase()]: operation(name, door, app) }
  }
  const events = Object.fromEntries(sendableEvents(app).map((event) => [`event.${event.name}`, eventSchema(event)]))
  return {
    openapi: '3.1.0',
    info: { title: `${app.name} on Battuta`, version: `${packageVersion}+${version}` },
    paths,
    components: {
      schemas: { ...wireSchemas, ...events, Event: { oneOf: Object.keys(events).map(ref) } },
      securitySchemes: { key: { type: 'http', scheme: 'bearer' }, cookie: { type: 'apiKey', in: 'cookie', name: 'battuta_session' } },
    },
  }
}

function operation(name: DoorName, door: Door, app: AppDefinition): JsonSchema {
  const shape = shapes[name]
  const problem = { description: 'a problem document', content: { 'application/problem+json': { schema: ref('Problem') } } }
  const content = { [shape.as ?? 'application/json']: { schema: shape.gives === undefined ? {} : ref(shape.gives) } }
  return {
    operationId: name,
    summary: door.summary,
    ...(door.roles === null ? {} : { security: [{ key: [] }, { cookie: [] }], 'x-roles': door.roles }),
    parameters: [
      ...pathParameters(door, app),
      ...(shape.query ?? []).map((query) => ({ name: query, in: 'query', schema: { type: query === 'limit' ? 'integer' : 'string' } })),
    ],
    ...requestBody(name, door, shape.takes),
    responses: { [String(shape.status ?? 200)]: shape.status === 204 ? { description: 'done' } : { description: door.summary, content }, default: problem },
  }
}

/** Where the app names what a segment can be, the document says so. */
function pathParameters(door: Door, app: AppDefinition): JsonSchema[] {
  const names = door.path.startsWith('/v1/models/') ? Object.keys(app.models) : []
  const known: Readonly<Record<string, readonly string[]>> = { policy: Object.keys(app.policies), name: names }
  return [...door.path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', ...(known[name]?.length ? { enum: known[name] } : {}) },
  }))
}

function requestBody(name: DoorName, { body }: Door, takes: string | undefined): { readonly requestBody?: JsonSchema } {
  if (name === 'attach') return { requestBody: { required: true, content: Object.fromEntries(attachmentTypes.map((type) => [type, {}])) } }
  if (name === 'webhookIn') return { requestBody: { required: true, content: { 'application/json': {} } } }
  return takes === undefined ? {} : { requestBody: { required: body !== 'json?', content: bodyContent(name, takes) } }
}

function bodyContent(name: DoorName, takes: string): JsonSchema {
  if (name !== 'events') return { 'application/json': { schema: ref(takes) } }
  return {
    'application/cloudevents+json': { schema: ref(takes) },
    'application/cloudevents-batch+json': { schema: { type: 'array', items: ref(takes) } },
    'application/json': { schema: ref(takes) },
  }
}
