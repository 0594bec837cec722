/**
 * Question: how many deliveries a second does web chat bring to 1,000 seats, and what does each frame cost?
 *
 * Measures web chat from `deliver` on: over sockets that do nothing, and over real WebSockets on loopback whose pages are in another
 * process, until each page has every frame. Two loads: one conversation with 1,000 seats (a frame is written once, sent often), and
 * 1,000 conversations with one seat each (each frame is its own). CPU is this process's, user and system. The baseline, in the same
 * run and in turns with it, is `ws` alone sending the same bytes to the same sockets. Does not measure the path before a delivery
 * (log, step, commit, marks), nor a page.
 *
 * Bar: 15,000 messages a second over sockets, and little above the baseline's CPU.
 *
 * Run: node bench/chat-fanout.ts
 */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { WebSocket, WebSocketServer } from 'ws'
import { realWorld } from '../src/base/index.ts'
import { openWebChat } from '../src/channels/index.ts'
import type { ChatSocket, Delivery, WebChat } from '../src/channels/index.ts'

const seats = 1_000
/** Frames of one measurement, and how often each is measured. */
const frames = 50_000
const rounds = 3
/** A page that is this far behind is waited for: nobody is let go in a benchmark. */
const bufferedBytes = 128 * 1024
const text = 'The transfer of 240 EUR left us on Friday at 16:02; your bank has it since, and usually books it within one working day.'

type Load = 'one conversation' | 'a conversation each'
type Send = (conversation: string) => void

function openChat(): WebChat {
  return openWebChat({
    world: realWorld(),
    session: (token) => ({ customer: 'user:1', conversation: token }),
    say: async () => ({ seq: 1 }),
    history: async () => ({ items: [], seq: 0, epoch: 1, owner: 'bot', queue: null }),
    teamOf: () => null,
    attachments: async () => [],
    typing: () => {},
    seen: () => {},
  })
}

/** Deliveries of a conversation, numbered on. */
function deliveries(chat: WebChat): Send {
  const seqs = new Map<string, number>()
  return (conversation) => {
    const seq = (seqs.get(conversation) ?? 0) + 1
    seqs.set(conversation, seq)
    const delivery: Delivery = {
      conversation,
      seq,
      epoch: 1,
      from: 'bot',
      text,
      id: null,
      at: 1_767_225_600_000 + seq,
      by: null,
      notice: null,
      attachments: [],
    }
    chat.deliver(delivery)
  }
}

const conversationOf = (load: Load, seat: number): string => (load === 'one conversation' ? 'shared' : `c${seat}`)
const conversationsOf = (load: Load): string[] => (load === 'one conversation' ? ['shared'] : Array.from({ length: seats }, (_, n) => `c${n}`))

interface Figures {
  readonly framesPerSecond: number
  readonly cpuUsPerFrame: number
}

async function measured(act: () => Promise<void>): Promise<Figures> {
  const cpu = process.cpuUsage()
  const begin = performance.now()
  await act()
  const elapsedMs = performance.now() - begin
  const { user, system } = process.cpuUsage(cpu)
  return { framesPerSecond: (frames / elapsedMs) * 1_000, cpuUsPerFrame: (user + system) / frames }
}

function median(all: readonly Figures[]): Figures {
  const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
  return {
    framesPerSecond: Math.round(middle(all.map(({ framesPerSecond }) => framesPerSecond))),
    cpuUsPerFrame: Math.round(middle(all.map(({ cpuUsPerFrame }) => cpuUsPerFrame)) * 1_000) / 1_000,
  }
}

async function inMemory(load: Load): Promise<Figures> {
  const chat = openChat()
  const socket: ChatSocket = { send: () => {}, close: () => {}, buffered: 0 }
  for (let seat = 0; seat < seats; seat++) chat.open(socket).receive(JSON.stringify({ type: 'hello', token: conversationOf(load, seat), after: 0 }))
  await turn()
  const send = deliveries(chat)
  const all = conversationsOf(load)
  const results: Figures[] = []
  for (let round = 0; round < rounds + 1; round++) {
    results.push(
      await measured(async () => {
        for (let told = 0; told < frames; told += seats) for (const conversation of all) send(conversation)
      }),
    )
  }
  // The first one warms up.
  return median(results.slice(1))
}

interface Pages {
  /** What all pages have received since they were opened. */
  received(): Promise<number>
  close(): Promise<void>
}

/** A thousand pages in a process of their own. */
async function openPages(attend: (socket: WebSocket, seat: number) => void, load: Load): Promise<Pages> {
  const server = createServer()
  const ws = new WebSocketServer({ server, perMessageDeflate: false })
  let seat = 0
  ws.on('connection', (socket) => attend(socket, seat++))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const child: ChildProcess = fork(new URL(import.meta.url), ['pages', String(port), load])
  const answer = (): Promise<number> => new Promise((resolve) => child.once('message', (message) => resolve(Number(message))))
  await answer()
  return {
    received() {
      const answered = answer()
      child.send('received')
      return answered
    },
    async close() {
      child.kill()
      for (const socket of ws.clients) socket.terminate()
      ws.close()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function overSockets(load: Load): Promise<{ chat: Figures; bare: Figures }> {
  const chat = openChat()
  const sockets: WebSocket[] = []
  const pages = await openPages((socket, seat) => {
    sockets.push(socket)
    const held = chat.open({
      send: (frame) => socket.send(frame),
      close: (code, reason) => socket.close(code, reason),
      get buffered() {
        return socket.bufferedAmount
      },
    })
    held.receive(JSON.stringify({ type: 'hello', token: conversationOf(load, seat), after: 0 }))
  }, load)
  const bare = bareSend(sockets, load)
  const through = deliveries(chat)
  const all = conversationsOf(load)
  const results: { chat: Figures[]; bare: Figures[] } = { chat: [], bare: [] }
  for (let round = 0; round < rounds + 1; round++) {
    for (const [name, send] of [
      ['chat', through],
      ['bare', bare],
    ] as const) {
      const before = await pages.received()
      results[name].push(
        await measured(async () => {
          for (let sent = 0; sent < frames; sent += seats) {
            for (const conversation of all) send(conversation)
            do await turn()
            while (sockets.some(({ bufferedAmount }) => bufferedAmount > bufferedBytes))
          }
          while ((await pages.received()) - before < frames) await turn()
        }),
      )
    }
  }
  await pages.close()
  return { chat: median(results.chat.slice(1)), bare: median(results.bare.slice(1)) }
}

/** The same bytes to the same sockets, and nothing else. */
function bareSend(sockets: readonly WebSocket[], load: Load): Send {
  const frame = JSON.stringify({ type: 'delivery', seq: 1_000, epoch: 1, from: 'bot', text, at: 1_767_225_600_000 })
  if (load === 'one conversation') return () => sockets.forEach((socket) => socket.send(frame))
  const byName = new Map(sockets.map((socket, seat) => [conversationOf(load, seat), socket]))
  return (conversation) => byName.get(conversation)?.send(frame)
}

/** The other process: pages that count what they get. */
async function countFrames(port: number): Promise<void> {
  let received = 0
  const opened = Array.from({ length: seats }, () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`)
    socket.on('message', () => received++)
    // Welcome and owner: the seat is taken.
    return new Promise<void>((resolve) => {
      let first = 0
      socket.on('message', () => {
        if (++first === 2) resolve()
      })
    })
  })
  await Promise.all(opened)
  process.on('message', () => process.send?.(received))
  process.send?.(received)
}

const [, , role, port] = process.argv
if (role === 'pages') await countFrames(Number(port))
else {
  const figures: Record<string, unknown> = { bench: 'chat-fanout', seats, frames, rounds }
  for (const load of ['one conversation', 'a conversation each'] as const) figures[load] = { memory: await inMemory(load), ...(await overSockets(load)) }
  console.log(JSON.stringify(figures))
}
