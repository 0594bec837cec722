import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { BattutaError, limits } from '../base/index.ts'
import { simulatedWorld } from '../testing/simulated-world.ts'
import { DeskHouse, DeskPage, packetAt, person, reservationOf, taskOf } from './desk-fixture.ts'
import { bufferedBytesMax, waitingFramesMax } from './socket-line.ts'
import { typingMsMax } from './typists.ts'

const ana = person('ana')
const bo = person('bo', { skills: ['loans'] })
const sue = person('sue', { role: 'supervisor', skills: [] })
const theirs = (worker: string) => ({ owner: 'human', worker, queue: 'cards' }) as const
const waits = (queue = 'cards') => ({ owner: null, worker: null, queue }) as const

function house(): DeskHouse & { readonly world: ReturnType<typeof simulatedWorld> } {
  return new DeskHouse(simulatedWorld('desk')) as ReturnType<typeof house>
}

async function sit(at: ReturnType<typeof house>, who = ana): Promise<DeskPage> {
  const page = new DeskPage(at, who)
  page.say({ type: 'hello' })
  await at.world.advance(1)
  return page
}

/** Somebody at the desk with conversation `a`, which is theirs. */
async function withTalk(): Promise<{ at: ReturnType<typeof house>; page: DeskPage }> {
  const at = house()
  at.open('a', theirs('ana'))
  const page = await sit(at)
  page.frames.length = 0
  return { at, page }
}

test('D1 the welcome holds what is theirs and what waits for them, and nothing else', async () => {
  const at = house()
  at.open('own', theirs('ana'))
  at.open('another', theirs('bo'))
  at.open('waits', waits())
  at.open('elsewhere', waits('loans'))
  at.open('bot')
  at.open('over', { ...waits(), status: 'resolved' })
  const offer = at.offer('waits', 'ana')
  const page = await sit(at)
  const [welcome] = page.frames
  assert.ok(welcome?.type === 'welcome')
  assert.deepEqual(welcome.inbox.map(({ conversation }) => conversation).sort(), ['own', 'waits'])
  assert.deepEqual([welcome.person, welcome.offers, welcome.presence, welcome.at], [ana, [offer], 'offline', at.world.now() - 1])
  assert.deepEqual(page.news, ['welcome', `offer ${offer.reservation}`], 'and the packet of each offer')
  const supervisor = await sit(at, sue)
  const [told] = supervisor.frames
  assert.ok(told?.type === 'welcome')
  assert.deepEqual(told.inbox.map(({ conversation }) => conversation).sort(), ['another', 'elsewhere', 'own', 'waits'])
})

test('D1 a welcome that cannot be read is refused with when to ask again, and its page is let go where it makes no sense', async () => {
  const at = house()
  at.views.queues = () => Promise.reject(new BattutaError('NOT_READY', 'recovery'))
  const page = await sit(at)
  assert.deepEqual(page.frames, [{ type: 'error', code: 'NOT_READY', detail: 'recovery', retryAfterMs: 1_000 }])
  at.views.queues = () => Promise.reject(new Error('a path with secrets'))
  page.say({ type: 'hello' })
  await turn()
  assert.deepEqual(page.closes, [[1011, 'the desk could not be read']])
  assert.ok(!JSON.stringify(page.frames).includes('secrets'))
  assert.deepEqual(at.done, [], 'nobody was connected')
})

test('a socket without a cookie says by its hello who it is, and does nothing before', async () => {
  const at = house()
  const page = new DeskPage(at, null)
  page.say({ type: 'presence', state: 'busy' })
  page.say({ type: 'hello', key: 'guess' })
  page.say({ type: 'hello', key: 'k', worker: 'cleo' })
  await at.world.advance(1)
  assert.deepEqual(page.news, ['error UNAUTHENTICATED', 'error UNAUTHENTICATED', 'welcome'])
  assert.deepEqual(at.done, [['connected', ['cleo', true]]])
})

test('P1 the routing lane hears of the first socket and of the last, and in the end what is true', async () => {
  const at = house()
  const first = await sit(at)
  const second = await sit(at)
  first.seat.closed()
  await at.world.advance(1)
  assert.deepEqual(at.done.splice(0), [['connected', ['ana', true]]])
  let fails = 2
  at.refuse = () => {
    if (fails-- > 0) throw new BattutaError('OVERLOADED', 'later')
  }
  second.seat.closed()
  await at.world.advance(10_000)
  assert.deepEqual(
    at.done.splice(0),
    Array.from({ length: 3 }, () => ['connected', ['ana', false]]),
  )

  at.readMsMax = 50
  const quick = new DeskPage(at, ana)
  quick.say({ type: 'hello' })
  quick.seat.closed()
  await at.world.advance(1_000)
  assert.deepEqual([at.done.length, quick.frames], [0, []], 'a welcome that was never sent was no connection')
  at.hub.close()
})

test('presence is set with what the person is, and all their sockets see it, once', async () => {
  const at = house()
  const [first, second] = [await sit(at), await sit(at)]
  for (const page of [first, second]) page.frames.length = 0
  first.say({ type: 'presence', state: 'available' })
  await turn()
  assert.deepEqual(at.done.at(-1), ['presence', { id: 'ana', name: 'ANA', kind: 'human', skills: ['cards'], capacity: 3, state: 'available' }])
  assert.deepEqual([first.news, second.news], [['presence available 0/3'], ['presence available 0/3']])
  const worker = {
    id: 'ana',
    lane: 'routing:main',
    name: 'ANA',
    kind: 'human',
    presence: 'away',
    connected: true,
    skills: '[]',
    capacity: 3,
    since: 0,
    idleSince: 0,
  } as const
  at.hub.routed({ kind: 'worker', worker, taken: 2 })
  await at.world.advance(1)
  assert.deepEqual(
    [first.news, second.news],
    [
      ['presence away 2/3', 'queues'],
      ['presence away 2/3', 'queues'],
    ],
  )
  at.refuse = () => {
    throw new BattutaError('OVERLOADED', 'too much', { retryAfterMs: 7 })
  }
  first.say({ type: 'presence', state: 'busy' })
  await turn()
  assert.deepEqual(first.news, ['error OVERLOADED'])
})

test('F1 F2 an offer goes to its worker with its packet, and leaves every tab but the one that answered it', async () => {
  const at = house()
  at.open('a', waits())
  const [first, second, other] = [await sit(at), await sit(at), await sit(at, bo)]
  for (const page of [first, second, other]) page.frames.length = 0
  const offer = at.offer('a', 'ana')
  await at.world.advance(1)
  assert.deepEqual(first.frames, [
    { type: 'offer', offer, packet: packetAt(0) },
    { type: 'queues', queues: [] },
  ])
  assert.deepEqual([first.news, second.news, other.news], [['offer res_a_ana', 'queues'], ['offer res_a_ana', 'queues'], ['queues']])

  first.say({ type: 'accept', reservation: offer.reservation, ref: 'r1' })
  await turn()
  assert.deepEqual(first.news, ['delivery a 1', 'item a 2.1 human', 'done r1'], 'B2 the conversation is told before the answer')
  assert.deepEqual(second.news, ['rescinded res_a_ana taken', 'delivery a 1', 'item a 2.1 human'])
  first.say({ type: 'message', conversation: 'a', id: 'm1', epoch: 2, text: 'hello' })
  await turn()
  assert.ok(first.news.includes('accepted m1 2'))

  second.say({ type: 'accept', reservation: offer.reservation, ref: 'r2' })
  second.say({ type: 'reject', reservation: offer.reservation, ref: 'r3' })
  await turn()
  assert.deepEqual(second.news.slice(-2), ['error RESERVATION_GONE r2', 'error RESERVATION_GONE r3'])
})

test('F1 an offer that ends while its packet is read is not made; one whose packet cannot be read is made all the same', async () => {
  const at = house()
  at.open('a', waits())
  const page = await sit(at)
  page.frames.length = 0
  at.readMsMax = 20
  const offer = at.offer('a', 'ana')
  at.end(offer, 'ana', 'timeout')
  await at.world.advance(100)
  assert.deepEqual(
    page.news.filter((news) => news !== 'queues' && !news.startsWith('item')),
    ['rescinded res_a_ana timeout'],
  )
  at.packets = () => {
    throw new BattutaError('STORAGE_FAILED', 'disk')
  }
  at.offer('a', 'ana')
  await at.world.advance(100)
  const made = page.frames.find(({ type }) => type === 'offer')
  assert.ok(made?.type === 'offer' && made.packet.goal === 'a goal')
  assert.equal(at.failures.length, 1)
})

test('G1 what is offered is seen as long as it is offered', async () => {
  const at = house()
  at.open('a', waits('loans'))
  const page = await sit(at)
  at.hub.changed(at.talks.get('a')!.row)
  await at.world.advance(1)
  assert.deepEqual(page.news, ['welcome'])
  const offer = at.offer('a', 'ana')
  page.say({ type: 'watch', conversation: 'a' })
  await at.world.advance(1)
  assert.deepEqual(page.news.sort(), ['context a', 'offer res_a_ana', 'owner a 1 loans', 'queues'])
  at.end(offer, 'ana', 'timeout')
  at.say('a')
  await at.world.advance(1)
  assert.deepEqual(page.news, ['rescinded res_a_ana timeout', 'gone a'])
})

test('a wrap-up runs on over a reload, until it is completed or over', async () => {
  const at = house()
  at.open('a', theirs('ana'))
  const page = await sit(at)
  page.frames.length = 0
  const offer = at.offer('a', 'ana')
  at.hub.routed({ kind: 'wrapping', reservation: reservationOf(offer, 'ana'), task: taskOf(offer), endsAt: at.world.now() + 30_000 })
  const frame = page.frames.find(({ type }) => type === 'wrapping')
  assert.deepEqual(frame, { type: 'wrapping', reservation: 'res_a_ana', conversation: 'a', endsAt: at.world.now() + 30_000, codes: ['cards solved'] })
  page.seat.closed()
  const back = await sit(at)
  assert.ok(back.news.includes('wrapping res_a_ana'))
  back.say({ type: 'complete', reservation: 'res_a_ana', wrapUpCode: 'solved', ref: 'r1' })
  await turn()
  assert.deepEqual([back.news, at.done.at(-1)], [['done r1'], ['complete', ['res_a_ana', 'ana', 'solved']]])
  assert.ok(!(await sit(at)).news.includes('wrapping res_a_ana'))

  at.hub.routed({ kind: 'wrapping', reservation: reservationOf(offer, 'ana'), task: taskOf(offer), endsAt: at.world.now() + 30_000 })
  await at.world.advance(30_000)
  assert.ok(!(await sit(at)).news.includes('wrapping res_a_ana'))
})

test('H1 a watch brings what was missed after `after`, notes, and then what happens, each once', async () => {
  const { at, page } = await withTalk()
  for (let n = 0; n < 3; n++) at.say('a')
  await at.commands.note({ conversation: 'a', id: 'n1', text: 'note', worker: 'bo' })
  page.frames.length = 0
  at.readMsMax = 20
  page.say({ type: 'watch', conversation: 'a', after: 1 })
  at.say('a')
  at.hub.note('a', at.talks.get('a')!.notes[0]!)
  at.hub.note('a', { id: 'n2', at: 0, by: 'bo', text: 'more', afterSeq: 4 })
  await at.world.advance(100)
  at.hub.deliver(at.talks.get('a')!.entries[3]!)
  at.say('a')
  const told = page.news.filter((news) => !/^(item|context)/.test(news))
  assert.deepEqual(told, ['owner a 1 human', 'delivery a 2', 'delivery a 3', 'delivery a 4', 'note n1', 'note n2', 'delivery a 5'])
  page.say({ type: 'watch', conversation: null })
  at.readMsMax = 0
  at.hub.note('a', { id: 'n3', at: 0, by: 'bo', text: 'more', afterSeq: 4 })
  at.say('a')
  assert.deepEqual(page.news, ['delivery a 6'], 'what is theirs reaches them all the same')
})

test('H1 a watch beyond the end, of nothing, or of what is not theirs is refused', async () => {
  const { at, page } = await withTalk()
  at.open('b', theirs('bo'))
  for (const [conversation, after] of [
    ['a', 9],
    ['nothing', 0],
    ['b', 0],
    ['b', 9],
  ])
    page.say({ type: 'watch', conversation, after })
  await turn()
  at.say('b')
  assert.deepEqual(
    page.frames.map((frame) => frame.type === 'error' && [frame.code, frame.conversation]),
    [
      ['MESSAGE_INVALID', 'a'],
      ['CONVERSATION_UNKNOWN', 'nothing'],
      ['CONVERSATION_UNKNOWN', 'b'],
      ['CONVERSATION_UNKNOWN', 'b'],
    ],
  )
})

test('H2 context comes at once, and again after what the customer says, at most once a second', async () => {
  const { at, page } = await withTalk()
  const second = await sit(at, sue)
  for (const who of [page, second]) who.say({ type: 'watch', conversation: 'a' })
  await turn()
  const contexts = (who: DeskPage): number => who.news.filter((news) => news === 'context a').length
  assert.deepEqual([contexts(page), contexts(second)], [1, 1])
  const memory = JSON.stringify({ emotion: [{ seq: 1, at: 0, level: 0.5 }] })
  at.talks.get('a')!.row = { ...at.talks.get('a')!.row, memory }
  for (let n = 0; n < 5; n++) at.say('a')
  at.say('a', { from: 'bot' })
  await turn()
  assert.equal(contexts(page), 1)
  await at.world.advance(999)
  assert.equal(contexts(page), 0)
  await at.world.advance(2)
  const last = page.frames.find((frame) => frame.type === 'context')
  assert.deepEqual(last, {
    type: 'context',
    conversation: 'a',
    features: { 'user:a': { value: at.done.length, status: 'PRESENT', at: 0, ageMs: 0, version: 'v' } },
    emotion: [{ seq: 1, at: 0, level: 0.5 }],
  })
  assert.deepEqual([contexts(page), contexts(second)], [1, 2])
  await at.world.advance(5_000)
  assert.equal(contexts(page), 0)
})

test('what is typed and read goes over to the customer and back, as long as it is theirs', async () => {
  const { at, page } = await withTalk()
  const watcher = await sit(at, sue)
  watcher.say({ type: 'watch', conversation: 'a' })
  const stranger = await sit(at, bo)
  await turn()
  for (const who of [page, watcher, stranger]) who.frames.length = 0
  page.say({ type: 'typing', conversation: 'a', on: true })
  watcher.say({ type: 'typing', conversation: 'a', on: true })
  stranger.say({ type: 'typing', conversation: 'a', on: true })
  await turn()
  assert.deepEqual([at.told.splice(0), page.news, watcher.news], [['a 1 types'], [], ['typing a human true']])
  await at.world.advance(typingMsMax)
  assert.deepEqual([at.told.splice(0), watcher.news], [['a 1 stops'], ['typing a human false']])

  at.hub.customerTypes('a', true)
  at.hub.customerSaw('a', 0)
  at.say('a')
  at.hub.customerSaw('a', 1)
  at.hub.customerSaw('a', 1)
  assert.deepEqual([page.news, stranger.news], [['typing a customer true', 'delivery a 1', 'seen a 1'], []])
  assert.deepEqual(at.told.splice(0), [], 'a page that does not show it has not read it')
  page.say({ type: 'watch', conversation: 'a', after: 1 })
  await turn()
  at.say('a')
  at.say('a', { from: 'bot' })
  assert.deepEqual(at.told.splice(0), ['a read 1', 'a read 2'])
  assert.ok(page.news.includes('seen a 1'))

  page.say({ type: 'typing', conversation: 'a', on: true })
  at.hand('a', theirs('bo'))
  page.seat.closed()
  assert.deepEqual(at.told, ['a 1 types'], 'typing under an epoch that is over ends with it')
  at.hub.close()
})

test('B1 the lane decides about messages; of what one may not see, nothing is learnt', async () => {
  const { at, page } = await withTalk()
  at.open('b', theirs('bo'))
  const say = (conversation: string, epoch: number, more: object = {}): void =>
    page.say({ type: 'message', conversation, id: `${conversation}${epoch}`, epoch, text: 'hi', ...more })
  say('a', 1)
  say('a', 7)
  say('b', 1)
  say('b', 9)
  say('nothing', 1)
  await turn()
  assert.deepEqual(
    page.news.filter((news) => !news.startsWith('item')),
    [
      'delivery a 1',
      'accepted a1 1',
      'error STALE_EPOCH a7',
      'error CONVERSATION_UNKNOWN b1',
      'error CONVERSATION_UNKNOWN b9',
      'error CONVERSATION_UNKNOWN nothing1',
    ],
  )
  say('a', 1, { attachments: ['a.png'] })
  say('a', 1, { attachments: ['b.png'], text: '' })
  await turn()
  assert.deepEqual(at.talks.get('a')!.entries.at(-1)!.attachments, [{ id: 'a.png', name: 'a.png', type: 'image/png', bytes: 1 }])
  assert.ok(page.news.includes('error ATTACHMENT_REFUSED a1'))
  at.hand('a', { owner: 'bot', worker: null })
  say('a', 1)
  await turn()
  assert.equal(page.news.at(-1), 'error STALE_EPOCH a1', 'who had it is told that it changed hands')
})

test('B1 notes are for what one has or had, and are answered under their id', async () => {
  const { at, page } = await withTalk()
  at.open('b', theirs('bo'))
  at.open('c', waits())
  page.say({ type: 'note', conversation: 'a', id: 'n1', text: 'called back' })
  page.say({ type: 'note', conversation: 'b', id: 'n2', text: 'nosy' })
  page.say({ type: 'note', conversation: 'c', id: 'n3', text: 'early' })
  await turn()
  assert.deepEqual([page.news, at.talks.get('b')!.notes], [['accepted n1 0', 'error CONVERSATION_UNKNOWN n2', 'error FORBIDDEN n3'], []])
})

test('a supervisor hands over and resolves what others have; a colleague does not', async () => {
  const { at, page } = await withTalk()
  const [colleague, supervisor] = [await sit(at, person('cy')), await sit(at, sue)]
  const handoff = { type: 'handoff', conversation: 'a', epoch: 1, to: { kind: 'queue', queue: 'loans' }, agreed: ['a refund'], ref: 'r1' }
  colleague.say(handoff)
  await turn()
  assert.equal(colleague.news.at(-1), 'error CONVERSATION_UNKNOWN r1')
  supervisor.frames.length = 0
  supervisor.say({ ...handoff, epoch: 4 })
  supervisor.say({ ...handoff, because: 'she is ill' })
  await at.world.advance(1)
  assert.deepEqual(supervisor.news, ['error STALE_EPOCH r1', 'done r1', 'item a 2.1 loans'])
  assert.deepEqual(at.done.at(-1), [
    'handOff',
    { conversation: 'a', epoch: 1, to: { kind: 'queue', queue: 'loans' }, worker: 'sue', because: 'she is ill', agreed: ['a refund'], force: true },
  ])
  assert.deepEqual(page.news, ['gone a'])
  at.hand('a', theirs('ana'))
  page.say({ type: 'resolve', conversation: 'a', epoch: 3, wrapUpCode: 'solved', ref: 'r2' })
  await at.world.advance(1)
  assert.deepEqual(at.done.at(-1), ['resolve', { conversation: 'a', epoch: 3, worker: 'ana', wrapUpCode: 'solved' }])
  assert.deepEqual(page.news, ['delivery a 2', 'gone a', 'done r2'])
})

test('G3 who may still see what they had gets its last state, and then it leaves the inbox', async () => {
  const { at, page } = await withTalk()
  at.seesHad = true
  at.hand('a', { owner: 'bot', worker: null })
  await at.world.advance(1)
  assert.deepEqual(page.news, ['item a 2.1 bot', 'gone a'])
  page.say({ type: 'watch', conversation: 'a' })
  at.say('a')
  await turn()
  assert.ok(page.news.includes('delivery a 2'))
})

test('D2 frames are answered in their order, and a page that sends more than is answered is let go', async () => {
  const { at, page } = await withTalk()
  at.readMsMax = 30
  for (let n = 0; n < 20; n++) page.say({ type: 'message', conversation: 'a', id: `m${n}`, epoch: 1, text: 'hi' })
  await at.world.advance(2_000)
  assert.deepEqual(
    page.news.filter((news) => news.startsWith('accepted')),
    Array.from({ length: 20 }, (_, n) => `accepted m${n} ${n + 1}`),
  )
  for (let n = 0; n < waitingFramesMax + 2; n++) page.say({ type: 'note', conversation: 'a', id: `n${n}`, text: 'hi' })
  assert.deepEqual(page.closes, [[1008, 'too many frames wait for an answer']])
})

test('D4 a page that does not read is let go, and hears nothing after the frame it missed', async () => {
  const { at, page } = await withTalk()
  page.buffered = bufferedBytesMax + 1
  at.say('a')
  page.buffered = 0
  at.say('a')
  await at.world.advance(1)
  assert.deepEqual([page.closes, page.news], [[[1013, 'the page does not read']], []])
  assert.equal(at.hub.sockets, 1, 'it is counted until it is closed')
  page.seat.closed()
  assert.equal(at.hub.sockets, 0)
  assert.throws(() => page.seat.closed(), /closes once/)
})

test('F3 queue figures are read at most once a second, and not for nobody', async () => {
  const at = house()
  let read = 0
  const page = await sit(at)
  at.views.queues = async () => (read++, [])
  page.frames.length = 0
  for (let n = 0; n < 5; n++) at.hub.routed({ kind: 'queue', queue: 'cards' })
  await at.world.advance(500)
  assert.deepEqual([read, page.news], [1, ['queues']])
  await at.world.advance(3_000)
  assert.equal(read, 2)
  page.seat.closed()
  at.hub.routed({ kind: 'queue', queue: 'cards' })
  await at.world.advance(3_000)
  assert.equal(read, 2)
})

const long = 'x'.repeat(limits.messageCharsMax + 1)
const bad: readonly (readonly [unknown, RegExp, object?])[] = [
  ['{', /one JSON object/],
  [{ type: 'shout' }, /unknown frame type "shout": send hello, presence, accept/],
  [{ type: 'toString' }, /unknown frame type/],
  [{ type: 'presence', state: 'offline' }, /state must be available, busy or away/],
  [{ type: 'accept', ref: 'r' }, /reservation must be a string/, { ref: 'r' }],
  [{ type: 'accept', reservation: 'x', ref: 7 }, /ref must be a string/],
  [{ type: 'reject', reservation: 'x', reason: '', ref: 'r' }, /reason is empty/, { ref: 'r' }],
  [{ type: 'complete', reservation: 'x', ref: 'r' }, /wrapUpCode must be/, { ref: 'r' }],
  [{ type: 'watch' }, /conversation must be a string/],
  [{ type: 'watch', conversation: 'a', after: -1 }, /after must be a whole number/],
  [{ type: 'message', conversation: 'a', id: 'm', text: 'hi' }, /epoch must be a whole number/, { id: 'm' }],
  [{ type: 'message', conversation: 'a', id: 'm', epoch: 1, text: ' ' }, /text is empty/, { id: 'm' }],
  [{ type: 'message', conversation: 'a', id: 'm', epoch: 1, text: long }, /4001 characters/, { id: 'm' }],
  [{ type: 'message', conversation: 'a', id: 'm', epoch: 1, text: 'hi', attachments: [1] }, /attachments must be/, { id: 'm' }],
  [{ type: 'note', conversation: 'a', id: 'm' }, /text must be a string/, { id: 'm' }],
  ...[undefined, 'bot', { kind: 'nobody' }, { kind: 'bot', slots: [] }, { kind: 'bot', slots: 'x' }].map(
    (to) => [{ type: 'handoff', conversation: 'a', epoch: 1, to, ref: 'r' }, /to must be \{ kind/, { ref: 'r' }] as const,
  ),
  [{ type: 'handoff', conversation: 'a', epoch: 1, to: { kind: 'queue' }, ref: 'r' }, /queue must be a string/, { ref: 'r' }],
  [{ type: 'handoff', conversation: 'a', epoch: 1, to: { kind: 'bot' }, agreed: 'x', ref: 'r' }, /agreed must be at most 20 lines/, { ref: 'r' }],
  [{ type: 'handoff', conversation: 'a', epoch: 1, to: { kind: 'bot' }, agreed: [''], ref: 'r' }, /a line of agreed is empty/, { ref: 'r' }],
  [{ type: 'resolve', conversation: 'a', epoch: 1, ref: 'r' }, /wrapUpCode must be/, { ref: 'r' }],
]

test('a bad frame is answered with what is wrong, under what its sender knows it by, and changes nothing', async () => {
  const { at, page } = await withTalk()
  at.done.length = 0
  for (const [frame, says, marks = {}] of bad) {
    page.say(frame)
    await turn()
    const [answer, ...more] = page.frames.splice(0)
    assert.ok(answer?.type === 'error' && answer.code === 'MESSAGE_INVALID' && more.length === 0, JSON.stringify(frame).slice(0, 80))
    assert.match(answer.detail, says)
    const { id, ref } = answer
    assert.deepEqual({ ...(id === undefined ? {} : { id }), ...(ref === undefined ? {} : { ref }) }, marks)
  }
  assert.deepEqual(at.done, [])
})
