/**
 * Who may do what to which conversation. Pure: what stands between somebody and a conversation in, what they may do out. Every
 * door that reaches an object asks here.
 *
 * M1 A person at the desk sees what is theirs, what is offered to them, what waits for their skills and what they had within the
 *    last day; they act only on what is theirs.
 * M2 A supervisor sees everything, and may hand over and resolve anything; nobody speaks for somebody else.
 * M3 A chat token reaches its own conversation.
 * M4 What one may not see looks as if it were not there.
 */
import { BattutaError } from '../base/index.ts'
import type { DeskRights } from '../channels/index.ts'
import type { ConversationReply, InboxItem, PersonReply, QueueDefinition } from '../definition/index.ts'
import type { Role } from './doors.ts'

/** Somebody, as far as conversations know them. */
export interface Reader {
  readonly role: Role
  readonly person: PersonReply | null
  /** The conversation of a chat token. */
  readonly conversation: string | null
}

/** `own`: it is theirs now · `offered` to them · `waits` where they work · `had` within the last day · `none`. */
export type Relation = 'own' | 'offered' | 'waits' | 'had' | 'none'

/** `move` is handing over and resolving. */
export type Deed = 'see' | 'note' | 'say' | 'attach' | 'move'

/** How long somebody still sees what they had: long enough to note it down and to answer for it. */
export const hadMsMax: number = 86_400_000

const all: readonly Deed[] = ['see', 'note', 'say', 'attach', 'move']
const oversight: readonly Deed[] = ['see', 'note', 'move']
const sight: readonly Deed[] = ['see']

/** `service` is any key: it speaks as a bot, and the ledger's epoch says whether it may. */
const deeds: Readonly<Record<'customer' | 'desk' | 'supervisor' | 'service', Readonly<Record<Relation, readonly Deed[]>>>> = Object.freeze({
  customer: { own: ['see', 'attach'], offered: [], waits: [], had: [], none: [] },
  desk: { own: all, offered: sight, waits: sight, had: ['see', 'note'], none: [] },
  supervisor: { own: all, offered: oversight, waits: oversight, had: oversight, none: oversight },
  service: { own: all, offered: all, waits: all, had: all, none: all },
})

export function mayDo(reader: Reader, relation: Relation, deed: Deed): boolean {
  return deeds[reader.role === 'admin' ? 'supervisor' : reader.role][relation].includes(deed)
}

/** Who may move what somebody else has. */
export function mayForce(role: Role): boolean {
  return role === 'supervisor' || role === 'admin'
}

/** Names of the queues whose skills a person has, all of them. */
export function queuesFor({ skills }: PersonReply, queues: Readonly<Record<string, QueueDefinition>>): string[] {
  return Object.values(queues)
    .filter((queue) => queue.skills.every((skill) => skills.includes(skill)))
    .map(({ name }) => name)
}

/** What relations are told from. */
export interface Surroundings {
  readonly queues: Readonly<Record<string, QueueDefinition>>
  /** Conversations that are offered to the person. */
  readonly offered: ReadonlySet<string>
  readonly now: number
}

type Place = Pick<InboxItem, 'conversation' | 'owner' | 'worker' | 'queue' | 'status' | 'updatedAt'>

/** What a row of the inbox tells. */
export function relationTo({ person, conversation }: Reader, place: Place, { queues, offered, now }: Surroundings): Relation {
  if (conversation !== null) return conversation === place.conversation ? 'own' : 'none'
  if (person === null) return 'none'
  const isLastTheirs = place.worker === person.id
  if (isLastTheirs && place.owner === 'human' && place.status === 'open') return 'own'
  if (place.status === 'open' && place.owner === null) {
    if (offered.has(place.conversation)) return 'offered'
    if (place.queue !== null && queuesFor(person, queues).includes(place.queue)) return 'waits'
  }
  return isLastTheirs && place.updatedAt > now - hadMsMax ? 'had' : 'none'
}

/** Whether the person left something in it within the last day: a message, a note. */
export function wasTheirs({ person }: Reader, { entries, notes }: Pick<ConversationReply, 'entries' | 'notes'>, now: number): boolean {
  if (person === null) return false
  const isTheirs = ({ by, at }: { readonly by: string | null; readonly at: number }): boolean => by === person.id && at > now - hadMsMax
  return entries.some(isTheirs) || notes.some(isTheirs)
}

/** The same rules for the desk's socket, which keeps offers and what somebody had by itself. */
export function deskRights(queues: Readonly<Record<string, QueueDefinition>>, now: () => number): DeskRights {
  const may = (person: PersonReply, place: Place, deed: Deed, tie: { readonly offered: boolean; readonly had: boolean }): boolean => {
    const reader: Reader = { role: person.role, person, conversation: null }
    const offered = new Set(tie.offered ? [place.conversation] : [])
    const relation = relationTo(reader, place, { queues, offered, now: now() })
    return mayDo(reader, relation === 'none' && tie.had ? 'had' : relation, deed)
  }
  return {
    sees: (person, place, tie) => may(person, place, 'see', tie),
    acts: (person, place) => may(person, place, 'move', { offered: false, had: false }),
  }
}

/**
 * Throws what refuses a deed: CONVERSATION_UNKNOWN for what one may not see (M4), STALE_EPOCH for whoever had it until just now,
 * FORBIDDEN for what one sees and may not do.
 */
export function check(
  reader: Reader,
  relation: Relation,
  deed: Deed,
  { conversation, epoch }: Pick<InboxItem, 'conversation' | 'epoch'>,
  given: number | null = null,
): void {
  if (!mayDo(reader, relation, 'see')) throw notThere(conversation)
  if (mayDo(reader, relation, deed)) return
  if (given !== null && given !== epoch) {
    throw new BattutaError('STALE_EPOCH', `conversation ${conversation} has epoch ${epoch} by now, not ${given}: it changed hands, and nothing was done`, {
      details: { epoch },
    })
  }
  throw new BattutaError('FORBIDDEN', `you see conversation ${conversation}, but ${refusals[deed]}`)
}

const refusals: Readonly<Record<Deed, string>> = {
  see: 'may not read it',
  note: 'may note something down only in what is yours or was within the last day',
  say: 'speak only in what is yours: accept it first, or have it handed to you',
  attach: 'may attach something only to what is yours',
  move: 'may hand over and resolve only what is yours',
}

export function notThere(id: string): BattutaError {
  return new BattutaError('CONVERSATION_UNKNOWN', `there is no conversation ${JSON.stringify(id)}, or it is not yours`)
}
