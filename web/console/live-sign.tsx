import { clock } from '../shared/format.ts'
import { feedState, notLiveSince, second } from './feed.ts'

/** Four beats that step once a second while the feed is alive; a caesura and the last time when it is not. */
export function LiveSign() {
  const since = notLiveSince.value
  if (since !== null) {
    return (
      <span class="live-sign strained">
        <Caesura /> <span>not live</span> <span class="mono">{clock(since)}</span>
      </span>
    )
  }
  const at = second.value?.at ?? null
  const step = at === null ? -1 : Math.floor(at / 1_000) % 4
  return (
    <span class="live-sign">
      <svg width="34" height="10" aria-hidden="true">
        {[0, 1, 2, 3].map((beat) => (
          <circle class={beat <= step ? 'beat-done' : 'beat-due'} cx={5 + beat * 8} cy="5" r={beat === step ? 3.5 : 2} />
        ))}
      </svg>
      <span>{feedState.value.kind === 'open' ? 'live' : 'connecting'}</span>
      {at !== null && <span class="mono clock">{clock(at)}</span>}
    </span>
  )
}

function Caesura() {
  return (
    <svg width="16" height="12" viewBox="0 0 16 12" aria-hidden="true" stroke="currentColor" stroke-width="1.5">
      <path d="M2 11l4-10M9 11l4-10" />
    </svg>
  )
}
