import { rate, share } from '../../shared/format.ts'
import { actWords, Mark } from '../../shared/mark.tsx'
import { px } from '../../shared/scale.ts'
import { useSize } from '../../shared/size.ts'
import { count } from '../../shared/format.ts'
import type { LiveSecond } from '../../../src/client/index.ts'
import { second } from '../feed.ts'
import { BareStave, Panel } from '../panel.tsx'
import { TextTwin } from '../text-twin.tsx'
import { actShares, bands, minutesDecided } from './shares.ts'
import './who-acts.css'

const heightPx = 148
const labelPx = 36

export function WhoActs() {
  const now = second.value
  const minutes = now ? minutesDecided(now) : []
  const decided = minutes.length > 0
  return (
    <Panel title="Who acts" note={decided && minutes.length < 60 ? `decisions, last ${minutes.length} min` : 'decisions, last hour'} class="who-acts">
      <div class="panel-body">
        {!now && <BareStave>Reading the last hour.</BareStave>}
        {now && !decided && <BareStave>No decision in the last hour.</BareStave>}
        {now && decided && <Shares now={now} minutes={minutes} />}
        {now && <ActTable now={now} decided={decided} />}
      </div>
    </Panel>
  )
}

function Shares({ now, minutes }: { now: LiveSecond; minutes: readonly (readonly number[])[] }) {
  const { ref, width } = useSize<HTMLDivElement>()
  const right = width - labelPx
  const x = (minute: number) => px((minute / minutes.length) * right)
  const y = (part: number) => px(heightPx - part * (heightPx - 8))
  const sentence = actShares(now)
    .map((row) => `${actWords[row.act]} ${share(row.share)}`)
    .join(', ')
  return (
    <div ref={ref}>
      {width > 0 && (
        <svg width={width} height={heightPx + 1} role="img" aria-label={`Shares of decisions: ${sentence}`}>
          {now.shareActs.map((act, index) => (
            <path
              class={`share share-${act} owner-fill`}
              d={bands(minutes, index)
                .map((band) => outline(band, x, y))
                .join('')}
            />
          ))}
          {[0, 0.5, 1].map((part) => (
            <>
              <path class="share-line" d={`M0 ${y(part) - 0.5}H${px(right)}`} />
              <text x={width} y={y(part) + (part === 1 ? 8 : part === 0.5 ? 4 : 0)} text-anchor="end">
                {part * 100}
                {part === 1 ? ' %' : ''}
              </text>
            </>
          ))}
        </svg>
      )}
      <TextTwin
        of="Who acted"
        head={['Minute', ...now.shareActs.map((act) => actWords[act])]}
        rows={minutes.map((minute, index) => [index === minutes.length - 1 ? 'this one' : `${minutes.length - 1 - index} ago`, ...minute.map(count)])}
      />
    </div>
  )
}

/** Counts per minute are steps: along the upper edges, and back along the lower ones. */
function outline({ from, edges }: ReturnType<typeof bands>[number], x: (minute: number) => number, y: (part: number) => number): string {
  const there = edges.map(([, high], index) => `${index === 0 ? `M${x(from)} ` : 'V'}${y(high)}H${x(from + index + 1)}`).join('')
  const back = edges
    .map(([low], index) => `V${y(low)}H${x(from + index)}`)
    .toReversed()
    .join('')
  return `${there}${back}z`
}

function ActTable({ now, decided }: { now: LiveSecond; decided: boolean }) {
  return (
    <table class="act-table">
      <thead>
        <tr>
          <th scope="col">
            <span class="aside-text">Who</span>
          </th>
          <th scope="col" class="num">
            /s
          </th>
          <th scope="col" class="num">
            share
          </th>
          <th scope="col" class="num">
            open
          </th>
        </tr>
      </thead>
      <tbody>
        {actShares(now).map(({ act, perS, share: part, open }) => {
          const owns = act === 'bot' || act === 'agent' || act === 'human'
          return (
            <tr class={owns ? '' : 'dim'}>
              <th scope="row">
                <Mark of={act} /> <span class="act-word">{actWords[act]}</span>
              </th>
              <td class="num">{rate(perS)}</td>
              <td class="num">{decided ? owns ? <b>{share(part)}</b> : share(part) : <span class="faint">–</span>}</td>
              <td class="num">{owns ? count(open) : ''}</td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
