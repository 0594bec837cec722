/** A decision's path in time: which stage took from when to when, and the axis it is drawn on. Pure. */
import type { DecisionRecord, StageName } from '../../../src/client/index.ts'
import { roundAbove } from '../../shared/scale.ts'

export interface Span {
  readonly stage: StageName
  readonly fromMs: number
  readonly toMs: number
}

const stepStages = ['features', 'predictions', 'decision', 'owner'] as const

/**
 * When each stage began and was done. A step is computed ahead, while the log still makes its event durable; the way out
 * is free when both are done, and taken when the commit is known to be on disk.
 */
export function spansOf({ stages, elapsedMs }: Pick<DecisionRecord, 'stages' | 'elapsedMs'>): Span[] {
  const ahead = stages.features < stages.event
  let fromMs = ahead ? 0 : stages.event
  const step = stepStages.map((stage): Span => {
    const span = { stage, fromMs, toMs: Math.max(fromMs, stages[stage]) }
    fromMs = span.toMs
    return span
  })
  const free = Math.max(fromMs, stages.event)
  const spans: Span[] = [{ stage: 'event', fromMs: 0, toMs: stages.event }, ...step]
  return elapsedMs === null ? spans : [...spans, { stage: 'outbox', fromMs: free, toMs: Math.max(free, elapsedMs) }]
}

/** When the last of them was done. */
export function finishOf(spans: readonly Span[]): number {
  return Math.max(0, ...spans.map(({ toMs }) => toMs))
}

export interface TimeAxis {
  /** The axis is to scale from 0 to here. */
  readonly toMs: number
  /** Whether time is left out between the scale's end and the budget. */
  readonly caesura: boolean
}

/** Below this share of the budget the rest of it would be empty line: it is left out. */
const caesuraBelow = 0.6

export function timeAxis(finishMs: number, budgetMs: number): TimeAxis {
  const round = roundAbove(finishMs)
  if (round < budgetMs * caesuraBelow) return { toMs: round, caesura: true }
  return { toMs: Math.max(budgetMs, finishMs), caesura: false }
}
