import { clock } from '../shared/format.ts'
import { now } from './clock.ts'
import { complaint, deskState, notLiveSince, retryNow } from './connection.ts'

/** Two strokes: the stream has stopped. */
export function Caesura() {
  return (
    <svg class="caesura" width="16" height="12" viewBox="0 0 16 12" aria-hidden="true" stroke="currentColor" stroke-width="1.5">
      <path d="M2 11l4-10M9 11l4-10" />
    </svg>
  )
}

/** The strip that says the line is lost, what that means, and when it is tried again; or what the server complained of. */
export function NotLive() {
  const since = notLiveSince.value
  const problem = complaint.value
  if (since === null && problem === null) return null
  return (
    <div class="desk-strip" role="status">
      {since !== null ? (
        <>
          <span class="strained nowrap">
            <Caesura /> not live since {clock(since)}
          </span>
          <span>What you write is kept, and sent when you are back if the conversation is still yours.</span>
          <Retry />
        </>
      ) : (
        problem && (
          <>
            <span>
              {problem.detail} <code>{problem.code}</code>
            </span>
            <button class="in-text" onClick={() => (complaint.value = null)}>
              Put away
            </button>
          </>
        )
      )}
    </div>
  )
}

/** Counts down to the next attempt. The count is for the eye: a live region would read every second. */
function Retry() {
  const state = deskState.value
  if (state.kind !== 'waiting') return <span>Trying now.</span>
  const seconds = Math.max(1, Math.ceil((state.retryAt - now.value) / 1_000))
  return (
    <span class="nowrap">
      <span aria-hidden="true">{seconds} s to next try, </span>
      <button class="in-text" aria-label="Try again now" onClick={retryNow}>
        now
      </button>
    </span>
  )
}
