/**
 * What a group changes, decided from what is held before anything is written: which commits are refused, and the rows that are there
 * once the others are applied in their order (R2, R3, R4). Pure. A key that is taken already is not seen here; the database refuses it.
 */
import { staleEntry } from './epochs.ts'
import type { Group, Refusal } from './group.ts'
import type {
  ConversationRow,
  DecisionRow,
  DeliveryRow,
  LaneCommit,
  LaneExtra,
  NoteRow,
  OutboxRow,
  ReservationRow,
  TaskRow,
  TimerRow,
  WorkerRow,
} from './port.ts'

/** As it is in the database, of everything the commits name. */
export interface Held {
  readonly generations: ReadonlyMap<number, number>
  readonly offsets: ReadonlyMap<string, number>
  readonly epochs: ReadonlyMap<string, number>
}

export interface ChangedTimer {
  readonly partition: number
  readonly id: string
  /** Null: cleared. */
  readonly row: TimerRow | null
}

/** The last row of each key, but for what is only ever added. */
export interface GroupChanges {
  readonly lanes: ReadonlyMap<string, LaneCommit>
  readonly conversations: ReadonlyMap<string, ConversationRow>
  readonly deliveries: readonly DeliveryRow[]
  readonly decisions: readonly DecisionRow[]
  readonly outbox: readonly OutboxRow[]
  readonly aliases: ReadonlyMap<string, string>
  readonly timers: ReadonlyMap<string, ChangedTimer>
  readonly notes: ReadonlyMap<string, NoteRow>
  readonly tasks: ReadonlyMap<string, TaskRow>
  readonly reservations: ReadonlyMap<string, ReservationRow>
  readonly workers: ReadonlyMap<string, WorkerRow>
}

export interface Decided {
  readonly changes: GroupChanges
  readonly refusals: readonly Refusal[]
}

export function decideGroup(commits: readonly LaneCommit[], held: Held): Decided {
  const changes = new Changes(held)
  const refusals: Refusal[] = []
  for (const [index, commit] of commits.entries()) {
    const refusal = changes.refusalOf(commit)
    if (refusal === null) changes.apply(commit)
    else refusals.push({ index, ...refusal })
  }
  return { changes, refusals }
}

/** Where each partition stands after the group: the position it was advanced to, and the highest offset committed; 0 and -1 for none. */
export function partitionsAfter(
  { commits, positions }: Pick<Group<unknown>, 'commits' | 'positions'>,
  refusals: readonly Refusal[],
): ReadonlyMap<number, { readonly position: number; readonly highest: number }> {
  const refused = new Set(refusals.map((refusal) => refusal.index))
  const partitions = new Map(positions.map(([partition, position]) => [partition, { position, highest: -1 }]))
  for (const [index, { partition, offset }] of commits.entries()) {
    if (refused.has(index)) continue
    const at = partitions.get(partition)
    if (at === undefined) partitions.set(partition, { position: 0, highest: offset })
    else if (at.highest < offset) at.highest = offset
  }
  return partitions
}

class Changes implements GroupChanges {
  readonly lanes = new Map<string, LaneCommit>()
  readonly conversations = new Map<string, ConversationRow>()
  readonly deliveries: DeliveryRow[] = []
  readonly decisions: DecisionRow[] = []
  readonly outbox: OutboxRow[] = []
  readonly aliases = new Map<string, string>()
  readonly timers = new Map<string, ChangedTimer>()
  readonly notes = new Map<string, NoteRow>()
  readonly tasks = new Map<string, TaskRow>()
  readonly reservations = new Map<string, ReservationRow>()
  readonly workers = new Map<string, WorkerRow>()
  readonly #held: Held

  constructor(held: Held) {
    this.#held = held
  }

  refusalOf(commit: LaneCommit): Omit<Refusal, 'index'> | null {
    const conflict = this.#conflict(commit)
    if (conflict !== null) return { code: 'RECORDS_CONFLICT', message: conflict }
    const stale = this.#stale(commit)
    return stale === null ? null : { code: 'STALE_EPOCH', message: stale }
  }

  apply(commit: LaneCommit): void {
    const { lane, conversation, deliveries, decision, outbox, alias, extra } = commit
    this.lanes.set(lane, commit)
    if (conversation !== null) this.conversations.set(conversation.id, conversation)
    this.deliveries.push(...deliveries)
    if (decision !== null) this.decisions.push(decision)
    this.outbox.push(...outbox)
    if (alias !== null) this.aliases.set(alias.identity, alias.customer)
    if (extra !== null) this.#applyExtra(commit.partition, extra)
  }

  /** R2. */
  #conflict({ partition, generation, lane, previousOffset, offset }: LaneCommit): string | null {
    const held = this.#held.generations.get(partition) ?? 0
    if (held !== generation) return `partition ${partition} is at generation ${held}, and the commit of ${lane} at ${offset} was made for ${generation}`
    const last = this.lanes.get(lane)?.offset ?? this.#held.offsets.get(lane) ?? -1
    return last === previousOffset ? null : `${lane} is at offset ${last}, and its commit of ${offset} was made after ${previousOffset}`
  }

  /** R3. */
  #stale({ conversation, deliveries }: LaneCommit): string | null {
    const epochOf = (id: string): number | undefined => this.conversations.get(id)?.epoch ?? this.#held.epochs.get(id)
    if (conversation !== null && (epochOf(conversation.id) ?? conversation.epoch) > conversation.epoch)
      return `conversation ${conversation.id} is past epoch ${conversation.epoch}`
    for (const entry of deliveries) {
      const after = entry.conversation === conversation?.id ? conversation.epoch : undefined
      const stale = staleEntry(entry, epochOf(entry.conversation), after)
      if (stale !== null) return stale
    }
    return null
  }

  /** Timers are cleared before any is set, as one may be set anew in one step. */
  #applyExtra(partition: number, { timers, notes, tasks, reservations, workers }: LaneExtra): void {
    for (const id of timers?.cleared ?? []) this.timers.set(`${partition} ${id}`, { partition, id, row: null })
    for (const row of timers?.set ?? []) this.timers.set(`${partition} ${row.id}`, { partition, id: row.id, row })
    for (const row of notes ?? []) this.notes.set(JSON.stringify([row.conversation, row.id]), row)
    for (const row of tasks ?? []) this.tasks.set(row.id, row)
    for (const row of reservations ?? []) this.reservations.set(row.id, row)
    for (const row of workers ?? []) this.workers.set(JSON.stringify([row.lane, row.id]), row)
  }
}
