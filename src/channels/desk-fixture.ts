/** A desk's surroundings for tests: conversations with their ledger, rights, and commands that do what lanes do, after a while. */
import { BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'
import type {
  Attachment,
  ConversationReply,
  DeskServerFrame,
  FeatureReply,
  HandoffPacket,
  InboxItem,
  NoteReply,
  OfferReply,
  PersonReply,
  WorkerReply,
} from '../definition/index.ts'
import type { ConversationFilter, ConversationRow, ReservationRow, TaskRow } from '../records/index.ts'
import { openDeskHub } from './desk-hub.ts'
import type { DeskHub } from './desk-hub.ts'
import type { DeskHubParts, DeskPlace, DeskTie } from './desk-port.ts'
import type { ChatSocket, Delivery } from './port.ts'

export interface Talk {
  row: ConversationRow
  readonly entries: Delivery[]
  readonly notes: NoteReply[]
}

export const person = (id: string, more: Partial<PersonReply> = {}): PersonReply => ({
  id,
  name: id.toUpperCase(),
  role: 'desk',
  skills: ['cards'],
  capacity: 3,
  ...more,
})

export class DeskHouse implements DeskHubParts {
  readonly world: World
  readonly hub: DeskHub
  readonly talks = new Map<string, Talk>()
  readonly pending: OfferReply[] = []
  readonly workers: WorkerReply[] = []
  /** Every command, in the order it was given. */
  readonly done: unknown[] = []
  readonly failures: unknown[] = []
  /** What the customer's side was told. */
  readonly told: string[] = []
  /** Reads take up to this long. */
  readMsMax = 0
  refuse: ((command: string) => void) | null = null
  packets: (conversation: string) => HandoffPacket | null = () => packetAt(0)
  seesHad = false

  constructor(world: World) {
    this.world = world
    this.hub = openDeskHub(this)
  }

  readonly may = {
    sees: (who: PersonReply, place: DeskPlace, tie: DeskTie): boolean => this.sees(who, place, tie),
    acts: (who: PersonReply): boolean => who.role !== 'desk',
  }

  readonly customer = {
    typing: (conversation: string, epoch: number, on: boolean): void => void this.told.push(`${conversation} ${epoch} ${on ? 'types' : 'stops'}`),
    read: (conversation: string, seq: number): void => void this.told.push(`${conversation} read ${seq}`),
  }

  readonly commands: DeskHubParts['commands'] = {
    compose: async (message) => {
      await this.#does('compose', message)
      const { row } = this.#talk(message.conversation)
      if (message.epoch !== row.epoch) throw new BattutaError('STALE_EPOCH', `epoch ${row.epoch}`)
      if (row.worker !== message.worker) throw new BattutaError('NOT_OWNER', 'not yours')
      const { conversation, text, id, worker: by, attachments = [] } = message
      return { seq: this.say(conversation, { from: 'human', text, id, by, attachments }).seq }
    },
    note: async ({ conversation, id, text, worker: by }) => {
      await this.#does('note', { conversation, id, text, by })
      const { notes, row } = this.#talk(conversation)
      const note = { id, at: this.world.now(), by, text, afterSeq: row.seq }
      notes.push(note)
      this.hub.note(conversation, note)
    },
    handOff: async (handoff) => {
      await this.#does('handOff', handoff)
      this.#mayMove(handoff)
      if (handoff.to.kind === 'queue') this.hand(handoff.conversation, { owner: null, worker: null, queue: handoff.to.queue })
      else if (handoff.to.kind === 'bot') this.hand(handoff.conversation, { owner: 'bot', worker: null, queue: null })
    },
    resolve: async (resolved) => {
      await this.#does('resolve', resolved)
      this.#mayMove(resolved)
      this.hand(resolved.conversation, { owner: null, worker: null, queue: null, status: 'resolved' })
    },
    presence: (worker) => this.#does('presence', worker),
    connected: (worker, on) => this.#does('connected', [worker, on]),
    accept: async (reservation, worker) => {
      await this.#does('accept', [reservation, worker])
      const offer = this.pending.find((held) => held.reservation === reservation)
      if (!offer) throw new BattutaError('RESERVATION_GONE', `${reservation} is gone`)
      this.end(offer, worker, 'accepted')
      this.hand(offer.conversation, { owner: 'human', worker })
      return { conversation: offer.conversation, epoch: this.#talk(offer.conversation).row.epoch }
    },
    reject: async (reservation, worker, reason) => {
      await this.#does('reject', [reservation, worker, reason])
      const offer = this.pending.find((held) => held.reservation === reservation)
      if (!offer) throw new BattutaError('RESERVATION_GONE', `${reservation} is gone`)
      this.end(offer, worker, 'rejected')
    },
    complete: (reservation, worker, wrapUpCode) => this.#does('complete', [reservation, worker, wrapUpCode]),
  }

  readonly views: DeskHubParts['views'] = {
    conversation: (id) => this.#read(() => replyOf(this.#talk(id))),
    conversations: ({ status, owner, worker }: ConversationFilter) =>
      this.#read(() => {
        const fits = ({ row }: Talk): boolean =>
          row.status === status && (owner === 'waiting' ? row.owner === null : row.owner === owner) && (worker === undefined || row.worker === worker)
        return { items: [...this.talks.values()].filter(fits).map(itemFor), nextCursor: null }
      }),
    queues: () => this.#read(() => []),
    workers: () => this.#read(() => [...this.workers]),
    offers: (worker) => this.#read(() => this.pending.filter(({ reservation }) => reservation.endsWith(worker))),
    packet: (conversation) => this.#read(() => this.packets(conversation)),
  }

  identify(key: string | null, worker: string | null): Promise<PersonReply> {
    if (key !== 'k') return Promise.reject(new BattutaError('UNAUTHENTICATED', 'no such key'))
    return Promise.resolve(person(worker ?? 'service'))
  }

  item(row: ConversationRow): Promise<InboxItem> {
    return this.#read(() => itemFor({ ...this.#talk(row.id), row }))
  }

  entries(conversation: string, after: number): Promise<readonly Delivery[]> {
    return this.#read(() => this.#talk(conversation).entries.filter(({ seq }) => seq > after))
  }

  features(customer: string): Promise<Readonly<Record<string, FeatureReply>>> {
    return this.#read(() => ({ [customer]: { value: this.done.length, status: 'PRESENT', at: 0, ageMs: 0, version: 'v' } }))
  }

  attachments(_: PersonReply, conversation: string, ids: readonly string[]): Promise<readonly Attachment[]> {
    if (ids.some((id) => !id.startsWith(conversation))) return Promise.reject(new BattutaError('ATTACHMENT_REFUSED', 'not of this conversation'))
    return Promise.resolve(ids.map((id) => ({ id, name: id, type: 'image/png', bytes: 1 })))
  }

  wrapUpCodes(queue: string): readonly string[] {
    return [`${queue} solved`]
  }

  failed(error: unknown): void {
    this.failures.push(error)
  }

  sees({ id, role, skills }: PersonReply, { owner, worker, queue, status }: Pick<DeskPlace, 'owner' | 'worker' | 'queue' | 'status'>, tie: DeskTie): boolean {
    if (role !== 'desk' || tie.offered || (this.seesHad && tie.had)) return true
    if (status !== 'open') return false
    return owner === null ? queue !== null && skills.includes(queue) : owner === 'human' && worker === id
  }

  open(id: string, more: Partial<ConversationRow> = {}): Talk {
    const row: ConversationRow = {
      id,
      customer: `user:${id}`,
      channel: 'web',
      owner: 'bot',
      worker: null,
      queue: null,
      task: null,
      epoch: 1,
      seq: 0,
      messages: 0,
      status: 'open',
      openedAt: 0,
      updatedAt: 0,
      memory: '{}',
      ...more,
    }
    const talk = { row, entries: [], notes: [] }
    this.talks.set(id, talk)
    return talk
  }

  /** An entry, and what a channel is told of it. */
  say(id: string, said: Partial<Delivery> = {}, order: readonly Telling[] = ['deliver', 'changed']): Delivery {
    const talk = this.#talk(id)
    talk.row = { ...talk.row, seq: talk.row.seq + 1, updatedAt: this.world.now() }
    const { seq, epoch } = talk.row
    const plain = { from: 'customer', text: `${id} ${seq}`, id: null, by: null, notice: null, attachments: [] } as const
    const delivery: Delivery = { conversation: id, seq, epoch, at: this.world.now(), ...plain, ...said }
    talk.entries.push(delivery)
    for (const telling of order) this.#tell(talk, delivery, telling)
    return delivery
  }

  /** A change of hands, with the entry that says so under the new epoch. */
  hand(id: string, to: Partial<ConversationRow>, order: readonly Telling[] = ['deliver', 'owner', 'changed']): void {
    const talk = this.#talk(id)
    talk.row = { ...talk.row, ...to, epoch: talk.row.epoch + 1 }
    this.say(id, { from: 'system' }, order)
  }

  offer(conversation: string, worker: string): OfferReply {
    const { row } = this.#talk(conversation)
    const offer: OfferReply = {
      reservation: `res_${conversation}_${worker}`,
      conversation,
      customer: row.customer,
      channel: row.channel,
      queue: row.queue ?? 'cards',
      priority: 0,
      goal: 'a goal',
      because: null,
      offeredAt: 0,
      expiresAt: 20_000,
    }
    this.pending.push(offer)
    this.hub.routed({ kind: 'offered', reservation: reservationOf(offer, worker), task: taskOf(offer) })
    return offer
  }

  end(offer: OfferReply, worker: string, reason: 'accepted' | 'taken' | 'timeout' | 'canceled' | 'rejected'): void {
    this.pending.splice(this.pending.indexOf(offer), 1)
    this.hub.routed({ kind: 'ended', reservation: reservationOf(offer, worker), task: taskOf(offer), reason })
  }

  #tell(talk: Talk, delivery: Delivery, telling: Telling): void {
    if (telling === 'deliver') this.hub.deliver(delivery)
    else this.hub[telling](talk.row)
  }

  #talk(id: string): Talk {
    const talk = this.talks.get(id)
    if (!talk) throw new BattutaError('CONVERSATION_UNKNOWN', `no ${id}`)
    return talk
  }

  #mayMove({ conversation, epoch, worker, force }: { conversation: string; epoch: number; worker: string; force?: boolean }): void {
    const { row } = this.#talk(conversation)
    if (epoch !== row.epoch) throw new BattutaError('STALE_EPOCH', `epoch ${row.epoch}`)
    if (row.worker !== worker && !force) throw new BattutaError('NOT_OWNER', 'not yours')
  }

  async #does(command: string, what: unknown): Promise<void> {
    this.done.push([command, what])
    await this.#read(() => this.refuse?.(command))
  }

  /** What is read is as of when it is asked for, or of when it is answered. */
  async #read<Result>(read: () => Result): Promise<Result> {
    if (this.readMsMax === 0) return read()
    const early = this.world.random() < 0.5 ? { value: read() } : null
    await new Promise<void>((resolve) => this.world.setTimer(this.world.random() * this.readMsMax, resolve))
    return early ? early.value : read()
  }
}

export type Telling = 'deliver' | 'owner' | 'changed'

/** One socket of a page at the desk. */
export class DeskPage implements ChatSocket {
  readonly frames: DeskServerFrame[] = []
  readonly closes: [number, string][] = []
  readonly seat: ReturnType<DeskHub['open']>
  buffered = 0
  heard: (frame: DeskServerFrame) => void = () => {}

  constructor(house: DeskHouse, who: PersonReply | null) {
    this.seat = house.hub.open(this, who)
  }

  send(frame: string): void {
    const read = JSON.parse(frame) as DeskServerFrame
    this.frames.push(read)
    this.heard(read)
  }

  close(code: number, reason: string): void {
    this.closes.push([code, reason])
  }

  say(frame: unknown): void {
    this.seat.receive(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  /** What came since this was asked last, in short. */
  get news(): string[] {
    return this.frames.splice(0).map(inShort)
  }
}

function inShort(frame: DeskServerFrame): string {
  switch (frame.type) {
    case 'delivery':
      return `delivery ${frame.conversation} ${frame.entry.seq}`
    case 'owner':
      return `owner ${frame.conversation} ${frame.epoch} ${frame.role ?? frame.queue}`
    case 'item':
      return `item ${frame.item.conversation} ${frame.item.epoch}.${frame.item.seq} ${frame.item.owner ?? frame.item.queue ?? frame.item.status}`
    case 'offer':
      return `offer ${frame.offer.reservation}`
    case 'note':
      return `note ${frame.note.id}`
    case 'rescinded':
      return `rescinded ${frame.reservation} ${frame.reason}`
    case 'presence':
      return `presence ${frame.state} ${frame.taken}/${frame.capacity}`
    case 'typing':
      return `typing ${frame.conversation} ${frame.from} ${frame.on}`
    case 'seen':
      return `seen ${frame.conversation} ${frame.seq}`
    case 'accepted':
      return `accepted ${frame.id} ${frame.seq}`
    case 'done':
      return `done ${frame.ref}`
    case 'error':
      return `error ${frame.code}${frame.id === undefined ? '' : ` ${frame.id}`}${frame.ref === undefined ? '' : ` ${frame.ref}`}`
    case 'gone':
    case 'context':
      return `${frame.type} ${frame.conversation}`
    case 'wrapping':
      return `wrapping ${frame.reservation}`
    default:
      return frame.type
  }
}

export function packetAt(at: number): HandoffPacket {
  const who = { owner: 'bot', name: null } as const
  return { from: who, to: who, at, goal: 'g', facts: [], tried: [], promised: [], question: null, emotion: [], because: null, decision: null, agreed: [] }
}

function itemFor({ row, entries }: Talk): InboxItem {
  const { id: conversation, customer, channel, status, owner, worker, queue, task, epoch, seq, updatedAt } = row
  const last = entries.findLast((entry) => entry.seq <= seq) ?? null
  const place = { conversation, customer, channel, status, owner, worker, queue, task, epoch, seq, updatedAt }
  return { ...place, waitingSince: null, priority: 0, goal: 'g', because: null, last: last && { from: last.from, text: last.text, at: last.at } }
}

function replyOf(talk: Talk): ConversationReply {
  const entries = talk.entries.map(({ seq, epoch, at, from, by, text, notice, attachments }) => ({ seq, epoch, at, from, by, text, notice, attachments }))
  return { ...itemFor(talk), openedAt: 0, messages: 0, entries, notes: [...talk.notes], packet: null, emotion: [], flow: null, wrapUpCodes: [] }
}

export function reservationOf({ reservation: id, conversation }: OfferReply, worker: string): ReservationRow {
  return { id, lane: 'routing:main', task: `task_${conversation}`, worker, state: 'pending', offeredAt: 0, expiresAt: 20_000, endedAt: null }
}

export function taskOf({ conversation, customer, channel, queue, goal }: OfferReply): TaskRow {
  const plain = {
    because: null,
    state: 'reserved',
    onlyWorker: null,
    exceptWorker: null,
    worker: null,
    queuedAt: 0,
    assignedAt: null,
    endedAt: null,
    wrapUpCode: null,
  } as const
  return { id: `task_${conversation}`, lane: 'routing:main', conversation, customer, channel, queue, priority: 0, goal, ...plain }
}
