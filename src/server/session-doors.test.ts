import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openBrowserSessions, sessionMsMax } from './browser-session.ts'
import type { PersonReply } from '../definition/index.ts'
import { addPerson, adminKey, cheap, memoryDirectory, memorySettings, movedWorld, openTestServer } from './fixture.ts'
import type { MovedWorld, TestServer } from './fixture.ts'
import { openPasswords } from './passwords.ts'
import { openPeople } from './people.ts'
import type { People } from './people.ts'

const peopleIn = (world: MovedWorld): Promise<People> => openPeople(world, memoryDirectory(), openPasswords(world, cheap))

test('B1 a link code signs in once, into a cookie that scripts cannot read', async () => {
  const server = await openTestServer()
  try {
    const { code } = server.sessions.newCode()
    const first = await server.fetch('/v1/session', { method: 'POST', json: { code } })
    assert.equal(first.status, 200)
    assert.match(first.headers.get('set-cookie') ?? '', /^battuta_session=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/)
    const again = await server.fetch('/v1/session', { method: 'POST', json: { code } })
    assert.equal(again.status, 401)
    assert.equal(((await again.json()) as { code: string }).code, 'LINK_CODE_INVALID')
  } finally {
    await server.close()
  }
})

test('behind TLS the cookie never travels without it', async () => {
  const server = await openTestServer()
  try {
    const { code } = server.sessions.newCode()
    const reply = await server.fetch('/v1/session', { method: 'POST', json: { code }, headers: { origin: server.url.replace('http:', 'https:') } })
    assert.match(reply.headers.get('set-cookie') ?? '', /; Secure$/)
  } finally {
    await server.close()
  }
})

test('B2 a session that was ended stays ended after a restart', async () => {
  const world = movedWorld()
  const settings = memorySettings()
  const secret = new Uint8Array(32).fill(7)
  const sessions = await openBrowserSessions(world, secret, settings, await peopleIn(world))
  const session = sessions.redeem(sessions.newCode().code)
  const cookie = sessions.cookieOf(session)
  const kept = sessions.cookieOf(sessions.redeem(sessions.newCode().code))
  await sessions.end(session)
  const restarted = await openBrowserSessions(world, secret, settings, await peopleIn(world))
  assert.equal(restarted.read(cookie), null)
  assert.notEqual(restarted.read(kept), null)
  world.pass(sessionMsMax)
  assert.equal(restarted.read(kept), null)
})

test('B1 a code is refused after its time', async () => {
  const world = movedWorld()
  const sessions = await openBrowserSessions(world, new Uint8Array(32), memorySettings(), await peopleIn(world))
  const { code, expiresAt } = sessions.newCode()
  world.pass(expiresAt - world.now())
  assert.throws(() => sessions.redeem(code), /too old/)
})

test('signing out ends the session for good', async () => {
  const server = await openTestServer()
  try {
    const { cookie, csrf } = await server.signIn()
    const headers = { cookie, 'x-battuta-csrf': csrf }
    assert.equal((await server.fetch('/v1/session', { headers })).status, 200)
    assert.equal((await server.fetch('/v1/session', { method: 'DELETE', headers })).status, 204)
    assert.equal((await server.fetch('/v1/session', { headers })).status, 401)
  } finally {
    await server.close()
  }
})

test('guessing link codes is slowed down', async () => {
  const server = await openTestServer()
  try {
    const codes = new Set<number>()
    for (let i = 0; i < 25; i++) codes.add((await server.fetch('/v1/session', { method: 'POST', json: { code: `guess-${i}` } })).status)
    assert.deepEqual([...codes], [401, 429])
  } finally {
    await server.close()
  }
})

test('an admin gets a new link code, which signs in', async () => {
  const server = await openTestServer()
  try {
    const { code } = (await (await server.fetch('/v1/session/links', { method: 'POST', key: adminKey, json: {} })).json()) as { code: string }
    assert.equal((await server.fetch('/v1/session', { method: 'POST', json: { code } })).status, 200)
  } finally {
    await server.close()
  }
})

interface Session {
  role: string
  person: PersonReply | null
  csrf: string
  expiresAt: number
}

async function withServer(work: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await openTestServer()
  try {
    await work(server)
  } finally {
    await server.close()
  }
}

const password = 'correct horse'
const signIn = (server: TestServer, name: string, given: string): Promise<Response> =>
  server.fetch('/v1/session', { method: 'POST', json: { name, password: given } })
const cookieOf = (reply: Response): string => (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? ''

test('a name and its password sign a person in as themself', () =>
  withServer(async (server) => {
    const ana = await addPerson(server, { name: 'Ana', role: 'supervisor', password })
    const reply = await signIn(server, 'ana', password)
    const session = (await reply.json()) as Session
    assert.deepEqual([session.role, session.person], ['supervisor', ana])
    assert.deepEqual(await (await server.fetch('/v1/session', { headers: { cookie: cookieOf(reply) } })).json(), session)
    assert.equal((await signIn(server, 'Ana', 'wrong horse')).status, 401)
    assert.equal(((await (await signIn(server, 'Nobody', password)).json()) as { code: string }).code, 'CREDENTIALS_INVALID')
  }))

test('a link for a person signs in as that person, once', () =>
  withServer(async (server) => {
    const { id } = await addPerson(server, { name: 'Ana' })
    const link = await server.fetch('/v1/session/links', { method: 'POST', key: adminKey, json: { person: id } })
    const { code } = (await link.json()) as { code: string }
    const reply = await server.fetch('/v1/session', { method: 'POST', json: { code } })
    assert.equal(((await reply.json()) as Session).person?.id, id)
    assert.equal((await server.fetch('/v1/session', { method: 'POST', json: { code } })).status, 401)
    assert.equal((await server.fetch('/v1/session/links', { method: 'POST', key: adminKey, json: { person: 'person:nobody' } })).status, 404)
  }))

test('B4 a link for an account that was closed opens nothing', () =>
  withServer(async (server) => {
    const { id } = await addPerson(server, { name: 'Ana' })
    const { code } = server.sessions.newCode(id)
    await server.people.close(id)
    assert.equal((await server.fetch('/v1/session', { method: 'POST', json: { code } })).status, 401)
  }))

test('B4 closing an account, its new password and its new role end its sessions with the reply', () =>
  withServer(async (server) => {
    const { id } = await addPerson(server, { name: 'Ana', password })
    const statusWith = async (cookie: string): Promise<number> => (await server.fetch('/v1/session', { headers: { cookie } })).status
    for (const json of [{ password: 'another password' }, { role: 'supervisor' }]) {
      const { cookie } = await server.signIn(id)
      assert.equal(await statusWith(cookie), 200)
      assert.equal((await server.fetch(`/v1/people/${id}`, { method: 'PUT', key: adminKey, json })).status, 200)
      assert.equal(await statusWith(cookie), 401)
    }
    const { cookie } = await server.signIn(id)
    assert.equal((await server.fetch(`/v1/people/${id}`, { method: 'DELETE', key: adminKey })).status, 204)
    assert.equal(await statusWith(cookie), 401)
    assert.equal((await signIn(server, 'Ana', 'another password')).status, 401)
  }))

test('B4 whoever holds a session open hears of its end once, and of no other’s', async () => {
  const world = movedWorld()
  const people = await peopleIn(world)
  const { id } = await people.create({ name: 'Ana', role: 'desk', skills: [], capacity: 1, password: null })
  const sessions = await openBrowserSessions(world, new Uint8Array(32), memorySettings(), people)
  const heard: string[] = []
  const [first, second, admin] = [sessions.begin(people.get(id)), sessions.begin(people.get(id)), sessions.begin(null)]
  sessions.hold(first, () => heard.push('first'))
  sessions.hold(first, () => heard.push('first again'))
  sessions.hold(second, () => heard.push('second'))
  sessions.hold(admin, () => heard.push('admin'))
  sessions.hold(second, () => heard.push('left'))()
  await sessions.end(first)
  assert.deepEqual(heard, ['first', 'first again'])
  await people.change(id, { capacity: 2 })
  assert.equal(heard.length, 2)
  await people.close(id)
  assert.deepEqual(heard.slice(2), ['second'])
  await sessions.end(admin)
  assert.deepEqual(heard.slice(3), ['admin'])
})

test('B2 a session that is held ends at its time', async () => {
  const timers: { at: number; callback: () => void }[] = []
  const clock = movedWorld()
  const world = { ...clock, setTimer: (at: number, callback: () => void) => (timers.push({ at, callback }), { cancel: () => {} }) }
  const sessions = await openBrowserSessions(world, new Uint8Array(32), memorySettings(), await peopleIn(world))
  let isOver = false
  sessions.hold(sessions.begin(null), () => (isOver = true))
  clock.pass(sessionMsMax)
  for (const { callback } of timers) callback()
  assert.equal(isOver, true)
  assert((timers[0]?.at ?? 0) > sessionMsMax - 1_000)
})

test('a name that was guessed at too often is not looked at for a while, not even with the right password', () =>
  withServer(async (server) => {
    await addPerson(server, { name: 'Ana', password })
    await addPerson(server, { name: 'Ben', password })
    const statuses: number[] = []
    for (let i = 0; i < 11; i++) statuses.push((await signIn(server, 'Ana', `guess ${i}`)).status)
    assert.deepEqual(new Set(statuses.slice(0, 10)), new Set([401]))
    assert.equal(statuses[10], 429)
    assert.equal((await signIn(server, 'Ana', password)).status, 429)
    assert.equal((await signIn(server, 'Ben', password)).status, 200)
    server.world.pass(60_000)
    assert.equal((await signIn(server, 'Ana', password)).status, 200)
  }))

test('signing in rightly is never slowed down', () =>
  withServer(async (server) => {
    await addPerson(server, { name: 'Ana', password })
    for (let i = 0; i < 25; i++) assert.equal((await signIn(server, 'Ana', password)).status, 200)
  }))

test('a page of another site can neither sign in nor try to', () =>
  withServer(async (server) => {
    const reply = await server.fetch('/v1/session', { method: 'POST', json: { name: 'Ana', password }, headers: { origin: 'https://evil.example' } })
    assert.equal(((await reply.json()) as { code: string }).code, 'ORIGIN_REFUSED')
  }))
