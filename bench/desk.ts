/**
 * Between a customer and a colleague: how long a message takes to the other side, and how long a hand-over takes, with many chats
 * open at once. Open loop, from the intended send time.
 *
 * Measures: the whole path over real sockets: frame in, log, records, mark, frame out at the other side's socket. Every conversation
 * is owned by one of `desks` colleagues; half of the messages are customers', half are colleagues'. A hand-over runs from `accept`
 * sent to the owner frame that lets the colleague speak.
 * Does not measure: a network; browsers. The generator runs on the same cores; its own timer (1 ms) is inside the figures.
 * Usage: node bench/desk.ts [chats = 1000] [messages per second = 50] [seconds = 20]
 */
import { request } from 'node:http'
import WebSocket from 'ws'
import type { ChatServerFrame, DeskClientFrame, DeskServerFrame, PersonReply } from '../src/definition/index.ts'
import { control, quantile, rawSyncs, serve } from './rig.ts'

const chats = Number(process.argv[2] ?? 1_000)
const rate = Number(process.argv[3] ?? 50)
const seconds = Number(process.argv[4] ?? 20)
const capacity = 20
const desks = Math.ceil(chats / capacity)

const served = await serve()
const socketUrl = served.url.replace('http', 'ws')
const headers = { authorization: `Bearer ${served.key}`, 'content-type': 'application/json' }
/** Intended send time, by the message's text, which is unique. */
const sentAt = new Map<string, number>()
const toDesk: number[] = []
const toCustomer: number[] = []
const handOvers: number[] = []
let errors = 0

interface Chat {
  readonly socket: WebSocket
  conversation: string
}

interface Desk {
  readonly socket: WebSocket
  readonly say: (frame: DeskClientFrame) => void
  /** Epoch by conversation that is theirs. */
  readonly mine: Map<string, number>
}

/** Customers come from many addresses, and each may open only so many chats. Loopback has a whole network of them on Linux. */
function addressOf(n: number): string {
  return `127.0.${1 + (n % 8)}.${1 + (Math.floor(n / 8) % 250)}`
}

function post<Reply>(path: string, body: unknown, localAddress: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(served.url + path, { method: 'POST', headers, localAddress }, (reply) => {
      let text = ''
      reply.on('data', (chunk: Buffer) => (text += chunk.toString()))
      reply.on('end', () => ((reply.statusCode ?? 500) < 300 ? resolve(JSON.parse(text) as Reply) : reject(new Error(`POST ${path}: ${text}`))))
    })
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })
}

async function opened(path: string, localAddress: string): Promise<WebSocket> {
  const socket = new WebSocket(socketUrl + path, { localAddress })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return socket
}

function arrived(text: string, latencies: number[]): void {
  const at = sentAt.get(text)
  if (at !== undefined) latencies.push(performance.now() - at)
}

async function openChat(n: number): Promise<Chat> {
  const { token, conversation } = await post<{ token: string; conversation: string }>('/v1/chat/sessions', {}, addressOf(n))
  const socket = await opened('/v1/chat', addressOf(n))
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as ChatServerFrame
    if (frame.type === 'error') errors++
    if (frame.type === 'delivery' && frame.from === 'human') arrived(frame.text, toCustomer)
  })
  socket.send(JSON.stringify({ type: 'hello', token, after: 0 }))
  socket.send(JSON.stringify({ type: 'message', id: `open${n}`, text: 'A person, please' }))
  return { socket, conversation }
}

async function openDesk(n: number): Promise<Desk> {
  const person = await post<PersonReply>('/v1/people', { name: `Bench ${n}`, role: 'desk', skills: ['cards', 'payments'], capacity }, addressOf(n))
  const socket = await opened('/v1/desk', addressOf(n))
  const say = (frame: DeskClientFrame): void => socket.send(JSON.stringify(frame))
  const desk: Desk = { socket, say, mine: new Map() }
  const accepting = new Map<string, number>()
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as DeskServerFrame
    if (frame.type === 'error') errors++
    if (frame.type === 'welcome') say({ type: 'presence', state: 'available' })
    if (frame.type === 'offer') {
      accepting.set(frame.offer.conversation, performance.now())
      say({ type: 'accept', reservation: frame.offer.reservation })
    }
    if (frame.type === 'item' && frame.item.worker === person.id && frame.item.owner === 'human') {
      const at = accepting.get(frame.item.conversation)
      if (at !== undefined && accepting.delete(frame.item.conversation)) handOvers.push(performance.now() - at)
      desk.mine.set(frame.item.conversation, frame.item.epoch)
    }
    if (frame.type === 'delivery' && frame.entry.from === 'customer') arrived(frame.entry.text, toDesk)
  })
  say({ type: 'hello', key: served.key, worker: person.id })
  return desk
}

/** One after the other, as people come: 25 a second at most. */
async function inGroups<Item>(count: number, size: number, open: (n: number) => Promise<Item>): Promise<Item[]> {
  const items: Item[] = []
  for (let from = 0; from < count; from += size) {
    items.push(...(await Promise.all(Array.from({ length: Math.min(size, count - from) }, (_, n) => open(from + n)))))
    await pause(40)
  }
  return items
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

const colleagues = await inGroups(desks, 5, openDesk)
const customers = await inGroups(chats, 1, openChat)
for (let waited = 0; waited < 60_000 && owned() < chats; waited += 200) await pause(200)
if (owned() < chats) throw new Error(`${owned()} of ${chats} conversations have a colleague; ${errors} errors`)

function owned(): number {
  return colleagues.reduce((sum, desk) => sum + desk.mine.size, 0)
}

const places = colleagues.flatMap((desk) => [...desk.mine].map(([conversation, epoch]) => ({ desk, conversation, epoch })))
await served.reset()
const idle = await control()
let sent = 0
const start = performance.now()
for (let due = start; due < start + seconds * 1_000; due += (-Math.log(1 - Math.random()) / rate) * 1_000) {
  const wait = due - performance.now()
  if (wait > 0.5) await pause(wait)
  const text = `message ${sent} of the bench`
  sentAt.set(text, due)
  if (sent % 2 === 0) (customers[(sent * 7) % chats] as Chat).socket.send(JSON.stringify({ type: 'message', id: `m${sent}`, text }))
  else {
    const { desk, conversation, epoch } = places[(sent * 7) % places.length] as (typeof places)[number]
    desk.say({ type: 'message', conversation, id: `m${sent}`, epoch, text })
  }
  sent++
}
await pause(1_000)
const controlStallMs = await idle.stop()
const stats = await served.stats()
const raw = await rawSyncs(300)
const both = [...toDesk, ...toCustomer]
const of = (latencies: number[]): object => ({ p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), max: quantile(latencies, 1) })
console.log(
  JSON.stringify({
    bench: 'desk',
    chats,
    colleagues: desks,
    rate,
    seconds,
    sent,
    arrived: both.length,
    errors,
    toOtherSideMs: of(both),
    toDeskMs: of(toDesk),
    toCustomerMs: of(toCustomer),
    handOverMs: { count: handOvers.length, ...of(handOvers) },
    rawSyncMs: of(raw),
    stallMs: Math.round(stats.stallMs * 10) / 10,
    controlStallMs: Math.round(controlStallMs * 10) / 10,
    cpuUsPerMessage: Math.round((stats.cpuMs * 1_000) / sent),
    rssMb: Math.round(stats.rssMb),
  }),
)
for (const { socket } of [...colleagues, ...customers]) socket.terminate()
await served.stop()
