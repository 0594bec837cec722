import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { addPerson, adminKey, openTestServer } from './fixture.ts'
import type { TestServer } from './fixture.ts'

let server: TestServer
before(async () => {
  server = await openTestServer()
})
after(() => server.close())

const message = { specversion: '1.0', id: '1', source: 's', type: 'message.received', subject: 'cookie:1', data: { text: 'hi' } }

test('a chat token speaks as its customer and as nobody else', async () => {
  await server.fetch('/v1/events', { method: 'POST', key: server.chatToken('cookie:7'), json: message })
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

test('the desk lists what is its own or waits where it works, whatever it asks for', async () => {
  const { id } = await addPerson(server, { name: 'Ana', skills: ['cards'] })
  const { cookie } = await server.signIn(id)
  const filterOf = async (query: string): Promise<unknown> => {
    server.asked.length = 0
    const reply = await server.fetch(`/v1/conversations${query}`, { headers: { cookie } })
    assert.equal(reply.status, 200)
    return server.asked.find(({ call }) => call === 'conversations')?.args[0] ?? null
  }
  assert.deepEqual(await filterOf(''), { worker: id })
  assert.deepEqual(await filterOf('?status=open&customer=user:1'), { status: 'open', customer: 'user:1', worker: id })
  assert.deepEqual(await filterOf('?owner=waiting'), { owner: 'waiting', queues: ['cards'] })
  assert.deepEqual(await filterOf('?owner=waiting&queue=cards'), { owner: 'waiting', queues: ['cards'] })
  assert.equal(await filterOf('?owner=waiting&queue=loans'), null)
  assert.equal(await filterOf('?worker=person:ben'), null)
  const reply = await server.fetch('/v1/decisions', { headers: { cookie } })
  assert.deepEqual([reply.status, ((await reply.json()) as { code: string }).code], [403, 'FORBIDDEN'])
})

test('what one had, what is offered and what waits is seen, and not acted on', async () => {
  const { cookie, csrf } = await server.signIn('person:ana')
  const say = async (conversation: string, epoch: number): Promise<string> => {
    const headers = { cookie, 'x-battuta-csrf': csrf }
    const reply = await server.fetch(`/v1/conversations/${conversation}/messages`, { method: 'POST', headers, json: { epoch, id: 'm1', text: 'hi' } })
    return ((await reply.json()) as { code: string }).code
  }
  for (const [conversation, sees] of [
    ['conv_had', 200],
    ['conv_offer', 200],
    ['conv_cards', 200],
    ['conv_loans', 404],
    ['conv_bot', 404],
    ['conv_none', 404],
  ] as const)
    assert.equal((await server.fetch(`/v1/conversations/${conversation}`, { headers: { cookie } })).status, sees, conversation)
  assert.deepEqual(await Promise.all([say('conv_had', 5), say('conv_had', 3), say('conv_cards', 2), say('conv_loans', 2)]), [
    'FORBIDDEN',
    'STALE_EPOCH',
    'FORBIDDEN',
    'CONVERSATION_UNKNOWN',
  ])
  assert.equal(await say('conv_ana', 2), 'STALE_EPOCH')
})

test('people speak as themselves, keys as a bot under the epoch they know, and nobody without a name as a person', async () => {
  const said = async (init: { key?: string; headers?: Record<string, string> }, epoch = 3): Promise<{ status: number; asked: unknown }> => {
    server.asked.length = 0
    const reply = await server.fetch('/v1/conversations/conv_ana/messages', { method: 'POST', json: { epoch, id: 'm1', text: 'hi' }, ...init })
    return { status: reply.status, asked: server.asked.find(({ call }) => call === 'compose')?.args[0] }
  }
  const { cookie, csrf } = await server.signIn('person:ana')
  const message = { conversation: 'conv_ana', epoch: 3, id: 'm1', text: 'hi' }
  assert.deepEqual(await said({ headers: { cookie, 'x-battuta-csrf': csrf } }), { status: 200, asked: { ...message, role: 'human', worker: 'person:ana' } })
  assert.deepEqual(await said({ key: server.serviceKey }), { status: 200, asked: { ...message, role: 'bot', worker: 'service' } })
  assert.equal((await said({ key: server.serviceKey }, 2)).status, 409)
})

test('a supervisor moves what is somebody else’s by force, and what is their own without', async () => {
  const { id } = await addPerson(server, { name: 'Sam', role: 'supervisor' })
  const { cookie, csrf } = await server.signIn(id)
  const moved = async (conversation: string): Promise<unknown> => {
    const json = { epoch: 3, to: { kind: 'bot', flow: 'unblockCard', slots: { last4: '4821' } }, agreed: ['the fee is waived'] }
    const reply = await server.fetch(`/v1/conversations/${conversation}/handoff`, { method: 'POST', headers: { cookie, 'x-battuta-csrf': csrf }, json })
    assert.equal(reply.status, 204)
    return server.asked.findLast(({ call }) => call === 'handOff')?.args[0]
  }
  const to = { kind: 'bot', flow: 'unblockCard', slots: { last4: '4821' } }
  const common = { worker: id, epoch: 3, to, because: null, agreed: ['the fee is waived'] }
  assert.deepEqual(await moved('conv_ana'), { conversation: 'conv_ana', ...common, force: true })
  assert.deepEqual(await moved('conv_sam'), { conversation: 'conv_sam', ...common })
})

test('bodies that do not fit are refused by name', async () => {
  const cases: readonly [string, string, unknown, RegExp][] = [
    ['POST', '/v1/conversations/conv_ana/messages', { id: 'm', text: 'x' }, /epoch is missing/],
    ['POST', '/v1/conversations/conv_ana/messages', { epoch: 1.5, id: 'm', text: 'x' }, /epoch is 1\.5/],
    ['POST', '/v1/conversations/conv_ana/messages', { epoch: 3, id: 'm', text: '' }, /text must be a non-empty string/],
    ['POST', '/v1/conversations/conv_ana/messages', { epoch: 3, id: 'm', text: 'x', attachments: 'a' }, /attachments must be an array/],
    ['POST', '/v1/conversations/conv_ana/handoff', { epoch: 3 }, /to must be an object such as/],
    ['POST', '/v1/conversations/conv_ana/handoff', { epoch: 3, to: { kind: 'moon' } }, /to\.kind is "moon"; it can be queue, worker, bot/],
    ['POST', '/v1/conversations/conv_ana/handoff', { epoch: 3, to: { kind: 'bot', slots: {} } }, /to\.slots come with to\.flow/],
    ['POST', '/v1/conversations/conv_ana/resolve', { epoch: 3 }, /wrapUpCode is missing/],
    ['PUT', '/v1/workers/person:ana/presence', { state: 'asleep' }, /state is "asleep"/],
    ['POST', '/v1/people', { name: 'Al\u202Ea', role: 'desk' }, /name must have a letter/],
    ['POST', '/v1/people', { name: 'Al', role: 'owner' }, /role is "owner"; it can be admin, supervisor, desk/],
    ['POST', '/v1/people', { name: 'Al', role: 'desk', capacity: 21 }, /capacity is 21; give a whole number from 1 to 20/],
    ['POST', '/v1/people', { name: 'Al', role: 'desk', password: 'short' }, /password has 5 characters; give at least 10/],
    ['PUT', '/v1/webhooks/partner', { url: 'https://x.example', kind: 'phone' }, /kind is "phone"; it can be channel, desk/],
    ['PUT', '/v1/webhooks/partner', { url: 'https://x.example', kind: 'desk', renewSecret: 1 }, /renewSecret must be true or false/],
  ]
  for (const [method, path, json, expected] of cases) {
    const reply = await server.fetch(path, { method, key: adminKey, json })
    assert.equal(reply.status, 400, path)
    assert.match(((await reply.json()) as { detail: string }).detail, expected)
  }
})
