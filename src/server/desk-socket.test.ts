import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import { identifyDesk } from './desk-socket.ts'
import { addPerson, adminKey, openTestServer, shopOrigin } from './fixture.ts'
import type { TestServer } from './fixture.ts'

let server: TestServer
before(async () => {
  server = await openTestServer()
})
after(() => server.close())

async function open(headers: Record<string, string>): Promise<WebSocket> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/desk`, { headers })
  await once(socket, 'open')
  return socket
}

async function refusal(headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/desk`, { headers })
  socket.on('error', () => {})
  const [, reply] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number; resume: () => void }]
  reply.resume()
  socket.terminate()
  return reply.statusCode
}

const heard = (call: string): readonly (readonly unknown[])[] => server.asked.filter((asked) => asked.call === call).map(({ args }) => args)

async function closing(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, 'close')) as [number]
  return code
}

test('a cookie opens the desk as its person, and frames go both ways', async () => {
  const { id } = await addPerson(server, { name: 'Ana' })
  const { cookie } = await server.signIn(id)
  const socket = await open({ cookie, origin: server.url })
  socket.send('{"type":"hello"}')
  const [answer] = (await once(socket, 'message')) as [Buffer]
  assert.deepEqual(JSON.parse(String(answer)), { type: 'done', ref: '{"type":"hello"}' })
  assert.deepEqual(heard('desk open').at(-1), [id])
  socket.close()
  await once(socket, 'close')
})

test('without a cookie of a person, whoever it is must say so in their hello', async () => {
  const { cookie } = await server.signIn()
  const given: readonly Record<string, string>[] = [{}, { cookie }, { cookie: 'battuta_session=forged.seal' }]
  for (const headers of given) {
    const socket = await open(headers)
    assert.deepEqual(heard('desk open').at(-1), [null])
    socket.close()
    await once(socket, 'close')
  }
})

test('the desk is refused to every other origin, listed ones too, and to other hosts', async () => {
  const { id } = await addPerson(server, { name: 'Olga' })
  const { cookie } = await server.signIn(id)
  assert.equal(await refusal({ cookie, origin: shopOrigin }), 403)
  assert.equal(await refusal({ cookie, origin: 'https://evil.example' }), 403)
  assert.equal(await refusal({ cookie, origin: 'null' }), 403)
  assert.equal(await refusal({ cookie, host: 'evil.example' }), 403)
})

test('a session that ends closes its sockets, and says why', async () => {
  const ends: ((id: string, session: { cookie: string; csrf: string }) => Promise<unknown>)[] = [
    (_id, { cookie, csrf }) => server.fetch('/v1/session', { method: 'DELETE', headers: { cookie, 'x-battuta-csrf': csrf } }),
    (id) => server.fetch(`/v1/people/${id}`, { method: 'PUT', key: adminKey, json: { password: 'a new password' } }),
    (id) => server.fetch(`/v1/people/${id}`, { method: 'DELETE', key: adminKey }),
  ]
  const { id } = await addPerson(server, { name: 'Ben' })
  const { id: other } = await addPerson(server, { name: 'Other' })
  const kept = await open({ cookie: (await server.signIn(other)).cookie })
  for (const end of ends) {
    const session = await server.signIn(id)
    const sockets = [await open({ cookie: session.cookie }), await open({ cookie: session.cookie })]
    const told = sockets.map((socket) => once(socket, 'message'))
    const closed = sockets.map(closing)
    await end(id, session)
    assert.deepEqual(await Promise.all(closed), [1008, 1008])
    const [[frame]] = (await Promise.all(told)) as [[Buffer]]
    assert.equal((JSON.parse(String(frame)) as { code: string }).code, 'UNAUTHENTICATED')
  }
  assert.equal(kept.readyState, WebSocket.OPEN)
  kept.close()
  await once(kept, 'close')
})

test('a change of skills asks the desk to come back, and reaches routing', async () => {
  const { id } = await addPerson(server, { name: 'Ana' }).catch(() => ({ id: 'person:ana' }))
  const { cookie } = await server.signIn(id)
  const socket = await open({ cookie })
  const closed = closing(socket)
  await server.fetch(`/v1/people/${id}`, { method: 'PUT', key: adminKey, json: { skills: ['loans', 'loans'] } })
  assert.equal(await closed, 1012)
  const [presence] = heard('presence').at(-1) ?? []
  assert.deepEqual(presence, { id, name: 'Ana', kind: 'human', skills: ['loans'], capacity: 3, state: 'available' })
  const again = await open({ cookie })
  again.close()
  await once(again, 'close')
})

test('the admin’s key acts for anybody, a service’s for other systems only', async () => {
  const { id } = await addPerson(server, { name: 'Dan' })
  const { vault, people, webhooks } = server.http.house.parts()
  const identify = (key: string | null, worker: string | null): Promise<string> =>
    identifyDesk({ vault, people, webhooks }, key, worker).then(
      (person) => person.id,
      (error: unknown) => (error as { code: string }).code,
    )
  assert.equal(await identify(adminKey, id), id)
  assert.equal(await identify(server.serviceKey, id), 'FORBIDDEN')
  assert.equal(await identify(server.serviceKey, 'webhook:partner'), 'webhook:partner')
  assert.equal(await identify(adminKey, 'nobody'), 'WORKER_UNKNOWN')
  for (const [key, worker] of [
    [null, id],
    ['guess', id],
    [adminKey, null],
  ] as const)
    assert.equal(await identify(key, worker), 'UNAUTHENTICATED')
})

test('W2 closing the server says goodbye to desks and forgets their sessions', async () => {
  const own = await openTestServer()
  const { id } = await addPerson(own, { name: 'Eva' })
  const { cookie } = await own.signIn(id)
  const socket = new WebSocket(`${own.url.replace('http', 'ws')}/v1/desk`, { headers: { cookie } })
  await once(socket, 'open')
  const closed = closing(socket)
  await own.close()
  assert.equal(await closed, 1001)
  // The server's own end of the socket closes a moment after ours.
  while (!own.asked.some(({ call }) => call === 'desk closed')) await new Promise((resolve) => setImmediate(resolve))
})
