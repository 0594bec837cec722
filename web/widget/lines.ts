/** What is drawn of a conversation: who is named where, and where it says how far a message got. Pure. */
import type { Notice, OwnerKind } from '../../src/client/index.ts'
import type { Entry } from './entries.ts'

/**
 * `sending` not durable yet · `sent` durable · `delivered` somebody answered after it · `seen` whoever answers has read it ·
 * `refused` will not be sent.
 */
export type Progress = 'sending' | 'sent' | 'delivered' | 'seen' | 'refused'

export interface Speaker {
  readonly from: OwnerKind
  /** Of a person, as the last notice named it. */
  readonly team: string | null
}

export type Line =
  | { readonly kind: 'notice'; readonly entry: Entry; readonly notice: Notice | null }
  /** The speaker is null where the line above is theirs as well. */
  | { readonly kind: 'theirs'; readonly entry: Entry; readonly speaker: Speaker | null }
  /** Only the last of several that got equally far says so; a refused one always does. */
  | { readonly kind: 'mine'; readonly entry: Entry; readonly progress: Progress; readonly says: boolean }

/** @param readSeq up to where whoever answers has read */
export function linesOf(entries: readonly Entry[], readSeq: number): Line[] {
  let team: string | null = null
  let speaking: OwnerKind | null = null
  return entries.map((entry, index): Line => {
    if (entry.from === 'system') {
      if (entry.notice?.kind === 'joined') team = entry.notice.team
      speaking = null
      return { kind: 'notice', entry, notice: entry.notice }
    }
    if (entry.from === 'customer') {
      speaking = null
      const progress = progressOf(entries, entry, readSeq)
      const next = entries[index + 1]
      const says = progress === 'refused' || next?.from !== 'customer' || progressOf(entries, next, readSeq) !== progress
      return { kind: 'mine', entry, progress, says }
    }
    const isSame = speaking === entry.from
    speaking = entry.from
    return { kind: 'theirs', entry, speaker: isSame ? null : { from: entry.from, team: entry.from === 'human' ? team : null } }
  })
}

function progressOf(entries: readonly Entry[], { seq, error }: Entry, readSeq: number): Progress {
  if (error) return 'refused'
  if (seq === null) return 'sending'
  if (seq <= readSeq) return 'seen'
  const isAnswered = entries.some((other) => other.from !== 'customer' && other.from !== 'system' && other.seq !== null && other.seq > seq)
  return isAnswered ? 'delivered' : 'sent'
}
