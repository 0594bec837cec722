/** Every door × everybody × what is theirs and what is somebody else's, written out: the table of doors is checked by it. */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import { doors } from './doors.ts'
import type { Door, DoorName } from './doors.ts'
import { addPerson, adminKey, openTestServer } from './fixture.ts'
import type { TestServer } from './fixture.ts'

/** Columns of the matrix. People and the admin of a link come by cookie, the others by a bearer token. */
const visitors = ['nobody', 'customer', 'desk', 'supervisor', 'service', 'adminKey', 'adminLink', 'adminPerson'] as const
type Visitor = (typeof visitors)[number]
const people: Partial<Record<Visitor, string>> = { desk: 'person:ana', supervisor: 'person:sam', adminPerson: 'person:ada' }
type Whose = 'own' | 'other'

type Row = { readonly any: string } | { readonly own: string; readonly other: string }

const everybody = (status: number): Row => ({ any: Array.from(visitors, () => status).join(' ') })
const overseen = { own: '401 403 200 200 200 200 200 200', other: '401 403 404 200 200 200 200 200' }
const moved = { own: '401 403 204 204 204 204 204 204', other: '401 403 404 204 204 204 204 204' }
const answered = { own: '401 403 204 204 204 204 403 204', other: '401 403 409 409 403 204 403 409' }

const matrix: Readonly<Record<DoorName, Row>> = {
  //                     nobody customer desk supervisor service adminKey adminLink adminPerson
  events: { own: '401 202 403 403 202 202 202 202', other: '401 404 403 403 202 202 202 202' },
  customer: overseen,
  features: overseen,
  timeline: overseen,
  decide: { any: '401 403 403 403 200 200 200 200' },
  decisions: overseen,
  decision: overseen,
  replay: { any: '401 403 403 200 200 200 200 200' },
  infer: { any: '401 403 403 403 200 200 200 200' },
  conversations: { any: '401 403 200 200 200 200 200 200' },
  conversation: overseen,
  say: { own: '401 403 200 200 200 200 403 200', other: '401 403 404 403 200 200 403 403' },
  note: moved,
  handOff: moved,
  resolve: moved,
  attach: { own: '401 201 201 201 201 201 403 201', other: '401 404 404 403 201 201 403 403' },
  attachment: { own: '401 200 200 200 200 200 200 200', other: '401 404 404 200 200 200 200 200' },
  queues: { any: '401 403 200 200 200 200 200 200' },
  workers: { any: '401 403 200 200 200 200 200 200' },
  presence: { own: '401 403 204 204 204 204 204 204', other: '401 403 403 204 403 204 204 204' },
  acceptReservation: { own: '401 403 200 200 200 200 403 200', other: '401 403 409 409 403 200 403 409' },
  rejectReservation: answered,
  completeReservation: answered,
  chatSession: everybody(200),
  live: { any: '401 403 403 200 200 200 200 200' },
  signIn: everybody(200),
  session: { any: '401 403 200 200 403 200 200 200' },
  signOut: { any: '401 403 204 204 403 204 204 204' },
  signInLink: { any: '401 403 403 403 403 200 200 200' },
  people: { any: '401 403 403 200 403 200 200 200' },
  addPerson: { any: '401 403 403 403 403 201 201 201' },
  changePerson: { own: '401 403 403 403 403 200 200 200', other: '401 403 403 403 403 200 200 200' },
  closePerson: { own: '401 403 403 403 403 204 204 204', other: '401 403 403 403 403 204 204 204' },
  webhooks: { any: '401 403 403 403 403 200 200 200' },
  putWebhook: { any: '401 403 403 403 403 200 200 200' },
  deleteWebhook: { any: '401 403 403 403 403 204 204 204' },
  webhookIn: everybody(200),
  health: everybody(200),
  ready: everybody(200),
  metrics: everybody(200),
  openapi: everybody(200),
  asyncapi: everybody(200),
}

interface Scene {
  readonly server: TestServer
  /** The attachment of a conversation. */
  readonly files: ReadonlyMap<string, string>
  readonly sessions: Map<Visitor, { readonly cookie: string; readonly csrf: string }>
}

const png = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

async function openScene(): Promise<Scene> {
  const server = await openTestServer()
  await addPerson(server, { name: 'Ana', skills: ['cards'] })
  await addPerson(server, { name: 'Ben', skills: ['loans'] })
  await addPerson(server, { name: 'Sam', role: 'supervisor' })
  await addPerson(server, { name: 'Ada', role: 'admin' })
  const { attachments } = server.http.house.parts()
  const files = new Map<string, string>()
  for (const conversation of ['conv_ana', 'conv_ben', 'conv_sam', 'conv_ada', 'conv_cookie:1']) {
    const kept = await attachments.keep({ conversation, name: 'a.png', contentType: 'image/png', bytes: png, by: 'test' })
    files.set(conversation, kept.id)
  }
  return { server, files, sessions: new Map() }
}

const workerOf = (visitor: Visitor, whose: Whose): string =>
  whose === 'other' ? 'person:ben' : (people[visitor] ?? (visitor === 'service' || visitor === 'adminKey' ? 'webhook:partner' : 'person:ana'))

function conversationOf(visitor: Visitor, whose: Whose): string {
  if (visitor === 'customer' && whose === 'own') return 'conv_cookie:1'
  return whose === 'other' ? 'conv_ben' : (people[visitor] ?? 'person:ana').replace('person:', 'conv_')
}

/** What stands for `:id` or `:name` in the path of a door. */
function objectOf(name: DoorName, visitor: Visitor, whose: Whose, { files }: Scene): string {
  const { path } = doors[name]
  if (path.startsWith('/v1/conversations')) return conversationOf(visitor, whose)
  if (path.startsWith('/v1/customers')) return whose === 'own' ? 'user:ana' : 'user:ben'
  if (path.startsWith('/v1/attachments')) return files.get(conversationOf(visitor, whose)) ?? 'none'
  if (path.startsWith('/v1/reservations')) return `res_${workerOf(visitor, whose)}`
  if (path.startsWith('/v1/workers')) return workerOf(visitor, whose)
  if (path.startsWith('/v1/people')) return workerOf(visitor, whose).replace('webhook:partner', 'person:ana')
  if (path.startsWith('/v1/webhooks')) return 'partner'
  if (path.startsWith('/v1/models')) return 'intent'
  return whose === 'own' ? 'dec_1' : 'dec_2'
}

let count = 0

function bodyOf(name: DoorName, visitor: Visitor, whose: Whose, { server }: Scene): unknown {
  const byKey = visitor === 'service' || visitor === 'adminKey'
  const worker = byKey ? { worker: workerOf(visitor, whose) } : {}
  const bodies: Partial<Record<DoorName, () => unknown>> = {
    events: () => ({
      specversion: '1.0',
      id: '1',
      source: 's',
      type: 'message.received',
      subject: 'cookie:1',
      data: { text: 'hi', conversation: whose === 'own' ? 'conv_cookie:1' : 'conv_cookie:2' },
    }),
    decide: () => ({ customer: 'user:1', input: {} }),
    infer: () => ({ input: { text: 'where is my card' } }),
    say: () => ({ epoch: 3, id: 'm1', text: 'hello' }),
    note: () => ({ id: 'n1', text: 'a note' }),
    handOff: () => ({ epoch: 3, to: { kind: 'queue', queue: 'cards' } }),
    resolve: () => ({ epoch: 3, wrapUpCode: 'solved' }),
    presence: () => ({ state: 'away' }),
    acceptReservation: () => worker,
    rejectReservation: () => worker,
    completeReservation: () => ({ ...worker, wrapUpCode: 'solved' }),
    signIn: () => ({ code: server.sessions.newCode().code }),
    addPerson: () => ({ name: `Person ${++count}`, role: 'desk' }),
    changePerson: () => ({ capacity: 4 }),
    putWebhook: () => ({ url: 'https://partner.example/in', kind: 'desk' }),
  }
  return bodies[name]?.() ?? {}
}

/** A cookie comes from our own page, with its CSRF token where something changes. */
async function credentials(visitor: Visitor, door: Door, { server, sessions }: Scene): Promise<Record<string, string>> {
  if (visitor === 'nobody') return {}
  if (visitor === 'customer') return { authorization: `Bearer ${server.chatToken('cookie:1')}` }
  if (visitor === 'service') return { authorization: `Bearer ${server.serviceKey}` }
  if (visitor === 'adminKey') return { authorization: `Bearer ${adminKey}` }
  const { cookie, csrf } = sessions.get(visitor) ?? (await server.signIn(people[visitor]))
  sessions.set(visitor, { cookie, csrf })
  if (door === doors.signOut) sessions.delete(visitor)
  return { cookie, ...(door.method === 'GET' ? {} : { 'x-battuta-csrf': csrf }) }
}

interface Call {
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer>
}

async function callOf(name: DoorName, visitor: Visitor, whose: Whose, scene: Scene): Promise<Call> {
  const door = doors[name]
  const { method } = door
  const headers = await credentials(visitor, door, scene)
  const path = door.path.replace(/:\w+/, encodeURIComponent(objectOf(name, visitor, whose, scene))) + queryOf(name, visitor, whose)
  if (door.body === undefined) return { path, method, headers }
  if (name === 'attach') return { path, method, headers: { ...headers, 'content-type': 'image/png' }, body: new Uint8Array(png) }
  const signed = name === 'webhookIn' ? { 'webhook-signature': 'right' } : {}
  return { path, method, headers: { ...headers, ...signed, 'content-type': 'application/json' }, body: JSON.stringify(bodyOf(name, visitor, whose, scene)) }
}

function queryOf(name: DoorName, visitor: Visitor, whose: Whose): string {
  if (name === 'decisions') return `?customer=${whose === 'own' ? 'user:ana' : 'user:ben'}`
  return name === 'attach' ? `?conversation=${conversationOf(visitor, whose)}` : ''
}

async function send({ server }: Scene, { path, method, headers, body }: Call): Promise<{ status: number; code: string | null }> {
  const abort = new AbortController()
  const reply = await fetch(server.url + path, { method, headers, signal: abort.signal, ...(body === undefined ? {} : { body }) })
  const isProblem = reply.headers.get('content-type')?.startsWith('application/problem+json') ?? false
  const code = isProblem ? ((await reply.json()) as { code: string }).code : null
  // The live feed never ends by itself.
  abort.abort()
  return { status: reply.status, code }
}

let shared: Scene
before(async () => {
  shared = await openScene()
})
after(() => shared.server.close())

for (const name of Object.keys(doors) as DoorName[]) {
  const row: Row | undefined = matrix[name]
  test(`${doors[name].method} ${doors[name].path} answers everybody as the matrix says`, async () => {
    assert(row !== undefined, 'a door without a row in the matrix is a door that nobody thought about')
    for (const [whose, expected] of 'any' in row
      ? ([['own', row.any]] as const)
      : ([
          ['own', row.own],
          ['other', row.other],
        ] as const)) {
      const statuses: number[] = []
      for (const visitor of visitors) {
        // Closing an account changes who there is.
        const scene = name === 'closePerson' ? await openScene() : shared
        try {
          statuses.push((await send(scene, await callOf(name, visitor, whose, scene))).status)
        } finally {
          if (scene !== shared) await scene.server.close()
        }
      }
      assert.equal(statuses.join(' '), expected, `${whose}: ${visitors.join(' ')}`)
    }
  })
}

test('the matrix has no row for a door that is not there', () => {
  assert.deepEqual(Object.keys(matrix).sort(), Object.keys(doors).sort())
})

/** Doors that take a cookie, and those of them that change something. */
const byCookie = (Object.keys(doors) as DoorName[]).filter((name) => doors[name].roles?.includes('admin'))
const changing = byCookie.filter((name) => doors[name].method !== 'GET')

test('A1 no door changes anything by a cookie alone, or with another session’s CSRF token', async () => {
  const { csrf: stranger } = await shared.server.signIn('person:ada')
  for (const name of changing) {
    const call = await callOf(name, 'adminPerson', 'own', shared)
    const { 'x-battuta-csrf': _own, ...headers } = call.headers
    for (const token of [null, '', stranger]) {
      const given: Record<string, string> = token === null ? {} : { 'x-battuta-csrf': token }
      assert.deepEqual(await send(shared, { ...call, headers: { ...headers, ...given } }), { status: 403, code: 'CSRF_REQUIRED' }, name)
    }
  }
})

test('A1 no door takes a cookie from a page of another site', async () => {
  const places: readonly (readonly [string, string])[] = [
    ['origin', 'https://evil.example'],
    ['origin', 'https://shop.example'],
    ['origin', 'null'],
    ['sec-fetch-site', 'cross-site'],
  ]
  for (const name of byCookie)
    for (const [header, from] of places) {
      const call = await callOf(name, 'adminPerson', 'own', shared)
      assert.deepEqual(await send(shared, { ...call, headers: { ...call.headers, [header]: from } }), { status: 403, code: 'ORIGIN_REFUSED' }, name)
    }
})

test('S2 no door answers to a Host that is not ours, whoever asks', async () => {
  for (const name of Object.keys(doors) as DoorName[]) {
    const { path, method, headers } = await callOf(name, 'adminKey', 'own', shared)
    const status = await new Promise<number>((resolve, reject) => {
      request(shared.server.url + path, { method, headers: { ...headers, host: 'evil.example' } }, (reply) => {
        reply.resume()
        resolve(reply.statusCode ?? 0)
      })
        .on('error', reject)
        .end()
    })
    assert.equal(status, 403, name)
  }
})

test('no door takes the cookie of a closed account or of a session that has expired', async () => {
  const scene = await openScene()
  try {
    const { server } = scene
    const closed = await server.signIn('person:ada')
    await server.people.close('person:ada')
    const expired = await server.signIn()
    server.world.pass(12 * 3_600_000)
    for (const name of byCookie) {
      const call = await callOf(name, 'nobody', 'own', scene)
      for (const { cookie, csrf } of [closed, expired])
        assert.equal((await send(scene, { ...call, headers: { ...call.headers, cookie, 'x-battuta-csrf': csrf } })).status, 401, name)
    }
  } finally {
    await scene.server.close()
  }
})
