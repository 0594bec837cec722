import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminKey, openTestServer } from './fixture.ts'
import type { TestServer } from './fixture.ts'

/** The text of the feed until it holds `end`. */
async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, end: string): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  while (!text.includes(end)) {
    const { value, done } = await reader.read()
    if (done) return text
    text += decoder.decode(value, { stream: true })
  }
  return text
}

async function openFeed(server: TestServer): Promise<{ reply: Response; reader: ReadableStreamDefaultReader<Uint8Array> }> {
  const reply = await server.fetch('/v1/live', { key: adminKey })
  assert(reply.body)
  return { reply, reader: reply.body.getReader() }
}

test('the feed greets, then passes on what the watch says, and forgets a reader who left', async () => {
  const server = await openTestServer()
  try {
    const { reply, reader } = await openFeed(server)
    assert.match(reply.headers.get('content-type') ?? '', /^text\/event-stream/)
    assert.match(reply.headers.get('content-security-policy') ?? '', /default-src/)
    assert.match(await readUntil(reader, '\n\n'), /^retry: \d+\nevent: hello\ndata: \{"app":\{"name":"test"/)
    server.tell('decisions', { rows: [], notShown: 3 })
    assert.equal(await readUntil(reader, '\n\n'), 'event: decisions\ndata: {"rows":[],"notShown":3}\n\n')
    await reader.cancel()
    while (server.readers() > 0) await new Promise((resolve) => setImmediate(resolve))
  } finally {
    await server.close()
  }
})

test('closing the server ends the feed, and does not wait for its readers', async () => {
  const server = await openTestServer()
  const { reader } = await openFeed(server)
  await readUntil(reader, '\n\n')
  const ended = readUntil(reader, 'never')
  await server.close()
  await ended
  assert.equal(server.readers(), 0)
})
