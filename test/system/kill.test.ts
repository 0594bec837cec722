/**
 * I1 against the real thing: a server on disk under load is killed at random moments, and files are put back as a power cut
 * or a careless restore would leave them. Soak runs set BATTUTA_SOAK_KILLS.
 */
import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { DecisionBrief, DecisionReply, FeaturesPage, Page as ListPage, ReplayReply } from './wire.ts'
import { getJson, Page, startServer, Till } from './callers.ts'
import type { Elsewhere, Server } from './callers.ts'
import { newSchema, noPostgres } from '../services/postgres.ts'

const kills = Number(process.env['BATTUTA_SOAK_KILLS'] ?? 4)
const appFile = new URL('./shop/app.ts', import.meta.url)
const pages = 6
const kafka = process.env['BATTUTA_TEST_KAFKA']

class Load {
  readonly pages = Array.from({ length: pages }, (_, n) => new Page(`page${n}`))
  readonly till = new Till()
  readonly #folder: string
  readonly #elsewhere: Elsewhere

  constructor(folder: string, elsewhere: Elsewhere = {}) {
    this.#folder = folder
    this.#elsewhere = elsewhere
  }

  /** Load for a random while; then what the moment asks for. */
  async life(forMs: number, end: (server: Server) => Promise<void>): Promise<void> {
    const server = await startServer(appFile, this.#folder, this.#elsewhere)
    await Promise.all(this.pages.map((page) => page.connect(server.url)))
    const load = { over: false }
    const paying = (async (): Promise<void> => {
      while (!load.over) {
        for (let n = 0; n < 20; n++) this.till.pay(`user:${n % 4}`, (n % 5) + 1)
        await this.till.send(server.url).catch(() => undefined)
        await pause(2)
      }
    })()
    const talking = (async (): Promise<void> => {
      while (!load.over) {
        for (const page of this.pages) page.say()
        await pause(15)
      }
    })()
    await pause(forMs)
    await end(server)
    load.over = true
    await Promise.all([paying, talking])
    for (const page of this.pages) page.close()
  }

  /** Until everything is acknowledged and answered; then holds all of I1 against what the server says. */
  async settle(): Promise<{ decisions: number; reconciled: number }> {
    const server = await startServer(appFile, this.#folder, this.#elsewhere)
    try {
      await Promise.all(this.pages.map((page) => page.connect(server.url)))
      for (let tries = 0; this.till.waiting.size > 0 || this.pages.some((page) => page.waiting.size > 0); tries++) {
        assert.ok(tries < 400, 'everything is acknowledged in the end')
        await this.till.send(server.url)
        await pause(25)
      }
      await pause(300)
      return await this.#holds(server.url)
    } finally {
      for (const page of this.pages) page.close()
      await server.kill()
    }
  }

  async #holds(url: string): Promise<{ decisions: number; reconciled: number }> {
    for (let n = 0; n < 4; n++) {
      const own = [...this.till.paid.values()].filter((paid) => paid.customer === `user:${n}`)
      const { features } = await getJson<FeaturesPage>(url, `/v1/customers/user:${n}/features`)
      assert.equal(features['payments']?.value, own.length, 'every payment is folded once')
      assert.equal(
        features['paid']?.value,
        own.reduce((sum, { amount }) => sum + amount, 0),
      )
    }
    for (const page of this.pages) {
      const told = [...page.told.values()].sort((a, b) => a.seq - b.seq)
      assert.deepEqual(
        told.map((entry) => entry.seq),
        told.map((_, index) => index + 1),
        `${page.name} was told everything, in order`,
      )
      const own = told.filter((entry) => entry.from === 'customer')
      assert.deepEqual(new Set(own.map((entry) => entry.id)), new Set(page.accepted.keys()), 'every accepted message stands in the sequence once')
      assert.equal(own.length, page.accepted.size)
      for (const [id, seq] of page.accepted) assert.equal(page.told.get(seq)?.id, id, 'a message stands where it was accepted')
      const replies = told.filter((entry) => entry.from === 'bot').map((entry) => /^to (\S+):/.exec(entry.text)?.[1])
      assert.deepEqual(new Set(replies), new Set(page.accepted.keys()), 'every message is answered')
      assert.equal(replies.length, page.accepted.size, 'and once')
    }
    const decisions: DecisionBrief[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const list: ListPage<DecisionBrief> = await getJson(url, `/v1/decisions?limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`)
      decisions.push(...list.items)
      cursor = list.nextCursor
    }
    assert.equal(
      decisions.length,
      this.pages.reduce((sum, page) => sum + page.accepted.size, 0),
      'every message is decided once',
    )
    let reconciled = 0
    for (const brief of decisions) {
      const { decision } = await getJson<DecisionReply>(url, `/v1/decisions/${brief.id}`)
      if (decision.reconciled) reconciled++
      else if (decisions.indexOf(brief) % 20 === 0) {
        const reply = await fetch(`${url}/v1/decisions/${brief.id}/replay`, {
          method: 'POST',
          headers: { authorization: 'Bearer test-key-0123456789abcdef', 'content-type': 'application/json' },
          body: '{}',
        })
        assert.equal(((await reply.json()) as ReplayReply).equal, true)
      }
    }
    return { decisions: decisions.length, reconciled }
  }
}

function decisionsIn(data: string): number {
  // Counted in a copy: opening the file itself would fold its WAL into it.
  const copy = mkdtempSync(join(tmpdir(), 'battuta-count-'))
  for (const file of ['records.db', 'records.db-wal']) if (existsSync(join(data, file))) cpSync(join(data, file), join(copy, file))
  const database = new DatabaseSync(join(copy, 'records.db'))
  const row = database.prepare('SELECT count(*) AS n FROM decisions').get()
  database.close()
  rmSync(copy, { recursive: true })
  return Number(row?.['n'])
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'battuta-kill-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test(`I1 ${kills} times kill -9 under load: every acknowledged event is applied once, no reply is sent twice`, (t) =>
  inFolder(async (folder) => {
    const load = new Load(join(folder, 'data'))
    for (let n = 0; n < kills; n++) await load.life(150 + Math.random() * 500, (server) => server.kill())
    const { decisions } = await load.settle()
    t.diagnostic(`${kills} kills, ${load.till.acknowledged} payments and ${decisions} messages acknowledged, all once`)
  }))

test('I1 the same with the records in Postgres', { skip: noPostgres }, (t) =>
  inFolder(async (folder) => {
    await using schema = newSchema()
    const load = new Load(join(folder, 'data'), { records: schema.url })
    for (let n = 0; n < kills; n++) await load.life(300 + Math.random() * 500, (server) => server.kill())
    const { decisions } = await load.settle()
    t.diagnostic(`${kills} kills, ${load.till.acknowledged} payments and ${decisions} messages acknowledged, all once`)
  }),
)

test(
  'I1 kill -9 under load with the log in Kafka: every acknowledged event is applied once, no reply is sent twice',
  { skip: kafka === undefined && 'no Kafka: set BATTUTA_TEST_KAFKA=host:port of a broker that tests may use' },
  (t) =>
    inFolder(async (folder) => {
      const load = new Load(join(folder, 'data'), { log: `kafka://${kafka}/battuta-test-kill-${process.pid}-${Date.now().toString(36)}` })
      for (let n = 0; n < Math.max(1, kills / 10); n++) await load.life(600 + Math.random() * 500, (server) => server.kill())
      const { decisions } = await load.settle()
      t.diagnostic(`${load.till.acknowledged} payments and ${decisions} messages acknowledged, all once`)
    }),
)

test('I1 a copy of all files taken while the process stands still starts again as if it had been killed then', (t) =>
  inFolder(async (folder) => {
    const data = join(folder, 'data')
    const load = new Load(data)
    for (let n = 0; n < Math.max(2, kills / 4); n++) {
      await load.life(200 + Math.random() * 400, async (server) => {
        server.child.kill('SIGSTOP')
        cpSync(data, join(folder, `copy${n}`), { recursive: true })
        await server.kill()
      })
      rmSync(data, { recursive: true })
      cpSync(join(folder, `copy${n}`), data, { recursive: true })
    }
    const { decisions } = await load.settle()
    t.diagnostic(`${load.till.acknowledged} payments and ${decisions} messages acknowledged, all once`)
  }))

test('I1 older records, with their WAL, beside the newer log: nothing that left is sent again or contradicted', (t) =>
  inFolder(async (folder) => {
    const data = join(folder, 'data')
    const load = new Load(data)
    for (let n = 0; n < Math.max(2, kills / 4); n++) {
      const older = join(folder, `older${n}`)
      await load.life(150 + Math.random() * 200, async (server) => {
        server.child.kill('SIGSTOP')
        cpSync(data, older, { recursive: true, filter: (path) => !/\.mdb|log|features/.test(path.slice(data.length)) })
        server.child.kill('SIGCONT')
        await pause(300 + Math.random() * 500)
        await server.kill()
      })
      const newer = decisionsIn(data)
      for (const file of ['records.db', 'records.db-wal', 'records.db-shm']) rmSync(join(data, file), { force: true })
      cpSync(older, data, { recursive: true })
      assert.ok(decisionsIn(data) < newer, 'the restored records lack decisions, or this test shows nothing')
    }
    const { decisions, reconciled } = await load.settle()
    t.diagnostic(`${load.till.acknowledged} payments and ${decisions} messages acknowledged, all once; ${reconciled} decisions came out differently and say so`)
  }))
