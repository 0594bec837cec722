import { px } from '../../shared/scale.ts'
import { sparkPoints, sparkSentence } from './summary.ts'

const widthPx = 74
const heightPx = 16

/** What a value did since the page opened; the dot is the value shown. */
export function Spark({ values, steps }: { values: readonly number[]; steps: boolean }) {
  const places = sparkPoints(values).map(([x, y]) => [px(2 + x * (widthPx - 6)), px(heightPx - 3 - y * (heightPx - 6))] as const)
  const last = places.at(-1)
  if (!last) return <span />
  const path = places.map(([x, y], index) => (index === 0 ? `M${x} ${y}` : steps ? `H${x}V${y}` : `L${x} ${y}`)).join('')
  return (
    <svg class="spark" width={widthPx} height={heightPx} role="img" aria-label={sparkSentence(values)}>
      <path d={path} />
      <circle cx={last[0]} cy={last[1]} r="2" />
    </svg>
  )
}
