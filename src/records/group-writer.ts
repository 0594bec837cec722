/**
 * The group writer: applies one group to SQLite as one transaction, on the thread that owns the connection.
 *
 * Owns: the prepared statements of a step's writes. Does not own: the connection, and which commits make a group.
 *
 * W1 A refused commit changes nothing and leaves its neighbours standing. A group is written without savepoints first; only
 *    when a commit turns out to be refused after it wrote something is the group rolled back and written again with a
 *    savepoint around each commit.
 * W2 Whatever is neither a refusal nor a value that fits no column is thrown: the disk's failures are the whole group's.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { staleEntry } from './epochs.ts'
import { ExtraWriter } from './extra-writer.ts'
import { partitionsAfter } from './group-changes.ts'
import { prepareStep } from './step-statements.ts'
import type { StepStatements } from './step-statements.ts'
import type { Group, GroupResult, Refusal, StatementResult } from './group.ts'
import type { SqlStatement } from './kysely-dialect.ts'
import type { ConversationRow, DeliveryRow, LaneCommit } from './port.ts'

/** SQLite's primary result code for a constraint that was violated. */
const sqliteConstraint = 19

interface Refused extends Omit<Refusal, 'index'> {
  /** Whether something was written before the refusal, which must be undone. */
  readonly wrote: boolean
}

export class GroupWriter {
  readonly #database: DatabaseSync
  readonly #step: StepStatements
  readonly #extra: ExtraWriter
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  /** Generations read in this transaction, so that each partition is asked once a group. */
  #generations = new Map<number, number>()

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#step = prepareStep(database)
    this.#extra = new ExtraWriter(database)
    this.#begin = database.prepare('BEGIN IMMEDIATE')
    this.#commit = database.prepare('COMMIT')
  }

  write(group: Group<SqlStatement>): GroupResult {
    this.#generations = new Map()
    this.#begin.run()
    try {
      let refusals = this.#applyPlainly(group.commits)
      if (refusals === null) {
        this.#database.exec('ROLLBACK')
        this.#generations = new Map()
        this.#begin.run()
        refusals = this.#applyCarefully(group.commits)
      }
      this.#settle(group, refusals)
      const statements = group.statements.map((statement) => this.#run(statement))
      this.#commit.run()
      return { refusals, statements }
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  /** Null when a commit was refused after it had written something. */
  #applyPlainly(commits: readonly LaneCommit[]): Refusal[] | null {
    const refusals: Refusal[] = []
    for (const [index, commit] of commits.entries()) {
      const refusal = this.#apply(commit)
      if (refusal === null) continue
      if (refusal.wrote) return null
      refusals.push({ index, code: refusal.code, message: refusal.message })
    }
    return refusals
  }

  #applyCarefully(commits: readonly LaneCommit[]): Refusal[] {
    const refusals: Refusal[] = []
    for (const [index, commit] of commits.entries()) {
      this.#database.exec('SAVEPOINT one_commit')
      const refusal = this.#apply(commit)
      if (refusal !== null) {
        refusals.push({ index, code: refusal.code, message: refusal.message })
        this.#database.exec('ROLLBACK TO one_commit')
      }
      this.#database.exec('RELEASE one_commit')
    }
    return refusals
  }

  #apply(commit: LaneCommit): Refused | null {
    let wrote = false
    try {
      const conflict = this.#claimLane(commit)
      if (conflict !== null) return { code: 'RECORDS_CONFLICT', message: conflict, wrote }
      wrote = true
      const stale = this.#applyConversation(commit)
      if (stale !== null) return { code: 'STALE_EPOCH', message: stale, wrote }
      this.#applyDecision(commit)
      for (const { key, kind, hash, content } of commit.outbox) this.#step.insertEffect.run(key, kind, hash, content)
      if (commit.alias !== null) this.#step.putAlias.run(commit.alias.identity, commit.alias.customer)
      if (commit.extra !== null) this.#extra.write(commit.partition, commit.extra)
      return null
    } catch (error) {
      return { ...refusalOf(error, commit), wrote }
    }
  }

  /** R2: moves the lane's offset when generation and offset are what the commit was made for, else says what they are. */
  #claimLane(commit: LaneCommit): string | null {
    const { partition, generation, lane, previousOffset, offset, state } = commit
    const held = this.#generation(partition)
    if (held !== generation) return `partition ${partition} is at generation ${held}, and the commit of ${lane} at ${offset} was made for ${generation}`
    const { changes } =
      previousOffset === -1 ? this.#step.insertLane.run(lane, partition, offset, state) : this.#step.updateLane.run(offset, state, lane, previousOffset)
    if (changes === 1) return null
    const last = this.#step.laneOffset.get(lane)?.['last_offset'] ?? -1
    return `${lane} is at offset ${String(last)}, and its commit of ${offset} was made after ${previousOffset}`
  }

  #generation(partition: number): number {
    let generation = this.#generations.get(partition)
    if (generation === undefined) {
      generation = Number(this.#step.generation.get(partition)?.['generation'] ?? 0)
      this.#generations.set(partition, generation)
    }
    return generation
  }

  /**
   * R3: neither a conversation nor its sequence is written under an epoch that is over. What was said before it changes hands in this
   * very commit carries the epoch it had until then.
   */
  #applyConversation({ conversation, deliveries }: LaneCommit): string | null {
    const isCurrent = (delivery: DeliveryRow): boolean => delivery.conversation === conversation?.id && delivery.epoch === conversation.epoch
    const others = deliveries.filter((delivery) => !isCurrent(delivery))
    const held = others.map((delivery) => this.#epoch(delivery))
    if (conversation !== null && !this.#putConversation(conversation)) return `conversation ${conversation.id} is past epoch ${conversation.epoch}`
    for (const [index, delivery] of others.entries()) {
      const stale = staleEntry(delivery, held[index], delivery.conversation === conversation?.id ? conversation.epoch : undefined)
      if (stale !== null) return stale
    }
    for (const { conversation: of, seq, epoch, author, text, key, messageId, at, extra } of deliveries) {
      this.#step.insertDelivery.run(of, seq, epoch, author, text, key, messageId, at, extra)
    }
    return null
  }

  /** False when the conversation is past the row's epoch. */
  #putConversation(row: ConversationRow): boolean {
    const { id, customer, channel, owner, worker, queue, task, epoch, seq, messages, status, openedAt, updatedAt, memory } = row
    const same = this.#step.updateConversation
    const { changes } = same.run(channel, task, epoch, seq, messages, openedAt, updatedAt, memory, id, epoch, owner, status, worker, queue, customer)
    if (changes === 1) return true
    const put = this.#step.putConversation
    return put.run(id, customer, channel, owner, worker, queue, task, epoch, seq, messages, status, openedAt, updatedAt, memory).changes === 1
  }

  #epoch(delivery: DeliveryRow): number | undefined {
    return this.#step.epoch.get(delivery.conversation)?.['epoch'] as number | undefined
  }

  #applyDecision({ decision }: LaneCommit): void {
    if (decision === null) return
    const { id, partition, offset, at, policy, customer, conversation, eventType, act, name, because, budgetMs, status, appVersion, record } = decision
    this.#step.insertDecision.run(
      id,
      partition,
      offset,
      at,
      policy,
      customer,
      conversation,
      eventType,
      act,
      name,
      because,
      budgetMs,
      status,
      appVersion,
      record,
    )
  }

  #settle(group: Group<SqlStatement>, refusals: readonly Refusal[]): void {
    for (const key of group.released) this.#step.deleteEffect.run(key)
    for (const { id, elapsedMs, status } of group.decided) this.#step.settleDecision.run(elapsedMs, status, id)
    for (const [partition, { position, highest }] of partitionsAfter(group, refusals)) this.#step.raisePartition.run(partition, position, highest)
  }

  #run({ sql, parameters }: SqlStatement): StatementResult {
    try {
      return { rows: this.#database.prepare(sql).all(...parameters) }
    } catch (error) {
      if (isConstraint(error)) return { refused: (error as Error).message }
      throw error
    }
  }
}

function isConstraint(error: unknown): boolean {
  return ((error as { errcode?: number }).errcode ?? 0) % 256 === sqliteConstraint
}

/** W2. A value that cannot be bound is a TypeError of Node's; anything else is the disk's. */
function refusalOf(error: unknown, commit: LaneCommit): Omit<Refusal, 'index'> {
  const where = `the commit of ${commit.lane} at ${commit.offset}`
  if (isConstraint(error))
    return { code: 'RECORDS_CONFLICT', message: `${where} gives what is there already, or what does not fit: ${(error as Error).message}` }
  if (error instanceof TypeError) return { code: null, message: `${where} holds a value of the wrong type: ${error.message}` }
  throw error
}
