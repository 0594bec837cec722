import { age, clock } from '../shared/format.ts'
import { Mark } from '../shared/mark.tsx'
import { feedState, notLiveSince, now, retryNow } from './feed.ts'
import './not-live.css'

/** The strip that says the feed is lost, since when, and when it is tried again. Nothing while all is well. */
export function NotLive() {
  const since = notLiveSince.value
  if (since === null) return null
  const state = feedState.value
  const lastAt = state.kind === 'waiting' || state.kind === 'connecting' ? state.lastAt : null
  return (
    <div class="not-live" role="status">
      <span class="strained nowrap">
        <Mark of="strained" /> not live since {clock(since)}
      </span>
      <span class="dim">Values stay, dimmed{lastAt !== null && now.value - lastAt >= 1_000 && `; they are ${age(now.value - lastAt)} old`}.</span>
      <Retry />
    </div>
  )
}

/** Counts down to the next attempt. The count is for the eye: a live region would read every second. */
export function Retry() {
  const state = feedState.value
  if (state.kind !== 'waiting') return <span class="dim">Trying now.</span>
  const seconds = Math.max(1, Math.ceil((state.retryAt - now.value) / 1_000))
  return (
    <span class="dim">
      <span aria-hidden="true">Trying again in {seconds} s. </span>
      <button class="in-text" aria-label="Try again now" onClick={retryNow}>
        Now
      </button>
    </span>
  )
}
