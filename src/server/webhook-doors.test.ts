import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestServer } from './fixture.ts'

test('a call comes in as the bytes that were signed, whatever its type says', async () => {
  const server = await openTestServer()
  try {
    const body = '{ "type" : "message",\n "text":"grüße" }'
    for (const type of ['application/json', 'text/plain', 'application/octet-stream']) {
      const headers = { 'content-type': type, 'webhook-signature': 'right' }
      const reply = await server.fetch('/v1/webhooks/partner/in', { method: 'POST', headers, body })
      assert.deepEqual([reply.status, await reply.json()], [200, { conversation: 'conv_1', seq: 1 }])
      assert.deepEqual(server.asked.at(-1)?.args, ['partner', body])
    }
  } finally {
    await server.close()
  }
})

test('unsigned calls are refused, after a while with 429, and never keep signed ones out', async () => {
  const server = await openTestServer()
  try {
    const send = async (signature: string): Promise<number> =>
      (await server.fetch('/v1/webhooks/partner/in', { method: 'POST', headers: { 'webhook-signature': signature }, body: '{}' })).status
    const statuses = new Set<number>()
    for (let i = 0; i < 25; i++) statuses.add(await send('wrong'))
    assert.deepEqual([...statuses], [401, 429])
    assert.equal(await send('right'), 200)
  } finally {
    await server.close()
  }
})

test('a call over the limit is refused by its length', async () => {
  const server = await openTestServer()
  try {
    const reply = await server.fetch('/v1/webhooks/partner/in', { method: 'POST', headers: { 'webhook-signature': 'right' }, body: 'x'.repeat(300_000) })
    assert.equal(reply.status, 413)
  } finally {
    await server.close()
  }
})
