import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { doors } from './doors.ts'
import type { DoorName } from './doors.ts'
import { adminKey, openTestServer } from './fixture.ts'
import type { TestServer } from './fixture.ts'

let server: TestServer
before(async () => {
  server = await openTestServer()
})
after(() => server.close())

/** Who gets in: n nobody, c chat token, s service key, a admin key, k cookie. Written out, so that the table of doors is checked by it. */
const expected: Readonly<Record<DoorName, string>> = {
  events: 'csak',
  customer: 'sak',
  features: 'sak',
  timeline: 'sak',
  decide: 'sak',
  decisions: 'sak',
  decision: 'sak',
  replay: 'sak',
  infer: 'sak',
  chatSession: 'ncsak',
  live: 'sak',
  signIn: 'ncsak',
  session: 'ak',
  signOut: 'ak',
  signInLink: 'ak',
  health: 'ncsak',
  ready: 'ncsak',
  metrics: 'ncsak',
  openapi: 'ncsak',
  asyncapi: 'ncsak',
}

const bodies: Partial<Record<DoorName, () => unknown>> = {
  events: () => ({ specversion: '1.0', id: '1', source: 's', type: 'message.received', subject: 'cookie:1', data: { text: 'hi' } }),
  decide: () => ({ customer: 'user:1', input: {} }),
  infer: () => ({ input: { text: 'where is my card' } }),
  signIn: () => ({ code: server.sessions.newCode().code }),
}

async function statusOf(name: DoorName, who: string): Promise<number> {
  const door = doors[name]
  const headers: Record<string, string> = {}
  if (who === 'k') {
    const { cookie, csrf } = await server.signIn()
    headers['cookie'] = cookie
    if (door.method !== 'GET') headers['x-battuta-csrf'] = csrf
  }
  if (who === 's') headers['authorization'] = `Bearer ${server.serviceKey}`
  if (who === 'a') headers['authorization'] = `Bearer ${adminKey}`
  if (who === 'c') headers['authorization'] = `Bearer ${server.chatToken()}`
  const abort = new AbortController()
  const body = door.body === undefined ? undefined : (bodies[name]?.() ?? {})
  const reply = await server.fetch(door.path.replace(/:\w+/, name === 'infer' ? 'intent' : 'x1'), {
    method: door.method,
    headers,
    json: body,
    signal: abort.signal,
  })
  abort.abort()
  return reply.status
}

for (const name of Object.keys(doors) as DoorName[]) {
  test(`${doors[name].method} ${doors[name].path} lets in ${expected[name]} of n, c, s, a, k`, async () => {
    for (const who of 'ncsak') {
      const status = await statusOf(name, who)
      const allowed = expected[name].includes(who)
      const refusal = who === 'n' ? 401 : 403
      assert.equal(allowed ? status < 300 : status === refusal, true, `${who} got ${status}`)
    }
  })
}

test('a chat token speaks as its customer and as nobody else', async () => {
  await server.fetch('/v1/events', { method: 'POST', key: server.chatToken('cookie:7'), json: bodies.events?.() })
  assert.deepEqual(server.asked.findLast(({ call }) => call === 'accept')?.args[1], { role: 'customer', customer: 'cookie:7' })
})

test('a chat token reaches no conversation but its own through the door for events', async () => {
  const send = (conversation: string): Promise<Response> =>
    server.fetch('/v1/events', { method: 'POST', key: server.chatToken('cookie:7'), json: { type: 'message.received', data: { text: 'hi', conversation } } })
  assert.equal((await send('conv_cookie:7')).status, 202)
  const refused = await send('conv_cookie:8')
  assert.equal(refused.status, 404)
  assert.equal(((await refused.json()) as { code: string }).code, 'CONVERSATION_UNKNOWN')
})

test('credentials that are there and wrong are refused, not ignored', async () => {
  const own = server.chatToken()
  const forged = `${own.slice(0, -4)}AAAA`
  for (const key of ['nonsense', '', forged]) {
    const reply = await server.fetch('/v1/decisions', { headers: { authorization: `Bearer ${key}` } })
    assert.equal(reply.status, 401)
  }
  assert.equal((await server.fetch('/v1/decisions', { headers: { authorization: `Basic ${adminKey}` } })).status, 401)
})

test('A1 a cookie changes something only with its own CSRF token', async () => {
  const [mine, other] = [await server.signIn(), await server.signIn()]
  const send = (csrf?: string): Promise<Response> =>
    server.fetch('/v1/decisions/d1/replay', {
      method: 'POST',
      headers: { cookie: mine.cookie, ...(csrf === undefined ? {} : { 'x-battuta-csrf': csrf }) },
      json: {},
    })
  assert.equal(((await (await send()).json()) as { code: string }).code, 'CSRF_REQUIRED')
  assert.equal((await send(other.csrf)).status, 403)
  assert.equal((await send(mine.csrf)).status, 200)
})

test('A1 a cookie is worth nothing on a request of another site', async () => {
  const { cookie } = await server.signIn()
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }]) {
    const reply = await server.fetch('/v1/decisions', { headers: { cookie, ...(headers as Record<string, string>) } })
    assert.equal(((await reply.json()) as { code: string }).code, 'ORIGIN_REFUSED')
  }
  assert.equal((await server.fetch('/v1/decisions', { headers: { cookie, origin: server.url } })).status, 200)
})

test('A2 with a bearer token the cookie is not looked at', async () => {
  const { cookie } = await server.signIn()
  assert.equal((await server.fetch('/v1/session', { headers: { cookie, authorization: `Bearer ${server.serviceKey}` } })).status, 403)
})
