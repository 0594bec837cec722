/** Callers of a server that dies: they send, send again what was not acknowledged, and remember everything they were told. */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import assert from 'node:assert/strict'
import WebSocket from 'ws'
import type { ChatServerFrame } from '../../src/definition/index.ts'

export const key = 'test-key-0123456789abcdef'

export interface Server {
  readonly url: string
  readonly child: ChildProcess
  kill(): Promise<void>
}

/** Where a server keeps its log and its records, if not in its folder. */
export interface Elsewhere {
  readonly log?: string
  readonly records?: string
}

export async function startServer(appFile: URL, folder: string, { log = '', records = '' }: Elsewhere = {}): Promise<Server> {
  const child = fork(fileURLToPath(new URL('./served.child.ts', import.meta.url)), [fileURLToPath(appFile), folder, log, records], {
    execArgv: ['--conditions=battuta-source'],
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (message: { url?: string; failed?: string }) => (message.url ? resolve(message.url) : reject(new Error(message.failed))))
    child.once('exit', (code) => reject(new Error(`the server ended with ${code} before it was ready`)))
  })
  return {
    url,
    child,
    kill: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.kill('SIGKILL')
      }),
  }
}

export interface Told {
  readonly seq: number
  readonly from: string
  readonly text: string
  readonly id: string | undefined
}

/** One customer's page: keeps what it was told, reconnects with the last seq it saw, sends again what was not accepted. */
export class Page {
  readonly told = new Map<number, Told>()
  readonly accepted = new Map<string, number>()
  readonly waiting = new Map<string, string>()
  token = ''
  #socket: WebSocket | null = null
  #n = 0
  readonly name: string

  constructor(name: string) {
    this.name = name
  }

  async connect(url: string): Promise<void> {
    if (this.token === '') {
      const reply = await fetch(`${url}/v1/chat/sessions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: '{}',
      })
      assert.equal(reply.status, 200, await reply.clone().text())
      this.token = ((await reply.json()) as { token: string }).token
    }
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/chat`)
    this.#socket = socket
    socket.on('error', () => undefined)
    socket.on('message', (data) => this.#take(JSON.parse(String(data)) as ChatServerFrame))
    await new Promise((resolve) => socket.once('open', resolve).once('error', resolve))
    const last = Math.max(0, ...this.told.keys())
    socket.send(JSON.stringify({ type: 'hello', token: this.token, after: last }))
    for (const [id, text] of this.waiting) socket.send(JSON.stringify({ type: 'message', id, text }))
  }

  say(): void {
    const id = `${this.name}-${this.#n++}`
    this.waiting.set(id, id)
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ type: 'message', id, text: id }))
  }

  close(): void {
    this.#socket?.terminate()
  }

  #take(frame: ChatServerFrame): void {
    assert.notEqual(frame.type === 'error' && frame.code, 'CHAT_TOKEN_INVALID')
    if (frame.type === 'accepted') {
      assert.equal(this.accepted.get(frame.id) ?? frame.seq, frame.seq, `${frame.id} is accepted at one place`)
      this.accepted.set(frame.id, frame.seq)
      this.waiting.delete(frame.id)
    }
    if (frame.type !== 'delivery') return
    const { seq, from, text, id } = frame
    const before = this.told.get(seq)
    if (before) assert.deepEqual({ ...before }, { seq, from, text, id }, `what was told at ${this.name} ${seq} never changes`)
    this.told.set(seq, { seq, from, text, id })
  }
}

/** A till that pays: every payment is sent until it is acknowledged, always with the same id. */
export class Till {
  readonly paid = new Map<string, { customer: string; amount: number }>()
  readonly waiting = new Set<string>()
  #n = 0
  /** Acknowledgements in all. */
  acknowledged = 0

  pay(customer: string, amount: number): void {
    const id = `p${this.#n++}`
    this.paid.set(id, { customer, amount })
    this.waiting.add(id)
  }

  async send(url: string): Promise<void> {
    const ids = [...this.waiting].slice(0, 100)
    if (ids.length === 0) return
    const events = ids.map((id) => {
      const { customer, amount } = this.paid.get(id) as { customer: string; amount: number }
      return { specversion: '1.0', id, source: 'till', type: 'payment', subject: customer, data: { amount } }
    })
    const reply = await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/cloudevents-batch+json' },
      body: JSON.stringify(events),
    })
    if (reply.status === 429 || reply.status === 503) return
    assert.equal(reply.status, 202, await reply.text())
    for (const id of ids) this.waiting.delete(id)
    this.acknowledged += ids.length
  }
}

export async function getJson<T>(url: string, path: string): Promise<T> {
  const reply = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } })
  assert.equal(reply.status, 200, `${path}: ${await reply.clone().text()}`)
  return (await reply.json()) as T
}
