/** What the parts of the desk hold in common: sockets, desks, the conversations that somebody follows. */
import type { EmotionPoint, NoteReply, OfferReply, PersonReply, Presence } from '../definition/index.ts'
import type { ConversationRow } from '../records/index.ts'
import type { DeskPlace } from './desk-port.ts'
import type { Delivery } from './port.ts'
import type { SocketLine } from './socket-line.ts'

/** One socket. */
export interface Seat {
  readonly line: SocketLine
  desk: Desk | null
  /** Gets live frames: the welcome was sent. */
  isWelcome: boolean
  /** Rows that were told, and offers that ended, since the welcome began to be read. */
  readonly meanwhile: { readonly rows: Map<string, ConversationRow>; readonly ended: Set<string> }
  watch: Watch | null
}

/** One person, on one socket or more. */
export interface Desk {
  person: PersonReply
  readonly seats: Set<Seat>
  readonly offers: Map<string, OfferReply>
  presence: Presence
  taken: number
  /** How often the routing lane told of it: what was read before is older. */
  heard: number
}

/** A conversation that somebody has in their inbox, or follows. */
export interface Known {
  readonly id: string
  /** The newest that was told or read; null until the first read is back. */
  place: DeskPlace | null
  /** The newest that was told; null where it was only read. */
  row: ConversationRow | null
  emotion: readonly EmotionPoint[]
  /** Whose inbox has it. */
  readonly holders: Set<Desk>
  readonly watchers: Set<Watch>
  /** How often it is being read: it must not be forgotten before that is over. */
  reading: number
  /** Said under an epoch that was not told yet. */
  readonly early: Delivery[]
  /** Highest seq delivered live, and up to where the customer has read. */
  delivered: number
  seen: number
  /** A change that inboxes were not told yet. */
  isDirty: boolean
}

/** One socket that follows one conversation. */
export interface Watch {
  readonly seat: Seat
  readonly known: Known
  /** Highest seq sent. */
  sent: number
  /** Set while the past is read: what happens meanwhile waits here. */
  waiting: { readonly deliveries: Delivery[]; readonly notes: NoteReply[] } | null
}
