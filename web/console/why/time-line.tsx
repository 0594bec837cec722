import type { DecisionRecord } from '../../../src/client/index.ts'
import { plainMs } from '../../shared/format.ts'
import { linear, px, ticks } from '../../shared/scale.ts'
import { useSize } from '../../shared/size.ts'
import { timingOf } from '../live/beat-line.tsx'
import { finishOf, spansOf, timeAxis } from './spans.ts'
import './time-line.css'

const heightPx = 48
const y = 20
/** Room for the caesura and the budget's bar line. */
const caesuraPx = 110
/** A stage is named on the line when it took at least this share of it. */
const namedShare = 0.3
/** A tick nearer to the budget than this would touch its label. */
const budgetLabelPx = 64

/** The decision's whole time on one line: to scale, then time left out, then the budget it had. */
export function TimeLine({ record }: { record: DecisionRecord }) {
  const { ref, width } = useSize<HTMLDivElement>()
  return (
    <div class="time-line" ref={ref}>
      {width > 0 && <Line record={record} width={width} />}
    </div>
  )
}

function Line({ record, width }: { record: DecisionRecord; width: number }) {
  const spans = spansOf(record)
  const finish = finishOf(spans)
  const axis = timeAxis(finish, record.budgetMs)
  const late = finish > record.budgetMs
  const scale = linear({ from: 0, to: axis.toMs }, width - 12 - (axis.caesura ? caesuraPx - 6 : late ? 30 : 6))
  const x = (ms: number) => px(6 + scale(ms))
  const budgetX = axis.caesura ? width - 3 : x(record.budgetMs)
  const widest = spans.toSorted((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs))[0]
  const alarm = timingOf(record.elapsedMs, record.budgetMs) === 'late'
  const out = record.elapsedMs === null ? 'not on disk yet' : `out at ${plainMs(finish)}`
  const outRight = x(finish) + 84 < budgetX
  return (
    <svg
      width={width}
      height={heightPx}
      role="img"
      aria-label={`${out} ms of a budget of ${record.budgetMs} ms${late ? ', late' : ''}`}
      class={alarm ? 'time-late' : ''}
    >
      <path class="time-track" d={`M6 ${y}H${axis.caesura ? width - 8 : Math.max(x(finish), budgetX)}`} />
      {axisTicks(axis.toMs, record.budgetMs, axis.caesura)
        .filter((ms) => ms === 0 || x(ms) < budgetX - budgetLabelPx)
        .map((ms, index) => (
          <>
            <path class="time-track" d={`M${x(ms)} ${y - 5}v10`} />
            <text x={x(ms)} y={heightPx - 4} text-anchor={index === 0 ? 'start' : 'middle'}>
              {ms}
              {index === 0 ? ' ms' : ''}
            </text>
          </>
        ))}
      {axis.caesura && <rect class="time-gap" x={width - 74} y={y - 4} width="22" height="8" />}
      {axis.caesura && <path class="time-caesura" d={`M${width - 74} ${y + 9}l8 -18M${width - 64} ${y + 9}l8 -18`} />}
      <path class="time-bar-thin" d={`M${budgetX - 5} 6v28`} />
      <path class="time-bar-thick" d={`M${budgetX} 6v28`} />
      <text class="time-ink" x={axis.caesura ? width - 1 : budgetX} y={heightPx - 4} text-anchor={axis.caesura || budgetX > width - 40 ? 'end' : 'middle'}>
        {record.budgetMs} budget
      </text>
      <path class="time-run" d={`M6 ${y}H${x(finish)}`} />
      {widest && widest.toMs - widest.fromMs > finish * namedShare && (
        <>
          <path class="time-widest" d={`M${x(widest.fromMs)} ${y}H${x(widest.toMs)}`} />
          <text class="time-name" x={px((x(widest.fromMs) + x(widest.toMs)) / 2)} y="10" text-anchor="middle">
            {widest.stage} {plainMs(widest.toMs - widest.fromMs)}
          </text>
        </>
      )}
      <circle class="time-note" cx="6" cy={y} r="4.5" />
      {spans.map(({ toMs }) => (
        <circle class="time-note" cx={x(toMs)} cy={y} r="4.5" />
      ))}
      <text class="time-out" x={outRight ? x(finish) + 10 : late ? budgetX - 12 : x(finish)} y={outRight ? y - 6 : 8} text-anchor={outRight ? 'start' : 'end'}>
        {out}
      </text>
    </svg>
  )
}

/** Round places on the scale; without a caesura the last one is the budget's own label. */
function axisTicks(toMs: number, budgetMs: number, caesura: boolean): number[] {
  return caesura ? ticks(toMs) : ticks(budgetMs).slice(0, -1)
}
