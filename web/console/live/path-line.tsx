import { px } from '../../shared/scale.ts'
import { useSize } from '../../shared/size.ts'
import type { LiveSecond } from '../../../src/client/index.ts'
import { notLiveSince, second, secondBefore } from '../feed.ts'
import { actShares } from './shares.ts'
import type { ActShare } from './shares.ts'
import './path-line.css'

const heightPx = 34
const axisPx = 56
/** From a bar's start to its note. */
const notePx = 26
const middle = heightPx / 2
/** All strands together. */
const strandsPx = 18

/**
 * One line through all stages. Each gap on it is an event that arrived in the last second; after the decision the line
 * parts into strands, as wide as each act's share of the hour.
 */
export function PathLine() {
  const { ref, width } = useSize<HTMLDivElement>()
  const now = second.value
  const bar = (width - axisPx) / 6
  const decision = axisPx + 3 * bar + notePx
  const shares = now ? actShares(now).filter(({ share }) => share > 0) : []
  return (
    <div class="path-line" ref={ref}>
      {width > 0 && (
        <svg width={width} height={heightPx} aria-hidden="true">
          <path class="path-stroke" d={`M${axisPx} ${middle}H${px(decision)}`} />
          {shares.length === 0 && <path class="path-idle" d={`M${px(decision)} ${middle}H${px(width - 2)}`} />}
          <Strands shares={shares} from={decision} turn={axisPx + 4 * bar - 6} to={width - 2} />
          {[0, 1, 2, 3].map((stage) => (
            <circle class="path-note" cx={px(axisPx + stage * bar + notePx)} cy={middle} r="5" />
          ))}
          {notLiveSince.value === null && [secondBefore.value, now].map((set) => set && <Gaps key={set.at} of={set} from={axisPx + notePx} bar={bar} />)}
        </svg>
      )}
    </div>
  )
}

/** Events of one second: all of them reach the features, those that ask for a decision travel on to it. */
function Gaps({ of, from, bar }: { of: LiveSecond; from: number; bar: number }) {
  const asking = of.eventsPerS === 0 ? 0 : Math.min(1, of.decisionsPerS / of.eventsPerS)
  return (
    <g>
      {of.arrivals.map((arrival, index) => {
        const goesOn = Math.floor((index + 1) * asking) > Math.floor(index * asking)
        return (
          <circle
            class="gap"
            cx={px(from)}
            cy={middle}
            r="1.8"
            style={{ '--run': `${px(goesOn ? 3 * bar : bar)}px`, animationDelay: `${Math.round(arrival * 1_000)}ms` }}
          />
        )
      })}
    </g>
  )
}

function Strands({ shares, from, turn, to }: { shares: readonly ActShare[]; from: number; turn: number; to: number }) {
  let wide = middle - strandsPx / 2 - 4
  let narrow = middle - 3
  return (
    <g>
      {shares.map(({ act, share }) => {
        const thick = Math.max(share > 0.02 ? 2.5 : 1.2, share * strandsPx)
        const thin = share * 6
        const stops = act === 'nothing'
        const end = stops ? turn + 40 : to
        const [a, b, c, d] = [px(narrow), px(narrow + thin), px(wide), px(wide + thick)]
        const [x0, x1, x2, x3] = [px(from), px(from + 90), px(turn - 90), px(turn)]
        wide += thick + 2
        narrow += thin
        return (
          <>
            <path
              class={`strand strand-${act} owner-fill`}
              d={`M${x0} ${a}C${x1} ${a} ${x2} ${c} ${x3} ${c}H${px(end)}V${d}H${x3}C${x2} ${d} ${x1} ${b} ${x0} ${b}z`}
            />
            {stops && <path class="strand-stop" d={`M${px(end)} ${px((c + d) / 2 - 5)}v10`} />}
          </>
        )
      })}
    </g>
  )
}
