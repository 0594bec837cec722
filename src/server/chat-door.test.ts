import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import type { ChatServerFrame } from '../definition/index.ts'
import { chatTokenMsMax, customerOfJwt, issueChatToken, readChatToken } from './chat-token.ts'
import { chatSecret, movedWorld, openTestServer, shopOrigin } from './fixture.ts'
import type { TestServer } from './fixture.ts'
import { seal } from './seal.ts'

let server: TestServer
before(async () => {
  server = await openTestServer()
})
after(() => server.close())

interface Session {
  token: string
  conversation: string
  expiresAt: number
}

const open = async (body: unknown, headers: Record<string, string> = {}): Promise<{ reply: Response; session: Session }> => {
  const reply = await server.fetch('/v1/chat/sessions', { method: 'POST', json: body, headers })
  return { reply, session: (await reply.clone().json()) as Session }
}
const jwtOf = (claims: object, secret = chatSecret, header: object = { alg: 'HS256', typ: 'JWT' }): string => {
  const body = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`
}
const claims = (token: string): { customer: string; conversation: string } => readChatToken(server.world, server.vault.secret, token)

/** A socket and the frames it got. */
async function chatSocket(headers: Record<string, string> = {}): Promise<{ socket: WebSocket; next: () => Promise<ChatServerFrame> }> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/chat`, { headers })
  const frames: ChatServerFrame[] = []
  const waiting: ((frame: ChatServerFrame) => void)[] = []
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as ChatServerFrame
    const take = waiting.shift()
    if (take) take(frame)
    else frames.push(frame)
  })
  await once(socket, 'open')
  return { socket, next: () => new Promise((resolve) => (frames.length > 0 ? resolve(frames.shift() as ChatServerFrame) : waiting.push(resolve))) }
}

test('somebody new gets a token for a conversation of their own', async () => {
  const [{ session: one }, { session: other }] = [await open({}), await open({}, { origin: server.url })]
  assert.match(claims(one.token).customer, /^cookie:/)
  assert.equal(claims(one.token).conversation, one.conversation)
  assert.notEqual(one.conversation, other.conversation)
  assert.equal(one.expiresAt > server.world.now(), true)
})

test('a page of another origin gets a token only when its origin is listed, and is told so before it asks', async () => {
  const { reply } = await open({}, { origin: shopOrigin })
  assert.equal(reply.status, 200)
  assert.equal(reply.headers.get('access-control-allow-origin'), shopOrigin)
  const refused = await open({}, { origin: 'https://evil.example' })
  assert.equal(refused.reply.status, 403)
  assert.equal(refused.reply.headers.get('access-control-allow-origin'), null)
  const preflight = (origin: string): Promise<Response> =>
    server.fetch('/v1/chat/sessions', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } })
  assert.equal((await preflight(shopOrigin)).status, 204)
  assert.equal((await preflight('https://evil.example')).status, 403)
})

test('a token renews itself and stays with its customer and conversation', async () => {
  const { session: first } = await open({})
  const { session: again } = await open({}, { authorization: `Bearer ${first.token}` })
  assert.deepEqual(claims(again.token), claims(first.token))
})

test('a customer whom the backend vouches for goes on in the conversation they have open', async () => {
  const exp = Math.floor(server.world.now() / 1000) + 60
  const { session } = await open({ jwt: jwtOf({ sub: 'user:42', exp }) })
  assert.deepEqual(claims(session.token), { customer: 'user:42', conversation: 'conv_open' })
  const { session: fresh } = await open({ jwt: jwtOf({ sub: 'unknown', exp }) })
  assert.equal(claims(fresh.token).customer, 'user:unknown')
  assert.match(claims(fresh.token).conversation, /^conv_/)
})

test('a JWT that proves nothing is refused', async () => {
  const world = movedWorld()
  const now = Math.floor(world.now() / 1000)
  const cases: [string, string | null, RegExp][] = [
    [jwtOf({ sub: '1' }, 'another secret'), chatSecret, /another secret/],
    [jwtOf({ sub: '1' }, chatSecret, { alg: 'none' }), chatSecret, /sign it with HS256/],
    [jwtOf({ sub: '1' }, chatSecret, { alg: 'RS256' }), chatSecret, /sign it with HS256/],
    [jwtOf({ sub: '1', exp: now - 1 }), chatSecret, /expired/],
    [jwtOf({ sub: '1', exp: 'soon' }), chatSecret, /expired/],
    [jwtOf({ sub: '1', nbf: now + 3_600 }), chatSecret, /not valid yet/],
    [jwtOf({}), chatSecret, /must name the customer/],
    [`${jwtOf({ sub: '1' })}.more`, chatSecret, /three parts/],
    ['nonsense', chatSecret, /three parts/],
    [jwtOf({ sub: '1' }), null, /BATTUTA_CHAT_SECRET/],
  ]
  for (const [jwt, secret, message] of cases) assert.throws(() => customerOfJwt(world, secret, jwt), message)
})

test('a chat token is refused after its time, when changed, and when it was sealed for something else', () => {
  const world = movedWorld()
  const secret = new Uint8Array(32).fill(1)
  const { token } = issueChatToken(world, secret, { customer: 'cookie:1', conversation: 'c1' })
  assert.deepEqual(readChatToken(world, secret, token), { customer: 'cookie:1', conversation: 'c1' })
  assert.throws(() => readChatToken(world, new Uint8Array(32).fill(2), token), /not issued here/)
  const swapped = `chat_${Buffer.from(JSON.stringify({ customer: 'user:1', conversation: 'c1', expiresAt: 9e15 })).toString('base64url')}.${token.split('.')[1] ?? ''}`
  assert.throws(() => readChatToken(world, secret, swapped), /not issued here/)
  assert.throws(
    () => readChatToken(world, secret, `chat_${seal(secret, 'session', { customer: 'cookie:1', conversation: 'c1', expiresAt: 9e15 })}`),
    /not issued here/,
  )
  world.pass(chatTokenMsMax)
  assert.throws(() => readChatToken(world, secret, token), /expired/)
})

test('tokens from one address come to an end for a while', async () => {
  const busy = await openTestServer()
  try {
    // However slow the machine: it ends, and not before the burst is used up.
    let given = 0
    for (let status = 200; status === 200; given++) ({ status } = await busy.fetch('/v1/chat/sessions', { method: 'POST', json: {} }))
    assert(given > 300)
    busy.world.pass(1_000)
    assert.equal((await busy.fetch('/v1/chat/sessions', { method: 'POST', json: {} })).status, 200)
  } finally {
    await busy.close()
  }
})

test('a conversation over the socket: hello, a message, and what was missed after a reconnect', async () => {
  const { session } = await open({})
  const { socket, next } = await chatSocket()
  socket.send(JSON.stringify({ type: 'hello', token: session.token, after: 0 }))
  assert.equal((await next()).type, 'welcome')
  assert.equal((await next()).type, 'owner')
  socket.send(JSON.stringify({ type: 'message', id: 'm1', text: 'hello' }))
  assert.deepEqual(await next(), { type: 'accepted', id: 'm1', seq: 1 })
  assert.deepEqual(server.asked.findLast(({ call }) => call === 'say')?.args, [claims(session.token), 'm1', 'hello'])
  socket.close()
  await once(socket, 'close')

  const again = await chatSocket({ origin: shopOrigin })
  again.socket.send(JSON.stringify({ type: 'hello', token: session.token, after: 0 }))
  await again.next()
  await again.next()
  assert.equal(((await again.next()) as { text?: string }).text, 'hello')
  again.socket.close()
  await once(again.socket, 'close')
})

test('without a token of ours nothing is said', async () => {
  const { socket, next } = await chatSocket()
  socket.send(JSON.stringify({ type: 'message', id: 'm1', text: 'hello' }))
  assert.equal(((await next()) as { code?: string }).code, 'CHAT_TOKEN_INVALID')
  socket.send(JSON.stringify({ type: 'hello', token: server.serviceKey, after: 0 }))
  assert.equal(((await next()) as { code?: string }).code, 'CHAT_TOKEN_INVALID')
  socket.close()
  await once(socket, 'close')
})

test('the socket is refused to other origins, other hosts and other paths', async () => {
  const refusal = async (path: string, headers: Record<string, string>): Promise<number> => {
    const socket = new WebSocket(server.url.replace('http', 'ws') + path, { headers })
    socket.on('error', () => {})
    const [, reply] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number; resume: () => void }]
    reply.resume()
    socket.terminate()
    return reply.statusCode
  }
  assert.equal(await refusal('/v1/chat', { origin: 'https://evil.example' }), 403)
  assert.equal(await refusal('/v1/chat', { host: 'evil.example' }), 403)
  assert.equal(await refusal('/v1/live', {}), 404)
})

test('a frame over the limit and a binary frame end the socket', async () => {
  for (const [frame, code] of [
    ['x'.repeat(70_000), 1009],
    [Buffer.from('binary'), 1003],
  ] as const) {
    const { socket } = await chatSocket()
    socket.send(frame)
    const [closed] = (await once(socket, 'close')) as [number]
    assert.equal(closed, code)
  }
})

test('W2 closing the server says goodbye to open sockets', async () => {
  const own = await openTestServer()
  const socket = new WebSocket(`${own.url.replace('http', 'ws')}/v1/chat`)
  await once(socket, 'open')
  assert.equal(own.chat.sockets, 1)
  const closed = once(socket, 'close') as Promise<[number]>
  await own.close()
  assert.equal((await closed)[0], 1001)
})
