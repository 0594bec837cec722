import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import type { KeptToken } from './kept.ts'
import { Session } from './session.ts'

const day = 86_400_000
const week = 7 * day
const platformFetch = globalThis.fetch
afterEach(() => {
  globalThis.fetch = platformFetch
})

/** A server that hands out tokens t1, t2, … good for a week, and writes down who asked for what. */
function opened(storage: { token: KeptToken | null; forget: () => void } = { token: null, forget() {} }) {
  let now = 0
  const asked: string[] = []
  globalThis.fetch = async (_url, init) => {
    const key = new Headers(init?.headers).get('authorization')
    asked.push([key, init?.body].filter(Boolean).join(' '))
    if (String(init?.body).includes('forged'))
      return Response.json({ code: 'CHAT_TOKEN_INVALID', detail: 'the jwt is signed with another secret' }, { status: 401 })
    return Response.json({ token: `t${asked.length}`, expiresAt: now + week })
  }
  storage.forget = () => void (storage.token = null)
  return { session: new Session('http://door.test', storage, () => now), asked, storage, pass: (ms: number) => void (now += ms) }
}
const jwtOf = (sub: string, more = 'y'): string => `x.${Buffer.from(JSON.stringify({ sub })).toString('base64url')}.${more}`

test('S1 tabs that open at once end up with one token', async () => {
  const storage = { token: null, forget() {} }
  const one = opened(storage)
  const other = new Session('http://door.test', storage, () => 0)
  assert.deepEqual([await one.session.token(false), await other.token(false)], ['t1', 't1'])
  assert.deepEqual(one.asked, ['{}'])
})

test('S2 a token with less than a day left is renewed with itself, and used while that fails', async () => {
  const { session, asked, pass } = opened()
  await session.token(false)
  pass(week - day - 1)
  assert.equal(await session.token(false), 't1')
  pass(2)
  assert.equal(await session.token(false), 't2')
  assert.deepEqual(asked, ['{}', 'Bearer t1 {}'])
  pass(week - day / 2)
  globalThis.fetch = async () => {
    throw new TypeError('no network')
  }
  assert.equal(await session.token(false), 't2')
})

test('S2 a token that has ended, or that the server refused, is replaced; another tab’s newer one is taken over', async () => {
  const { session, asked, pass, storage } = opened()
  await session.token(false)
  assert.equal(await session.token(true), 't2')
  storage.token = { token: 'of the other tab', expiresAt: week, subject: null }
  assert.equal(await session.token(true), 'of the other tab')
  pass(week)
  assert.equal(await session.token(false), 't3')
  assert.deepEqual(asked, ['{}', '{}', '{}'])
})

test('S3 without storage the token lasts as long as the page', async () => {
  const nothing = {
    get token() {
      return null
    },
    set token(_token: KeptToken | null) {},
    forget() {},
  }
  const { asked } = opened()
  const session = new Session('http://door.test', nothing, () => 0)
  assert.deepEqual([await session.token(false), await session.token(false), asked.length], ['t1', 't1', 1])
})

test('who signs in gets a token of their own once, keeps their name through renewals, and leaves none behind', async () => {
  const { session, asked, storage, pass } = opened()
  await session.token(false)
  assert.equal(await session.identify(jwtOf('42')), true)
  assert.equal(await session.identify(jwtOf('42', 'signed anew')), false)
  pass(week - 1_000_000)
  await session.token(false)
  assert.equal(storage.token?.subject, '42')
  assert.equal(await session.identify(jwtOf('43')), true)
  assert.equal(asked.length, 4)
  session.forget()
  assert.equal(storage.token, null)
  await session.token(false)
  assert.equal(asked.at(-1), '{}', 'and is nobody again')
})

test('a refused sign-in changes nothing', async () => {
  const { session } = opened()
  const before = await session.token(false)
  await assert.rejects(session.identify(jwtOf('42', 'forged')), { code: 'CHAT_TOKEN_INVALID' })
  assert.equal(await session.token(false), before)
})
