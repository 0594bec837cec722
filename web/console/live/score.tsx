import type { LiveHello, StageName } from '../../../src/client/index.ts'
import { limit, rate, shortDuration as duration } from '../../shared/format.ts'
import { Mark } from '../../shared/mark.tsx'
import { beats, beatsShown, feedState, hello, notLiveSince, peak, second } from '../feed.ts'
import { BareStave } from '../panel.tsx'
import { TextTwin } from '../text-twin.tsx'
import { decades, placed, steadiness } from './beats.ts'
import { PathLine } from './path-line.tsx'
import { Key } from './score-key.tsx'
import { ScoreAxis, ScoreBar, scoreScale } from './score-bar.tsx'
import './score.css'

export const stageWords: Readonly<Record<StageName, string>> = {
  event: 'Event',
  features: 'Features',
  predictions: 'Predictions',
  decision: 'Decision',
  owner: 'Owner',
  outbox: 'Outbox',
}

const idleWords: Readonly<Record<StageName, string>> = {
  event: 'No event',
  features: 'No feature was read',
  predictions: 'No prediction',
  decision: 'No decision',
  owner: 'No owner changed',
  outbox: 'Nothing went out',
}

/** The path of one event, stage by stage: five lines are decades of latency, each bar a stage, each note a beat of five seconds. */
export function Score() {
  const app = hello.value
  return (
    <section class="panel score" aria-label="The path of one event">
      <h2 class="aside-text">The path of one event</h2>
      {app ? <Stages app={app} /> : <BareStave>{feedState.value.kind === 'open' ? 'Reading the last two minutes.' : 'Connecting to the server.'}</BareStave>}
    </section>
  )
}

function Stages({ app }: { app: LiveHello }) {
  const lines = decades(Math.max(app.budgetMs, peak.value?.ms ?? 0))
  const scale = scoreScale(lines)
  const perS = second.value?.stagePerS
  return (
    <>
      <PathLine />
      <p class="score-key tiny faint">
        <Key of="p50" /> <Key of="p99" /> <Key of="p99.9" />
        <span>
          one beat is {limit(app.beatMs)}; a beat is off when p99 is over the line, the stage’s slice of the budget, or over a quarter of it and 1.25 × the
          hour’s median
        </span>
      </p>
      <div class="score-bars">
        {app.stages.map(({ name, sliceMs }, index) => {
          const stage = placed(beats.value, index, app.beatMs, beatsShown)
          return (
            <>
              <div class="score-margin">
                <ScoreAxis lines={lines} scale={scale} budgetMs={app.budgetMs} />
                <p class="tiny faint">
                  {beatsShown} beats
                  <br />
                  of {limit(app.beatMs)}
                </p>
              </div>
              <div class="score-stage">
                <h3>
                  {stageWords[name]}
                  <span class="dim small">{perS ? `${rate(perS[index] ?? 0)}/s` : ''}</span>
                </h3>
                <ScoreBar
                  name={stageWords[name]}
                  beats={stage}
                  lines={lines}
                  scale={scale}
                  sliceMs={sliceMs}
                  budgetMs={app.budgetMs}
                  cut={notLiveSince.value !== null}
                  last={index === app.stages.length - 1}
                />
                <StageFigures beats={stage} sliceMs={sliceMs} name={name} />
              </div>
            </>
          )
        })}
      </div>
      <ScoreTwin app={app} />
    </>
  )
}

function StageFigures({ beats: stage, sliceMs, name }: { beats: ReturnType<typeof placed>; sliceMs: number; name: StageName }) {
  const latest = stage.at(-1)?.beat
  const { steady, off } = steadiness(stage)
  return (
    <div class="stage-figures small">
      {latest?.p50 == null ? (
        <p class="dim">{idleWords[name]} in two minutes.</p>
      ) : (
        <p class="stage-quantiles">
          <Key of="p50" name={false}>
            <b>{duration(latest.p50)}</b>
          </Key>
          {latest.p99 === null ? (
            <span class="faint">p99 needs 100, has {latest.count}</span>
          ) : (
            <Key of="p99" name={false}>
              {duration(latest.p99)}
            </Key>
          )}
          {latest.p999 !== null && (
            <Key of="p99.9" name={false}>
              {duration(latest.p999)}
            </Key>
          )}
        </p>
      )}
      <p class="stage-steady faint">
        {off > 0 ? (
          <span class="strained">
            <Mark of="strained" /> {steady} steady, {off} off
          </span>
        ) : (
          <span>{steady > 0 && `${steady} steady`}</span>
        )}
        <span class="nowrap">slice {limit(sliceMs)}</span>
      </p>
    </div>
  )
}

function ScoreTwin({ app }: { app: LiveHello }) {
  const rows = app.stages.map(({ name, sliceMs }, index) => {
    const stage = placed(beats.value, index, app.beatMs, beatsShown)
    const latest = stage.at(-1)?.beat
    const { steady, off } = steadiness(stage)
    const write = (ms: number | null | undefined) => (ms == null ? 'too few' : duration(ms))
    return [stageWords[name], write(latest?.p50), write(latest?.p99), write(latest?.p999), limit(sliceMs), `${steady} steady, ${off} off`]
  })
  return <TextTwin of="The score" head={['Stage', 'p50', 'p99', 'p99.9', 'Slice', 'Beats of the last two minutes']} rows={rows} />
}
