import assert from 'node:assert/strict'
import { test } from 'node:test'
import { battutaClient } from './client.ts'
import { BattutaClientError } from './error.ts'

/** A client whose requests end here, and what they were. */
function recorded(answer: () => Response) {
  const requests: { url: string; init: RequestInit }[] = []
  const fake = (async (url: string, init: RequestInit) => (requests.push({ url, init }), answer())) as unknown as typeof fetch
  return { requests, client: battutaClient({ url: 'http://door.test/', key: 'k', fetch: fake }) }
}

test('a problem document becomes an error with its code, its words and when to try again', async () => {
  const problem = {
    type: 'about:blank',
    title: 'Too much',
    status: 429,
    code: 'OVERLOADED',
    detail: '512 events are in flight. Try again in 40 ms.',
    retryAfterMs: 40,
  }
  const { client } = recorded(() => new Response(JSON.stringify(problem), { status: 429 }))
  await assert.rejects(client.decisions.get('dec_1'), (error: unknown) => {
    assert.ok(error instanceof BattutaClientError)
    assert.deepEqual([error.code, error.detail, error.retryAfterMs, error.status], ['OVERLOADED', problem.detail, 40, 429])
    return true
  })
})

test('whatever is not Battuta, and nothing at all, are named as such', async () => {
  const html = recorded(() => new Response('<h1>Bad gateway</h1>', { status: 502 }))
  await assert.rejects(html.client.customers.get('user:1'), { code: 'REPLY_UNREADABLE', status: 502 })
  const page = recorded(() => new Response('<h1>Hello</h1>'))
  await assert.rejects(page.client.customers.get('user:1'), { code: 'REPLY_UNREADABLE', status: 200 })
  const nothing = recorded(() => {
    throw new TypeError('fetch failed')
  })
  await assert.rejects(nothing.client.customers.get('user:1'), { code: 'UNREACHABLE', status: 0 })
})

test('ids are one path segment, empty filters are not sent, batches say what they are', async () => {
  const { client, requests } = recorded(() => new Response('{}'))
  await client.customers.features('user:4/2#1', ['a', 'b'])
  await client.decisions.list({ search: '', limit: 20, act: undefined })
  await client.events.sendBatch([{ specversion: '1.0', id: '1', source: 's', type: 't', subject: 'user:1' }])
  assert.equal(requests[0]?.url, 'http://door.test/v1/customers/user%3A4%2F2%231/features?names=a%2Cb')
  assert.equal(requests[1]?.url, 'http://door.test/v1/decisions?limit=20')
  const headers = requests[2]?.init.headers as Record<string, string>
  assert.equal(headers['content-type'], 'application/cloudevents-batch+json')
  assert.equal(headers['authorization'], 'Bearer k')
})

test('the CSRF token of the session goes with what changes something, and only with that', async () => {
  const { client, requests } = recorded(() => new Response(JSON.stringify({ role: 'admin', csrf: 'c1' })))
  await client.session.get()
  await client.decisions.replay('dec_1')
  await client.decisions.get('dec_1')
  const csrf = requests.map(({ init }) => (init.headers as Record<string, string>)['x-battuta-csrf'])
  assert.deepEqual(csrf, [undefined, 'c1', undefined])
})
