/**
 * How many events a second the doors take, durably and with features updated; and how many messages are decided.
 *
 * Measures: POST /v1/events over HTTP/1.1 keep-alive from raw sockets, acknowledged once synced: single events on 64
 * connections, batches of 100 on 16, single messages on 64. The baseline, in the same run, is bare node:http that reads the same
 * request and answers. Does not measure: a network; the generator shares the cores, so on two cores each figure is a lower bound.
 * Usage: node bench/ingest.ts [seconds = 4]. With BATTUTA_BENCH_LOG=kafka://host:9092/new-prefix the log is in Kafka, and the CPU is
 * the server's alone, without the broker's; the bar is 20,000 events of batches per CPU second from the door to the topic.
 */
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { bare, quantile, serve } from './rig.ts'

const seconds = Number(process.argv[2] ?? 4)
const customers = 400
const served = await serve()
const baseline = await bare()
let n = 0

interface Shape {
  readonly connections: number
  readonly events: number
  readonly make: () => object
}

const payment = (): object => ({
  specversion: '1.0',
  id: `e${n}`,
  source: 'till',
  type: 'payment',
  subject: `user:${n++ % customers}`,
  data: { amount: 12.5, currency: 'EUR', merchant: 'Corner shop' },
})
const message = (): object => ({
  specversion: '1.0',
  id: `e${n}`,
  source: 'chat',
  type: 'message.received',
  subject: `user:${n++ % customers}`,
  data: { text: 'My card was declined again at the shop' },
})
const shapes: Record<string, Shape> = {
  single: { connections: 64, events: 1, make: payment },
  batch: { connections: 16, events: 100, make: payment },
  messages: { connections: 64, events: 1, make: message },
}

function request({ events, make }: Shape, host: string): Buffer {
  const body = events === 1 ? JSON.stringify(make()) : JSON.stringify(Array.from({ length: events }, make))
  const type = events === 1 ? 'application/cloudevents+json' : 'application/cloudevents-batch+json'
  return Buffer.from(
    `POST /v1/events HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${served.key}\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

async function run(url: string, shape: Shape, forMs: number): Promise<{ events: number; refused: number; latencies: number[] }> {
  const { host, hostname, port } = new URL(url)
  const end = performance.now() + forMs
  let events = 0
  let refused = 0
  const latencies: number[] = []
  const one = async (): Promise<void> => {
    const socket: Socket = connect(Number(port), hostname)
    socket.setNoDelay(true)
    let answered: ((ok: string) => void) | null = null
    let held = ''
    socket.on('data', (data) => {
      held += data.toString('latin1')
      const head = held.indexOf('\r\n\r\n')
      if (head < 0) return
      const length = /content-length: (\d+)/i.exec(held)?.[1]
      if (length === undefined ? !held.endsWith('\r\n\r\n') : held.length < head + 4 + Number(length)) return
      const status = held.slice(9, 12)
      held = ''
      answered?.(status)
    })
    while (performance.now() < end) {
      const bytes = request(shape, host)
      const at = performance.now()
      const status = await new Promise<string>((resolve) => {
        answered = resolve
        socket.write(bytes)
      })
      latencies.push(performance.now() - at)
      if (status === '202') events += shape.events
      else if (status === '429') {
        refused += shape.events
        await new Promise((resolve) => setTimeout(resolve, 200))
      } else throw new Error(`the door answered ${status}`)
    }
    socket.destroy()
  }
  await Promise.all(Array.from({ length: shape.connections }, one))
  return { events, refused, latencies }
}

const round = (value: number): number => Math.round(value * 10) / 10
const line: Record<string, unknown> = { bench: 'ingest', log: process.env['BATTUTA_BENCH_LOG']?.replace(/:.*/, '') ?? 'lmdb', seconds, customers }
const single = shapes['single'] as Shape
await run(baseline.url, single, 1_000)
await baseline.reset()
const plain = await run(baseline.url, single, seconds * 1000)
const plainCpuMs = await baseline.cpuMs()
const plainCpuUs = (plainCpuMs * 1000) / plain.events
line['bareHttp'] = { perS: Math.round(plain.events / seconds), cpuUsPerRequest: round(plainCpuUs), p50Ms: quantile(plain.latencies, 0.5) }
await baseline.stop()
for (const [name, shape] of Object.entries(shapes)) {
  await run(served.url, shape, 1_000)
  await served.reset()
  const { events, refused, latencies } = await run(served.url, shape, seconds * 1000)
  const stats = await served.stats()
  const cpuUs = (stats.cpuMs * 1000) / events
  line[name] = {
    perS: Math.round(events / seconds),
    perCpuS: Math.round(1e6 / cpuUs),
    cpuUsPerEvent: round(cpuUs),
    timesBareHttp: Math.round((cpuUs / plainCpuUs) * 100) / 100,
    refused,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    stallMs: round(stats.stallMs),
    rssMb: Math.round(stats.rssMb),
    ...(name === 'messages'
      ? {
          decidedPerS: Math.round(stats.decided.length / seconds),
          late: stats.late,
          decidedP50Ms: quantile(stats.decided, 0.5),
          decidedP99Ms: quantile(stats.decided, 0.99),
        }
      : {}),
  }
}
console.log(JSON.stringify(line))
await served.stop()
