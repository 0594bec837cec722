/**
 * Other systems behind signed calls: the customer's side of another chat (`channel`), or another desk or bot (`desk`), which is a
 * worker like any other, takes every offer at once and speaks under the epoch it was told.
 *
 * Owns: which webhooks there are, and that each is told and heard. Does not own: conversations and their order (the lanes), what is
 * told (webhook-telling.ts), when (webhook-courier.ts), which addresses may be called (egress.ts).
 *
 * V1 Nothing is heard that is not signed with the webhook's secret within five minutes.
 * V2 A desk that cannot be reached keeps nobody waiting: it takes no more offers, and what it has goes back into its queue.
 * V3 A webhook never speaks in, nor notes down anything of, a conversation it never had.
 */
import { assert, BattutaError } from '../base/index.ts'
import type { NoteReply } from '../definition/index.ts'
import type { ConversationRow, WebhookRow } from '../records/index.ts'
import type { RoutingTold } from '../route/index.ts'
import { Leading } from './leading.ts'
import type { Channel, Delivery } from './port.ts'
import { Courier } from './webhook-courier.ts'
import { readChannelFrame, readWorkerFrame } from './webhook-frame.ts'
import type { WorkerFrame } from './webhook-frame.ts'
import type { WebhookParts, WebhookReply, WebhookSettings, WebhookTaken } from './webhook-port.ts'
import { newWebhookSecret, signWebhook, verifyWebhook } from './webhook-signature.ts'
import type { WebhookHeaders } from './webhook-signature.ts'
import { Telling } from './webhook-telling.ts'

const namePattern = /^[a-z][a-z0-9-]{0,59}$/
/** Conversations read at once when a desk's are looked up. */
const pageItems = 200

export interface Webhooks extends Channel {
  /** Begins to call, once conversations can be read and commands given. */
  start(): Promise<void>
  list(): readonly WebhookReply[]
  /** Adds or changes one. `secret` is given when it is new, and never again. Throws REQUEST_INVALID, WEBHOOK_REFUSED. */
  put(settings: WebhookSettings): Promise<WebhookReply & { readonly secret: string | null }>
  /** Throws WEBHOOK_UNKNOWN. */
  delete(name: string): Promise<void>
  /** A signed call came in. Throws WEBHOOK_UNKNOWN, WEBHOOK_INVALID, and what the lanes refuse. */
  receive(name: string, headers: WebhookHeaders, body: Uint8Array): Promise<WebhookTaken>
  /** Calls nobody any more; what is under way is given up, and its egress closed. */
  close(): Promise<void>
}

interface Hook {
  readonly row: WebhookRow
  readonly skills: readonly string[]
  readonly secret: string
  readonly worker: string | null
  readonly courier: Courier
  readonly telling: Telling
}

/** Reads which webhooks there are. */
export async function openWebhooks(parts: WebhookParts): Promise<Webhooks> {
  const webhooks = new SignedWebhooks(parts)
  for (const row of await parts.directory.webhooks()) webhooks.hold(row)
  return webhooks
}

class SignedWebhooks implements Webhooks {
  readonly #parts: WebhookParts
  readonly #hooks = new Map<string, Hook>()
  readonly #byWorker = new Map<string, Hook>()
  /** Who a worker is that may be offered something; null for one that may not. */
  readonly #presence: Leading<Hook | null>
  readonly #givenBack: Leading<boolean>
  #isStarted = false

  constructor(parts: WebhookParts) {
    this.#parts = parts
    this.#presence = new Leading<Hook | null>(parts.world, null, (worker, hook) => this.#tellPresence(worker, hook))
    this.#givenBack = new Leading<boolean>(parts.world, false, (conversation, on) => (on ? this.#giveBack(conversation) : Promise.resolve()))
  }

  async start(): Promise<void> {
    this.#isStarted = true
    for (const hook of this.#hooks.values()) await this.#begin(hook)
  }

  hold(row: WebhookRow): Hook {
    const worker = row.kind === 'desk' ? `webhook:${row.name}` : null
    const secret = this.#parts.unseal(row.secret)
    const telling = new Telling(this.#parts, row.name, worker)
    const courier = new Courier({
      world: this.#parts.world,
      call: (id, body) => this.#call(hook, id, body),
      tell: (conversation, say) => telling.tell(conversation, say),
      changed: () => this.#reachable(hook),
      behind: () => void this.#begin(hook),
      failed: (error) => this.#parts.failed(error),
    })
    const hook: Hook = { row, skills: JSON.parse(row.skills) as string[], secret, worker, courier, telling }
    this.#hooks.set(row.name, hook)
    if (worker !== null) this.#byWorker.set(worker, hook)
    return hook
  }

  list(): readonly WebhookReply[] {
    return [...this.#hooks.values()].map(replyOf)
  }

  async put(settings: WebhookSettings): Promise<WebhookReply & { readonly secret: string | null }> {
    const { name, url, kind, skills, capacity, renewSecret = false } = settings
    const { world, directory, egress, seal } = this.#parts
    if (!namePattern.test(name))
      throw new BattutaError('REQUEST_INVALID', `“${name}” is no name for a webhook; use small letters, digits and dashes, beginning with a letter`)
    const before = this.#hooks.get(name)
    if (before && before.row.kind !== kind)
      throw new BattutaError('REQUEST_INVALID', `webhook ${name} is of kind ${before.row.kind}; delete it before you make it a ${kind}`)
    await egress.check(url)
    const secret = before && !renewSecret ? null : newWebhookSecret(world)
    const sealed = secret === null ? (before as Hook).row.secret : seal(secret)
    const row = { name, url, kind, skills: JSON.stringify(skills), capacity, secret: sealed, createdAt: before?.row.createdAt ?? world.now() }
    await directory.putWebhook(row)
    before?.courier.close()
    const hook = this.hold(row)
    if (this.#isStarted) await this.#begin(hook)
    return { ...replyOf(hook), secret }
  }

  async delete(name: string): Promise<void> {
    const hook = this.#hookOf(name)
    hook.courier.close()
    this.#hooks.delete(name)
    if (hook.worker !== null) {
      this.#presence.want(hook.worker, null)
      await this.#giveAllBack(hook, hook.worker)
    }
    await this.#parts.directory.deleteWebhook(name)
  }

  /** V1 */
  async receive(name: string, headers: WebhookHeaders, body: Uint8Array): Promise<WebhookTaken> {
    const hook = this.#hookOf(name)
    verifyWebhook({ headers, body, secrets: [hook.secret], nowMs: this.#parts.world.now() })
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
    if (hook.worker !== null) return this.#act(hook, hook.worker, readWorkerFrame(text))
    const { customer, conversation, id, text: said } = readChannelFrame(text)
    const place = await this.#parts.say({ customer, conversation, id, text: said, channel: `webhook:${name}` })
    // On disk before the call is answered: a restart then knows whom to tell.
    await hook.telling.joins(place.conversation, place.seq)
    hook.courier.poke(place.conversation)
    return place
  }

  deliver({ conversation }: Delivery): void {
    for (const { telling, courier } of this.#hooks.values()) if (telling.knows(conversation)) courier.poke(conversation)
  }

  owner(row: ConversationRow): void {
    this.#told(row)
  }

  changed(row: ConversationRow): void {
    this.#told(row)
  }

  note(_conversation: string, _note: NoteReply): void {}
  thinking(): void {}

  /** A desk takes what it is offered, at once. */
  routed(told: RoutingTold): void {
    if (told.kind !== 'offered' || !this.#isStarted) return
    const hook = this.#byWorker.get(told.reservation.worker)
    if (hook) void this.#accept(hook, told.reservation.id)
  }

  async close(): Promise<void> {
    this.#isStarted = false
    this.#presence.close()
    this.#givenBack.close()
    for (const { courier } of this.#hooks.values()) courier.close()
    this.#parts.egress.close()
  }

  #told(row: ConversationRow): void {
    for (const hook of this.#hooks.values()) {
      const { telling, courier } = hook
      if (telling.has(row) || telling.knows(row.id) || row.channel === `webhook:${hook.row.name}`) courier.poke(row.id)
    }
    const owner = row.worker === null ? undefined : this.#byWorker.get(row.worker)
    if (owner?.telling.has(row) && !this.#works(owner)) this.#givenBack.want(row.id, true)
  }

  /** From its cursors on; a desk is told again which conversations it has, for nobody knows what it kept of them. */
  async #begin(hook: Hook): Promise<void> {
    const { worker, telling, courier } = hook
    try {
      for (const conversation of await telling.read()) courier.poke(conversation)
      if (worker === null) return
      this.#presence.want(worker, courier.state === 'working' ? hook : null)
      for (const conversation of await this.#ownedBy(worker)) courier.poke(conversation)
      for (const { reservation } of await this.#parts.views.offers(worker)) void this.#accept(hook, reservation)
    } catch (error) {
      this.#parts.failed(error)
    }
  }

  async #ownedBy(worker: string): Promise<readonly string[]> {
    const owned: string[] = []
    for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
      const page = await this.#parts.views.conversations({ status: 'open', worker }, pageItems, cursor)
      owned.push(...page.items.map(({ conversation }) => conversation))
      cursor = page.nextCursor
    }
    return owned
  }

  #call({ row, secret }: Hook, id: string, body: string): ReturnType<WebhookParts['egress']['post']> {
    const timestampS = Math.floor(this.#parts.world.now() / 1_000)
    const headers = { 'content-type': 'application/json', 'user-agent': 'battuta', ...signWebhook({ id, timestampS, body, secrets: [secret] }) }
    return this.#parts.egress.post(row.url, headers, body)
  }

  async #act({ telling }: Hook, worker: string, frame: WorkerFrame): Promise<WebhookTaken> {
    const { commands } = this.#parts
    const { conversation } = frame
    const row = await this.#parts.row(conversation)
    // V3
    if (row === undefined || !(telling.has(row) || telling.knows(conversation)))
      throw new BattutaError('CONVERSATION_UNKNOWN', `there is no conversation ${JSON.stringify(conversation)}, or it was never yours`)
    switch (frame.type) {
      case 'message': {
        const { id, epoch, text } = frame
        const { seq } = await commands.compose({ conversation, epoch, id, text, role: 'human', worker })
        return { conversation, seq }
      }
      case 'note':
        await commands.note({ conversation, id: frame.id, text: frame.text, worker })
        break
      case 'handoff': {
        const { epoch, to, because, agreed } = frame
        await commands.handOff({ conversation, epoch, to, worker, because, agreed })
        break
      }
      default:
        await commands.resolve({ conversation, epoch: frame.epoch, worker, wrapUpCode: frame.wrapUpCode })
    }
    return { conversation, seq: null }
  }

  async #accept({ courier, worker }: Hook, reservation: string): Promise<void> {
    if (worker === null || courier.state !== 'working') return
    try {
      await this.#parts.commands.accept(reservation, worker)
    } catch (error) {
      if (!(error instanceof BattutaError && error.code === 'RESERVATION_GONE')) this.#parts.failed(error)
    }
  }

  /** V2 */
  #reachable(hook: Hook): void {
    const { worker, courier } = hook
    if (worker === null) return
    const isReachable = courier.state === 'working'
    this.#presence.want(worker, isReachable ? hook : null)
    if (!isReachable) void this.#giveAllBack(hook, worker)
  }

  async #giveAllBack({ telling }: Hook, worker: string): Promise<void> {
    const theirs = new Set(telling.known)
    try {
      for (const conversation of await this.#ownedBy(worker)) theirs.add(conversation)
    } catch (error) {
      this.#parts.failed(error)
    }
    for (const conversation of theirs) this.#givenBack.want(conversation, true)
  }

  async #tellPresence(worker: string, hook: Hook | null): Promise<void> {
    const known = hook ?? this.#byWorker.get(worker)
    assert(known, 'a webhook that was a worker is remembered')
    const { row, skills } = known
    await this.#parts.commands.presence({
      id: worker,
      name: row.name,
      kind: 'webhook',
      skills,
      capacity: row.capacity,
      state: hook === null ? 'offline' : 'available',
    })
  }

  /** Leaves it with a worker that can be reached again by now. */
  async #giveBack(conversation: string): Promise<void> {
    const row = await this.#parts.row(conversation)
    const hook = row === undefined || row.worker === null ? undefined : this.#byWorker.get(row.worker)
    if (row && hook && hook.telling.has(row) && !this.#works(hook)) await this.#handBack(row, hook.row.name)
    this.#givenBack.want(conversation, false)
  }

  async #handBack({ id: conversation, epoch, queue, worker }: ConversationRow, name: string): Promise<void> {
    const to = queue === null ? ({ kind: 'bot' } as const) : ({ kind: 'queue', queue } as const)
    try {
      await this.#parts.commands.handOff({ conversation, epoch, to, worker: worker ?? '', because: `${name} cannot be reached`, agreed: [] })
    } catch (error) {
      // It changed hands meanwhile, which is as good.
      if (!(error instanceof BattutaError && (error.code === 'STALE_EPOCH' || error.code === 'NOT_OWNER'))) throw error
    }
  }

  #works(hook: Hook): boolean {
    return this.#hooks.get(hook.row.name) === hook && hook.courier.state === 'working'
  }

  #hookOf(name: string): Hook {
    const hook = this.#hooks.get(name)
    if (hook === undefined) throw new BattutaError('WEBHOOK_UNKNOWN', `there is no webhook “${name}”`)
    return hook
  }
}

function replyOf({ row, skills, worker, courier }: Hook): WebhookReply {
  const { name, url, kind, capacity, createdAt } = row
  return { name, url, kind, skills, capacity, createdAt, worker, state: courier.state, failure: courier.failure, waiting: courier.waiting }
}
