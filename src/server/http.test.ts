import assert from 'node:assert/strict'
import { request } from 'node:http'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { BattutaError, limits } from '../base/index.ts'
import { adminKey, openTestServer, shopOrigin } from './fixture.ts'
import type { TestServer } from './fixture.ts'

let server: TestServer
before(async () => {
  server = await openTestServer()
})
after(() => server.close())

const event = { specversion: '1.0', id: '1', source: 's', type: 'payment', subject: 'user:1', data: { amount: 1 } }

async function post(path: string, body: string, headers: Record<string, string> = {}): Promise<{ status: number; value: Record<string, unknown> }> {
  const reply = await fetch(server.url + path, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json', ...headers },
  })
  return { status: reply.status, value: (await reply.json()) as Record<string, unknown> }
}

/** Sends a request with a Host of our choice, which fetch would not. */
function statusWithHost(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(`${server.url}/healthz`, { headers: { host } }, (reply) => {
      reply.resume()
      resolve(reply.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}

test('an event, a batch and an event in headers reach the path as they were sent', async () => {
  const sent = async (body: unknown, headers: Record<string, string> = {}): Promise<unknown> => {
    const { status } = await post('/v1/events', JSON.stringify(body), headers)
    assert.equal(status, 202)
    return server.asked.findLast(({ call }) => call === 'accept')?.args[0]
  }
  assert.deepEqual(await sent(event, { 'content-type': 'application/cloudevents+json' }), [event])
  assert.deepEqual(await sent([event, event], { 'content-type': 'application/cloudevents-batch+json' }), [event, event])
  assert.deepEqual(await sent([event]), [event])
  const binary = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': 's', 'ce-type': 'payment', 'ce-subject': 'user%3A1' }
  assert.deepEqual(await sent(event.data, binary), [event])
})

test('what is not JSON is refused with the position where it breaks', async () => {
  const { status, value } = await post('/v1/events', '{"specversion":"1.0",oops}')
  assert.equal(status, 400)
  assert.equal(value['code'], 'EVENT_INVALID')
  assert.equal(value['position'], 21)
  assert.equal((await post('/v1/decisions/inbound', '{"customer":')).value['code'], 'REQUEST_INVALID')
})

test('batches are refused for what is wrong with them', async () => {
  const batch = { 'content-type': 'application/cloudevents-batch+json' }
  assert.equal((await post('/v1/events', '{}', batch)).value['code'], 'BATCH_INVALID')
  assert.equal((await post('/v1/events', '[]', batch)).value['code'], 'BATCH_INVALID')
  assert.equal((await post('/v1/events', JSON.stringify(Array.from({ length: limits.batchEventsMax + 1 }, () => 1)), batch)).value['code'], 'BATCH_INVALID')
})

test('S2 a body over the limit is refused by its length, before it is read', async () => {
  const { status, value } = await post('/v1/events', 'x'.repeat(limits.bodyBytesMax + 1))
  assert.equal(status, 413)
  assert.equal(value['code'], 'BODY_TOO_LARGE')
  assert.equal((await post('/v1/events', JSON.stringify({ ...event, data: { text: 'x'.repeat(limits.eventBytesMax) } }))).status, 413)
})

test('a body of another type is refused with the types that are taken', async () => {
  const { status, value } = await post('/v1/events', '<event/>', { 'content-type': 'text/xml' })
  assert.equal(status, 400)
  assert.match(String(value['detail']), /application\/json/)
})

test('S1 every reply carries the security headers and the time it took', async () => {
  for (const [path, status] of [
    ['/healthz', 200],
    ['/nowhere', 404],
    ['/v1/decisions', 401],
  ] as const) {
    const reply = await fetch(server.url + path)
    assert.equal(reply.status, status)
    assert.match(reply.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
    assert.equal(reply.headers.get('x-content-type-options'), 'nosniff')
    assert.equal(reply.headers.get('referrer-policy'), 'no-referrer')
    assert(Number(reply.headers.get('x-battuta-elapsed-ms')) >= 0)
    if (status !== 200) assert.match(reply.headers.get('content-type') ?? '', /^application\/problem\+json/)
  }
})

test('S1 an accepted event is answered with the same headers, also to a page of a listed origin', async () => {
  const send = (headers: Record<string, string>): Promise<Response> =>
    fetch(`${server.url}/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/cloudevents+json', ...headers },
      body: JSON.stringify(event),
    })
  for (const headers of [{}, { origin: shopOrigin }]) {
    const reply = await send(headers)
    assert.equal(reply.status, 202)
    assert.deepEqual(await reply.json(), { accepted: 1 })
    assert.match(reply.headers.get('content-type') ?? '', /^application\/json/)
    assert.match(reply.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
    assert(Number(reply.headers.get('x-battuta-elapsed-ms')) >= 0)
    assert.equal(reply.headers.get('access-control-allow-origin'), 'origin' in headers ? shopOrigin : null)
  }
})

test('S1 a door of another release is no door', async () => {
  for (const path of ['/v1/rank', '/v1/guard', '/.well-known/agent-card.json', '/v1/customers/%E0%A4%A']) {
    const value = (await (await fetch(server.url + path)).json()) as { code: string; type: string }
    assert.match(value.code, /^(NOT_FOUND|REQUEST_INVALID)$/)
    assert.equal(value.type, `urn:battuta:error:${value.code}`)
  }
})

test('a Host that is not ours is refused, whatever the door', async () => {
  assert.equal(await statusWithHost('evil.example'), 403)
  assert.equal(await statusWithHost('localhost:1'), 200)
  assert.equal(await statusWithHost('[::1]:4321'), 200)
})

test('what is not HTTP is answered with a problem too', async () => {
  const { port } = new URL(server.url)
  const reply = await new Promise<string>((resolve) => {
    let text = ''
    const socket = connect(Number(port), '127.0.0.1', () => socket.write('nonsense\r\n\r\n'))
    socket.on('data', (data) => (text += String(data))).on('close', () => resolve(text))
  })
  assert.match(reply, /^HTTP\/1\.1 400 .*REQUEST_INVALID/s)
})

test('an id of any characters arrives as it was', async () => {
  const id = 'email:a/b#c?d@x.example'
  const reply = await server.fetch(`/v1/customers/${encodeURIComponent(id)}`, { key: adminKey })
  assert.equal(((await reply.json()) as { id: string }).id, id)
})

test('parameters that do not fit are refused by name', async () => {
  const cases: [string, RegExp][] = [
    ['/v1/decisions?limit=0', /limit is "0"; give a whole number from 1 to 200/],
    ['/v1/decisions?limit=ten', /limit/],
    ['/v1/decisions?act=robot', /act is "robot"; it can be bot/],
    ['/v1/decisions?status=fine', /status/],
    ['/v1/decisions?policy=a&policy=b', /policy was given more than once/],
  ]
  for (const [path, message] of cases) {
    const reply = await server.fetch(path, { key: adminKey })
    assert.equal(reply.status, 400)
    assert.match(((await reply.json()) as { detail: string }).detail, message)
  }
  for (const [body, message] of [
    [{ input: {} }, /customer is missing/],
    [{ customer: 'user:1' }, /input is missing/],
    [{ customer: 'user:1', input: 1, budgetMs: -1 }, /budgetMs is -1/],
  ] as const) {
    assert.match(String((await post('/v1/decisions/inbound', JSON.stringify(body))).value['detail']), message)
  }
})

test('a model answers, or says at once that it cannot be on time', async () => {
  const good = await post('/v1/models/intent/infer', JSON.stringify({ input: { text: 'where is it' } }))
  assert.deepEqual(good.value['output'], { label: 'card_arrival', scores: { card_arrival: 0.9 } })
  assert.equal(good.value['tier'], 'linear')
  const late = await post('/v1/models/intent/infer', JSON.stringify({ input: { text: 'where is it' }, budgetMs: 1 }))
  assert.equal(late.status, 429)
  assert.equal(late.value['code'], 'DEADLINE_UNREACHABLE')
  assert(Number(late.value['retryAfterMs']) > 0)
  assert.equal((await post('/v1/models/none/infer', JSON.stringify({ input: { text: 'x' } }))).status, 404)
})

test('until the parts are there only the probes answer, and readyz says how far recovery is', async () => {
  const early = await openTestServer({ install: false })
  try {
    assert.equal((await fetch(`${early.url}/healthz`)).status, 200)
    for (const path of ['/readyz', '/openapi.json', '/v1/decisions']) {
      const reply = await fetch(early.url + path, { headers: { authorization: `Bearer ${adminKey}` } })
      assert.equal(reply.status, 503)
      assert.equal(reply.headers.get('retry-after'), '1')
    }
  } finally {
    await early.close()
  }
  const recovering = await openTestServer({ runtime: { recovery: { done: false, events: 10, total: 40 } } })
  try {
    const reply = await fetch(`${recovering.url}/readyz`)
    assert.equal(reply.status, 503)
    assert.deepEqual(((await reply.json()) as { progress: unknown }).progress, { events: 10, total: 40 })
  } finally {
    await recovering.close()
  }
})

test('a refusal says when to come back, in the body and in the header', async () => {
  const full = await openTestServer({
    runtime: {
      accept: async () => {
        throw new BattutaError('OVERLOADED', 'too much', { retryAfterMs: 1_500 })
      },
    },
  })
  try {
    const reply = await full.fetch('/v1/events', { method: 'POST', key: adminKey, json: event })
    assert.equal(reply.status, 429)
    assert.equal(reply.headers.get('retry-after'), '2')
    assert.equal(((await reply.json()) as { retryAfterMs: number }).retryAfterMs, 1_500)
  } finally {
    await full.close()
  }
})
