import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ChatClientFrame, ChatServerFrame } from '../definition/index.ts'
import { chat } from './chat.ts'
import type { ChatDelivery, ChatOptions, ChatSocket, ChatState } from './chat.ts'
import type { ClientTimers } from './timers.ts'

/** Time that moves only when told to. */
function heldTimers(): ClientTimers & { pass: (ms: number) => void } {
  let now = 0
  let seed = 1
  let due: { at: number; run: () => void }[] = []
  return {
    now: () => now,
    after: (delayMs, run) => {
      const timer = { at: now + delayMs, run }
      due.push(timer)
      return () => void (due = due.filter((other) => other !== timer))
    },
    chance: () => (seed = (seed * 48271) % 2147483647) / 2147483647,
    pass: (ms) => {
      now += ms
      const ripe = due.filter(({ at }) => at <= now)
      due = due.filter(({ at }) => at > now)
      for (const { run } of ripe) run()
    },
  }
}

/** A server that keeps its conversation in an array and can lose anything on the way. */
class Server {
  sequence: ChatDelivery[] = []
  conversation = 'con_1'
  readonly sockets: Line[] = []
  loseAccepted = false
  /** Frames that are no hello, as they came. */
  readonly told: ChatClientFrame[] = []
  get line(): Line {
    return this.sockets.at(-1) as Line
  }
  say(from: ChatDelivery['from'], text: string, id?: string): void {
    const delivery = { seq: this.sequence.length + 1, epoch: 1, from, text, at: 0, ...(id === undefined ? {} : { id }) }
    this.sequence.push(delivery)
    if (from !== 'customer' && this.line.welcomed) this.line.push({ type: 'delivery', ...delivery })
  }
  hear(line: Line, frame: ChatClientFrame): void {
    if (frame.type === 'hello') {
      line.welcomed = true
      for (const delivery of this.sequence) if (delivery.seq > frame.after) line.push({ type: 'delivery', ...delivery })
      line.push({ type: 'welcome', conversation: this.conversation, seq: this.sequence.length })
    }
    if (frame.type !== 'hello') this.told.push(frame)
    if (frame.type === 'message') {
      if (!this.sequence.some(({ id }) => id === frame.id)) {
        this.say('customer', frame.text, frame.id)
        this.say('bot', `re: ${frame.text}`)
      }
      if (!this.loseAccepted) line.push({ type: 'accepted', id: frame.id, seq: 0 })
    }
  }
}

class Line implements ChatSocket {
  onopen: (() => unknown) | null = null
  onmessage: ((event: { data: string }) => unknown) | null = null
  onclose: (() => unknown) | null = null
  welcomed = false
  dead = false
  readonly #server: Server
  constructor(server: Server) {
    this.#server = server
    server.sockets.push(this)
    queueMicrotask(() => this.onopen?.())
  }
  send(data: string): void {
    if (!this.dead) this.#server.hear(this, JSON.parse(data) as ChatClientFrame)
  }
  push(frame: ChatServerFrame): void {
    if (!this.dead) this.onmessage?.({ data: JSON.stringify(frame) })
  }
  close(): void {
    this.dead = true
  }
  cut(): void {
    this.dead = true
    this.onclose?.()
  }
}

const settle = async () => {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve()
}

function opened(more: Partial<ChatOptions> = {}) {
  const server = new Server()
  const timers = heldTimers()
  const heard: string[] = []
  const accepted: string[] = []
  const states: ChatState['kind'][] = []
  const talk = chat({
    url: 'http://door.test',
    token: 't',
    timers,
    openSocket: () => new Line(server),
    handlers: { delivery: ({ text }) => heard.push(text), accepted: (id) => accepted.push(id), state: ({ kind }) => states.push(kind) },
    ...more,
  })
  return { server, timers, heard, accepted, states, talk }
}

test('C3 what is written without a connection is sent when there is one, in order, once', async () => {
  const { server, talk, accepted, timers } = opened()
  talk.send('one')
  talk.send('two')
  await settle()
  assert.deepEqual(
    server.sequence.filter(({ from }) => from === 'customer').map(({ text }) => text),
    ['one', 'two'],
  )
  server.line.cut()
  talk.send('three')
  timers.pass(20_000)
  await settle()
  assert.deepEqual(
    server.sequence.filter(({ from }) => from === 'customer').map(({ text }) => text),
    ['one', 'two', 'three'],
  )
  assert.equal(accepted.length, 3)
  assert.deepEqual(talk.pending, [])
})

test('C3 a lost acknowledgement sends the message again under its own id', async () => {
  const { server, talk, accepted, timers } = opened()
  await settle()
  server.loseAccepted = true
  const id = talk.send('hello')
  assert.deepEqual(
    talk.pending.map((message) => message.id),
    [id],
  )
  timers.pass(8_000)
  assert.equal(talk.state.kind, 'waiting')
  server.loseAccepted = false
  timers.pass(20_000)
  await settle()
  assert.deepEqual(accepted, [id])
  assert.equal(server.sequence.filter(({ from }) => from === 'customer').length, 1)
})

test('C3 and C4 nothing is lost and nothing repeats, wherever the connection breaks', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('write' as const), lose: fc.boolean() }),
    fc.record({ do: fc.constant('answer' as const) }),
    fc.record({ do: fc.constant('cut' as const) }),
    fc.record({ do: fc.constant('repeat' as const) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 20_000 }) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { server, talk, heard, timers } = opened()
      await settle()
      const written: string[] = []
      for (const [index, act] of steps.entries()) {
        if (act.do === 'write') {
          server.loseAccepted = act.lose
          if (talk.send(`m${index}`) !== null) written.push(`m${index}`)
        } else if (act.do === 'answer') server.say('agent', `a${index}`)
        else if (act.do === 'cut') server.line.cut()
        else if (act.do === 'repeat') for (const delivery of server.sequence) server.line.push({ type: 'delivery', ...delivery })
        else timers.pass(act.ms)
        await settle()
      }
      server.loseAccepted = false
      for (let round = 0; round < 4; round++) {
        timers.pass(20_000)
        await settle()
      }
      assert.deepEqual(
        server.sequence.filter(({ from }) => from === 'customer').map(({ text }) => text),
        written,
      )
      assert.equal(new Set(heard).size, heard.length, 'a delivery was handed on twice')
      for (const { from, text } of server.sequence) if (from !== 'customer') assert.ok(heard.includes(text), `${text} was lost`)
      assert.deepEqual(talk.pending, [])
    }),
    { numRuns: 60 },
  )
})

test('a refused message is the customer’s again, a throttled one is sent later', async () => {
  const refused: string[] = []
  const { server, talk, timers } = opened({ handlers: { refused: (id, { code }) => refused.push(`${id} ${code}`) } })
  await settle()
  server.loseAccepted = true
  const first = talk.send('much too long') as string
  server.line.push({ type: 'error', code: 'MESSAGE_INVALID', detail: 'too long', id: first })
  assert.deepEqual(refused, [`${first} MESSAGE_INVALID`])
  const second = talk.send('soon') as string
  server.line.push({ type: 'error', code: 'OVERLOADED', detail: 'busy', id: second, retryAfterMs: 50 })
  server.loseAccepted = false
  timers.pass(50)
  assert.deepEqual(talk.pending, [])
})

test('a token that is refused is renewed when it can be, and the chat says so when it cannot', async () => {
  const asked: boolean[] = []
  const renewing = opened({ token: async (invalid) => (asked.push(invalid), 't2') })
  await settle()
  renewing.server.line.push({ type: 'error', code: 'CHAT_TOKEN_INVALID', detail: 'expired' })
  renewing.timers.pass(20_000)
  await settle()
  assert.deepEqual(asked, [false, true])
  assert.equal(renewing.talk.state.kind, 'open')
  const fixed = opened()
  await settle()
  fixed.server.line.push({ type: 'error', code: 'CHAT_TOKEN_INVALID', detail: 'expired' })
  assert.equal(fixed.talk.state.kind, 'refused')
})

test('a page continues where the last one stopped, with what it could not say', async () => {
  const { server, heard, accepted } = opened({ after: 2, pending: [{ id: 'msg_old', text: 'kept' }] })
  for (const [index, text] of ['shown', 'shown too', 'new'].entries()) server.sequence.push({ seq: index + 1, epoch: 1, from: 'bot', text, at: 0 })
  await settle()
  assert.deepEqual(heard, ['new', 're: kept'])
  assert.deepEqual(accepted, ['msg_old'])
})

test('C5 another conversation is read from its beginning, and nothing of it is taken for a repeat', async () => {
  const { server, heard, timers } = opened({ token: async () => 't' })
  await settle()
  for (const text of ['a', 'b', 'c']) server.say('bot', text)
  server.conversation = 'con_2'
  server.sequence = [1, 2, 3, 4].map((seq) => ({ seq, epoch: 1, from: 'bot', text: `new ${seq}`, at: 0 }))
  server.line.push({ type: 'error', code: 'CHAT_TOKEN_INVALID', detail: 'expired' })
  timers.pass(20_000)
  await settle()
  assert.deepEqual(heard, ['a', 'b', 'c', 'new 1', 'new 2', 'new 3', 'new 4'])
})

test('C6 what an earlier epoch says about owner and typing is dropped', async () => {
  const told: string[] = []
  const { server, timers } = opened({
    handlers: {
      owner: ({ epoch, role, team }) => told.push(`${epoch} ${role} ${team}`),
      typing: (from, on) => told.push(`${from} ${on ? 'writes' : 'rests'}`),
    },
  })
  await settle()
  server.line.push({ type: 'owner', epoch: 4, role: 'human', team: 'Cards team' })
  server.line.push({ type: 'typing', epoch: 3, from: 'bot', on: true })
  server.line.push({ type: 'owner', epoch: 3, role: 'bot', team: null })
  server.line.push({ type: 'typing', epoch: 4, from: 'human', on: true })
  assert.deepEqual(told, ['4 human Cards team', 'human writes'])
  server.line.push({ type: 'delivery', seq: 1, epoch: 5, from: 'bot', text: 'back', at: 0 })
  server.line.push({ type: 'typing', epoch: 4, from: 'human', on: true })
  server.line.cut()
  timers.pass(20_000)
  await settle()
  server.line.push({ type: 'typing', epoch: 4, from: 'human', on: true })
  assert.deepEqual(told, ['4 human Cards team', 'human writes'], 'an epoch is remembered across sockets')
})

test('C3 attachments stay with their message until it is accepted, and go over the wire as ids', async () => {
  const attachment = { id: 'att_1', name: 'receipt.pdf', type: 'application/pdf', bytes: 1_200 }
  const { server, talk } = opened()
  const id = talk.send('the receipt', [attachment]) as string
  assert.deepEqual(talk.pending, [{ id, text: 'the receipt', attachments: [attachment] }])
  await settle()
  assert.deepEqual(server.told, [{ type: 'message', id, text: 'the receipt', attachments: ['att_1'] }])
  assert.deepEqual(talk.pending, [])
})

test('typing is told only while somebody can hear it; how far was read is told on every socket, and only rises', async () => {
  const { server, talk, timers } = opened()
  talk.typing(true)
  talk.seen(3)
  await settle()
  talk.seen(2)
  talk.typing(true)
  talk.seen(5)
  assert.deepEqual(server.told, [
    { type: 'seen', seq: 3 },
    { type: 'typing', on: true },
    { type: 'seen', seq: 5 },
  ])
  server.line.cut()
  timers.pass(20_000)
  await settle()
  assert.deepEqual(server.told.slice(3), [{ type: 'seen', seq: 5 }])
})

test('reconnecting asks for the token anew, and of two attempts at once one socket is opened', async () => {
  const tokens: string[] = []
  const { server, talk } = opened({ token: async () => `t${tokens.push('asked')}` })
  await settle()
  talk.reconnect()
  talk.reconnect()
  await settle()
  assert.equal(tokens.length, 3)
  assert.equal(server.sockets.length, 2)
  assert.deepEqual(
    server.sockets.map(({ dead }) => dead),
    [true, false],
  )
  assert.equal(talk.state.kind, 'open')
})

test('after close nothing is sent and nothing is tried', async () => {
  const { server, talk, timers, states } = opened()
  await settle()
  talk.close()
  assert.equal(talk.send('late'), null)
  timers.pass(60_000)
  await settle()
  assert.equal(server.sockets.length, 1)
  assert.equal(states.at(-1), 'closed')
})
