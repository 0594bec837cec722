import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openBrowserSessions, sessionMsMax } from './browser-session.ts'
import { adminKey, memorySettings, movedWorld, openTestServer } from './fixture.ts'

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
  const sessions = await openBrowserSessions(world, secret, settings)
  const session = sessions.redeem(sessions.newCode().code)
  const cookie = sessions.cookieOf(session)
  const kept = sessions.cookieOf(sessions.redeem(sessions.newCode().code))
  await sessions.end(session)
  const restarted = await openBrowserSessions(world, secret, settings)
  assert.equal(restarted.read(cookie), null)
  assert.notEqual(restarted.read(kept), null)
  world.pass(sessionMsMax)
  assert.equal(restarted.read(kept), null)
})

test('B1 a code is refused after its time', async () => {
  const world = movedWorld()
  const sessions = await openBrowserSessions(world, new Uint8Array(32), memorySettings())
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
