import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { BattutaError, limits } from '../base/index.ts'
import type { ChatServerFrame } from '../definition/index.ts'
import type { ChatOwner, WebChat } from './web-chat.ts'
import { bufferedBytesMax, openWebChat, waitingFramesMax } from './web-chat.ts'
import type { ChatSession, ChatSocket, Delivery, WebChatConversation } from './index.ts'

type History = Awaited<ReturnType<WebChatConversation['history']>>

/** Conversations whose history is answered when the test says so. */
class Talks implements WebChatConversation {
  readonly left = new Map<string, Delivery[]>()
  readonly said: { session: ChatSession; id: string; text: string }[] = []
  readonly seqs = new Map<string, number>()
  /** Histories that were asked for: each is read, and answered, when it is called. */
  readonly asked: ((error?: Error) => void)[] = []
  ownerNow: { epoch: number; owner: ChatOwner } = { epoch: 1, owner: 'bot' }
  answers: (session: ChatSession, id: string) => Promise<{ seq: number }> = async (_, id) => ({ seq: this.seqs.get(id) ?? 1 })

  session(token: string): ChatSession {
    const [, customer, conversation] = /^(user:\d+) (\w+)$/.exec(token) ?? []
    if (customer === undefined || conversation === undefined) throw new BattutaError('CHAT_TOKEN_INVALID', `“${token}” is no token`)
    return { customer, conversation }
  }

  say(session: ChatSession, id: string, text: string): Promise<{ seq: number }> {
    this.said.push({ session, id, text })
    return this.answers(session, id)
  }

  history(conversation: string, after: number): Promise<History> {
    return new Promise((resolve, reject) => {
      this.asked.push((error) => {
        if (error !== undefined) return reject(error)
        const all = this.left.get(conversation) ?? []
        resolve({ items: all.filter(({ seq }) => seq > after), seq: all.length, ...this.ownerNow })
      })
    })
  }

  /** The next entry of a conversation, as records hold it. */
  next(conversation: string): Delivery {
    const all = this.left.get(conversation) ?? []
    this.left.set(conversation, all)
    const seq = all.length + 1
    const delivery: Delivery = {
      conversation,
      seq,
      epoch: 1,
      from: seq % 2 === 1 ? 'customer' : 'bot',
      text: `${conversation} ${seq}`,
      id: seq % 2 === 1 ? `m${seq}` : null,
    }
    all.push(delivery)
    return delivery
  }
}

class Page implements ChatSocket {
  readonly frames: ChatServerFrame[] = []
  readonly closes: [number, string][] = []
  buffered = 0
  readonly seat: ReturnType<WebChat['open']>

  constructor(chat: WebChat) {
    this.seat = chat.open(this)
  }

  send(frame: string): void {
    this.frames.push(JSON.parse(frame) as ChatServerFrame)
  }

  close(code: number, reason: string): void {
    this.closes.push([code, reason])
  }

  say(frame: unknown): void {
    this.seat.receive(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  hello(conversation = 'a', after?: number): void {
    this.say({ type: 'hello', token: `user:1 ${conversation}`, ...(after === undefined ? {} : { after }) })
  }

  get types(): string[] {
    return this.frames.map((frame) => ('seq' in frame ? `${frame.type} ${frame.seq}` : 'code' in frame ? `${frame.type} ${frame.code}` : frame.type))
  }
}

async function greeted(conversation = 'a', after?: number): Promise<{ talks: Talks; chat: WebChat; page: Page }> {
  const talks = new Talks()
  const chat = openWebChat(talks)
  const page = new Page(chat)
  page.hello(conversation, after)
  talks.asked.shift()?.()
  await turn()
  return { talks, chat, page }
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('record' as const), conversation: fc.constantFrom('a', 'b') }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('leave' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('hello' as const), page: fc.nat(1), conversation: fc.constantFrom('a', 'a', 'b'), after: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('answer' as const), which: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reconnect' as const), page: fc.nat(1) }) },
)

interface Sat {
  page: Page
  /** Every hello of this page that was answered or will be: where it began. */
  readonly hellos: { readonly conversation: string; readonly after: number }[]
}

/** C1 of one page: after each welcome come the numbers after that hello's `after`, without gap or repeat. */
function checkOrder({ page, hellos }: Sat): void {
  let current: { conversation: string; after: number } | undefined
  let expected = 0
  let answered = 0
  for (const frame of page.frames) {
    if (frame.type === 'welcome') {
      current = hellos[answered++]
      expected = (current?.after ?? 0) + 1
    } else if (frame.type === 'delivery') {
      assert.ok(current, 'nothing is delivered before the welcome')
      assert.equal(frame.seq, expected++, 'in order, none twice, none left out')
      assert.equal(frame.text, `${current.conversation} ${frame.seq}`)
    }
  }
}

test('C1 every socket gets each delivery after its `after` once and in order, whatever arrives while it catches up', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const talks = new Talks()
      const chat = openWebChat(talks)
      const leaving: Delivery[] = []
      const sat: Sat[] = Array.from({ length: 2 }, () => ({ page: new Page(chat), hellos: [] }))
      for (const now of steps) {
        if (now.do === 'record') leaving.push(talks.next(now.conversation))
        else if (now.do === 'leave') leaving.splice(0, 1).forEach((delivery) => chat.deliver(delivery))
        else if (now.do === 'answer') talks.asked.splice(now.which, 1).forEach((answer) => answer())
        else if (now.do === 'reconnect') {
          sat[now.page]!.page.seat.closed()
          sat[now.page] = { page: new Page(chat), hellos: [] }
        } else {
          const after = Math.min(now.after, talks.left.get(now.conversation)?.length ?? 0)
          sat[now.page]!.hellos.push({ conversation: now.conversation, after })
          sat[now.page]!.page.hello(now.conversation, after)
        }
        await turn()
      }
      for (const delivery of leaving) chat.deliver(delivery)
      while (talks.asked.length > 0) {
        talks.asked.shift()?.()
        await turn()
      }
      for (const one of sat) {
        checkOrder(one)
        const last = one.hellos.at(-1)
        const said = one.page.frames.filter((frame) => frame.type === 'delivery').at(-1)
        const end = talks.left.get(last?.conversation ?? '')?.length ?? 0
        assert.equal(one.page.types.filter((type) => type.startsWith('welcome')).length, one.hellos.length, 'every hello is answered')
        if (last && last.after < end) assert.equal(said?.seq, end, 'nothing is left out at the end')
        one.page.seat.closed()
      }
      assert.equal(chat.sockets, 0)
    }),
    { numRuns: 200 },
  )
})

test('C1 a delivery that is told twice is sent once', async () => {
  const { talks, chat, page } = await greeted()
  const first = talks.next('a')
  for (let again = 0; again < 3; again++) chat.deliver(first)
  assert.deepEqual(page.types, ['welcome 0', 'owner', 'delivery 1'])
  assert.deepEqual(page.frames[2], { type: 'delivery', seq: 1, epoch: 1, from: 'customer', text: 'a 1', id: 'm1' })
  chat.deliver(talks.next('a'))
  assert.ok(!('id' in page.frames[3]!), 'only messages of pages have an id')
})

test('C1 the newest owner is told, and none before it, whether it is read or told live', async () => {
  const { talks, chat, page } = await greeted()
  page.hello('a')
  chat.owner('a', 3, 'human')
  talks.ownerNow = { epoch: 2, owner: 'agent' }
  talks.asked.shift()?.()
  await turn()
  page.hello('a')
  talks.ownerNow = { epoch: 5, owner: 'bot' }
  talks.asked.shift()?.()
  await turn()
  chat.owner('a', 4, 'agent')
  chat.owner('a', 6, 'human')
  assert.deepEqual(
    page.frames.map((frame) => (frame.type === 'owner' ? `${frame.epoch} ${frame.role}` : frame.type)),
    ['welcome', '1 bot', 'welcome', '2 agent', '3 human', 'welcome', '5 bot', '6 human'],
  )
})

test('C1 a conversation that nobody owns has no owner to tell', async () => {
  const talks = new Talks()
  talks.ownerNow = { epoch: 0, owner: null }
  const page = new Page(openWebChat(talks))
  page.hello()
  talks.asked.shift()?.()
  await turn()
  assert.deepEqual(page.types, ['welcome 0'])
})

test('C2 a message is accepted only once it is kept, under the seq it then has', async () => {
  const { talks, page } = await greeted()
  let keep!: (kept: { seq: number }) => void
  talks.answers = () => new Promise((resolve) => (keep = resolve))
  page.say({ type: 'message', id: 'm1', text: 'hello' })
  await turn()
  assert.deepEqual(page.types, ['welcome 0', 'owner'])
  keep({ seq: 7 })
  await turn()
  assert.deepEqual(page.frames[2], { type: 'accepted', id: 'm1', seq: 7 })
})

test('C2 a message that could not be kept is refused under its id, with how long to wait', async () => {
  const { talks, page } = await greeted()
  talks.answers = () => Promise.reject(new BattutaError('OVERLOADED', 'too much', { retryAfterMs: 200 }))
  page.say({ type: 'message', id: 'm1', text: 'hello' })
  talks.answers = () => Promise.reject(new Error('a path with secrets'))
  page.say({ type: 'message', id: 'm2', text: 'hello' })
  await turn()
  assert.deepEqual(page.frames.slice(2), [
    { type: 'error', code: 'OVERLOADED', detail: 'too much', id: 'm1', retryAfterMs: 200 },
    { type: 'error', code: 'STORAGE_FAILED', detail: 'the message could not be kept; send it again', id: 'm2' },
  ])
})

test('C3 a socket speaks for the customer and conversation of its token, and for nobody before its hello', async () => {
  const { talks, chat, page } = await greeted('a')
  page.say({ type: 'message', id: 'm1', text: 'hi', customer: 'user:9', conversation: 'z' })
  page.hello('b')
  talks.asked.shift()?.()
  await turn()
  page.say({ type: 'message', id: 'm2', text: 'hi' })
  assert.deepEqual(
    talks.said.map(({ session }) => session),
    [
      { customer: 'user:1', conversation: 'a' },
      { customer: 'user:1', conversation: 'b' },
    ],
  )

  const early = new Page(chat)
  early.say({ type: 'message', id: 'm3', text: 'hi' })
  await turn()
  assert.deepEqual(
    early.frames.map((frame) => frame.type === 'error' && [frame.code, frame.id]),
    [['CHAT_TOKEN_INVALID', 'm3']],
  )
  assert.equal(talks.said.length, 2)
})

test('C3 a hello with a bad token changes nothing', async () => {
  const { talks, chat, page } = await greeted('a')
  page.say({ type: 'hello', token: 'nonsense', after: 0 })
  await turn()
  assert.equal(page.types.at(-1), 'error CHAT_TOKEN_INVALID')
  chat.deliver(talks.next('a'))
  assert.equal(page.types.at(-1), 'delivery 1')
})

test('C3 after a hello for another conversation nothing of the first one comes', async () => {
  const { talks, chat, page } = await greeted('a')
  page.hello('b')
  talks.asked.shift()?.()
  await turn()
  chat.deliver(talks.next('a'))
  chat.owner('a', 9, 'human')
  assert.deepEqual(page.types, ['welcome 0', 'owner', 'welcome 0', 'owner'])
})

test('C4 what comes while a hello is answered waits for it, other hellos too', async () => {
  const talks = new Talks()
  const page = new Page(openWebChat(talks))
  page.hello('a')
  page.say({ type: 'message', id: 'm1', text: 'to a' })
  page.hello('b')
  page.say({ type: 'message', id: 'm2', text: 'to b' })
  await turn()
  assert.deepEqual([page.types, talks.said, talks.asked.length], [[], [], 1])
  talks.asked.shift()?.()
  await turn()
  assert.equal(talks.asked.length, 1, 'the second hello is answered after the first')
  talks.asked.shift()?.()
  await turn()
  assert.deepEqual(
    talks.said.map(({ session, id }) => [session.conversation, id]),
    [
      ['a', 'm1'],
      ['b', 'm2'],
    ],
  )
  assert.equal(page.types.filter((type) => type === 'welcome 0').length, 2)
})

test(`C4 at most ${waitingFramesMax} frames wait; a page that sends more is let go`, async () => {
  const talks = new Talks()
  const page = new Page(openWebChat(talks))
  page.hello()
  for (let n = 0; n < waitingFramesMax; n++) page.say({ type: 'message', id: `m${n}`, text: 'hi' })
  assert.deepEqual(page.closes, [])
  for (let n = 0; n < 3; n++) page.say({ type: 'message', id: 'x', text: 'hi' })
  assert.deepEqual(page.closes, [[1008, 'too many frames before the hello was answered']])
  talks.asked.shift()?.()
  await turn()
  assert.deepEqual([page.frames, talks.said], [[], []])
})

test('C5 a slow reader is let go, and gets nothing after the frame it missed', async () => {
  const { talks, chat, page } = await greeted()
  chat.deliver(talks.next('a'))
  page.buffered = bufferedBytesMax + 1
  chat.deliver(talks.next('a'))
  page.buffered = 0
  chat.deliver(talks.next('a'))
  chat.owner('a', 4, 'human')
  page.say({ type: 'message', id: 'm1', text: 'hi' })
  await turn()
  assert.deepEqual([page.closes, page.types, talks.said], [[[1013, 'the page does not read']], ['welcome 0', 'owner', 'delivery 1'], []])
  assert.equal(chat.sockets, 1, 'it is counted until it is closed')
  page.seat.closed()
  assert.equal(chat.sockets, 0)

  const back = new Page(chat)
  back.hello('a', 1)
  talks.asked.shift()?.()
  await turn()
  assert.deepEqual(
    back.types.filter((type) => type.startsWith('delivery')),
    ['delivery 2', 'delivery 3'],
  )
})

test('C5 a socket that closes while its hello is answered is sent nothing, and says nothing any more', async () => {
  const talks = new Talks()
  const chat = openWebChat(talks)
  const page = new Page(chat)
  page.hello('a')
  page.hello('b')
  page.say({ type: 'message', id: 'm1', text: 'hi' })
  page.seat.closed()
  talks.asked.shift()?.()
  await turn()
  for (const conversation of ['a', 'b']) chat.deliver(talks.next(conversation))
  assert.deepEqual([page.frames, talks.said, talks.asked.length, chat.sockets], [[], [], 0, 0])
})

test('C5 a message that is kept after its socket closed is answered to nobody', async () => {
  const { talks, page } = await greeted()
  let keep!: (kept: { seq: number }) => void
  talks.answers = () => new Promise((resolve) => (keep = resolve))
  page.say({ type: 'message', id: 'm1', text: 'hi' })
  page.seat.closed()
  keep({ seq: 1 })
  await turn()
  assert.deepEqual(page.types, ['welcome 0', 'owner'])
})

test('a history that cannot be read is said, and the page comes back', async () => {
  const talks = new Talks()
  const chat = openWebChat(talks)
  const page = new Page(chat)
  page.hello('a')
  talks.asked.shift()?.(new Error('disk'))
  await turn()
  chat.deliver(talks.next('a'))
  assert.deepEqual(page.frames, [{ type: 'error', code: 'STORAGE_FAILED', detail: 'the conversation could not be read; connect again' }])
  assert.deepEqual(page.closes, [[1011, 'the conversation could not be read']])
})

test('a history that is refused leaves the socket without a conversation, until the next hello', async () => {
  const { talks, chat, page } = await greeted('a')
  page.hello('a', 0)
  talks.asked.shift()?.(new BattutaError('MESSAGE_INVALID', 'hello: after is too high'))
  await turn()
  chat.deliver(talks.next('a'))
  page.say({ type: 'message', id: 'm1', text: 'hi' })
  await turn()
  assert.deepEqual([page.types.slice(2), page.closes], [['error MESSAGE_INVALID', 'error CHAT_TOKEN_INVALID'], []])
  page.hello('a')
  talks.asked.shift()?.()
  await turn()
  assert.deepEqual(page.types.slice(-3), ['welcome 1', 'owner', 'delivery 1'])
})

const tooLong = 'x'.repeat(limits.messageCharsMax + 1)
const bad: readonly (readonly [unknown, RegExp, string?])[] = [
  ['', /one JSON object/],
  ['{', /one JSON object/],
  ['[]', /one JSON object/],
  ['null', /one JSON object/],
  ['"hello"', /one JSON object/],
  [{}, /unknown frame type nothing: send hello/],
  [{ type: 7 }, /unknown frame type 7/],
  [{ type: 'x'.repeat(99) }, /unknown frame type "x{39}: send/],
  [{ type: 'hello' }, /token must be a string/],
  [{ type: 'hello', token: 1 }, /token must be a string/],
  ...[-1, 1.5, '3', null, 2 ** 60].map((after) => [{ type: 'hello', token: 'user:1 a', after }, /after must be a sequence number/] as const),
  [{ type: 'message', text: 'hi' }, /id must be a string of 1 to 256/],
  [{ type: 'message', id: '', text: 'hi' }, /id must be/],
  [{ type: 'message', id: 'i'.repeat(limits.idCharsMax + 1), text: 'hi' }, /id must be/],
  [{ type: 'message', id: 'm', text: 3 }, /text must be a string/, 'm'],
  [{ type: 'message', id: 'm', text: ' \n' }, /text is empty/, 'm'],
  [{ type: 'message', id: 'm', text: tooLong }, /text has 4001 characters; at most 4000/, 'm'],
  [{ type: 'seen', seq: -1 }, /seen: seq must be/],
]

test('a bad frame is answered with what is wrong, under its id where it has one, and changes nothing', async () => {
  const { talks, page } = await greeted()
  for (const [frame, says, id] of bad) {
    page.frames.length = 0
    page.say(frame)
    await turn()
    const [answer, ...more] = page.frames
    assert.ok(answer?.type === 'error' && answer.code === 'MESSAGE_INVALID' && more.length === 0, JSON.stringify(frame).slice(0, 80))
    assert.match(answer.detail, says)
    assert.equal(answer.id, id)
  }
  assert.deepEqual([talks.said, talks.asked], [[], []])
  page.frames.length = 0
  for (const frame of [
    { type: 'typing', on: true },
    { type: 'seen', seq: 3, more: true },
  ])
    page.say(frame)
  page.say({ type: 'message', id: 'i'.repeat(limits.idCharsMax), text: 'x'.repeat(limits.messageCharsMax) })
  await turn()
  assert.deepEqual(page.types, ['accepted 1'])
})

test('a socket closes once', () => {
  const page = new Page(openWebChat(new Talks()))
  page.seat.closed()
  assert.throws(() => page.seat.closed(), /closes once/)
})
