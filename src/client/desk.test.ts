import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { DeskClientFrame, DeskServerFrame, EntryReply } from '../definition/index.ts'
import type { ChatSocket } from './chat.ts'
import { desk, deskPendingMax } from './desk.ts'
import type { DeskOptions, DeskPending, DeskState } from './desk.ts'
import { BattutaClientError } from './error.ts'
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

const entry = (seq: number, text: string, epoch = 7): EntryReply => ({ seq, epoch, at: seq, from: 'human', by: 'w1', text, notice: null, attachments: [] })
const welcome: DeskServerFrame = {
  type: 'welcome',
  person: { id: 'w1', name: 'Cards desk 1', role: 'desk', skills: ['cards'], capacity: 3 },
  presence: 'available',
  queues: [],
  offers: [],
  inbox: [],
  at: 0,
}

/** A server with one conversation of epoch 7, that can lose anything on the way. */
class Server {
  readonly said: { entry: EntryReply; id: string }[] = []
  readonly notes: string[] = []
  readonly heard: DeskClientFrame[] = []
  readonly lines: Line[] = []
  epoch = 7
  loseAnswers = false
  silent = false
  get line(): Line {
    return this.lines.at(-1) as Line
  }
  hear(line: Line, frame: DeskClientFrame): void {
    this.heard.push(frame)
    if (this.silent) return
    if (frame.type === 'hello') line.push(welcome)
    if (frame.type === 'watch')
      for (const { entry: held, id } of this.said)
        if (held.seq > (frame.after ?? 0)) line.push({ type: 'delivery', conversation: frame.conversation as string, entry: held, id })
    if (this.loseAnswers && frame.type !== 'message' && frame.type !== 'note') return
    if ('ref' in frame && frame.ref !== undefined) line.push({ type: 'done', ref: frame.ref })
    if (frame.type === 'note') {
      if (!this.notes.includes(frame.id)) this.notes.push(frame.id)
      if (!this.loseAnswers)
        line.push({ type: 'note', conversation: frame.conversation, note: { id: frame.id, at: 1, by: 'w1', text: frame.text, afterSeq: this.said.length } })
    }
    if (frame.type === 'message') this.#message(line, frame)
  }
  #message(line: Line, frame: Extract<DeskClientFrame, { type: 'message' }>): void {
    let place = this.said.findIndex(({ id }) => id === frame.id)
    if (place < 0 && frame.epoch !== this.epoch) {
      line.push({ type: 'error', code: 'STALE_EPOCH', detail: 'epoch 8 has it', id: frame.id, conversation: frame.conversation })
      return
    }
    if (place < 0) place = this.said.push({ entry: entry(this.said.length + 1, frame.text), id: frame.id }) - 1
    if (!this.loseAnswers) line.push({ type: 'accepted', id: frame.id, conversation: frame.conversation, seq: place + 1 })
  }
}

class Line implements ChatSocket {
  onopen: (() => unknown) | null = null
  onmessage: ((event: { data: string }) => unknown) | null = null
  onclose: (() => unknown) | null = null
  dead = false
  readonly #server: Server
  constructor(server: Server) {
    this.#server = server
    server.lines.push(this)
  }
  send(data: string): void {
    if (!this.dead) this.#server.hear(this, JSON.parse(data) as DeskClientFrame)
  }
  push(frame: DeskServerFrame): void {
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

function open(more: Partial<DeskOptions> = {}) {
  const server = new Server()
  const timers = heldTimers()
  const states: DeskState['kind'][] = []
  const delivered: string[] = []
  const accepted: string[] = []
  const refused: [DeskPending, string][] = []
  const line = desk({
    url: 'https://bank.example',
    timers,
    openSocket: (url) => {
      assert.equal(url, 'wss://bank.example/v1/desk')
      return new Line(server)
    },
    ...more,
    handlers: {
      state: ({ kind }) => states.push(kind),
      delivery: ({ entry: { text } }) => delivered.push(text),
      accepted: (id) => accepted.push(id),
      refused: (said, error) => refused.push([said, error.code]),
      ...more.handlers,
    },
  })
  server.line.onopen?.()
  return { server, timers, states, delivered, accepted, refused, line }
}

const passTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('D1 a message whose acknowledgement got lost is sent again under its id and epoch, and said once', () => {
  const { server, timers, accepted, delivered, line } = open()
  line.watch('c1', 0)
  server.loseAnswers = true
  const id = line.say({ conversation: 'c1', epoch: 7, text: 'Hello' })
  server.line.cut()
  assert.equal(line.state.kind, 'waiting')
  assert.deepEqual(line.pending, [{ kind: 'message', id, conversation: 'c1', text: 'Hello', epoch: 7, attachments: [] }])
  server.loseAnswers = false
  timers.pass(1_000)
  server.line.onopen?.()
  assert.equal(line.state.kind, 'open')
  assert.deepEqual(accepted, [id])
  assert.deepEqual(delivered, ['Hello'])
  assert.equal(server.said.length, 1)
  assert.deepEqual(line.pending, [])
})

test('D1 what was written without a connection is refused, not said, when somebody else has the conversation by then', () => {
  const { server, timers, refused, line } = open()
  server.line.cut()
  line.say({ conversation: 'c1', epoch: 7, text: 'Still me?' })
  server.epoch = 8
  timers.pass(1_000)
  server.line.onopen?.()
  assert.equal(server.said.length, 0)
  assert.equal(refused[0]?.[1], 'STALE_EPOCH')
  assert.equal(refused[0]?.[0].text, 'Still me?')
  assert.deepEqual(line.pending, [])
})

test('D1 a note is acknowledged by itself, and an earlier page’s words are said by this one', () => {
  const earlier: DeskPending[] = [{ kind: 'note', id: 'n1', conversation: 'c1', text: 'call back' }]
  const { server, timers, accepted, line } = open()
  server.line.cut()
  const own = line.note('c1', 'first') as string
  line.restore(earlier)
  timers.pass(1_000)
  server.line.onopen?.()
  assert.deepEqual(accepted, ['n1', own])
  assert.deepEqual(server.notes, ['n1', own])
  line.note('c1', 'second')
  assert.equal(server.notes.length, 3)
  assert.deepEqual(line.pending, [])
})

test('D1 whatever is lost and whenever the line is cut, each message is said once and in its order', () => {
  const steps = fc.array(fc.constantFrom('say', 'cut', 'lose', 'keep', 'wait'), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(steps, (run) => {
      const { server, timers, line } = open()
      const said: string[] = []
      const again = () => {
        timers.pass(20_000)
        server.line.onopen?.()
      }
      for (const step of run) {
        if (step === 'say' && line.say({ conversation: 'c1', epoch: 7, text: `m${said.length}` }) !== null) said.push(`m${said.length}`)
        if (step === 'cut') server.line.cut()
        if (step === 'lose') server.loseAnswers = true
        if (step === 'keep') server.loseAnswers = false
        if (step === 'wait') again()
      }
      server.loseAnswers = false
      server.line.cut()
      again()
      assert.deepEqual(
        server.said.map(({ entry: { text } }) => text),
        said,
      )
      assert.deepEqual(line.pending, [])
    }),
    { numRuns: 200 },
  )
})

test('D1 more than may wait is refused where it is written', () => {
  const { server, line } = open()
  server.line.cut()
  for (let count = 0; count < deskPendingMax; count++) assert.ok(line.say({ conversation: 'c1', epoch: 7, text: 'x' }))
  assert.equal(line.say({ conversation: 'c1', epoch: 7, text: 'x' }), null)
  assert.equal(line.note('c1', 'x'), null)
})

test('D2 a watched conversation goes on after the last entry that was handed on, and nothing is handed on twice', () => {
  const { server, timers, delivered, line } = open()
  server.said.push({ entry: entry(1, 'one'), id: 'a' }, { entry: entry(2, 'two'), id: 'b' })
  line.watch('c1', 0)
  server.line.push({ type: 'delivery', conversation: 'c1', entry: entry(2, 'two') })
  server.line.cut()
  server.said.push({ entry: entry(3, 'three'), id: 'c' })
  timers.pass(1_000)
  server.line.onopen?.()
  assert.deepEqual(delivered, ['one', 'two', 'three'])
  assert.deepEqual(server.heard.at(-1), { type: 'watch', conversation: 'c1', after: 2 })
})

test('D3 a question is answered, refused, or lost with its connection', async () => {
  const { server, line } = open()
  await line.accept('r1')
  server.silent = true
  const gone = line.accept('r2')
  const { ref = '' } = server.heard.at(-1) as { ref?: string }
  server.line.push({ type: 'error', code: 'RESERVATION_GONE', detail: 'somebody took it', ref })
  await assert.rejects(gone, { code: 'RESERVATION_GONE' })
  const lost = line.resolve({ conversation: 'c1', epoch: 7, wrapUpCode: 'solved' })
  server.line.cut()
  await assert.rejects(lost, { code: 'UNREACHABLE' })
  await assert.rejects(line.handOff({ conversation: 'c1', epoch: 7, to: { kind: 'bot' } }), { code: 'UNREACHABLE' })
})

test('D3 a question that nobody answers gives the socket up', async () => {
  const { server, timers, line, states } = open()
  server.silent = true
  const asked = line.complete('r1', 'solved')
  timers.pass(8_000)
  await assert.rejects(asked, { code: 'UNREACHABLE' })
  assert.deepEqual(states, ['connecting', 'open', 'waiting'])
})

test('D4 a silent line is asked about, and given up when nobody answers', async () => {
  let answers = true
  const { server, timers, line } = open({ probe: () => (answers ? Promise.resolve() : Promise.reject(new BattutaClientError('UNREACHABLE', 'no'))) })
  timers.pass(20_000)
  await passTurn()
  assert.equal(line.state.kind, 'open')
  answers = false
  timers.pass(20_000)
  await passTurn()
  assert.equal(line.state.kind, 'waiting')
  assert.ok(server.lines[0]?.dead)
})

test('D4 a line that is turned away at the door is refused for good, not tried for ever', async () => {
  const { server, timers, line } = open({ probe: () => Promise.reject(new BattutaClientError('UNAUTHENTICATED', 'the session ended', { status: 401 })) })
  server.line.cut()
  timers.pass(500)
  server.line.cut()
  await passTurn()
  assert.equal(line.state.kind, 'refused')
  timers.pass(60_000)
  assert.equal(server.lines.length, 2)
  line.retryNow()
  assert.equal(server.lines.length, 3)
})

test('what retryAfterMs says is sent again then, and complaints that nobody waits for are handed on', () => {
  const complaints: string[] = []
  const { server, timers, line } = open({ handlers: { complaint: ({ code }, conversation) => complaints.push(`${code} ${conversation}`) } })
  server.silent = true
  const id = line.say({ conversation: 'c1', epoch: 7, text: 'Hello' }) as string
  server.line.push({ type: 'error', code: 'OVERLOADED', detail: 'too much', id, retryAfterMs: 400 })
  server.silent = false
  timers.pass(400)
  assert.equal(server.said.length, 1)
  server.line.push({ type: 'error', code: 'CONVERSATION_UNKNOWN', detail: 'not yours', conversation: 'c9' })
  assert.deepEqual(complaints, ['CONVERSATION_UNKNOWN c9'])
  line.close()
  assert.equal(line.state.kind, 'closed')
  timers.pass(60_000)
  assert.equal(server.lines.length, 1)
})
