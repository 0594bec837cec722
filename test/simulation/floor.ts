/**
 * A contact centre in virtual time: the real rooms from socket to disk, real chat and desk clients, customers and colleagues who do
 * all they can at once, over a bad network, with disks that are slow and a process that dies.
 *
 * Owns: who does what, decided by the seed. The checks are in floor-checks.ts.
 */
import assert from 'node:assert/strict'
import { seededChance } from '../../src/base/index.ts'
import type { Chance } from '../../src/base/index.ts'
import { fanOut, openDeskHub, openWebChat } from '../../src/channels/index.ts'
import type { Channel, DeskHub, WebChat } from '../../src/channels/index.ts'
import { chat, desk } from '../../src/client/index.ts'
import type { Chat, ChatMessage, ClientTimers, Desk } from '../../src/client/index.ts'
import type { AppDefinition, HandoffTarget, InboxItem, PersonReply } from '../../src/definition/index.ts'
import type { ConversationRow } from '../../src/records/index.ts'
import { historyOf } from '../../src/server/history.ts'
import type { Runtime } from '../../src/orchestrator/index.ts'
import { BackEnd, floorApp } from './floor-app.ts'
import { Network, noFaults } from './faulty-link.ts'
import { Lives, silent } from './lives.ts'
import type { Life } from './lives.ts'

type Open = Runtime & { readonly ready: Promise<void> }

export const supervisorSays = 'a supervisor says so'

/** Where somebody hands over to: people who are there, or not, or never were. */
const targets: readonly HandoffTarget[] = [
  { kind: 'queue', queue: 'cards' },
  { kind: 'queue', queue: 'payments' },
  { kind: 'worker', worker: 'person:b' },
  { kind: 'worker', worker: 'person:c' },
  { kind: 'worker', worker: 'person:nobody' },
  { kind: 'bot' },
  { kind: 'bot', flow: 'fix', slots: { last4: '9999' } },
]

const sentences = [
  'hello',
  'are you open?',
  'fix it',
  '4821',
  '1234',
  'yes',
  'no',
  'no, 7777',
  'fix 7777',
  'never mind',
  'what?',
  'a person, please',
  'a payment is wrong',
  'thanks',
  'fix 4821',
]

export class Floor extends Lives {
  readonly network: Network
  readonly backEnd: BackEnd
  readonly customers: CustomerActor[] = []
  readonly colleagues: ColleagueActor[] = []
  /** Every ledger a conversation was seen with, by its epoch. */
  readonly ledgers = new Map<string, Map<number, Pick<ConversationRow, 'owner' | 'worker' | 'queue' | 'task' | 'status'>>>()
  /** What happened, in one line each: equal seeds give equal traces. */
  readonly trace: string[] = []
  chat: WebChat | null = null
  hub: DeskHub | null = null

  constructor(seed: string) {
    super(seed)
    this.network = new Network(this.world.outside, seededChance(`${seed} network`))
    this.backEnd = new BackEnd(this.world.outside, seededChance(`${seed} back end`))
  }

  override app(): AppDefinition {
    return floorApp(() => this.backEnd, this.says)
  }

  override channel(own: number): Channel {
    const runtime = (): Open => this.life?.runtime as Open
    const records = (): Life['records'] => (this.life as Life).records
    const { world } = this
    const openedChat = openWebChat({
      world,
      session: (token) => ({ customer: token, conversation: `conv_of_${token}` }),
      say: ({ customer, conversation }, id, text) => runtime().say({ customer, conversation, id, text, channel: 'web' }),
      history: (conversation, after) => historyOf(records(), runtime(), conversation, after),
      teamOf: (queue) => `${queue} team`,
      attachments: () => Promise.resolve([]),
      typing: (conversation, on) => runtime().typing(conversation, on),
      seen: (conversation, seq) => openedHub.customerSaw(conversation, seq),
    })
    const openedHub = openDeskHub({
      world,
      commands: lazily(() => runtime().desk),
      views: lazily(() => runtime().view),
      may: {
        sees: (person, row, { offered }) =>
          row.worker === person.id || offered || (row.owner === null && row.queue !== null && person.skills.includes(row.queue)),
        acts: () => false,
      },
      identify: () => Promise.reject(new Error('nobody comes with a key')),
      item: (row) => runtime().view.item(row),
      entries: async (conversation, after) => (await historyOf(records(), runtime(), conversation, after)).items,
      features: (customer) => runtime().features(customer, null),
      attachments: () => Promise.resolve([]),
      wrapUpCodes: () => ['solved'],
      customer: {
        typing: (conversation, epoch, on) => openedChat.typing(conversation, epoch, on),
        read: (conversation, seq) => openedChat.read(conversation, seq),
      },
      failed: (error) => {
        throw new Error('the desk could not read', { cause: error })
      },
    })
    this.chat = openedChat
    this.hub = openedHub
    const failed = (error: unknown): void => {
      throw new Error('a channel threw', { cause: error })
    }
    const mine =
      <Args extends unknown[]>(work: (...args: Args) => void) =>
      (...args: Args): void =>
        void (own === this.lives && work(...args))
    const witness: Channel = {
      ...silent,
      deliver: mine((delivery) => {
        this.left.push(delivery)
        this.trace.push(`${Math.round(world.monotonicMs())} ${delivery.conversation} ${delivery.seq} ${delivery.epoch} ${delivery.from} ${delivery.text}`)
      }),
      changed: mine((row) => this.#saw(row)),
    }
    return fanOut([witness, openedChat, openedHub], failed)
  }

  #saw({ id, epoch, owner, worker, queue, task, status }: ConversationRow): void {
    const held = this.ledgers.get(id) ?? new Map()
    const ledger = { owner, worker, queue, task, status }
    const known = held.get(epoch)
    // Whatever was restored: who had it under an epoch is who had it.
    if (known) assert.deepEqual(ledger, known, `${id} has one ledger at epoch ${epoch}`)
    this.ledgers.set(id, held.set(epoch, ledger))
  }

  timers(seed: string): ClientTimers {
    const chance = seededChance(seed)
    return {
      now: () => this.world.now(),
      after: (delayMs, run) => {
        let live = true
        this.world.outside.setTimer(delayMs, () => void (live && run()))
        return () => void (live = false)
      },
      chance: chance.next,
    }
  }

  /** A supervisor's word: over whoever has the conversation, at times under an epoch that is over. */
  overrule(chance: Chance): void {
    const { runtime, records } = this.life as Life
    const customer = this.customers[chance.below(this.customers.length)] as CustomerActor
    const row = records.conversation(customer.conversation) as ConversationRow | undefined
    if (!row) return
    const epoch = chance.next() < 0.2 ? Math.max(1, row.epoch - 1) : row.epoch
    const asked = { conversation: row.id, epoch, worker: 'person:supervisor', force: true } as const
    const luck = chance.next()
    if (luck < 0.2) runtime.desk.resolve({ ...asked, wrapUpCode: 'solved' }).catch(ignore)
    else {
      const to = targets[chance.below(targets.length)] as HandoffTarget
      runtime.desk.handOff({ ...asked, to, because: supervisorSays, agreed: [] }).catch(ignore)
    }
  }

  /** The process is told to end: nobody reaches it any more, it finishes what it can and cuts its tools off. */
  async close(): Promise<void> {
    const { runtime, records } = this.life as Life
    this.network.drop()
    this.hub?.close()
    this.hub = null
    this.chat = null
    await this.world.settle(runtime.close())
    // What somebody at a desk was just reading.
    await this.world.advance(50)
    await this.world.settle(records.close())
  }

  /** The process dies: its connections with it, and whatever it was about to do. What is beyond the network goes on. */
  die(): void {
    this.hub = null
    this.chat = null
    this.network.drop()
    this.crash()
  }
}

/** A part that another life replaces is looked up at each call. */
function lazily<Part extends object>(part: () => Part): Part {
  return new Proxy({} as Part, { get: (_target, name) => (part() as Record<PropertyKey, unknown>)[name] })
}

/** Somebody at a page: writes, in bursts at times, reloads, loses the connection, comes back. */
export class CustomerActor {
  readonly id: string
  /** What the page shows, by its place. */
  view = new Map<number, string>()
  /** Every id that was written, and what was accepted at which place. */
  readonly written = new Map<string, string>()
  readonly accepted = new Map<string, number>()
  readonly #floor: Floor
  readonly #chance: Chance
  #page: Chat | null = null
  #pages = 0
  #pending: readonly ChatMessage[] = []

  constructor(floor: Floor, id: string, seed: string) {
    this.#floor = floor
    this.id = id
    this.#chance = seededChance(seed)
  }

  get conversation(): string {
    return `conv_of_${this.id}`
  }

  get closed(): boolean {
    return this.#page === null
  }

  get waits(): number {
    return this.#page?.pending.length ?? this.#pending.length
  }

  open(): void {
    const floor = this.#floor
    this.#pages++
    // A reload keeps what was not sent, and asks for the whole conversation again or goes on where it was.
    const fresh = this.#chance.next() < 0.5
    if (fresh) this.view = new Map()
    const view = this.view
    this.#page = chat({
      url: 'http://floor',
      token: this.id,
      after: Math.max(0, ...view.keys()),
      pending: this.#pending,
      timers: floor.timers(`${this.id} page ${this.#pages}`),
      openSocket: () => floor.network.connect(floor.chat === null ? null : (socket) => (floor.chat as WebChat).open(socket)),
      handlers: {
        delivery: ({ seq, epoch, from, text }) => {
          if (view.has(seq)) throw new Error(`the page of ${this.id} was shown ${seq} twice`)
          view.set(seq, `${epoch} ${from} ${text}`)
        },
        accepted: (id, seq) => void this.accepted.set(id, seq),
        refused: (id, error) => {
          throw new Error(`“${this.written.get(id) ?? id}” was refused: ${error.message}`)
        },
      },
    })
  }

  close(): void {
    this.#pending = this.#page?.pending ?? this.#pending
    this.#page?.close()
    this.#page = null
  }

  /** One thing that a customer does. */
  act(): void {
    const luck = this.#chance.next()
    if (this.#page === null) this.open()
    else if (luck < 0.08) this.close()
    else if (luck < 0.2) this.#page.typing(luck < 0.15)
    else {
      const burst = this.#chance.next() < 0.3 ? 3 : 1
      for (let n = 0; n < burst; n++) this.say(this.#words())
    }
  }

  /** Often an answer to what was asked last; otherwise anything. */
  #words(): string {
    const last = this.view.get(Math.max(...this.view.keys())) ?? ''
    if (this.#chance.next() < 0.5) {
      if (last.includes('Shall I')) return 'yes'
      if (last.includes('Which card')) return this.#chance.next() < 0.5 ? '4821' : '7777'
    }
    return sentences[this.#chance.below(sentences.length)] as string
  }

  say(text: string): void {
    const id = this.#page?.send(text)
    if (id) this.written.set(id, text)
  }
}

/** Somebody at a desk: takes some offers, answers, hands over, gives back, resolves, goes away without a word. */
export class ColleagueActor {
  readonly person: PersonReply
  /** Accepted messages, by id. */
  readonly said = new Map<string, string>()
  /** Milliseconds from accepting an offer to owning the conversation. */
  readonly took: number[] = []
  readonly #floor: Floor
  readonly #chance: Chance
  readonly #mine = new Map<string, InboxItem>()
  readonly #wrapping = new Set<string>()
  #line: Desk | null = null
  #lines = 0
  #backAt = 0
  /** Ends what is at hand, and begins nothing. */
  winding = false

  constructor(floor: Floor, person: PersonReply, seed: string) {
    this.#floor = floor
    this.person = person
    this.#chance = seededChance(seed)
  }

  get idle(): boolean {
    return this.#mine.size === 0 && this.#wrapping.size === 0
  }

  open(): void {
    const floor = this.#floor
    this.#lines++
    const line = desk({
      url: 'http://floor',
      timers: floor.timers(`${this.person.id} line ${this.#lines}`),
      openSocket: () => floor.network.connect(floor.hub === null ? null : (socket) => (floor.hub as DeskHub).open(socket, this.person)),
      handlers: {
        welcome: ({ inbox, offers, presence }) => {
          this.#mine.clear()
          for (const item of inbox) this.#keep(item)
          for (const offer of offers) this.#think(offer.reservation)
          if (presence !== 'available') line.presence('available')
        },
        presence: ({ state }) => {
          if (state === 'away' && this.#chance.next() < 0.7) floor.world.outside.setTimer(500, () => line.presence('available'))
        },
        offer: ({ offer }) => this.#think(offer.reservation),
        item: ({ item }) => this.#keep(item),
        gone: ({ conversation }) => void this.#mine.delete(conversation),
        wrapping: ({ reservation }) => void this.#wrapping.add(reservation),
        accepted: (id, _conversation, seq) => void this.said.set(id, String(seq)),
      },
    })
    this.#line = line
  }

  close(): void {
    this.#line?.close()
    this.#line = null
    this.#mine.clear()
    this.#wrapping.clear()
  }

  act(): void {
    const luck = this.#chance.next()
    const line = this.#line
    const now = this.#floor.world.monotonicMs()
    if (line === null) return now < this.#backAt && !this.winding ? undefined : this.open()
    if (!this.winding && luck < 0.06) {
      // Some are back at once, some only after their lease is over.
      this.#backAt = now + this.#chance.next() ** 2 * 90_000
      return this.close()
    }
    if (luck < 0.09) return line.presence(this.winding || luck < 0.08 ? 'available' : 'busy')
    for (const reservation of this.#wrapping) {
      this.#wrapping.delete(reservation)
      if (this.#chance.next() < 0.5) line.complete(reservation, 'solved').catch(ignore)
    }
    const items = [...this.#mine.values()]
    const item = items[this.#chance.below(Math.max(1, items.length))]
    if (item) this.#workOn(line, item)
  }

  #workOn(line: Desk, { conversation, epoch }: InboxItem): void {
    const luck = this.winding ? 0.9 + this.#chance.next() * 0.1 : this.#chance.next()
    if (luck < 0.1) line.watch(conversation)
    else if (luck < 0.15) line.typing(conversation, true)
    else if (luck < 0.55) line.say({ conversation, epoch, text: `colleague ${this.said.size}` })
    else if (luck < 0.6) line.say({ conversation, epoch: Math.max(1, epoch - 1), text: 'under an epoch that is over' })
    else if (luck < 0.65) line.note(conversation, 'a note')
    else if (luck < 0.72) line.handOff({ conversation, epoch, to: { kind: 'queue', queue: this.#chance.next() < 0.5 ? 'cards' : 'payments' } }).catch(ignore)
    else if (luck < 0.76)
      line
        .handOff({ conversation, epoch, to: this.#chance.next() < 0.5 ? { kind: 'worker', worker: 'person:b' } : { kind: 'worker', worker: 'person:nobody' } })
        .catch(ignore)
    else if (luck < 0.9) this.#giveBack(line, conversation, epoch)
    else line.resolve({ conversation, epoch, wrapUpCode: 'solved' }).catch(ignore)
  }

  #giveBack(line: Desk, conversation: string, epoch: number): void {
    const flow = this.#chance.next() < 0.5 ? { flow: 'fix', slots: { last4: '9999' } } : {}
    line.handOff({ conversation, epoch, to: { kind: 'bot', ...flow }, agreed: ['it is unlocked today'] }).catch(ignore)
  }

  #think(reservation: string): void {
    const world = this.#floor.world.outside
    const luck = this.winding ? 1 : this.#chance.next()
    world.setTimer(this.#chance.next() * (luck < 0.1 ? 12_000 : 2_000), () => {
      if (luck < 0.15) return
      if (luck < 0.3) return void this.#line?.reject(reservation).catch(ignore)
      const from = world.monotonicMs()
      this.#line?.accept(reservation).then(() => void this.took.push(world.monotonicMs() - from), ignore)
    })
  }

  #keep(item: InboxItem): void {
    if (item.worker === this.person.id && item.owner === 'human') this.#mine.set(item.conversation, item)
    else this.#mine.delete(item.conversation)
  }
}

/** A refusal is an answer, too: what it was right about is checked at the end. */
function ignore(): void {}

export const bad = { delayMs: 30, cut: 0.01, silent: 0.2 }
export { noFaults }
