import { px } from '../../shared/scale.ts'
import './beat-line.css'

export type Timing = 'unknown' | 'steady' | 'strained' | 'late'

/** Over this share of the budget a decision is strained. */
const strainedShare = 0.6

export function timingOf(elapsedMs: number | null, budgetMs: number): Timing {
  if (elapsedMs === null) return 'unknown'
  if (elapsedMs > budgetMs) return 'late'
  return elapsedMs > budgetMs * strainedShare ? 'strained' : 'steady'
}

/** One decision on its own beat: where it started, where it finished, and the bar line it must not cross. */
export function BeatLine({ elapsedMs, budgetMs, width = 112 }: { elapsedMs: number | null; budgetMs: number; width?: number }) {
  const bar = width - 10
  const x = elapsedMs === null ? 2 : px(Math.min(width - 4, 2 + (elapsedMs / budgetMs) * (bar - 2)))
  const timing = timingOf(elapsedMs, budgetMs)
  const quarters = [0.25, 0.5, 0.75].map((part) => `M${px(2 + part * (bar - 2))} 5v4`).join('')
  return (
    <svg class={`beat-line beat-${timing}`} width={width} height="14" aria-hidden="true">
      <path class="beat-track" d={`M2 7H${bar}${quarters}`} />
      <path class="beat-bar" d={`M${bar} 1v12`} />
      {timing !== 'unknown' && <path class="beat-run" d={`M2 7H${x}`} />}
      {timing !== 'unknown' && <circle class="beat-note" cx={x} cy="7" r="3" />}
    </svg>
  )
}
