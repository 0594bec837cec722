/**
 * The group queue: turns single commits into groups, one group being written at a time.
 *
 * Owns: the commits and statements that wait, what `settle` and `advance` left behind, the promises given out, the state
 * "failed". Does not own: how a group is written; the driver hands that in.
 *
 * G1 Commits given while one group is being written form the next; a group starts in the turn of the event loop after the
 *    last one ended, and nothing lingers for company.
 * G2 What is settled or advanced rides in the next group; without one, it gets its own after `settleDelayMs`.
 * G3 After a failed write nothing is written any more: a sync that failed once proves nothing when it succeeds later.
 *    Everything outstanding rejects with STORAGE_FAILED and `onFailure` is told, once.
 * G4 The queue is bounded: beyond `queuedCommitsMax` a commit is refused with OVERLOADED.
 */
import { assert, AssertionError, BattutaError } from '../base/index.ts'
import type { Timer, World } from '../base/index.ts'
import type { Group, GroupResult, SettledDecision, StatementResult } from './group.ts'
import type { LaneCommit, Settled } from './port.ts'

/** Commits in one group. Without a limit, handing a group over held the event loop for 8 to 28 ms. */
export const groupCommitsMax = 2_048
/** Commits that may wait for the next groups. */
export const queuedCommitsMax = 16_384
/** Released keys, and settled decisions, that one group takes along. */
export const groupSettledMax = 4_096
/** How long something settled waits for a group to ride in. */
export const settleDelayMs = 250
const overloadedRetryMs = 250

interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: Error) => void
}

export class GroupQueue<Statement> {
  readonly #world: World
  readonly #write: (group: Group<Statement>) => Promise<GroupResult>
  readonly #onFailure: (error: BattutaError) => void
  #commits: Waiting<LaneCommit, void>[] = []
  #statements: Waiting<Statement, StatementResult>[] = []
  #released: string[] = []
  #decided: SettledDecision[] = []
  #positions = new Map<number, number>()
  #writing: { commits: Waiting<LaneCommit, void>[]; statements: Waiting<Statement, StatementResult>[] } | null = null
  #scheduled = false
  #settleTimer: Timer | null = null
  #failure: BattutaError | null = null
  #closing = false
  #whenIdle: (() => void)[] = []

  constructor(world: World, write: (group: Group<Statement>) => Promise<GroupResult>, onFailure: (error: BattutaError) => void) {
    this.#world = world
    this.#write = write
    this.#onFailure = onFailure
  }

  get failure(): BattutaError | null {
    return this.#failure
  }

  commit(commit: LaneCommit): Promise<void> {
    const refusal = this.#refusal()
    if (refusal !== null) return Promise.reject(refusal)
    if (this.#commits.length >= queuedCommitsMax) {
      const message = `${queuedCommitsMax} commits wait for the disk already: send less, or try again in ${overloadedRetryMs} ms`
      return Promise.reject(new BattutaError('OVERLOADED', message, { retryAfterMs: overloadedRetryMs }))
    }
    return new Promise((resolve, reject) => {
      this.#commits.push({ item: commit, resolve, reject })
      this.#schedule()
    })
  }

  statement(statement: Statement): Promise<StatementResult> {
    const refusal = this.#refusal()
    if (refusal !== null) return Promise.reject(refusal)
    return new Promise((resolve, reject) => {
      this.#statements.push({ item: statement, resolve, reject })
      this.#schedule()
    })
  }

  settle(settled: Settled): void {
    assert(!this.#closing, 'settle was called after close')
    if (this.#failure !== null) return
    for (const key of settled.released) this.#released.push(key)
    if (settled.decision !== null) this.#decided.push(settled.decision)
    this.#scheduleSettled()
  }

  advance(partition: number, position: number): void {
    assert(!this.#closing, 'advance was called after close')
    if (this.#failure !== null) return
    this.#positions.set(partition, Math.max(position, this.#positions.get(partition) ?? 0))
    this.#scheduleSettled()
  }

  /** Takes nothing more, and resolves once everything given so far is written or the queue has failed. */
  async close(): Promise<void> {
    this.#closing = true
    this.#settleTimer?.cancel()
    this.#settleTimer = null
    if (this.#failure !== null || (this.#empty() && this.#writing === null)) return
    await new Promise<void>((resolve) => {
      this.#whenIdle.push(resolve)
      this.#schedule()
    })
  }

  /** G3. Also for failures that the driver meets outside a write, such as a thread that ended. */
  fail(error: BattutaError): void {
    if (this.#failure !== null) return
    this.#failure = error
    this.#settleTimer?.cancel()
    const outstanding = [...(this.#writing?.commits ?? []), ...(this.#writing?.statements ?? []), ...this.#commits, ...this.#statements]
    this.#writing = null
    this.#commits = []
    this.#statements = []
    for (const waiting of outstanding) waiting.reject(error)
    this.#idle()
    this.#onFailure(error)
  }

  #refusal(): Error | null {
    if (this.#failure !== null) return this.#failure
    return this.#closing ? new AssertionError('records were written to after close') : null
  }

  #empty(): boolean {
    return this.#commits.length + this.#statements.length + this.#released.length + this.#decided.length + this.#positions.size === 0
  }

  #schedule(): void {
    if (this.#scheduled || this.#writing !== null || this.#failure !== null) return
    this.#scheduled = true
    this.#world.defer(() => {
      this.#scheduled = false
      if (this.#failure === null) void this.#writeNext()
    })
  }

  #scheduleSettled(): void {
    if (this.#settleTimer !== null || this.#scheduled) return
    this.#settleTimer = this.#world.setTimer(settleDelayMs, () => {
      this.#settleTimer = null
      this.#schedule()
    })
  }

  async #writeNext(): Promise<void> {
    this.#settleTimer?.cancel()
    this.#settleTimer = null
    const commits = this.#commits.splice(0, groupCommitsMax)
    const statements = this.#statements
    this.#statements = []
    const group: Group<Statement> = {
      commits: commits.map((waiting) => waiting.item),
      released: this.#released.splice(0, groupSettledMax),
      decided: this.#decided.splice(0, groupSettledMax),
      positions: [...this.#positions],
      statements: statements.map((waiting) => waiting.item),
    }
    this.#positions = new Map()
    this.#writing = { commits, statements }
    try {
      const result = await this.#write(group)
      if (this.#failure !== null) return
      this.#writing = null
      answer(commits, statements, result)
    } catch (error) {
      this.fail(
        error instanceof BattutaError
          ? error
          : new BattutaError('STORAGE_FAILED', `records could not write a group: ${(error as Error).message}`, { cause: error }),
      )
      return
    }
    const settledFull = Math.max(this.#released.length, this.#decided.length) >= groupSettledMax
    if (this.#commits.length + this.#statements.length > 0 || settledFull || (this.#closing && !this.#empty())) this.#schedule()
    else if (!this.#empty()) this.#scheduleSettled()
    else this.#idle()
  }

  #idle(): void {
    for (const resolve of this.#whenIdle) resolve()
    this.#whenIdle = []
  }
}

function answer<Statement>(commits: Waiting<LaneCommit, void>[], statements: Waiting<Statement, StatementResult>[], result: GroupResult): void {
  const refused = new Set<number>()
  for (const { index, code, message } of result.refusals) {
    refused.add(index)
    commits[index]?.reject(code === null ? new AssertionError(message) : new BattutaError(code, message))
  }
  commits.forEach((waiting, index) => {
    if (!refused.has(index)) waiting.resolve()
  })
  statements.forEach((waiting, index) => waiting.resolve(result.statements[index] ?? { refused: 'the driver gave no result' }))
}
