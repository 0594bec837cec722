/** A conversation as it is set on the page: what was said, notes beside it, and bar lines where it changed hands. Pure. */
import type { ChatAuthor, EntryReply, NoteReply, Notice } from '../../src/client/index.ts'
import { ownerNames } from './words.ts'

export type ThreadLine =
  | { readonly kind: 'said'; readonly key: string; readonly entry: EntryReply }
  /** `light`: nobody took it over with it. */
  | { readonly kind: 'bar'; readonly key: string; readonly at: number; readonly sentence: string; readonly epoch: number | null; readonly light: boolean }
  | { readonly kind: 'note'; readonly key: string; readonly note: NoteReply }

export interface Readers {
  readonly me: string | null
  readonly nameOf: (worker: string) => string
  /** Who has it now: the newest of those who joined may not have spoken yet. */
  readonly current: Current
}

export interface Current {
  readonly epoch: number
  readonly worker: string | null
}

/** Notices that come with a change of owner, and so with a new epoch. */
const changesHands: readonly Notice['kind'][] = ['waiting', 'joined', 'returned', 'transferred', 'lost', 'unanswered']

export function threadLines(entries: readonly EntryReply[], notes: readonly NoteReply[], readers: Readers): readonly ThreadLine[] {
  const lines: ThreadLine[] = []
  let next = 0
  let spoke: EntryReply | null = null
  const notesUpTo = (seq: number) => {
    for (let note = notes[next]; note && note.afterSeq < seq; note = notes[++next]) lines.push({ kind: 'note', key: note.id, note })
  }
  for (const entry of entries) {
    notesUpTo(entry.seq)
    const { seq, at, epoch, notice } = entry
    if (notice === null) lines.push({ kind: 'said', key: String(seq), entry })
    else
      lines.push({
        kind: 'bar',
        key: String(seq),
        at,
        sentence: barSentence(notice, notice.kind === 'joined' ? joinerOf(entry, entries, readers.current) : entry.by, spoke, readers),
        epoch: changesHands.includes(notice.kind) ? epoch : null,
        light: notice.kind === 'waiting' || notice.kind === 'resolved',
      })
    if (isOwner(entry.from)) spoke = entry
  }
  notesUpTo(Infinity)
  return lines
}

/** Where this person joined last: the bar line of the emotion's course. Null when they never did. */
export function joinedAt(entries: readonly EntryReply[], me: string | null, current: Current): number | null {
  const joined = entries.findLast((entry) => entry.notice?.kind === 'joined' && me !== null && joinerOf(entry, entries, current) === me)
  return joined?.seq ?? null
}

/** The customer is told of a colleague without a name; who it was is whoever speaks, or has it, under that epoch. */
function joinerOf({ by, epoch }: EntryReply, entries: readonly EntryReply[], current: Current): string | null {
  return by ?? entries.find((entry) => entry.epoch === epoch && entry.from === 'human')?.by ?? (current.epoch === epoch ? current.worker : null)
}

function barSentence({ kind, team }: Notice, by: string | null, before: EntryReply | null, { me, nameOf }: Pick<Readers, 'me' | 'nameOf'>): string {
  const somebody = by === null ? 'A colleague' : by === me ? 'You' : nameOf(by)
  const named = by !== null
  const whose = team ?? 'another team'
  switch (kind) {
    case 'waiting':
      return `Waits for ${team ?? 'a person'}`
    case 'joined':
      return `${somebody} took over${fromWhom(before, by, me, nameOf)}`
    case 'returned':
      return named ? `${somebody} gave it back to the bot` : 'Back with the bot'
    case 'transferred':
      return named ? `${somebody} handed it over to ${whose}` : `Handed over to ${whose}`
    case 'lost':
      return `${somebody} lost the connection; it waits for ${whose}`
    case 'unanswered':
      return 'Nobody took it in time; back with the bot'
    case 'resolved':
      return named ? `${somebody} resolved it` : 'Resolved'
  }
}

function fromWhom(before: EntryReply | null, by: string | null, me: string | null, nameOf: (worker: string) => string): string {
  if (before === null) return ''
  if (before.from !== 'human') return ` from ${ownerNames[before.from as 'bot' | 'agent']}`
  if (before.by === null || before.by === by) return ' again'
  return before.by === me ? ' from you' : ` from ${nameOf(before.by)}`
}

function isOwner(from: ChatAuthor): boolean {
  return from === 'bot' || from === 'agent' || from === 'human'
}
