/** A server on made-up parts, for this room's tests: real sockets, a clock that tests move, a runtime that says what it was asked. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BattutaError, realWorld } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { openWebChat } from '../channels/index.ts'
import type { Delivery, WebChat } from '../channels/index.ts'
import type { AppDefinition, DecisionRecord, LiveHello } from '../definition/index.ts'
import type { Models } from '../models/index.ts'
import type { Caller, Runtime } from '../orchestrator/index.ts'
import type { LiveListener } from '../watch/index.ts'
import { openBrowserSessions } from './browser-session.ts'
import type { BrowserSessions } from './browser-session.ts'
import { issueChatToken, readChatToken } from './chat-token.ts'
import type { Config } from './config.ts'
import { openHttp } from './http.ts'
import type { HttpServer } from './http.ts'
import { keyFile, openVault } from './vault.ts'
import type { Settings, Vault } from './vault.ts'

export const adminKey = 'admin-key-of-the-tests'
export const chatSecret = 'chat-secret-of-the-tests'
export const shopOrigin = 'https://shop.example'

export interface MovedWorld extends World {
  /** Moves both clocks on. Timers stay real. */
  pass(ms: number): void
}

export function movedWorld(): MovedWorld {
  const real = realWorld()
  let ahead = 0
  return { ...real, now: () => real.now() + ahead, monotonicMs: () => real.monotonicMs() + ahead, pass: (ms) => void (ahead += ms) }
}

/** What the runtime was asked, newest last. */
export interface Asked {
  readonly call: string
  readonly args: readonly unknown[]
}

export interface TestServer {
  readonly http: HttpServer
  readonly url: string
  readonly world: MovedWorld
  readonly vault: Vault
  readonly sessions: BrowserSessions
  readonly chat: WebChat
  readonly asked: Asked[]
  readonly serviceKey: string
  readonly tell: LiveListener
  readonly readers: () => number
  /** A chat token of a made-up customer. */
  chatToken(customer?: string): string
  /** Signs in as a browser would. */
  signIn(): Promise<{ cookie: string; csrf: string }>
  fetch(path: string, init?: RequestInit & { key?: string; json?: unknown }): Promise<Response>
  close(): Promise<void>
}

export function memorySettings(): Settings & { readonly values: Map<string, string> } {
  const values = new Map<string, string>()
  return { values, setting: async (name) => values.get(name), putSetting: async (name, value) => void values.set(name, value) }
}

export async function openTestServer(given: { config?: Partial<Config>; runtime?: Partial<Runtime>; install?: boolean } = {}): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'battuta-server-'))
  const world = movedWorld()
  const config: Config = {
    port: 0,
    host: '127.0.0.1',
    dataFolder: folder,
    key: adminKey,
    logFolder: folder,
    recordsFile: join(folder, 'records.db'),
    featuresFolder: folder,
    origins: [shopOrigin],
    hosts: [],
    chatSecret,
    ...given.config,
  }
  const asked: Asked[] = []
  const settings = memorySettings()
  const http = await openHttp(world, config)
  const vault = await openVault(world, settings, folder, config.key)
  const sessions = await openBrowserSessions(world, vault.secret, settings)
  const runtime = { ...fakeRuntime(asked), ...given.runtime }
  const chat = fakeChat(world, vault, asked)
  const listeners = new Set<LiveListener>()
  const live = {
    hello: (): LiveHello => ({ app: { name: 'test', version: 'v1' } }) as LiveHello,
    subscribe: (listener: LiveListener) => (listeners.add(listener), () => void listeners.delete(listener)),
  }
  if (given.install !== false)
    http.install({ app: testDefinition, appVersion: 'v1', runtime, models: fakeModels, chat, live, vault, sessions, metrics: () => 'battuta_test 1\n' })

  const server: TestServer = {
    http,
    url: http.url,
    world,
    vault,
    sessions,
    chat,
    asked,
    serviceKey: keyIn(folder),
    tell: (event, data) => listeners.forEach((listener) => listener(event, data)),
    readers: () => listeners.size,
    chatToken: (customer = 'cookie:1') => issueChatToken(world, vault.secret, { customer, conversation: `conv_${customer}` }).token,
    async signIn() {
      const reply = await server.fetch('/v1/session', { method: 'POST', json: { code: sessions.newCode().code } })
      const { csrf } = (await reply.json()) as { csrf: string }
      return { cookie: (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? '', csrf }
    },
    fetch(path, { key, json, headers, ...init } = {}) {
      const all = {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(headers as Record<string, string> | undefined),
      }
      return fetch(http.url + path, { ...init, headers: all, ...(json === undefined ? {} : { body: JSON.stringify(json) }) })
    },
    async close() {
      await http.close()
      rmSync(folder, { recursive: true })
    },
  }
  return server
}

function keyIn(folder: string): string {
  return readFileSync(keyFile(folder, 'service'), 'utf8').trim()
}

function fakeRuntime(asked: Asked[]): Runtime {
  const note = (call: string, ...args: unknown[]): void => void asked.push({ call, args })
  const record = { id: 'dec_1' } as DecisionRecord
  return {
    recovery: { done: true, events: 3, total: 3 },
    accept: async (events, caller: Caller) => (note('accept', events, caller), { accepted: events.length }),
    say: async (message) => (note('say', message), { seq: 1, conversation: message.conversation ?? 'conv_open', duplicate: false, decision: record }),
    decide: async (policy, request) => (note('decide', policy, request), record),
    left: async () => {},
    features: async (customer, names) => (note('features', customer, names), {}),
    async customer(id) {
      note('customer', id)
      if (id === 'user:unknown') throw new BattutaError('CUSTOMER_UNKNOWN', 'nothing is known of user:unknown')
      return { id, identities: [id], firstSeenAt: 1, lastSeenAt: 2, conversation: { id: 'conv_open', owner: 'bot', epoch: 1, messages: 1 } }
    },
    timeline: async (...args) => (note('timeline', ...args), { items: [], nextCursor: null }),
    decision: async (id) => (note('decision', id), { decision: record, source: null }),
    decisions: async (...args) => (note('decisions', ...args), { items: [], nextCursor: null }),
    replay: async (...args) => (note('replay', ...args), { mode: 'recorded', version: 'v1', equal: true, differences: [] }),
    close: async () => {},
  }
}

function fakeChat(world: World, vault: Vault, asked: Asked[]): WebChat {
  const said: Delivery[] = []
  return openWebChat({
    session: (token) => readChatToken(world, vault.secret, token),
    async say(session, id, text) {
      asked.push({ call: 'say', args: [session, id, text] })
      said.push({ conversation: session.conversation, seq: said.length + 1, epoch: 1, from: 'customer', text, id })
      return { seq: said.length }
    },
    history: async (conversation, after) => ({
      items: said.filter((item) => item.conversation === conversation && item.seq > after),
      seq: said.length,
      epoch: 1,
      owner: 'bot',
    }),
  })
}

const fakeModels: Models = {
  names: ['intent'],
  run(name, { text }, remainingMs) {
    if (name !== 'intent') throw new BattutaError('MODEL_UNKNOWN', `no model is named “${name}”`)
    const status = remainingMs < 5 ? 'late' : text === 'break' ? 'failed' : 'on-time'
    return { model: name, version: 'm1', tier: 'linear', status, label: 'card_arrival', confidence: 0.9, scores: { card_arrival: 0.9 }, latencyMs: 0.1 }
  },
  notAsked: (name) => ({ model: name, version: 'm1', tier: 'linear', status: 'not-asked', label: null, confidence: null, scores: null, latencyMs: 0 }),
  info: () => {
    throw new BattutaError('MODEL_UNKNOWN', 'the test models have no card')
  },
  close: () => {},
}

const field = (type: 'string' | 'number', pii: string | null = null): { type: 'string' | 'number'; optional: boolean; pii: string | null } => ({
  type,
  optional: pii !== null,
  pii,
})

export const testDefinition: AppDefinition = {
  kind: 'app',
  name: 'test',
  events: {
    payment: {
      kind: 'event',
      name: 'payment',
      from: 'service',
      fields: { amount: field('number'), iban: field('string', 'IBAN_CODE') },
      schema: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
      version: 'e1',
    },
  },
  features: {},
  models: { intent: { kind: 'model', name: 'intent', backend: 'linear', file: 'intent' } },
  answers: {},
  policies: {
    inbound: { kind: 'policy', name: 'inbound', on: 'message.received', budgetMs: 300, features: [], models: [], decide: (moment) => moment.nothing() },
  },
}
