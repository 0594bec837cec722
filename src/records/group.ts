/** What a driver writes in one transaction, and what it says about it. Plain data: it crosses to the writing thread by structured clone. */
import type { ErrorCode } from '../base/index.ts'
import type { LaneCommit, Settled } from './port.ts'

export type SettledDecision = NonNullable<Settled['decision']>

export interface Group<Statement> {
  /** In the order they were given (R4). */
  readonly commits: readonly LaneCommit[]
  /** Keys of outbox rows to delete. */
  readonly released: readonly string[]
  readonly decided: readonly SettledDecision[]
  /** `[partition, position]`. */
  readonly positions: readonly (readonly [number, number])[]
  /** Everything that is written seldom: taking over, settings, app versions. Applied after the commits, in order. */
  readonly statements: readonly Statement[]
}

/** Why one commit of a group changed nothing. A null code is a programmer error: a value that no column can hold. */
export interface Refusal {
  readonly index: number
  readonly code: Extract<ErrorCode, 'RECORDS_CONFLICT' | 'STALE_EPOCH'> | null
  readonly message: string
}

export type StatementResult = { readonly rows: readonly Readonly<Record<string, unknown>>[] } | { readonly refused: string }

export interface GroupResult {
  readonly refusals: readonly Refusal[]
  /** One for each statement. */
  readonly statements: readonly StatementResult[]
}
