/** What the desk and the webhooks ask of the rooms below them; the composer wires it to the orchestrator. */
import type { World } from '../base/index.ts'
import type {
  Attachment,
  ConversationReply,
  FeatureReply,
  HandoffPacket,
  HandoffTarget,
  InboxItem,
  OfferReply,
  Page,
  PersonReply,
  Presence,
  QueueReply,
  WorkerReply,
} from '../definition/index.ts'
import type { ConversationFilter, ConversationRow } from '../records/index.ts'
import type { Delivery } from './port.ts'

/** What people and other desks do. Each resolves once it is committed; errors are those of the closed list. */
export interface DeskActs {
  compose(message: {
    readonly conversation: string
    readonly epoch: number
    readonly id: string
    readonly text: string
    readonly role: 'human' | 'bot'
    readonly worker: string
    readonly attachments?: readonly Attachment[]
  }): Promise<{ readonly seq: number }>
  note(note: { readonly conversation: string; readonly id: string; readonly text: string; readonly worker: string }): Promise<void>
  handOff(handoff: {
    readonly conversation: string
    readonly epoch: number
    readonly to: HandoffTarget
    readonly worker: string
    readonly because: string | null
    readonly agreed: readonly string[]
    readonly force?: boolean
  }): Promise<void>
  resolve(resolved: {
    readonly conversation: string
    readonly epoch: number
    readonly worker: string
    readonly wrapUpCode: string
    readonly force?: boolean
  }): Promise<void>
  presence(worker: {
    readonly id: string
    readonly name: string
    readonly kind: 'human' | 'webhook'
    readonly skills: readonly string[]
    readonly capacity: number
    readonly state: Presence
  }): Promise<void>
  connected(worker: string, on: boolean): Promise<void>
  accept(reservation: string, worker: string): Promise<{ readonly conversation: string; readonly epoch: number }>
  reject(reservation: string, worker: string, reason: string | null): Promise<void>
  complete(reservation: string, worker: string, wrapUpCode: string): Promise<void>
}

/** What people look at. */
export interface DeskReads {
  /** Throws CONVERSATION_UNKNOWN. */
  conversation(id: string): Promise<ConversationReply>
  conversations(filter: ConversationFilter, limit: number, cursor: string | null): Promise<Page<InboxItem>>
  queues(): Promise<readonly QueueReply[]>
  workers(): Promise<readonly WorkerReply[]>
  offers(worker: string): Promise<readonly OfferReply[]>
  packet(conversation: string): Promise<HandoffPacket | null>
}

/** A conversation as far as rights go. */
export type DeskPlace = Pick<
  InboxItem,
  'conversation' | 'customer' | 'channel' | 'status' | 'owner' | 'worker' | 'queue' | 'task' | 'epoch' | 'seq' | 'updatedAt'
>

/** What the row does not tell of how a person stands to a conversation. */
export interface DeskTie {
  /** It is offered to them now. */
  readonly offered: boolean
  /** They had it within the last day, as far as this process knows. */
  readonly had: boolean
}

/** Object-level checks, given by the composer. Pure and quick: asked before every frame. */
export interface DeskRights {
  /** Whether the person may read the conversation. */
  sees(person: PersonReply, place: DeskPlace, tie: DeskTie): boolean
  /** Whether the person may hand over and resolve it where they do not have it: a supervisor. */
  acts(person: PersonReply, place: DeskPlace): boolean
}

export interface DeskHubParts {
  readonly world: World
  readonly commands: DeskActs
  readonly views: DeskReads
  readonly may: DeskRights
  /** Who a socket without a cookie is, by the key in its hello. Throws UNAUTHENTICATED. */
  identify(key: string | null, worker: string | null): Promise<PersonReply>
  /** The row as an inbox shows it. */
  item(row: ConversationRow): InboxItem | Promise<InboxItem>
  /** Entries after `after` that have left, in order. What leaves later is delivered. */
  entries(conversation: string, after: number): Promise<readonly Delivery[]>
  features(customer: string): Promise<Readonly<Record<string, FeatureReply>>>
  /** What was put up before under these ids. Throws ATTACHMENT_REFUSED. */
  attachments(person: PersonReply, conversation: string, ids: readonly string[]): Promise<readonly Attachment[]>
  wrapUpCodes(queue: string): readonly string[]
  /** The customer's side: a colleague types, or has read up to here. */
  readonly customer: {
    typing(conversation: string, epoch: number, on: boolean): void
    read(conversation: string, seq: number): void
  }
  /** Something could not be read for people who wait for it; it is left out, and told here. */
  failed(error: unknown): void
}
