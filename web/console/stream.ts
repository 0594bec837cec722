/**
 * The rows of the decision stream. Pure: a state and what came, to the next state.
 *
 * S1 a row is shown once, newest first.
 * S2 while paused no row moves: what comes is held, and counted when it cannot be.
 */
import type { DecisionBrief, LiveDecisions } from '../../src/client/index.ts'

/** Rows that are kept, shown or not. */
export const rowsMax = 60

export interface Stream {
  readonly rows: readonly DecisionBrief[]
  readonly held: readonly DecisionBrief[]
  readonly paused: boolean
  /** Decisions of the last frame that were made but not sent as rows; while paused, of all frames since. */
  readonly notShown: number
}

export const emptyStream: Stream = { rows: [], held: [], paused: false, notShown: 0 }

export function taken(stream: Stream, frame: LiveDecisions): Stream {
  if (!stream.paused) return { ...stream, rows: merged(stream.rows, frame.rows), notShown: frame.notShown }
  const held = merged(stream.held, frame.rows)
  const dropped = stream.held.length + frame.rows.length - held.length
  return { ...stream, held, notShown: stream.notShown + frame.notShown + Math.max(0, dropped) }
}

export function paused(stream: Stream, pause: boolean): Stream {
  if (pause === stream.paused) return stream
  if (pause) return { ...stream, paused: true, notShown: 0 }
  return { rows: merged(stream.rows, stream.held), held: [], paused: false, notShown: stream.notShown }
}

function merged(old: readonly DecisionBrief[], fresh: readonly DecisionBrief[]): readonly DecisionBrief[] {
  if (fresh.length === 0) return old
  // What comes last knows most: a row that is sent again has its elapsed time by then.
  const byId = new Map([...old, ...fresh].map((row) => [row.id, row]))
  return [...byId.values()].sort((a, b) => b.at - a.at).slice(0, rowsMax)
}
