/** The server as its users meet it: the command line, the doors, the chat, stopping and starting again. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { battutaClient } from '../../src/client/index.ts'
import type { ChatDelivery } from '../../src/client/index.ts'
import { battuta, harbourBank, startServer } from './server-process.ts'

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'battuta-start-'))
})
after(() => rmSync(folder, { recursive: true, force: true }))

const payment = (id: string, amount: number): Parameters<ReturnType<typeof battutaClient>['events']['send']>[0] => ({
  specversion: '1.0',
  id,
  source: 'test',
  type: 'payment',
  subject: 'user:42',
  data: { amount, currency: 'EUR', merchant: 'Corner Bakery', iban: 'DE02120300000000202051' },
})

/** Says something in a conversation and resolves with what is answered. */
async function sayAndHear(url: string, token: string, text: string, after: number): Promise<ChatDelivery> {
  const client = battutaClient({ url })
  return new Promise((resolve) => {
    const chat = client.chat({
      token,
      after,
      handlers: {
        delivery: (delivery) => {
          if (delivery.from === 'customer') return
          chat.close()
          resolve(delivery)
        },
      },
    })
    chat.send(text)
  })
}

test('what a newcomer does: send events, read features, chat, see why, replay, stop, go on', async () => {
  const data = join(folder, 'newcomer')
  const server = await startServer(data, ['--traffic', 'off'])
  const client = battutaClient({ url: server.url, key: server.key })
  assert.deepEqual(await client.events.sendBatch([payment('p1', 20), payment('p2', 30), payment('p2', 30)]), { accepted: 3 })

  const decision = await client.decisions.decide('inbound', { customer: 'user:42', input: { text: 'my card was declined' } })
  assert.equal(decision.policy, 'inbound')
  const { features } = await client.customers.features('user:42')
  assert.equal(features['spend30d']?.value, 50)
  const timeline = await client.customers.timeline('user:42')
  assert(timeline.items.some(({ event }) => JSON.stringify(event.data).includes('{"pii":"IBAN_CODE"}')))
  assert(!JSON.stringify(timeline).includes('DE0212'))

  const { token } = await client.chatSessions.open()
  const heard = await sayAndHear(server.url, token, 'I want to close my account', 0)
  assert.notEqual(heard.text, '')
  const { items } = await client.decisions.list()
  assert.equal(items.length, 2)
  for (const { id } of items) {
    assert.equal((await client.decisions.replay(id)).equal, true)
    assert((await client.decisions.get(id)).source, 'the source of the rule is shown')
  }
  const { output } = await client.models.infer('intent', { text: 'where is my new card?' })
  assert.match(output.label, /card/)

  const replayed = await battuta(['replay', harbourBank, '--data', data, '--port', new URL(server.url).port])
  assert.deepEqual([replayed.code, /2 decisions replayed: 2 equal, 0 different/.test(replayed.output)], [0, true])
  assert.equal((await server.stop()).code, 0)

  const again = await startServer(data, ['--traffic', 'off'])
  try {
    assert.equal((await battutaClient({ url: again.url, key: again.key }).customers.features('user:42')).features['spend30d']?.value, 50)
    const next = await sayAndHear(again.url, token, 'how do I top up?', heard.seq)
    assert(next.seq > heard.seq, 'a token and its conversation survive the restart')
  } finally {
    await again.stop()
  }
  const offline = await battuta(['replay', harbourBank, '--data', data, '--port', '1'])
  assert.match(offline.output, /3 decisions replayed: 3 equal, 0 different/)
})

test('a link signs a browser in once, and `battuta link` prints another', async () => {
  const data = join(folder, 'link')
  const server = await startServer(data, ['--traffic', 'off'])
  try {
    const open = (code: string): Promise<Response> =>
      fetch(`${server.url}/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ code }) })
    const reply = await open(server.code)
    assert.equal(reply.status, 200)
    const cookie = (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    assert.equal((await fetch(`${server.url}/v1/decisions`, { headers: { cookie } })).status, 200)
    assert.equal((await open(server.code)).status, 401)
    const { output } = await battuta(['link', '--data', data, '--port', new URL(server.url).port])
    assert.equal((await open(/#code=(\S+)/.exec(output)?.[1] ?? '')).status, 200)
  } finally {
    await server.stop()
  }
})

test('a folder has one server, and the second says who holds it', async () => {
  const data = join(folder, 'locked')
  const server = await startServer(data, ['--traffic', 'off'])
  try {
    const second = await battuta(['start', harbourBank, '--port', '0', '--data', data])
    assert.equal(second.code, 1)
    assert.match(second.output, /LOG_LOCKED/)
  } finally {
    await server.stop()
  }
})

test('what cannot be run is refused in a sentence, before anything listens', async () => {
  const cases: [string[], Record<string, string>, RegExp, number][] = [
    [['start', harbourBank, '--host', '0.0.0.0'], {}, /CONFIG_INVALID: BATTUTA_HOST \(--host\) is “0\.0\.0\.0”.*BATTUTA_KEY/, 2],
    [['start', harbourBank], { BATTUTA_LOG: 'kafka://broker:9092' }, /BATTUTA_LOG/, 2],
    [['start', join(folder, 'none.ts'), '--port', '0', '--data', join(folder, 'none')], {}, /APP_INVALID: there is no app file/, 1],
    [['strat'], {}, /did you mean “start”/, 2],
  ]
  for (const [args, environment, message, code] of cases) {
    const run = await battuta(args, environment)
    assert.match(run.output, message)
    assert.equal(run.code, code)
  }
})

test('a feed is said line by line, and nothing of it is lost', async () => {
  const file = join(folder, 'feed.jsonl')
  const lines = [
    { text: 'where is my card?', intent: 'card_arrival' },
    { text: 'the transfer I made failed', intent: 'failed_transfer' },
    { text: 'how do I change my PIN?', intent: 'change_pin' },
  ]
  writeFileSync(file, Array.from({ length: 60 }, (_, index) => JSON.stringify(lines[index % lines.length])).join('\n'))
  const { code, output } = await battuta(['start', harbourBank, '--port', '0', '--data', join(folder, 'feed'), '--feed', file, '--rate', '100', '--exit'])
  assert.equal(code, 0, output)
  assert.match(output, /60 messages, 60 decisions, 0 lost/)
  assert.match(output, /p99\.9 [\d.]+ ms/)
  assert.match(output, /% right, \d+ of 60 \(95 %: /)
})

test('simulated customers come and are decided on', async () => {
  const server = await startServer(join(folder, 'traffic'), ['--traffic', 'on', '--rate', '200'])
  try {
    const client = battutaClient({ url: server.url, key: server.key })
    await new Promise<void>((resolve) => {
      const live = client.live({
        decisions: ({ rows }) => {
          if (rows.length === 0) return
          live.close()
          resolve()
        },
      })
    })
  } finally {
    const { code, output } = await server.stop()
    assert.equal(code, 0, output)
    assert(!output.includes('traffic: '), output)
  }
})
