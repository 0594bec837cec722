import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { BattutaError } from '../base/index.ts'
import type { Attachment } from '../definition/index.ts'
import { simulatedWorld } from '../testing/simulated-world.ts'
import { bufferedBytesMax, waitingFramesMax } from './socket-line.ts'
import { typingMsMax } from './typists.ts'
import type { WebChat } from './web-chat.ts'
import { openWebChat } from './web-chat.ts'
import { attachment, Page, row } from './web-chat-fixture.ts'
import type { ChatPlace, ChatSession, Delivery, WebChatParts } from './index.ts'

type History = Awaited<ReturnType<WebChatParts['history']>>

/** Conversations whose history is answered when the test says so. */
class Talks implements WebChatParts {
  readonly world = simulatedWorld('web chat')
  readonly left = new Map<string, Delivery[]>()
  readonly said: { session: ChatSession; id: string; text: string; attachments?: readonly Attachment[] }[] = []
  /** What the customer's side was heard to do. */
  readonly heard: string[] = []
  readonly seqs = new Map<string, number>()
  /** Histories that were asked for: each is read, and answered, when it is called. */
  readonly asked: ((error?: Error) => void)[] = []
  ownerNow: Omit<ChatPlace, 'seq' | 'queue'> & { queue?: string } = { epoch: 1, owner: 'bot' }
  answers: (session: ChatSession, id: string) => Promise<{ seq: number }> = async (_, id) => ({ seq: this.seqs.get(id) ?? 1 })

  session(token: string): ChatSession {
    const [, customer, conversation] = /^(user:\d+) (\w+)$/.exec(token) ?? []
    if (customer === undefined || conversation === undefined) throw new BattutaError('CHAT_TOKEN_INVALID', `“${token}” is no token`)
    return { customer, conversation }
  }

  say(session: ChatSession, id: string, text: string, attachments: readonly Attachment[]): Promise<{ seq: number }> {
    this.said.push({ session, id, text, ...(attachments.length === 0 ? {} : { attachments }) })
    return this.answers(session, id)
  }

  teamOf(queue: string): string | null {
    return queue === 'cards' ? 'Cards team' : null
  }

  attachments(session: ChatSession, ids: readonly string[]): Promise<readonly Attachment[]> {
    if (ids.some((id) => !id.startsWith(session.conversation)))
      return Promise.reject(new BattutaError('ATTACHMENT_REFUSED', `one of ${ids} is not of ${session.conversation}`))
    return Promise.resolve(ids.map(attachment))
  }

  typing(conversation: string, on: boolean): void {
    this.heard.push(`${conversation} ${on ? 'types' : 'stops'}`)
  }

  seen(conversation: string, seq: number): void {
    this.heard.push(`${conversation} saw ${seq}`)
  }

  history(conversation: string, after: number): Promise<History> {
    return new Promise((resolve, reject) => {
      this.asked.push((error) => {
        if (error !== undefined) return reject(error)
        const all = this.left.get(conversation) ?? []
        resolve({ items: all.filter(({ seq }) => seq > after), seq: all.length, queue: null, ...this.ownerNow })
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
      at: 1_000 + seq,
      by: 'p_ana',
      notice: null,
      attachments: [],
    }
    all.push(delivery)
    return delivery
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
  assert.deepEqual(page.frames[2], { type: 'delivery', seq: 1, epoch: 1, from: 'customer', text: 'a 1', at: 1_001, id: 'm1' })
  chat.deliver(talks.next('a'))
  assert.ok(!('id' in page.frames[3]!), 'only messages of pages have an id')
})

test('C1 the newest owner is told, and none before it, whether it is read or told live', async () => {
  const { talks, chat, page } = await greeted()
  page.hello('a')
  chat.owner(row('a', 3, 'human'))
  talks.ownerNow = { epoch: 2, owner: 'agent' }
  talks.asked.shift()?.()
  await turn()
  page.hello('a')
  talks.ownerNow = { epoch: 5, owner: 'bot' }
  talks.asked.shift()?.()
  await turn()
  chat.owner(row('a', 4, 'agent'))
  chat.owner(row('a', 6, 'human'))
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
  chat.owner(row('a', 9, 'human'))
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
  assert.deepEqual(page.closes, [[1008, 'too many frames wait for an answer']])
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
  chat.owner(row('a', 4, 'human'))
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

test('a delivery tells when, what it notices and what hangs on it; never which of us said it, nor the id we gave it', async () => {
  const { chat, page } = await greeted()
  const plain = { conversation: 'a', epoch: 1, from: 'human', text: 'hello', id: 'dsk_1', at: 7, by: 'p_ana', notice: null, attachments: [] } as const
  chat.deliver({ ...plain, seq: 1 })
  chat.deliver({ ...plain, seq: 2, from: 'system', notice: { kind: 'joined', team: 'Cards team' }, attachments: [attachment('a1')] })
  assert.deepEqual(page.frames.slice(2), [
    { type: 'delivery', seq: 1, epoch: 1, from: 'human', text: 'hello', at: 7 },
    {
      type: 'delivery',
      seq: 2,
      epoch: 1,
      from: 'system',
      text: 'hello',
      at: 7,
      notice: { kind: 'joined', team: 'Cards team' },
      attachments: [attachment('a1')],
    },
  ])
})

test('the owner is told with the team a customer reads of: where it waits and whose colleague has it, not with a bot', async () => {
  const { talks, chat, page } = await greeted()
  chat.owner(row('a', 2, null, 'cards'))
  chat.owner(row('a', 3, 'human', 'cards'))
  chat.owner(row('a', 4, 'bot', 'cards'))
  chat.owner(row('a', 5, null, 'a queue that is gone'))
  talks.ownerNow = { epoch: 5, owner: 'human', queue: 'cards' }
  page.hello()
  talks.asked.shift()?.()
  await turn()
  assert.deepEqual(
    page.frames.flatMap((frame) => (frame.type === 'owner' ? [[frame.epoch, frame.role, frame.team]] : [])),
    [
      [1, 'bot', null],
      [2, null, 'Cards team'],
      [3, 'human', 'Cards team'],
      [4, 'bot', null],
      [5, null, null],
      [5, 'human', 'Cards team'],
    ],
  )
})

test('C4 attachments are looked up before the message is said, and the messages after it wait', async () => {
  const { talks, page } = await greeted('a')
  page.say({ type: 'message', id: 'm1', text: '', attachments: ['a1', 'a2'] })
  page.say({ type: 'message', id: 'm2', text: 'and more' })
  page.say({ type: 'message', id: 'm3', text: 'not mine', attachments: ['a1', 'z9'] })
  assert.deepEqual(talks.said, [])
  await turn()
  const session = { customer: 'user:1', conversation: 'a' }
  assert.deepEqual(talks.said, [
    { session, id: 'm1', text: '', attachments: [attachment('a1'), attachment('a2')] },
    { session, id: 'm2', text: 'and more' },
  ])
  assert.deepEqual(page.types.slice(2), ['accepted 1', 'accepted 1', 'error ATTACHMENT_REFUSED'])
})

test('C6 typing of the bot and of a colleague is told under the current epoch only, and to nobody who comes later', async () => {
  const { talks, chat, page } = await greeted()
  const late = new Page(chat)
  late.hello()
  chat.thinking('a', 1, true)
  chat.typing('a', 1, true)
  chat.thinking('a', 2, true)
  chat.owner(row('a', 2, 'human', 'cards'))
  chat.thinking('a', 2, true)
  chat.thinking('a', 1, false)
  chat.typing('a', 2, true)
  chat.owner(row('a', 3, null, 'cards'))
  chat.typing('a', 3, true)
  chat.read('a', 4)
  talks.asked.shift()?.()
  await turn()
  assert.deepEqual(
    page.frames.filter(({ type }) => type === 'typing' || type === 'read'),
    [
      { type: 'typing', epoch: 1, from: 'bot', on: true },
      { type: 'typing', epoch: 2, from: 'human', on: true },
      { type: 'read', seq: 4 },
    ],
  )
  assert.deepEqual(late.types, ['welcome 0', 'owner', 'owner'])
})

test('C6 a customer types until they say no more, say it all, fall silent or leave; two pages type as one', async () => {
  const { talks, chat, page } = await greeted('a')
  const other = new Page(chat)
  other.hello('a')
  talks.asked.shift()?.()
  await turn()
  const types = (who: Page, on = true): void => who.say({ type: 'typing', on })
  const heard = (): string[] => talks.heard.splice(0)
  for (let again = 0; again < 3; again++) types(page)
  types(other)
  types(page, false)
  assert.deepEqual(heard(), ['a types'])
  page.say({ type: 'message', id: 'm1', text: 'hi' })
  assert.deepEqual(heard(), [])
  other.say({ type: 'message', id: 'm2', text: 'hi' })
  assert.deepEqual(heard(), ['a stops'])

  types(page)
  types(page, false)
  types(page, false)
  assert.deepEqual(heard(), ['a types', 'a stops'])
  types(page)
  await talks.world.advance(typingMsMax - 1)
  types(page)
  await talks.world.advance(typingMsMax - 1)
  assert.deepEqual(heard(), ['a types'])
  await talks.world.advance(1)
  assert.deepEqual(heard(), ['a stops'])

  types(page)
  page.seat.closed()
  types(other)
  other.hello('b')
  assert.deepEqual(heard(), ['a types', 'a stops', 'a types', 'a stops'])
  types(other)
  talks.asked.shift()?.()
  await turn()
  assert.deepEqual(heard(), ['b types'])
})

test('what the customer has read is told as it rises, and never beyond what was sent', async () => {
  const { talks, chat, page } = await greeted('a')
  for (let n = 0; n < 3; n++) chat.deliver(talks.next('a'))
  for (const seq of [2, 2, 1, 99, 3]) page.say({ type: 'seen', seq })
  assert.deepEqual(talks.heard, ['a saw 2', 'a saw 3'])
  const early = new Page(chat)
  early.say({ type: 'seen', seq: 1 })
  early.say({ type: 'typing', on: true })
  assert.deepEqual([talks.heard.length, early.frames], [2, []])
})

test('a bad frame is answered with what is wrong, under its id where it has one, and changes nothing', async () => {
  const { talks, page } = await greeted()
  page.frames.length = 0
  for (const frame of ['{', { type: 'hello', token: 'user:1 a', after: -1 }, { type: 'message', id: 'm', text: ' ' }, { type: 'typing', on: true }])
    page.say(frame)
  await turn()
  assert.deepEqual(
    page.frames.map((frame) => frame.type === 'error' && [frame.code, frame.id]),
    [
      ['MESSAGE_INVALID', undefined],
      ['MESSAGE_INVALID', undefined],
      ['MESSAGE_INVALID', 'm'],
    ],
  )
  assert.deepEqual([talks.said, talks.asked], [[], []])
})

test('a socket closes once', () => {
  const page = new Page(openWebChat(new Talks()))
  page.seat.closed()
  assert.throws(() => page.seat.closed(), /closes once/)
})
