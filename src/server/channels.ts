/**
 * The channels of this node: web chat, the desk and webhooks, each wired to the path and to each other.
 *
 * Owns: the wiring. Does not own: what a channel does (channels), nor what any of them asks for (orchestrator, records).
 */
import { BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { fanOut, openDeskHub, openEgress, openWebChat, openWebhooks } from '../channels/index.ts'
import type { Channel, Delivery, DeskHub, WebChat, Webhooks } from '../channels/index.ts'
import type { AppDefinition } from '../definition/index.ts'
import type { Runtime } from '../orchestrator/index.ts'
import type { Records } from '../records/index.ts'
import type { Attachments } from './attachments.ts'
import { readChatToken } from './chat-token.ts'
import type { Config } from './config.ts'
import { identifyDesk } from './desk-socket.ts'
import { historyOf } from './history.ts'
import { deskRights } from './may.ts'
import type { People } from './people.ts'
import { openSealedSecrets } from './sealed-secrets.ts'
import { openBuckets } from './token-bucket.ts'
import type { Vault } from './vault.ts'

export interface ChannelsParts {
  readonly world: World
  readonly config: Config
  readonly app: AppDefinition
  readonly vault: Vault
  readonly records: Records
  readonly people: People
  readonly attachments: Attachments
  /** Told of everything that left for a customer; null when nobody listens. */
  readonly heard: ((delivery: Delivery) => void) | null
  /** Asked only once the path is open. */
  readonly runtime: () => Runtime & { readonly ready: Promise<void> }
}

export interface Channels {
  readonly chat: WebChat
  readonly desk: DeskHub
  readonly webhooks: Webhooks
  /** All of them as one. */
  readonly all: Channel
  /** Once the path is open and recovery is over. */
  start(): Promise<void>
  close(): Promise<void>
}

/** Messages of one conversation: faster than anybody types, slower than a script. */
const messages = { burst: 100, perS: 10, of: 'messages in one conversation' }

export async function openChannels(parts: ChannelsParts): Promise<Channels> {
  const { world, app, vault, records, runtime } = parts
  const history = (conversation: string, after: number): ReturnType<typeof historyOf> => historyOf(records, runtime(), conversation, after)
  const webhooks = await openHooks(parts, history)
  const desk = openDesk(parts, history, () => chat, webhooks)
  const take = openBuckets(world, messages)
  const chat = openWebChat({
    world,
    session: (token) => readChatToken(world, vault.secret, token),
    say({ customer, conversation }, id, text, attachments) {
      take(conversation)
      return runtime().say({ customer, conversation, id, text, channel: 'web', attachments })
    },
    history,
    teamOf: (queue) => app.queues[queue]?.team ?? null,
    attachments: ({ conversation }, ids) => parts.attachments.named(conversation, ids),
    typing(conversation, on) {
      runtime().typing(conversation, on)
      desk.customerTypes(conversation, on)
    },
    seen: (conversation, seq) => desk.customerSaw(conversation, seq),
  })
  return {
    chat,
    desk,
    webhooks,
    all: fanOut([chat, desk, webhooks, ...(parts.heard === null ? [] : [listener(parts.heard)])], tellFailure),
    start: () => webhooks.start(),
    async close() {
      desk.close()
      await webhooks.close()
    },
  }
}

/** Somebody who hears what leaves for customers, and nothing else. */
function listener(heard: (delivery: Delivery) => void): Channel {
  const nothing = (): void => undefined
  return { deliver: heard, owner: nothing, changed: nothing, note: nothing, routed: nothing, thinking: nothing }
}

function openHooks(
  { world, config, records, runtime }: ChannelsParts,
  history: (conversation: string, after: number) => ReturnType<typeof historyOf>,
): Promise<Webhooks> {
  return openWebhooks({
    world,
    directory: records.directory,
    egress: openEgress({ world, allowedHosts: config.webhookHosts }),
    ...openSealedSecrets(world, config.dataFolder),
    commands: later(() => runtime().desk),
    views: later(() => runtime().view),
    say: (message) => runtime().say(message),
    row: (conversation) => records.conversation(conversation),
    entries: async (conversation, after) => (await history(conversation, after)).items,
    failed: tellFailure,
  })
}

function openDesk(
  { world, app, vault, people, attachments, runtime }: ChannelsParts,
  history: (conversation: string, after: number) => ReturnType<typeof historyOf>,
  chat: () => WebChat,
  webhooks: Webhooks,
): DeskHub {
  return openDeskHub({
    world,
    commands: later(() => runtime().desk),
    views: later(() => runtime().view),
    may: deskRights(app.queues, () => world.now()),
    identify: (key, worker) => identifyDesk({ vault, people, webhooks }, key, worker),
    item: (row) => runtime().view.item(row),
    entries: async (conversation, after) => (await history(conversation, after)).items,
    features: (customer) => runtime().features(customer, null),
    attachments: (_person, conversation, ids) => attachments.named(conversation, ids),
    wrapUpCodes: (queue) => app.queues[queue]?.wrapUpCodes ?? [],
    customer: {
      typing: (conversation, epoch, on) => chat().typing(conversation, epoch, on),
      read: (conversation, seq) => chat().read(conversation, seq),
    },
    failed: tellFailure,
  })
}

/** A part of the path, looked up at each call: it is opened after its channels. */
function later<Part extends object>(part: () => Part): Part {
  return new Proxy({} as Part, { get: (_target, name) => Reflect.get(part(), name) as unknown })
}

/** What one channel cannot say must not stop the others; an operating error is the caller's to see, a mistake is ours. */
function tellFailure(error: unknown): void {
  if (!(error instanceof BattutaError))
    process.stderr.write(`battuta: a channel failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
}
