import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { realWorld } from '../base/index.ts'
import { simulatedWorld } from '../testing/simulated-world.ts'
import type { SimulatedWorld } from '../testing/simulated-world.ts'
import { reservationOf, taskOf } from './desk-fixture.ts'
import { openEgress } from './egress.ts'
import { failingMsMax } from './webhook-courier.ts'
import { Disk, Other, WebhookHouse } from './webhook-fixture.ts'
import { verifyWebhook } from './webhook-signature.ts'

const settings = { name: 'chat', url: 'https://chat.example/in', kind: 'channel', skills: [], capacity: 1 } as const
const desk = { name: 'partner', url: 'https://partner.example/in', kind: 'desk', skills: ['cards'], capacity: 20 } as const
const worker = 'webhook:partner'

async function withChannel(seed = 'channel'): Promise<{ house: WebhookHouse; world: SimulatedWorld; ids: () => string[] }> {
  const world = simulatedWorld(seed)
  const house = await WebhookHouse.open(world)
  await house.webhooks.put(settings)
  return { house, world, ids: () => house.other.got.splice(0).map(({ id }) => id) }
}

/** Another desk that has conversation `a`, and was told so. */
async function withDesk(): Promise<{ house: WebhookHouse; world: SimulatedWorld; ids: () => string[] }> {
  const world = simulatedWorld('desk')
  const house = await WebhookHouse.open(world)
  await house.webhooks.put(desk)
  house.open('a', { owner: null, queue: 'cards' })
  house.put('a')
  offer(house, 'a')
  await world.advance(10)
  return { house, world, ids: () => house.other.got.splice(0).map(({ id }) => id) }
}

function offer(house: WebhookHouse, conversation: string): void {
  const made = {
    reservation: `res_${conversation}_${worker}`,
    conversation,
    customer: 'user:1',
    channel: 'web',
    queue: 'cards',
    priority: 0,
    goal: 'g',
    because: null,
    offeredAt: 0,
    expiresAt: 1,
  }
  house.webhooks.routed({ kind: 'offered', reservation: reservationOf(made, worker), task: taskOf(made) })
}

test('a webhook is kept with its secret sealed, which is told once; a change keeps it, or gives another', async () => {
  const { house } = await withChannel()
  const [reply] = house.webhooks.list()
  const { createdAt } = house.disk.hooks.get('chat')!
  assert.deepEqual(reply, {
    name: 'chat',
    url: settings.url,
    kind: 'channel',
    skills: [],
    capacity: 1,
    createdAt,
    worker: null,
    state: 'working',
    failure: null,
    waiting: 0,
  })
  const other = await house.webhooks.put(desk)
  assert.match(other.secret ?? '', /^whsec_/)
  assert.ok(!JSON.stringify([house.webhooks.list(), ...house.disk.hooks.values()]).includes(other.secret!))
  assert.equal((await house.webhooks.put({ ...desk, capacity: 3 })).secret, null)
  assert.equal(house.unseal(house.disk.hooks.get('partner')!.secret), other.secret)
  assert.notEqual((await house.webhooks.put({ ...desk, renewSecret: true })).secret, other.secret)
  await assert.rejects(house.webhooks.put({ ...desk, kind: 'channel' }), { code: 'REQUEST_INVALID' })
  await assert.rejects(house.webhooks.put({ ...desk, name: 'Ana' }), { code: 'REQUEST_INVALID' })
  await assert.rejects(house.webhooks.delete('nobody'), { code: 'WEBHOOK_UNKNOWN' })
  await house.webhooks.delete('chat')
  assert.deepEqual([house.webhooks.list().map(({ name }) => name), [...house.disk.hooks.keys()]], [['partner'], ['partner']])
})

test('an address that may not be called is refused before anything is kept', async () => {
  const egress = openEgress({ world: realWorld(), allowedHosts: [], resolve: async () => [{ address: '10.0.0.1', family: 4 }] })
  const house = await WebhookHouse.open(simulatedWorld('x'), new Disk(), new Other(), egress)
  await assert.rejects(house.webhooks.put(settings), { code: 'WEBHOOK_REFUSED' })
  assert.deepEqual([house.webhooks.list(), house.disk.hooks.size], [[], 0])
  egress.close()
})

test('V1 what is not signed with its secret, and just now, is not heard', async () => {
  const { house } = await withChannel()
  const body = Buffer.from('{"type":"message","id":"m","customer":"user:1","text":"hi"}')
  await assert.rejects(house.webhooks.receive('chat', {}, body), { code: 'WEBHOOK_INVALID' })
  await assert.rejects(house.webhooks.receive('nobody', {}, body), { code: 'WEBHOOK_UNKNOWN' })
  assert.deepEqual(house.asked('say'), [])
})

test('channel: what is said over it comes in, and what is answered goes out, its own words excepted', async () => {
  const { house, world } = await withChannel()
  const first = await house.receive('chat', { type: 'message', id: 'm1', customer: 'user:7', text: 'hi' })
  assert.deepEqual(first, { conversation: 'of user:7', seq: 1 })
  assert.deepEqual(house.asked('say'), [{ customer: 'user:7', conversation: null, id: 'm1', text: 'hi', channel: 'webhook:chat' }])
  house.put('of user:7', { from: 'bot', text: 'hello' })
  house.put('of user:7', { from: 'system', text: 'Ana joined', notice: { kind: 'joined', team: 'Cards team' }, by: 'person:ana' })
  await world.advance(100)
  assert.deepEqual(house.other.got, [
    { id: 'of user:7:2', type: 'delivery', conversation: 'of user:7', customer: 'user:7', seq: 2, epoch: 1, from: 'bot', text: 'hello', at: 0 },
    {
      id: 'of user:7:3',
      type: 'delivery',
      conversation: 'of user:7',
      customer: 'user:7',
      seq: 3,
      epoch: 1,
      from: 'system',
      text: 'Ana joined',
      at: 0,
      notice: { kind: 'joined', team: 'Cards team' },
    },
  ])
  assert.deepEqual(await house.receive('chat', { type: 'message', id: 'm1', customer: 'user:7', text: 'hi' }), first, 'sent again, it has its place')
  for (const frame of [
    { type: 'note', id: 'n' },
    { type: 'message', id: 'm', customer: '', text: 'x' },
    { type: 'message', id: 'm', customer: 'user:7', text: ' ' },
  ])
    await assert.rejects(house.receive('chat', frame), { code: 'MESSAGE_INVALID' })
})

test('channel: a conversation that began elsewhere is told from where the webhook joined, and others not at all', async () => {
  const { house, world, ids } = await withChannel()
  for (const id of ['a', 'b']) {
    house.open(id)
    house.put(id, { from: 'bot' })
  }
  await house.receive('chat', { type: 'message', id: 'm1', customer: 'user:1', conversation: 'a', text: 'hi' })
  for (const id of ['a', 'b']) house.put(id, { from: 'bot' })
  await world.advance(100)
  assert.deepEqual(ids(), ['a:3'])
})

test('K1 channel: after a crash anywhere, everything is told, in order, and only what was in doubt twice', async () => {
  const step = fc.oneof(fc.record({ say: fc.constantFrom('a', 'b') }), fc.record({ wait: fc.nat(3_000) }), fc.record({ die: fc.nat(6) }))
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.array(fc.constantFrom(200, 204, 500, null, 302), { maxLength: 30 }), async (steps, answers) => {
      const world = simulatedWorld('crash')
      const disk = new Disk()
      const other = new Other()
      const taken: string[] = []
      other.answer = (got) => {
        const status = answers.shift() ?? 200
        if (status !== null && status < 300) taken.push(got.id)
        return status
      }
      let house = await WebhookHouse.open(world, disk, other)
      await house.webhooks.put(settings)
      for (const name of ['a', 'b']) await house.receive('chat', { type: 'message', id: name, customer: `user:${name}`, conversation: name, text: 'hi' })
      let crashes = 0
      for (const now of steps) {
        if ('say' in now) house.put(now.say, { from: 'bot' })
        else if ('wait' in now) await world.advance(now.wait)
        else {
          house.livesFor = now.die
          await world.advance(500)
          void house.webhooks.close()
          crashes++
          house = await WebhookHouse.open(world, disk, other)
        }
      }
      await world.advance(3_600_000)
      for (const name of ['a', 'b']) {
        const told = taken.filter((id) => id.startsWith(name))
        const expected = disk.entries
          .get(name)!
          .slice(1)
          .map(({ seq }) => `${name}:${seq}`)
        assert.deepEqual([...new Set(told)], expected, 'everything, in order')
        assert.ok(told.length - expected.length <= crashes, 'at most one more for each crash')
        for (const [n, id] of told.entries()) if (n > 0) assert.ok(id === told[n - 1] || !told.slice(0, n).includes(id), 'a repetition follows what it repeats')
      }
      assert.deepEqual(house.failures, [])
      await house.webhooks.close()
    }),
    { numRuns: 60 },
  )
})

test('K2 desk: it takes an offer at once, is told what it has, then each word of the customer, then that it has it no longer', async () => {
  const { house, world, ids } = await withDesk()
  assert.deepEqual(house.asked('presence'), [{ id: worker, name: 'partner', kind: 'webhook', skills: ['cards'], capacity: 20, state: 'available' }])
  const [assigned] = house.other.got
  assert.ok(assigned?.type === 'assigned')
  assert.deepEqual([assigned.epoch, assigned.entries?.length], [2, 2])
  assert.deepEqual(ids(), ['a:assigned:2'])
  house.put('a')
  house.put('a', { from: 'human', by: worker })
  house.put('a')
  await world.advance(10)
  assert.deepEqual(ids(), ['a:3', 'a:5'])
  house.hand('a', { owner: 'human', worker: 'person:ana' })
  house.put('a')
  await world.advance(10)
  assert.deepEqual(house.other.got, [{ id: 'a:owner:3', type: 'owner', conversation: 'a', epoch: 3, owner: 'human', queue: 'cards', status: 'open' }])
  assert.deepEqual(ids(), ['a:owner:3'], 'and nothing of what is said then')
  house.hand('a', { owner: 'human', worker })
  await world.advance(10)
  assert.deepEqual(ids(), ['a:assigned:4'])
})

test('K2 desk: what is said while it loses the conversation is not for it', async () => {
  const { house, world, ids } = await withDesk()
  ids()
  const entries = house.entries.bind(house)
  house.entries = async (conversation, after) => {
    house.entries = entries
    house.hand('a', { owner: 'human', worker: 'person:ana' })
    house.put('a', { text: 'for Ana alone' })
    return entries(conversation, after)
  }
  house.put('a')
  await world.advance(100)
  assert.deepEqual(ids(), ['a:3', 'a:owner:3'])
})

test('V3 desk: it speaks, notes, hands over and resolves under its epoch, where it has or had the conversation', async () => {
  const { house } = await withDesk()
  house.open('b', { owner: 'human', worker: 'person:ana' })
  house.asked('')
  assert.deepEqual(await house.receive('partner', { type: 'message', id: 'm1', conversation: 'a', epoch: 2, text: 'hello' }), { conversation: 'a', seq: 3 })
  assert.deepEqual(house.asked('compose'), [{ conversation: 'a', epoch: 2, id: 'm1', text: 'hello', role: 'human', worker }])
  await assert.rejects(house.receive('partner', { type: 'message', id: 'm2', conversation: 'a', epoch: 1, text: 'late' }), { code: 'STALE_EPOCH' })
  for (const frame of [
    { type: 'message', id: 'm3', conversation: 'b', epoch: 1, text: 'hi' },
    { type: 'note', id: 'n1', conversation: 'b', text: 'hi' },
    { type: 'handoff', conversation: 'b', epoch: 1, to: { kind: 'bot' } },
    { type: 'resolve', conversation: 'nothing', epoch: 1, wrapUpCode: 'x' },
  ])
    await assert.rejects(house.receive('partner', frame), { code: 'CONVERSATION_UNKNOWN' })
  house.asked('')
  await house.receive('partner', { type: 'note', id: 'n2', conversation: 'a', text: 'called back' })
  assert.deepEqual(house.asked('note'), [{ conversation: 'a', id: 'n2', text: 'called back', worker }])
  await house.receive('partner', {
    type: 'handoff',
    conversation: 'a',
    epoch: 2,
    to: { kind: 'queue', queue: 'loans' },
    agreed: ['a refund'],
    because: 'not cards',
  })
  assert.deepEqual(house.asked('handOff'), [
    { conversation: 'a', epoch: 2, to: { kind: 'queue', queue: 'loans' }, worker, because: 'not cards', agreed: ['a refund'] },
  ])
  house.hand('a', { owner: 'human', worker })
  await house.receive('partner', { type: 'resolve', conversation: 'a', epoch: 4, wrapUpCode: 'solved' })
  assert.equal(house.row('a')?.status, 'resolved')
  for (const frame of [{ type: 'shout' }, { type: 'handoff', conversation: 'a', epoch: 1, to: 'bot' }, { type: 'resolve', conversation: 'a', epoch: 1 }])
    await assert.rejects(house.receive('partner', frame), { code: 'MESSAGE_INVALID' })
})

test('V2 desk: one that cannot be reached is offered nothing more, and what it has goes back into its queue; reached again, it is back', async () => {
  const { house, world, ids } = await withDesk()
  house.open('b', { owner: 'human', worker, queue: null })
  house.asked('')
  house.other.answer = () => null
  house.put('a')
  let fails = 2
  house.refuse = (command) => {
    if (command === 'handOff' && fails-- > 0) throw new Error('disk')
  }
  await world.advance(failingMsMax * 3)
  const moved = house.done.filter(([name]) => name === 'handOff').map(([, { conversation, to, because }]) => JSON.stringify([conversation, to, because]))
  assert.deepEqual(moved.sort(), [
    JSON.stringify(['a', { kind: 'queue', queue: 'cards' }, 'partner cannot be reached']),
    JSON.stringify(['b', { kind: 'bot' }, 'partner cannot be reached']),
  ])
  assert.equal(house.asked('presence').at(-1)?.['state'], 'offline')
  offer(house, 'a')
  await world.advance(10)
  assert.deepEqual(house.asked('accept'), [])
  house.other.answer = () => 200
  ids()
  await world.advance(700_000)
  assert.equal(house.asked('presence').at(-1)?.['state'], 'available')
  assert.deepEqual(new Set(ids()), new Set(['a:owner:3']))
  offer(house, 'a')
  await world.advance(10)
  assert.deepEqual(ids(), ['a:assigned:4'])
})

test('V2 desk: 410 and deletion give everything back too', async () => {
  const stopped = await withDesk()
  stopped.house.other.answer = () => 410
  stopped.house.put('a')
  await stopped.world.advance(100)
  assert.deepEqual([stopped.house.row('a')?.worker, stopped.house.webhooks.list()[0]?.state], [null, 'stopped'])
  const deleted = await withDesk()
  await deleted.house.webhooks.delete('partner')
  await deleted.world.advance(100)
  assert.deepEqual([deleted.house.row('a')?.worker, deleted.house.asked('presence').at(-1)?.['state']], [null, 'offline'])
  deleted.house.hand('a', { owner: 'human', worker })
  await deleted.world.advance(100)
  assert.equal(deleted.house.row('a')?.worker, null, 'also what it is given in the same moment')
})

test('V2 a stopped webhook that is put again goes on where it was', async () => {
  const { house, world, ids } = await withChannel()
  await house.receive('chat', { type: 'message', id: 'm1', customer: 'user:7', text: 'hi' })
  house.other.answer = () => 410
  house.put('of user:7', { from: 'bot' })
  await world.advance(100)
  house.put('of user:7', { from: 'bot' })
  house.other.answer = () => 200
  ids()
  await world.advance(1_000_000)
  assert.deepEqual(ids(), [])
  await house.webhooks.put(settings)
  await world.advance(100)
  assert.deepEqual(ids(), ['of user:7:2', 'of user:7:3'])
})

test('K2 desk: after a crash it is told again what it has, and what it lost meanwhile', async () => {
  const { house, world, ids } = await withDesk()
  for (const id of ['b', 'c']) {
    house.open(id, { owner: 'human', worker, queue: 'cards' })
    house.put(id)
  }
  await world.advance(100)
  assert.deepEqual(ids(), ['a:assigned:2', 'b:assigned:1', 'c:assigned:1'])
  await house.webhooks.close()
  house.hand('b', { owner: 'bot', worker: null })
  house.put('c')
  const back = await WebhookHouse.open(world, house.disk, house.other)
  await world.advance(100)
  assert.deepEqual(ids().sort(), ['a:assigned:2', 'b:owner:2', 'c:assigned:1'])
  back.put('c')
  await world.advance(100)
  assert.deepEqual(ids(), ['c:3'])
  const again = await WebhookHouse.open(world, house.disk, house.other)
  await world.advance(100)
  assert.deepEqual(ids().sort(), ['a:assigned:2', 'c:assigned:1'], 'what it was told is over is not told again')
  await again.webhooks.close()
})

test('over real sockets: signed, through 500s and redirects, and what comes back signed is heard', async () => {
  const got: { id: string; body: string }[] = []
  const statuses = [500, 307, 200]
  let house: WebhookHouse
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      const secret = house.unseal(house.disk.hooks.get('chat')!.secret)
      const id = verifyWebhook({ headers: request.headers, body, secrets: [secret], nowMs: world.now() })
      got.push({ id, body: body.toString() })
      response.writeHead(statuses.shift() ?? 200, { location: '/elsewhere' }).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const world = simulatedWorld('sockets')
  const egress = openEgress({ world: realWorld(), allowedHosts: [`127.0.0.1:${port}`] })
  house = await WebhookHouse.open(world, new Disk(), new Other(), egress)
  await house.webhooks.put({ ...settings, url: `http://127.0.0.1:${port}/in` })
  await house.receive('chat', { type: 'message', id: 'm1', customer: 'user:7', text: 'hi' })
  house.put('of user:7', { from: 'bot', text: 'grüezi' })
  while (got.length < 3) await world.advance(200)
  while (house.webhooks.list()[0]!.waiting > 0) await world.advance(1)
  assert.deepEqual(new Set(got.map(({ id }) => id)), new Set(['of user:7:2']))
  assert.equal((JSON.parse(got[0]!.body) as { text: string }).text, 'grüezi')
  assert.equal(new Set(got.map(({ body }) => body)).size, 1, 'each time the same')
  await house.webhooks.close()
  egress.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})
