import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { realWorld } from '../base/index.ts'
import { openEgress } from './egress.ts'
import type { Address, Egress, EgressParts } from './egress.ts'
import { isPublicAddress } from './public-address.ts'

/** A server on loopback, and a guard that may call it under any name. */
async function served(listener: RequestListener, more: Partial<EgressParts> = {}): Promise<{ egress: Egress; url: string; server: Server } & AsyncDisposable> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const egress = openEgress({ world: realWorld(), allowedHosts: [`desk.example:${port}`], resolve: async () => [{ address: '127.0.0.1', family: 4 }], ...more })
  return {
    egress,
    server,
    url: `http://desk.example:${port}/in`,
    async [Symbol.asyncDispose]() {
      egress.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

const refused: readonly string[] = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.8',
  '192.0.2.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '::ffff:7f00:1',
  '64:ff9b::7f00:1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  'nonsense',
  '',
]
const open: readonly string[] = [
  '1.1.1.1',
  '8.8.8.8',
  '93.184.216.34',
  '100.63.255.255',
  '100.128.0.1',
  '172.15.0.1',
  '172.32.0.1',
  '192.167.0.1',
  '2606:4700:4700::1111',
  '2a00:1450:4001::1',
]

test('E1 private, local, shared, mapped, tunnelled, documented and reserved addresses are not public', () => {
  for (const address of refused) assert.ok(!isPublicAddress(address), address)
  for (const address of open) assert.ok(isPublicAddress(address), address)
})

test('E1 a name with any address that is not public is refused, wherever in the list it stands', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.subarray([...open]),
      fc.option(fc.constantFrom(...refused.filter((address) => address !== '' && address !== 'nonsense'))),
      fc.nat(),
      async (good, wrong, place) => {
        const addresses = good.map((address): Address => ({ address, family: address.includes(':') ? 6 : 4 }))
        if (wrong !== null) addresses.splice(place % (addresses.length + 1), 0, { address: wrong, family: wrong.includes(':') ? 6 : 4 })
        const egress = openEgress({ world: realWorld(), allowedHosts: [], resolve: async () => addresses })
        const checked = egress.check('https://desk.example/in')
        if (wrong === null && good.length > 0) await checked
        else await assert.rejects(checked, { code: 'WEBHOOK_REFUSED' })
      },
    ),
  )
})

test('E1 E2 URLs that may not be called, whatever their host resolves to', async () => {
  const egress = openEgress({ world: realWorld(), allowedHosts: ['plain.example', '127.0.0.1:9000'], resolve: async () => [{ address: '8.8.8.8', family: 4 }] })
  for (const [url, says] of [
    ['desk.example', /is no URL/],
    ['http://desk.example/in', /is not https/],
    ['ftp://plain.example', /is not https/],
    ['https://me:secret@desk.example/', /credentials/],
    ['https://127.0.0.1/in', /127\.0\.0\.1, which is not on the public internet/],
    ['https://0x7f.1/in', /127\.0\.0\.1/],
    ['https://2130706433/', /127\.0\.0\.1/],
    ['https://[::1]/', /::1/],
    ['https://[::ffff:10.0.0.1]/', /not on the public internet/],
    ['http://127.0.0.1:9001/in', /is not https/],
    [`https://desk.example/${'x'.repeat(3_000)}`, /is no URL/],
  ] as const)
    await assert.rejects(
      egress.check(url),
      (error: Error & { code?: string }) => error.code === 'WEBHOOK_REFUSED' && says.test(error.message) && !error.message.includes('secret'),
      url,
    )
  for (const url of ['https://desk.example/in', 'https://desk.example.:8443/', 'http://plain.example/in', 'http://127.0.0.1:9000/in', 'https://1.1.1.1/'])
    await egress.check(url)
  const nameless = openEgress({ world: realWorld(), allowedHosts: [], resolve: () => Promise.reject(new Error('ENOTFOUND')) })
  await assert.rejects(nameless.check('https://nobody.example/'), /cannot be resolved/)
})

test('E1 the connection goes to the address that was checked; a name that turns private is refused at the next call', async () => {
  const asked: string[] = []
  const answers: readonly Address[][] = [[{ address: '127.0.0.1', family: 4 }], [{ address: '127.0.0.1', family: 4 }]]
  let turn = 0
  await using at = await served(
    (request, response) => {
      response.end(request.headers.host)
    },
    {
      resolve: async (host) => {
        asked.push(host)
        return answers[turn++]!
      },
    },
  )
  assert.deepEqual(await at.egress.post(at.url, {}, '{}'), { status: 200, failure: null, retryAfterMs: null })
  assert.deepEqual(asked, ['desk.example'], 'a name that no resolver knows but ours: asked once, and called where it said')

  let rebound = 0
  const guarded = openEgress({ world: realWorld(), allowedHosts: [], resolve: async () => [{ address: rebound++ === 0 ? '8.8.8.8' : '127.0.0.1', family: 4 }] })
  await guarded.check('https://rebind.example/')
  const answer = await guarded.post('https://rebind.example/', {}, '{}')
  assert.equal(answer.status, null)
  assert.match(answer.failure ?? '', /127\.0\.0\.1, which is not on the public internet/)
  guarded.close()
})

test('what is posted arrives with its headers; what is answered comes back, over one connection', async () => {
  const got: unknown[] = []
  let connections = 0
  await using at = await served(async (request, response) => {
    got.push([request.method, request.url, request.headers['webhook-id'], request.headers.host, await bodyOf(request)])
    response.writeHead(got.length === 1 ? 204 : 503, got.length === 1 ? {} : { 'retry-after': '7' }).end()
  })
  at.server.on('connection', () => connections++)
  assert.deepEqual(await at.egress.post(at.url, { 'webhook-id': 'a' }, '{"é":1}'), { status: 204, failure: null, retryAfterMs: null })
  assert.deepEqual(await at.egress.post(at.url, { 'webhook-id': 'b' }, ''), { status: 503, failure: null, retryAfterMs: 7_000 })
  const host = new URL(at.url).host
  assert.deepEqual(got, [
    ['POST', '/in', 'a', host, '{"é":1}'],
    ['POST', '/in', 'b', host, ''],
  ])
  assert.equal(connections, 1)
})

test('E2 a redirect is an answer like any other, and is not followed', async () => {
  const paths: (string | undefined)[] = []
  await using at = await served((request, response) => {
    paths.push(request.url)
    response.writeHead(307, { location: '/elsewhere' }).end()
  })
  assert.equal((await at.egress.post(at.url, {}, '{}')).status, 307)
  assert.deepEqual(paths, ['/in'])
})

test('E2 who does not answer in time is not waited for; nor is a name, nor the rest of a body', async () => {
  await using at = await served(
    (request, response) => {
      if (request.url === '/in') return
      response.writeHead(200).write('the beginning of')
    },
    { requestMsMax: 60 },
  )
  assert.match((await at.egress.post(at.url, {}, '{}')).failure ?? '', /no answer within 60 ms/)
  assert.equal((await at.egress.post(at.url.replace('/in', '/endless'), {}, '{}')).status, 200, 'its answer is its headers')
  const never = openEgress({ world: realWorld(), allowedHosts: [], resolve: () => new Promise(() => {}), requestMsMax: 20 })
  await assert.rejects(never.check('https://desk.example'), /no answer within 20 ms/)
})

test('E2 a body without end is not read', async () => {
  await using at = await served((_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(8_192)));
    }
    response.on('drain', more)
    more()
  })
  assert.equal((await at.egress.post(at.url, {}, '{}')).status, 200)
})

test('what is gone is an answer, and closing ends what is under way', async () => {
  const at = await served(() => {})
  const waiting = at.egress.post(at.url, {}, '{}')
  await new Promise((resolve) => at.server.once('request', resolve))
  at.egress.close()
  assert.match((await waiting).failure ?? '', /the server is stopping/)
  await at[Symbol.asyncDispose]()
  const gone = openEgress({ world: realWorld(), allowedHosts: ['desk.example'], resolve: async () => [{ address: '127.0.0.1', family: 4 }] })
  assert.match((await gone.post(at.url, {}, '{}')).failure ?? '', /ECONNREFUSED/)
  gone.close()
})
