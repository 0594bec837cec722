import type { Watch } from '../../../src/client/index.ts'
import { Mark } from '../../shared/mark.tsx'
import { second } from '../feed.ts'
import { BareStave, Panel } from '../panel.tsx'
import './watches.css'

const order = { broken: 0, strained: 1, steady: 2 } as const

/** What is watched: first what is broken, then what is strained, then the rest with its yardstick. */
export function Watches() {
  const watches = second.value?.watches
  if (!watches) {
    return (
      <Panel title="Needs a look">
        <div class="panel-body">
          <BareStave>Reading the watches.</BareStave>
        </div>
      </Panel>
    )
  }
  const firing = watches.filter(({ state }) => state !== 'steady').length
  const sorted = watches.toSorted((a, b) => order[a.state] - order[b.state])
  return (
    <Panel title="Needs a look" note={`${firing} of ${watches.length} watches`} class="watches">
      <ul>
        {firing === 0 && <li class="dim">{watches.length > 0 ? 'Nothing does. What is watched:' : 'Nothing is watched yet.'}</li>}
        {sorted.map((watch) => (
          <WatchItem key={watch.name} watch={watch} />
        ))}
      </ul>
    </Panel>
  )
}

function WatchItem({ watch: { state, title, sentence } }: { watch: Watch }) {
  return (
    <li>
      <div class="watch-head">
        {state !== 'steady' && (
          <span class={`tag tag-${state}`}>
            <Mark of={state} />
            {state}
          </span>
        )}
        <h3>{title}</h3>
      </div>
      <p class="small dim">{sentence}</p>
    </li>
  )
}
