/**
 * Message in → decision recorded and synced, and how steady: open loop, Poisson, from the intended send time.
 *
 * Measures: the whole path over the chat socket with Harbour Bank's models, `accepted` coming after the commit is on disk.
 * Beside it: bare write-and-sync of 4 kB on the same disk right after, and the longest hold of an idle process's event loop.
 * Does not measure: a network. The generator runs on the same cores; its own timer (1 ms) is inside the figures.
 * Usage: node bench/decisions.ts [messages per second = 200] [seconds = 30]
 */
import WebSocket from 'ws'
import { control, quantile, rawSyncs, serve } from './rig.ts'

const rate = Number(process.argv[2] ?? 200)
const seconds = Number(process.argv[3] ?? 30)
const socketsMax = 100
const sentences = [
  'My card was declined again',
  'Where is my new card?',
  'I was charged twice for one payment',
  'How do I top up?',
  'What is the exchange rate today?',
  'This is ridiculous, nobody helps me',
  'My transfer has not arrived',
  'I forgot my PIN',
]

const served = await serve()
const headers = { authorization: `Bearer ${served.key}`, 'content-type': 'application/json' }
const sockets = await Promise.all(Array.from({ length: socketsMax }, open))
const sentAt = new Map<string, number>()
let latencies: number[] = []
let errors = 0

async function open(): Promise<WebSocket> {
  const reply = await fetch(`${served.url}/v1/chat/sessions`, { method: 'POST', headers, body: '{}' })
  const { token } = (await reply.json()) as { token: string }
  const socket = new WebSocket(`${served.url.replace('http', 'ws')}/v1/chat`)
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as { type: string; id?: string }
    if (frame.type === 'error') errors++
    const at = frame.type === 'accepted' ? sentAt.get(frame.id ?? '') : undefined
    if (at !== undefined) latencies.push(performance.now() - at)
  })
  socket.send(JSON.stringify({ type: 'hello', token, after: 0 }))
  return socket
}

async function load(forSeconds: number): Promise<number> {
  const start = performance.now()
  let due = start
  let sent = 0
  while (due < start + forSeconds * 1000) {
    const wait = due - performance.now()
    if (wait > 0.5) await new Promise((resolve) => setTimeout(resolve, wait))
    const id = `m${start}-${sent}`
    sentAt.set(id, due)
    ;(sockets[sent % sockets.length] as WebSocket).send(JSON.stringify({ type: 'message', id, text: sentences[sent % sentences.length] }))
    sent++
    due += (-Math.log(1 - Math.random()) / rate) * 1000
  }
  await new Promise((resolve) => setTimeout(resolve, 1000))
  return sent
}

await load(4)
latencies = []
await served.reset()
const idle = await control()
const sent = await load(seconds)
const controlStallMs = await idle.stop()
const stats = await served.stats()
const raw = await rawSyncs(300)
console.log(
  JSON.stringify({
    bench: 'decisions',
    rate,
    seconds,
    sent,
    decided: stats.decided.length,
    accepted: latencies.length,
    errors,
    late: stats.late,
    fromIntendedMs: { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), p999: quantile(latencies, 0.999), max: quantile(latencies, 1) },
    fromReceiptMs: {
      p50: quantile(stats.decided, 0.5),
      p99: quantile(stats.decided, 0.99),
      p999: quantile(stats.decided, 0.999),
      max: quantile(stats.decided, 1),
    },
    logMs: { p50: quantile(stats.logged, 0.5), p99: quantile(stats.logged, 0.99) },
    recordsMs: { p50: quantile(stats.committed, 0.5), p99: quantile(stats.committed, 0.99) },
    rawSyncMs: { p50: quantile(raw, 0.5), p99: quantile(raw, 0.99) },
    stallMs: Math.round(stats.stallMs * 10) / 10,
    controlStallMs: Math.round(controlStallMs * 10) / 10,
    cpuUsPerMessage: Math.round((stats.cpuMs * 1000) / sent),
    rssMb: Math.round(stats.rssMb),
    readyMs: Math.round(served.readyMs),
  }),
)
for (const socket of sockets) socket.terminate()
await served.stop()
