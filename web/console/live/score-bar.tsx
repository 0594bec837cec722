import { logarithmic, px } from '../../shared/scale.ts'
import { useSize } from '../../shared/size.ts'
import { limit, shortDuration } from '../../shared/format.ts'
import { beatsShown } from '../feed.ts'
import { steadiness } from './beats.ts'
import type { PlacedBeat } from './beats.ts'

const heightPx = 142
/** Room above the top line, where the budget is. */
const topPx = 2
const bottomPx = 4
/** The lowest line is 10 µs; what is faster stands a little below it. */
const floorMs = 0.0075

type Scale = (ms: number) => number

/** From milliseconds to the height on the stave. */
export function scoreScale(lines: readonly number[]): Scale {
  const top = (lines.at(-1) ?? 100) * 10 ** 0.9
  const up = logarithmic({ from: floorMs, to: top }, heightPx - topPx - bottomPx)
  return (ms) => heightPx - bottomPx - up(ms)
}

export function ScoreAxis({ lines, scale, budgetMs }: { lines: readonly number[]; scale: Scale; budgetMs: number }) {
  // A label that would touch the budget's gives way to it.
  const shown = lines.filter((ms) => Math.abs(scale(ms) - scale(budgetMs)) > 9)
  return (
    <svg class="score-axis" width="56" height={heightPx} aria-hidden="true">
      {shown.map((ms) => (
        <text x="48" y={px(scale(ms) + 4)} text-anchor="end">
          {axisWord(ms)}
        </text>
      ))}
      <text class="score-budget" x="48" y={px(scale(budgetMs) + 4)} text-anchor="end">
        {budgetMs}
      </text>
    </svg>
  )
}

interface BarProps {
  readonly name: string
  readonly beats: readonly PlacedBeat[]
  readonly lines: readonly number[]
  readonly scale: Scale
  readonly sliceMs: number
  readonly budgetMs: number
  /** The stream has stopped: what is drawn is the past. */
  readonly cut: boolean
  readonly last: boolean
}

/** One bar of the score. */
export function ScoreBar({ name, beats, lines, scale, sliceMs, budgetMs, cut, last }: BarProps) {
  const { ref, width } = useSize<HTMLDivElement>()
  const right = Math.max(width, 60)
  const step = (right - 26) / beatsShown
  const top = scale(lines.at(-1) ?? 100)
  const bottom = scale(lines[0] ?? 0.01)
  return (
    <div class="score-bar" ref={ref}>
      {width > 0 && (
        <svg width={right} height={heightPx} role="img" aria-label={sentence(name, beats, sliceMs)}>
          {lines.map((ms) => (
            <path class="stave" d={`M0 ${px(scale(ms))}H${right}`} />
          ))}
          <path class="budget-dots" d={`M0 ${px(scale(budgetMs))}H${right}`} />
          <path class="bar-start" d={`M0.5 ${px(top)}V${px(bottom)}`} />
          {last && <path class="bar-end-thin" d={`M${right - 5} ${px(top)}V${px(bottom)}`} />}
          {last && <path class="bar-end-thick" d={`M${right - 1.5} ${px(top)}V${px(bottom)}`} />}
          <path class="slice" d={`M10 ${px(scale(sliceMs))}H${right - 12}`} />
          {beats.map(({ place, at, beat }) => (
            <Note key={at} x={12 + step * (place + 0.5)} beat={beat} scale={scale} />
          ))}
          {cut && (
            <path class="caesura" d={`M${right - 12} ${px(bottom + 2)}l6 ${px(top - bottom - 4)}M${right - 6} ${px(bottom + 2)}l6 ${px(top - bottom - 4)}`} />
          )}
        </svg>
      )}
    </div>
  )
}

function Note({ x, beat, scale }: { x: number; beat: PlacedBeat['beat']; scale: Scale }) {
  const { p50, p99, p999, steady } = beat
  const state = steady ? '' : 'note-off'
  return (
    <g class={state}>
      {p99 !== null && p999 !== null && <path class="stem" d={`M${px(x)} ${px(scale(p99) - 3)}V${px(scale(p999))}`} />}
      {p999 !== null && <path class="note-p999" d={`M${px(x - 2.2)} ${px(scale(p999))}h4.4`} />}
      {p99 !== null && <circle class="note-p99" cx={px(x)} cy={px(scale(p99))} r={steady ? 2.2 : 2.5} />}
      {p50 !== null && <circle class="note-p50" cx={px(x)} cy={px(scale(p50))} r="2.4" />}
    </g>
  )
}

function axisWord(ms: number): string {
  return ms < 1 ? shortDuration(ms) : limit(ms)
}

function sentence(name: string, beats: readonly PlacedBeat[], sliceMs: number): string {
  const latest = beats.at(-1)?.beat
  if (latest?.p50 == null) return `${name}: nothing in the last two minutes`
  const { steady, off } = steadiness(beats)
  const p99 = latest.p99 === null ? '' : `, p99 ${shortDuration(latest.p99)}`
  return `${name}: p50 ${shortDuration(latest.p50)}${p99} of a slice of ${limit(sliceMs)}; ${steady} beats steady, ${off} off`
}
