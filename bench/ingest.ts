/**
 * How many events a second the doors take, durably and with features updated; and how many messages are decided.
 *
 * Measures: POST /v1/events over HTTP/1.1 keep-alive from raw sockets, acknowledged once synced: single events on 64
 * connections, batches of 100 on 16, single messages on 64. Does not measure: a network; the generator shares the cores.
 * Usage: node bench/ingest.ts [seconds = 4]
 */
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { quantile, serve } from './rig.ts'

const seconds = Number(process.argv[2] ?? 4)
const customers = 400
const served = await serve()
const { hostname, port } = new URL(served.url)
let n = 0

interface Shape {
  readonly connections: number
  readonly events: number
  readonly make: () => object
}

const payment = (): object => ({ specversion: '1.0', id: `e${n}`, source: 'till', type: 'payment', subject: `user:${n++ % customers}`, data: { amount: 12.5, currency: 'EUR', merchant: 'Corner shop' } })
const message = (): object => ({ specversion: '1.0', id: `e${n}`, source: 'chat', type: 'message.received', subject: `user:${n++ % customers}`, data: { text: 'My card was declined again at the shop' } })
const shapes: Record<string, Shape> = {
  single: { connections: 64, events: 1, make: payment },
  batch: { connections: 16, events: 100, make: payment },
  messages: { connections: 64, events: 1, make: message },
}

function request({ events, make }: Shape): Buffer {
  const body = events === 1 ? JSON.stringify(make()) : JSON.stringify(Array.from({ length: events }, make))
  const type = events === 1 ? 'application/cloudevents+json' : 'application/cloudevents-batch+json'
  return Buffer.from(`POST /v1/events HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${served.key}\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
}

async function run(shape: Shape, forMs: number): Promise<{ events: number; refused: number; latencies: number[] }> {
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
      const length = Number(/content-length: (\d+)/i.exec(held)?.[1] ?? 0)
      if (held.length < head + 4 + length) return
      const status = held.slice(9, 12)
      held = ''
      answered?.(status)
    })
    while (performance.now() < end) {
      const bytes = request(shape)
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

const line: Record<string, unknown> = { bench: 'ingest', seconds, customers }
for (const [name, shape] of Object.entries(shapes)) {
  await run(shape, 1_000)
  await served.reset()
  const { events, refused, latencies } = await run(shape, seconds * 1000)
  const stats = await served.stats()
  line[name] = {
    perS: Math.round(events / seconds), perCpuS: Math.round((events / stats.cpuMs) * 1000), cpuUsPerEvent: Math.round((stats.cpuMs * 1e4) / events) / 10, refused,
    p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99), stallMs: Math.round(stats.stallMs * 10) / 10, rssMb: Math.round(stats.rssMb),
    ...(name === 'messages' ? { decided: stats.decided.length, decidedPerS: Math.round(stats.decided.length / seconds), late: stats.late, decidedP50Ms: quantile(stats.decided, 0.5), decidedP99Ms: quantile(stats.decided, 0.99) } : {}),
  }
}
console.log(JSON.stringify(line))
await served.stop()
