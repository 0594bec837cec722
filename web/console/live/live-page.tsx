import { feedState, hello, notLiveSince } from '../feed.ts'
import { go } from '../navigation.ts'
import { NotLive, Retry } from '../not-live.tsx'
import { Refusal } from '../panel.tsx'
import { WhyDialog } from '../why/why-dialog.tsx'
import { DecisionStream } from './decision-stream.tsx'
import { Headlines } from './headlines.tsx'
import { Score } from './score.tsx'
import { Watches } from './watches.tsx'
import { WhoActs } from './who-acts.tsx'
import './live-page.css'

/** What happens now: the path of one event, who acts, and what was decided because of what. */
export function LivePage({ why }: { why: string | null }) {
  const state = feedState.value
  const never = hello.value === null && state.kind === 'waiting'
  return (
    <main id="main" class={`page live ${notLiveSince.value === null ? '' : 'stale'}`}>
      <h1 class="aside-text">Live</h1>
      <NotLive />
      {never ? (
        <Refusal
          title="The feed does not open"
          error={state.error}
          action={
            <p>
              <Retry />
            </p>
          }
        />
      ) : (
        <>
          <Headlines />
          <Score />
          <div class="live-lower">
            <WhoActs />
            <DecisionStream selected={why} />
            <Watches />
          </div>
        </>
      )}
      {why !== null && <WhyDialog id={why} close={() => go({ page: 'live', why: null })} />}
    </main>
  )
}
