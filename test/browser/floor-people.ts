/** People on the real server, each in a browser of their own: what they do over and over, and what they read held against what is kept. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Browser, Page } from 'playwright-core'
import type { ChatServerFrame, ConversationReply, DeskServerFrame, EntryReply } from '../../src/client/index.ts'
import { en } from '../../web/widget/words/en.ts'
import { startServer } from '../system/server-process.ts'
import type { ServerProcess } from '../system/server-process.ts'
import { launch } from './browser.ts'
import { openChat, write } from './chat-page.ts'

/** A page catches up within this, on a busy machine. */
const catchUpMsMax = 20_000

export interface Somebody {
  readonly page: Page
  /** Everything its socket was told, over reloads. */
  readonly told: (ChatServerFrame | DeskServerFrame)[]
  readonly complaints: string[]
}

export interface Customer extends Somebody {
  readonly conversation: string
}

export interface Colleague extends Somebody {
  readonly id: string
}

interface Look {
  readonly width?: number
  readonly height?: number
  readonly theme?: 'light' | 'dark'
}

/** One line as it is read: who, or what kind of line it is, and its words. */
type Line = readonly [who: string, text: string]

export class Floor {
  readonly #folder: string
  readonly #server: ServerProcess
  readonly #browser: Browser
  readonly #people: Somebody[] = []

  private constructor(folder: string, server: ServerProcess, browser: Browser) {
    this.#folder = folder
    this.#server = server
    this.#browser = browser
  }

  static async open(folder: string): Promise<Floor> {
    const server = await startServer(folder, ['--traffic', 'off'])
    return new Floor(folder, server, await launch())
  }

  /** What any page complained of so far. */
  get complaints(): readonly string[] {
    return this.#people.flatMap(({ complaints }) => complaints)
  }

  async close(): Promise<void> {
    await this.#browser.close()
    await this.#server.stop()
  }

  /** Somebody new on the page of the bank, with the chat open. */
  async customer(look: Look = {}): Promise<Customer> {
    const somebody = await this.#open('/demo', look)
    await openChat(somebody.page)
    const welcome = await until('a welcome', () => somebody.told.find((frame) => frame.type === 'welcome' && 'conversation' in frame))
    return { ...somebody, conversation: (welcome as ChatServerFrame & { type: 'welcome' }).conversation }
  }

  /** Somebody with a new account, signed in by a one-use link and available. */
  async colleague(name: string, look: Look = {}): Promise<Colleague> {
    const { id } = await this.#admin<{ id: string }>('/v1/people', { name, role: 'desk', skills: ['cards', 'payments'] })
    const { code } = await this.#admin<{ code: string }>('/v1/session/links', { person: id })
    const somebody = await this.#open(`/desk#code=${code}`, look)
    const { page } = somebody
    await page.getByText('No conversation is yours.').waitFor()
    assert.equal(new URL(page.url()).hash, '', 'the code stays in no address')
    await page.getByRole('button', { name: 'Be available' }).click()
    await page.getByText('The next one comes here as an offer', { exact: false }).waitFor()
    return { ...somebody, id }
  }

  /** A conversation as it is kept; everything that must hold of any is checked. */
  async kept(conversation: string): Promise<ConversationReply> {
    const reply = await this.request('GET', `/v1/conversations/${conversation}`)
    assert.equal(reply.status, 200)
    const kept = (await reply.json()) as ConversationReply
    const { entries } = kept
    const expected = entries.map((_, index) => index + 1)
    assert.deepEqual(
      entries.map(({ seq }) => seq),
      expected,
      'entries are numbered without a gap and without a repeat',
    )
    assert.equal(kept.seq, entries.length)
    for (const [index, { epoch }] of entries.entries()) assert.ok(epoch >= (entries[index - 1]?.epoch ?? 0), 'epochs only rise')
    for (const epoch of new Set(entries.map((entry) => entry.epoch))) {
      const speakers = new Set(entries.filter((entry) => entry.epoch === epoch && isOwners(entry)).map(({ from, by }) => (from === 'bot' ? from : by)))
      assert.ok(speakers.size <= 1, `in epoch ${epoch} of ${conversation} only its owner speaks, not ${[...speakers].join(' and ')}`)
    }
    return kept
  }

  /** Asks a door with the service's key. */
  request(method: string, path: string, body?: object): Promise<Response> {
    return this.#ask(method, path, this.#server.key, body)
  }

  /** Says something with this colleague’s own session, past their page; the code it is refused with, null when it is not. */
  async refusalAs({ page }: Colleague, conversation: string, message: object): Promise<string | null> {
    const { csrf } = (await (await page.request.get(`${this.#server.url}/v1/session`)).json()) as { csrf: string }
    const headers = { 'x-battuta-csrf': csrf, origin: this.#server.url }
    const reply = await page.request.post(`${this.#server.url}/v1/conversations/${conversation}/messages`, { headers, data: message })
    return reply.ok() ? null : ((await reply.json()) as { code: string }).code
  }

  /** Whether the bank itself has the card with these last digits blocked. */
  isBlocked(last4: string): boolean {
    const bank = new DatabaseSync(join(this.#folder, 'harbour-bank.db'), { readOnly: true })
    try {
      const rows = bank.prepare(`SELECT content FROM items WHERE kind = 'card' AND id = ?`).all(last4)
      assert.equal(rows.length, 1, `one card ends in ${last4}`)
      return (JSON.parse(String(rows[0]?.['content'])) as { state: string }).state === 'blocked'
    } finally {
      bank.close()
    }
  }

  /** What this customer and whoever of the desk has it open read is what is kept, line for line. */
  async allAgree({ page, conversation }: Customer, ...desks: readonly Colleague[]): Promise<ConversationReply> {
    const kept = await this.kept(conversation)
    await shows(() => widgetLines(page), kept.entries.map(asInWidget), 'the customer’s page')
    for (const desk of desks) {
      assert.equal(new URL(desk.page.url()).searchParams.get('conversation'), conversation)
      await shows(() => deskLines(desk.page), kept.entries.map(asAtDesk), `the desk of ${desk.id}`)
    }
    return kept
  }

  async #open(path: string, { width = 1440, height = 900, theme = 'light' }: Look): Promise<Somebody> {
    const context = await this.#browser.newContext({
      viewport: { width, height },
      colorScheme: theme,
      hasTouch: width < 500,
      deviceScaleFactor: width < 500 ? 2 : 1,
    })
    const page = await context.newPage()
    const somebody: Somebody = { page, told: [], complaints: [] }
    page.on('console', (message) => void (message.type() === 'error' && somebody.complaints.push(`${message.text()} ${message.location().url}`)))
    page.on('pageerror', (error) => somebody.complaints.push(String(error)))
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => void somebody.told.push(JSON.parse(String(payload)) as ChatServerFrame)))
    this.#people.push(somebody)
    await page.goto(this.#server.url + path)
    return somebody
  }

  async #admin<Reply>(path: string, body: object): Promise<Reply> {
    const reply = await this.#ask('POST', path, readFileSync(join(this.#folder, 'admin.key'), 'utf8').trim(), body)
    assert.ok(reply.ok, await reply.clone().text())
    return (await reply.json()) as Reply
  }

  #ask(method: string, path: string, key: string, body: object | undefined): Promise<Response> {
    const headers = { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
    return fetch(this.#server.url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  }
}

/** Takes the offer and has its packet before the eyes; nothing else is this colleague’s at the time. */
export async function accept({ page }: Colleague): Promise<void> {
  await page.locator('.offer').getByRole('button', { name: 'Accept' }).click()
  await page.getByRole('region', { name: 'Hand-off' }).waitFor()
  await page.locator('.thread-owner').getByText('yours since').waitFor()
}

export async function reply({ page }: Colleague, text: string): Promise<void> {
  await page.getByLabel('Write to the customer').fill(text)
  await page.keyboard.press('Enter')
  await page.locator('.line-human').filter({ hasText: text }).locator('.line-state').waitFor()
}

/** Asks for a person by the chat's own button. */
export async function askForPerson({ page }: Customer): Promise<void> {
  await page.getByRole('button', { name: 'A person, please' }).click()
  await page.getByText('A person takes over', { exact: true }).last().waitFor()
}

/** The other side says this. */
export async function hears({ page }: Customer, words: string | RegExp): Promise<void> {
  await page.locator('.theirs .bubble:not(.beats)').filter({ hasText: words }).waitFor()
}

/** Writes, says which card where that is asked, and waits for these words of the bot; the digits of the card they are about. */
export async function answers({ page }: Customer, text: string, words: RegExp): Promise<string> {
  const bubbles = page.locator('.theirs .bubble:not(.beats)')
  for (let wrote = text; ;) {
    const next = bubbles.nth(await bubbles.count())
    await write(page, wrote)
    await next.waitFor()
    const said = (await next.textContent()) ?? ''
    const last4 = /debit card ··(\d{4})/.exec(said)?.[1]
    assert.ok(last4 !== undefined && (words.test(said) || said.startsWith('Which card is it?')), `the bot says “${said}”`)
    if (words.test(said)) return last4
    wrote = last4
  }
}

export async function until<Found>(what: string, find: () => Found | undefined): Promise<Found> {
  for (const end = performance.now() + catchUpMsMax; ;) {
    const found = find()
    if (found !== undefined) return found
    assert.ok(performance.now() < end, `not within ${catchUpMsMax / 1_000} s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

async function shows(read: () => Promise<readonly Line[]>, wanted: readonly Line[], where: string): Promise<void> {
  let lines = await read()
  for (const end = performance.now() + catchUpMsMax; JSON.stringify(lines) !== JSON.stringify(wanted) && performance.now() < end; lines = await read())
    await new Promise((resolve) => setTimeout(resolve, 50))
  assert.deepEqual(lines, wanted, `${where} shows what is kept, each line once`)
}

function isOwners({ from }: EntryReply): boolean {
  return from !== 'customer' && from !== 'system'
}

function asInWidget(entry: EntryReply): Line {
  if (entry.notice !== null) return ['notice', en.notices[entry.notice.kind][0]]
  return [entry.from === 'customer' ? 'mine' : 'theirs', entry.text]
}

function asAtDesk({ notice, from, text, epoch }: EntryReply): Line {
  return notice === null ? [from, text] : ['notice', notice.kind === 'resolved' ? '' : `epoch ${epoch}`]
}

function widgetLines(page: Page): Promise<Line[]> {
  return page.locator('.log ol > li').evaluateAll((lines) =>
    lines.map((line): Line => {
      const bubble = line.querySelector('.bubble')
      if (bubble === null) return ['notice', line.querySelector('b')?.textContent ?? '']
      return [line.classList.contains('mine') ? 'mine' : 'theirs', (bubble.textContent ?? '').replace(/^You: /, '')]
    }),
  )
}

function deskLines(page: Page): Promise<Line[]> {
  return page.locator('.lines > .line:not(.line-typing):not(.line-note), .lines > .bar').evaluateAll((lines) =>
    lines.map((line): Line => {
      if (line.classList.contains('bar')) return ['notice', /epoch \d+$/.exec(line.querySelector('b')?.textContent ?? '')?.[0] ?? '']
      const who = ['customer', 'bot', 'agent', 'human'].find((from) => line.classList.contains(`line-${from}`)) ?? 'nobody'
      return [line.classList.contains('line-unsent') ? `unsent ${who}` : who, line.querySelector('.line-text p')?.textContent ?? '']
    }),
  )
}
