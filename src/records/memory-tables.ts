/** The memory driver's tables, and one commit applied to them: first everything that could refuse it, then the writing, so that a refusal leaves no trace. */
import { staleEntry } from './epochs.ts'
import type { Group, GroupResult, Refusal, StatementResult } from './group.ts'
import type {
  AppVersionRow,
  AttachmentRow,
  ConversationRow,
  DeliveryRow,
  LaneCommit,
  LaneExtra,
  LaneRow,
  NoteRow,
  OutboxRow,
  PersonRow,
  ReservationRow,
  StoredDecision,
  TaskRow,
  TimerRow,
  WebhookRow,
  WorkerRow,
} from './port.ts'

export interface PartitionState {
  generation: number
  position: number
  highest: number
}

export type MemoryStatement = (tables: MemoryTables) => readonly Readonly<Record<string, unknown>>[]
export type MemoryRead = <Result>(read: (tables: MemoryTables) => Result) => Promise<Result>
/** Resolves once on disk. */
export type MemoryWrite = MemoryRead

export class MemoryTables {
  readonly partitions = new Map<number, PartitionState>()
  readonly lanes = new Map<string, LaneRow>()
  readonly conversations = new Map<string, ConversationRow>()
  /** By conversation, then by sequence number. */
  readonly deliveries = new Map<string, Map<number, DeliveryRow>>()
  readonly decisions = new Map<string, StoredDecision>()
  /** Decision ids by `partition:offset`. */
  readonly decisionAt = new Map<string, string>()
  readonly outbox = new Map<string, OutboxRow>()
  readonly aliases = new Map<string, string>()
  readonly appVersions = new Map<string, AppVersionRow>()
  readonly settings = new Map<string, string>()
  /** By partition and id. */
  readonly timers = new Map<string, TimerRow>()
  /** By conversation and id. */
  readonly notes = new Map<string, NoteRow>()
  readonly tasks = new Map<string, TaskRow>()
  readonly reservations = new Map<string, ReservationRow>()
  /** By lane and id. */
  readonly workers = new Map<string, WorkerRow>()
  readonly people = new Map<string, PersonRow>()
  readonly webhooks = new Map<string, WebhookRow>()
  /** By webhook, then by conversation. */
  readonly cursors = new Map<string, Map<string, number>>()
  readonly attachments = new Map<string, AttachmentRow>()

  /** A backup: what a restore would bring back. */
  copy(): MemoryTables {
    const copy = new MemoryTables()
    for (const name of Object.keys(copy) as (keyof MemoryTables)[]) Object.assign(copy, { [name]: structuredClone(this[name]) })
    return copy
  }

  partition(partition: number): PartitionState {
    let held = this.partitions.get(partition)
    if (held === undefined) {
      held = { generation: 0, position: 0, highest: -1 }
      this.partitions.set(partition, held)
    }
    return held
  }

  write(group: Group<MemoryStatement>): GroupResult {
    const refusals: Refusal[] = []
    for (const [index, commit] of group.commits.entries()) {
      const refusal = this.#refusalOf(commit)
      if (refusal === null) this.#apply(commit)
      else refusals.push({ index, ...refusal })
    }
    for (const key of group.released) this.outbox.delete(key)
    for (const { id, elapsedMs, status } of group.decided) {
      const decision = this.decisions.get(id)
      if (decision !== undefined) this.decisions.set(id, { ...decision, elapsedMs, status })
    }
    for (const [partition, position] of group.positions) {
      const held = this.partition(partition)
      held.position = Math.max(held.position, position)
    }
    const statements = group.statements.map((statement): StatementResult => ({ rows: statement(this) }))
    return { refusals, statements }
  }

  #refusalOf(commit: LaneCommit): Omit<Refusal, 'index'> | null {
    const { partition, generation, lane, previousOffset, offset } = commit
    const held = this.partitions.get(partition)?.generation ?? 0
    if (held !== generation)
      return conflict(`partition ${partition} is at generation ${held}, and the commit of ${lane} at ${offset} was made for ${generation}`)
    const last = this.lanes.get(lane)?.lastOffset ?? -1
    if (last !== previousOffset) return conflict(`${lane} is at offset ${last}, and its commit of ${offset} was made after ${previousOffset}`)
    const stale = this.#staleness(commit)
    if (stale !== null) return { code: 'STALE_EPOCH', message: stale }
    const twice = this.#repeated(commit)
    return twice === null ? null : conflict(`the commit of ${lane} at ${offset} gives what is there already: ${twice}`)
  }

  #staleness({ conversation, deliveries }: LaneCommit): string | null {
    if (conversation !== null && conversation.epoch < (this.conversations.get(conversation.id)?.epoch ?? 0))
      return `conversation ${conversation.id} is past epoch ${conversation.epoch}`
    for (const delivery of deliveries) {
      const after = delivery.conversation === conversation?.id ? conversation.epoch : undefined
      const stale = staleEntry(delivery, this.conversations.get(delivery.conversation)?.epoch, after)
      if (stale !== null) return stale
    }
    return null
  }

  #repeated({ deliveries, decision, outbox }: LaneCommit): string | null {
    const given = new Set<string>()
    for (const { conversation, seq } of deliveries) {
      const entry = `entry ${seq} of ${conversation}`
      if (this.deliveries.get(conversation)?.has(seq) === true || given.has(entry)) return entry
      given.add(entry)
    }
    if (decision !== null && (this.decisions.has(decision.id) || this.decisionAt.has(`${decision.partition}:${decision.offset}`)))
      return `decision ${decision.id}`
    for (const { key } of outbox) {
      if (this.outbox.has(key) || given.has(key)) return `effect ${key}`
      given.add(key)
    }
    return null
  }

  #apply({ partition, lane, offset, state, conversation, deliveries, decision, outbox, alias, extra }: LaneCommit): void {
    this.lanes.set(lane, { lane, partition, lastOffset: offset, state })
    const held = this.partition(partition)
    held.highest = Math.max(held.highest, offset)
    if (conversation !== null) this.conversations.set(conversation.id, conversation)
    for (const delivery of deliveries) {
      const sequence = this.deliveries.get(delivery.conversation) ?? new Map<number, DeliveryRow>()
      this.deliveries.set(delivery.conversation, sequence.set(delivery.seq, delivery))
    }
    if (decision !== null) {
      this.decisions.set(decision.id, { ...decision, elapsedMs: null })
      this.decisionAt.set(`${decision.partition}:${decision.offset}`, decision.id)
    }
    for (const row of outbox) this.outbox.set(row.key, row)
    if (alias !== null) this.aliases.set(alias.identity, alias.customer)
    if (extra !== null) this.#applyExtra(partition, extra)
  }

  /** Clears timers before it sets any, so that one can be set anew in one step. */
  #applyExtra(partition: number, { timers, notes, tasks, reservations, workers }: LaneExtra): void {
    for (const id of timers?.cleared ?? []) this.timers.delete(keyOf(partition, id))
    for (const row of timers?.set ?? []) this.timers.set(keyOf(row.partition, row.id), row)
    for (const row of notes ?? []) this.notes.set(keyOf(row.conversation, row.id), row)
    for (const row of tasks ?? []) this.tasks.set(row.id, row)
    for (const row of reservations ?? []) this.reservations.set(row.id, row)
    for (const row of workers ?? []) this.workers.set(keyOf(row.lane, row.id), row)
  }
}

function keyOf(...parts: readonly (string | number)[]): string {
  return JSON.stringify(parts)
}

function conflict(message: string): Omit<Refusal, 'index'> {
  return { code: 'RECORDS_CONFLICT', message }
}
