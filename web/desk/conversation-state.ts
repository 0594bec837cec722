/**
 * One open conversation, from what was read and what came since. Pure: a state and a frame, to the next state.
 *
 * T1 entries stand by their number, each once, whether they were read or delivered.
 * T2 a frame with an older epoch changes nothing about the owner.
 */
import type {
  BattutaClientError,
  ConversationReply,
  EmotionPoint,
  EntryReply,
  FeatureReply,
  HandoffPacket,
  NoteReply,
  OwnerKind,
} from '../../src/client/index.ts'

export interface Opened {
  readonly id: string
  /** As last read, with what frames said since; null while it is read for the first time. */
  readonly head: ConversationReply | null
  readonly entries: readonly EntryReply[]
  readonly notes: readonly NoteReply[]
  readonly packet: HandoffPacket | null
  readonly emotion: readonly EmotionPoint[]
  readonly features: Readonly<Record<string, FeatureReply>> | null
  /** When the features were told, on the reader's clock: ages go on from here. */
  readonly featuresAt: number
  /** How far the customer has read. */
  readonly seenSeq: number
  readonly error: BattutaClientError | null
}

export function opening(id: string, packet: HandoffPacket | null): Opened {
  return { id, head: null, entries: [], notes: [], packet, emotion: packet?.emotion ?? [], features: null, featuresAt: 0, seenSeq: 0, error: null }
}

export function withReply(opened: Opened, head: ConversationReply): Opened {
  const epoch = opened.head?.epoch ?? 0
  // A frame may have overtaken the reply.
  const current = epoch > head.epoch && opened.head ? { ...head, ...ownerOf(opened.head) } : head
  return {
    ...opened,
    head: current,
    entries: merged(opened.entries, head.entries),
    notes: byId(opened.notes, head.notes),
    packet: head.packet ?? opened.packet,
    emotion: longer(opened.emotion, head.emotion),
    error: null,
  }
}

export function withEntry(opened: Opened, entry: EntryReply): Opened {
  return { ...opened, entries: merged(opened.entries, [entry]) }
}

export function withNote(opened: Opened, note: NoteReply): Opened {
  return { ...opened, notes: byId(opened.notes, [note]) }
}

export interface OwnerChange {
  readonly epoch: number
  readonly role: OwnerKind | null
  readonly worker: string | null
  readonly queue: string | null
}

export function withOwner(opened: Opened, { epoch, role, worker, queue }: OwnerChange): Opened {
  if (opened.head === null || epoch < opened.head.epoch) return opened
  return { ...opened, head: { ...opened.head, epoch, owner: role, worker, queue } }
}

export function withContext(opened: Opened, features: Opened['features'], emotion: readonly EmotionPoint[] | null, at: number): Opened {
  return {
    ...opened,
    features: features === null ? opened.features : { ...opened.features, ...features },
    featuresAt: features === null ? opened.featuresAt : at,
    emotion: emotion === null ? opened.emotion : longer(opened.emotion, emotion),
  }
}

export function withSeen(opened: Opened, seq: number): Opened {
  return seq <= opened.seenSeq ? opened : { ...opened, seenSeq: seq }
}

/** Everybody who said, noted or handed over something in it. */
export function speakersIn({ entries, notes, head, packet }: Opened): ReadonlySet<string> {
  const human = entries.filter(({ from }) => from === 'human').map(({ by }) => by)
  const handed = packet?.from.owner === 'human' ? packet.from.name : null
  return new Set([...human, ...notes.map(({ by }) => by), head?.worker ?? null, handed].filter((id) => id !== null))
}

function merged(held: readonly EntryReply[], fresh: readonly EntryReply[]): readonly EntryReply[] {
  const known = new Set(held.map(({ seq }) => seq))
  const added = fresh.filter(({ seq }) => !known.has(seq))
  return added.length === 0 ? held : [...held, ...added].sort((a, b) => a.seq - b.seq)
}

function byId(held: readonly NoteReply[], fresh: readonly NoteReply[]): readonly NoteReply[] {
  return [...new Map([...held, ...fresh].map((note) => [note.id, note])).values()].sort((a, b) => a.afterSeq - b.afterSeq || a.at - b.at)
}

/** The course that goes further is the newer one. */
function longer(held: readonly EmotionPoint[], fresh: readonly EmotionPoint[]): readonly EmotionPoint[] {
  return (fresh.at(-1)?.seq ?? -1) >= (held.at(-1)?.seq ?? -1) ? fresh : held
}

function ownerOf({ epoch, owner, worker, queue }: ConversationReply): Pick<ConversationReply, 'epoch' | 'owner' | 'worker' | 'queue'> {
  return { epoch, owner, worker, queue }
}
