/** A server on made-up parts, for this room's tests: real sockets, a clock that tests move, a runtime that says what it was asked. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BattutaError, realWorld } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { openWebChat } from '../channels/index.ts'
import type { Delivery, WebChat } from '../channels/index.ts'
import type { AppDefinition, LiveHello, PersonReply, QueueDefinition } from '../definition/index.ts'
import type { Models } from '../models/index.ts'
import type { Runtime } from '../orchestrator/index.ts'
import type { Directory } from '../records/index.ts'
import type { LiveListener } from '../watch/index.ts'
import { openAttachments } from './attachments.ts'
import { openBrowserSessions } from './browser-session.ts'
import type { BrowserSessions } from './browser-session.ts'
import { issueChatToken, readChatToken } from './chat-token.ts'
import type { Config } from './config.ts'
import { fakeDesk, fakeRuntime, fakeWebhooks } from './fixture-runtime.ts'
import type { Asked } from './fixture-runtime.ts'
import { openHttp } from './http.ts'
import type { HttpServer } from './http.ts'
import { openPasswords } from './passwords.ts'
import { openPeople } from './people.ts'
import type { Account, People } from './people.ts'
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

export interface TestServer {
  readonly http: HttpServer
  readonly url: string
  readonly world: MovedWorld
  readonly vault: Vault
  readonly sessions: BrowserSessions
  readonly people: People
  readonly chat: WebChat
  readonly asked: Asked[]
  readonly folder: string
  readonly serviceKey: string
  readonly tell: LiveListener
  readonly readers: () => number
  /** A chat token of a made-up customer. */
  chatToken(customer?: string): string
  /** Signs in as a browser would: as admin without a name, or as a person by a link for them. */
  signIn(person?: string): Promise<{ cookie: string; csrf: string }>
  fetch(path: string, init?: RequestInit & { key?: string; json?: unknown }): Promise<Response>
  close(): Promise<void>
}

export function memorySettings(): Settings & { readonly values: Map<string, string> } {
  const values = new Map<string, string>()
  return { values, setting: async (name) => values.get(name), putSetting: async (name, value) => void values.set(name, value) }
}

function testConfig(folder: string, given: Partial<Config> = {}): Config {
  return {
    port: 0,
    host: '127.0.0.1',
    dataFolder: folder,
    key: adminKey,
    logFolder: folder,
    logUrl: null,
    recordsFile: join(folder, 'records.db'),
    recordsUrl: null,
    featuresFolder: folder,
    origins: [shopOrigin],
    hosts: [],
    chatSecret,
    webhookHosts: [],
    ...given,
  }
}

export async function openTestServer(given: { config?: Partial<Config>; runtime?: Partial<Runtime>; install?: boolean } = {}): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'battuta-server-'))
  const world = movedWorld()
  const config = testConfig(folder, given.config)
  const asked: Asked[] = []
  const settings = memorySettings()
  const http = await openHttp(world, config)
  const vault = await openVault(world, settings, folder, config.key)
  const directory = memoryDirectory()
  const people = await openPeople(world, directory, openPasswords(world, cheap))
  const sessions = await openBrowserSessions(world, vault.secret, settings, people)
  const runtime = { ...fakeRuntime(asked), ...given.runtime }
  const chat = fakeChat(world, vault, asked)
  const listeners = new Set<LiveListener>()
  const live = {
    hello: (): LiveHello => ({ app: { name: 'test', version: 'v1' } }) as LiveHello,
    subscribe: (listener: LiveListener) => (listeners.add(listener), () => void listeners.delete(listener)),
  }
  if (given.install !== false) {
    http.install({
      app: testDefinition,
      appVersion: 'v1',
      runtime,
      models: fakeModels,
      chat,
      desk: fakeDesk(asked),
      webhooks: fakeWebhooks(asked),
      people,
      attachments: openAttachments(world, directory, folder),
      live,
      vault,
      sessions,
      metrics: () => 'battuta_test 1\n',
    })
  }

  const server: TestServer = {
    http,
    url: http.url,
    world,
    vault,
    sessions,
    people,
    chat,
    asked,
    folder,
    serviceKey: keyIn(folder),
    tell: (event, data) => listeners.forEach((listener) => listener(event, data)),
    readers: () => listeners.size,
    chatToken: (customer = 'cookie:1') => issueChatToken(world, vault.secret, { customer, conversation: `conv_${customer}` }).token,
    async signIn(person) {
      const reply = await server.fetch('/v1/session', { method: 'POST', json: { code: sessions.newCode(person ?? null).code } })
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

/** Costs a millisecond, so that tests may hash. */
export const cheap = { logN: 4, r: 1, p: 1 } as const

/** An account of the tests, opened past the doors. */
export function addPerson({ people }: Pick<TestServer, 'people'>, account: Partial<Account> & { readonly name: string }): Promise<PersonReply> {
  return people.create({ role: 'desk', skills: [], capacity: 3, password: null, ...account })
}

export function memoryDirectory(): Directory {
  const people = new Map<string, Awaited<ReturnType<Directory['people']>>[number]>()
  const webhooks = new Map<string, Awaited<ReturnType<Directory['webhooks']>>[number]>()
  const attachments = new Map<string, NonNullable<Awaited<ReturnType<Directory['attachment']>>>>()
  return {
    people: async () => [...people.values()],
    putPerson: async (row) => void people.set(row.id, row),
    webhooks: async () => [...webhooks.values()],
    putWebhook: async (row) => void webhooks.set(row.name, row),
    deleteWebhook: async (name) => void webhooks.delete(name),
    cursors: async () => [],
    putCursor: async () => {},
    attachment: async (id) => attachments.get(id),
    putAttachment: async (row) => void attachments.set(row.id, row),
  }
}

function fakeChat(world: World, vault: Vault, asked: Asked[]): WebChat {
  const said: Delivery[] = []
  return openWebChat({
    world,
    session: (token) => readChatToken(world, vault.secret, token),
    async say(session, id, text) {
      asked.push({ call: 'say', args: [session, id, text] })
      const { conversation } = session
      said.push({ conversation, seq: said.length + 1, epoch: 1, from: 'customer', text, id, at: 1, by: null, notice: null, attachments: [] })
      return { seq: said.length }
    },
    history: async (conversation, after) => ({
      items: said.filter((item) => item.conversation === conversation && item.seq > after),
      seq: said.length,
      epoch: 1,
      owner: 'bot',
      queue: null,
    }),
    teamOf: () => null,
    attachments: async () => [],
    typing: () => {},
    seen: () => {},
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

const queueOf = (name: string, skills: readonly string[]): QueueDefinition => ({
  kind: 'queue',
  name,
  skills,
  team: `${name} team`,
  serviceLevel: { share: 0.8, withinMs: 20_000 },
  offerMs: 20_000,
  patienceMs: null,
  wrapUpMs: 30_000,
  wrapUpCodes: ['solved'],
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
      fact: null,
      version: 'e1',
    },
  },
  features: {},
  models: { intent: { kind: 'model', name: 'intent', backend: 'linear', file: 'intent' } },
  answers: {},
  queues: { cards: queueOf('cards', ['cards']), loans: queueOf('loans', ['loans', 'credit']) },
  tools: {},
  flows: {},
  personTo: 'cards',
  emotion: null,
  turn: { settleMs: 400, longestMs: 6_000 },
  policies: {
    inbound: { kind: 'policy', name: 'inbound', on: 'message.received', budgetMs: 300, features: [], models: [], decide: (moment) => moment.nothing() },
  },
}
