/** What stands around webhooks in tests: conversations and cursors that outlive a process, another system, and a process that may die. */
import { BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'
import type { InboxItem, OfferReply } from '../definition/index.ts'
import type { ConversationRow, WebhookRow } from '../records/index.ts'
import { packetAt } from './desk-fixture.ts'
import type { Answer, Egress } from './egress.ts'
import type { Delivery } from './port.ts'
import type { WebhookParts } from './webhook-port.ts'
import { signWebhook } from './webhook-signature.ts'
import { openWebhooks } from './webhooks.ts'
import type { Webhooks } from './webhooks.ts'

export interface Got {
  readonly id: string
  readonly type: string
  readonly conversation: string
  readonly text?: string
  readonly epoch?: number
  readonly entries?: readonly unknown[]
}

/** What outlives a process. */
export class Disk {
  readonly hooks = new Map<string, WebhookRow>()
  readonly cursors = new Map<string, Map<string, number>>()
  readonly rows = new Map<string, ConversationRow>()
  readonly entries = new Map<string, Delivery[]>()
  /** Messages by their id: the lane takes one once. */
  readonly said = new Map<string, { readonly conversation: string; readonly seq: number }>()
}

/** The other system: keeps what it gets, answers what the test says. */
export class Other {
  readonly got: Got[] = []
  answer: (got: Got) => number | null | Promise<number | null> = () => 200
}

export class WebhookHouse implements WebhookParts {
  readonly world: World
  readonly disk: Disk
  readonly other: Other
  readonly egress: Egress
  /** Every command, in the order it was given. */
  readonly done: [string, Readonly<Record<string, unknown>>][] = []
  readonly failures: unknown[] = []
  readonly offered: OfferReply[] = []
  webhooks!: Webhooks
  /** Counts down with every call that arrived and every cursor; at 0 the process is dead: what it waits for never comes. */
  livesFor = Infinity
  refuse: (command: string) => void = () => {}

  private constructor(world: World, disk: Disk, other: Other, egress: Egress | null) {
    this.world = world
    this.disk = disk
    this.other = other
    this.egress = egress ?? { check: async () => {}, post: (_, headers, body) => this.#post(headers, body), close: () => {} }
  }

  static async open(world: World, disk = new Disk(), other = new Other(), egress: Egress | null = null): Promise<WebhookHouse> {
    const house = new WebhookHouse(world, disk, other, egress)
    house.webhooks = await openWebhooks(house)
    await house.webhooks.start()
    return house
  }

  readonly directory: WebhookParts['directory'] = {
    webhooks: async () => [...this.disk.hooks.values()],
    putWebhook: async (row) => void this.disk.hooks.set(row.name, row),
    deleteWebhook: async (name) => void this.disk.hooks.delete(name),
    cursors: async (name) => [...(this.disk.cursors.get(name) ?? [])].map(([conversation, seq]) => ({ conversation, seq })),
    putCursor: async (name, conversation, seq) => {
      await this.#lives()
      const held = this.disk.cursors.get(name) ?? new Map<string, number>()
      this.disk.cursors.set(name, held.set(conversation, seq))
    },
  }

  readonly commands: WebhookParts['commands'] = {
    accept: async (reservation, worker) => {
      this.#does('accept', { reservation, worker })
      const conversation = reservation.split('_')[1] ?? ''
      this.hand(conversation, { owner: 'human', worker })
      return { conversation, epoch: this.row(conversation)?.epoch ?? 0 }
    },
    compose: async (message) => {
      this.#does('compose', { ...message })
      this.#mayAct(message)
      return { seq: this.put(message.conversation, { from: 'human', text: message.text, by: message.worker }).seq }
    },
    handOff: async (handoff) => {
      this.#does('handOff', { ...handoff })
      this.#mayAct(handoff)
      this.hand(handoff.conversation, handoff.to.kind === 'queue' ? { owner: null, worker: null, queue: handoff.to.queue } : { owner: 'bot', worker: null })
    },
    resolve: async (resolved) => {
      this.#does('resolve', { ...resolved })
      this.#mayAct(resolved)
      this.hand(resolved.conversation, { owner: null, worker: null, status: 'resolved' })
    },
    note: async (note) => this.#does('note', { ...note }),
    presence: async (worker) => this.#does('presence', { ...worker }),
    connected: async (worker, on) => this.#does('connected', { worker, on }),
    reject: async (reservation) => this.#does('reject', { reservation }),
    complete: async (reservation) => this.#does('complete', { reservation }),
  }

  readonly views: WebhookParts['views'] = {
    packet: async () => packetAt(0),
    offers: async (worker) => this.offered.filter(({ reservation }) => reservation.endsWith(worker)),
    conversations: async ({ worker }, _limit, cursor) => {
      const all = [...this.disk.rows.values()].filter((row) => row.status === 'open' && row.worker === worker)
      const at = Number(cursor ?? 0)
      return { items: all.slice(at, at + 1).map(({ id }) => ({ conversation: id }) as InboxItem), nextCursor: at + 1 < all.length ? String(at + 1) : null }
    },
  }

  seal(secret: string): string {
    return Buffer.from(secret).reverse().toString()
  }

  unseal(sealed: string): string {
    return this.seal(sealed)
  }

  async say({ customer, conversation, id, text, channel }: Parameters<WebhookParts['say']>[0]): ReturnType<WebhookParts['say']> {
    this.#does('say', { customer, conversation, id, text, channel })
    const before = this.disk.said.get(id)
    if (before) return before
    const name = conversation ?? `of ${customer}`
    if (!this.disk.rows.has(name)) this.open(name, { customer, channel })
    const place = { conversation: name, seq: this.put(name, { text, id }).seq }
    this.disk.said.set(id, place)
    return place
  }

  row(conversation: string): ConversationRow | undefined {
    return this.disk.rows.get(conversation)
  }

  async entries(conversation: string, after: number): Promise<readonly Delivery[]> {
    return (this.disk.entries.get(conversation) ?? []).filter(({ seq }) => seq > after)
  }

  failed(error: unknown): void {
    this.failures.push(error)
  }

  open(id: string, more: Partial<ConversationRow> = {}): void {
    const ledger = { owner: 'bot', worker: null, queue: null, task: null, epoch: 1, seq: 0, status: 'open' } as const
    this.disk.rows.set(id, { id, customer: 'user:1', channel: 'web', messages: 0, openedAt: 0, updatedAt: 0, memory: '{}', ...ledger, ...more })
    this.disk.entries.set(id, [])
  }

  /** An entry, the customer's unless it says otherwise; told to the channel. */
  put(id: string, said: Partial<Delivery> = {}): Delivery {
    const row = this.row(id) as ConversationRow
    const seq = row.seq + 1
    this.disk.rows.set(id, { ...row, seq })
    const entry: Delivery = {
      conversation: id,
      seq,
      epoch: row.epoch,
      from: 'customer',
      text: `${id} ${seq}`,
      id: null,
      at: 0,
      by: null,
      notice: null,
      attachments: [],
      ...said,
    }
    this.disk.entries.get(id)?.push(entry)
    this.webhooks.deliver(entry)
    this.webhooks.changed(this.row(id) as ConversationRow)
    return entry
  }

  hand(id: string, to: Partial<ConversationRow>): void {
    const row = this.row(id) as ConversationRow
    this.disk.rows.set(id, { ...row, ...to, epoch: row.epoch + 1 })
    this.put(id, { from: 'system', text: 'a change of hands' })
    this.webhooks.owner(this.row(id) as ConversationRow)
  }

  receive(name: string, frame: object): ReturnType<Webhooks['receive']> {
    const body = JSON.stringify(frame)
    const secret = this.unseal(this.disk.hooks.get(name)?.secret ?? '')
    const headers = signWebhook({ id: 'msg', timestampS: Math.floor(this.world.now() / 1_000), body, secrets: [secret] })
    return this.webhooks.receive(name, headers, Buffer.from(body))
  }

  /** The commands of this name, and they are forgotten. */
  asked(command: string): Readonly<Record<string, unknown>>[] {
    const found = this.done.filter(([name]) => name === command).map(([, what]) => what)
    this.done.splice(0)
    return found
  }

  #does(command: string, what: Readonly<Record<string, unknown>>): void {
    this.refuse(command)
    this.done.push([command, what])
  }

  #mayAct({ conversation, epoch, worker }: { conversation: string; epoch: number; worker: string }): void {
    const row = this.row(conversation)
    if (row?.epoch !== epoch) throw new BattutaError('STALE_EPOCH', `epoch ${row?.epoch}`)
    if (row.worker !== worker) throw new BattutaError('NOT_OWNER', 'not yours')
  }

  async #post(headers: Readonly<Record<string, string>>, body: string): Promise<Answer> {
    if (this.livesFor <= 0) await this.#lives()
    const got = { ...(JSON.parse(body) as Got), id: headers['webhook-id'] ?? '' }
    this.other.got.push(got)
    const status = await this.other.answer(got)
    await this.#lives()
    return { status, failure: status === null ? 'no answer' : null, retryAfterMs: null }
  }

  async #lives(): Promise<void> {
    if (this.livesFor-- <= 0) await new Promise(() => {})
  }
}
