import type { ComponentChildren } from 'preact'
import type { Act, LiveSecond } from '../../../src/client/index.ts'
import { actWords } from '../../shared/mark.tsx'
import { count, duration, plainMs, rate, share } from '../../shared/format.ts'
import { hello, second } from '../feed.ts'
import './headlines.css'

/** The figures of this second, each with its yardstick. */
export function Headlines() {
  const now = second.value
  const budgetMs = hello.value?.budgetMs
  return (
    <section class="headlines" aria-label="Now">
      {now && budgetMs !== undefined ? <Figures now={now} budgetMs={budgetMs} /> : <p class="dim headlines-wait">The figures come with the next second.</p>}
    </section>
  )
}

function Figures({ now, budgetMs }: { now: LiveSecond; budgetMs: number }) {
  const { onBeat, endToEndMs: end } = now
  return (
    <>
      <Figure name="On the beat, last 5 min" value={onBeat.total === 0 ? '–' : share((onBeat.total - onBeat.late) / onBeat.total, 2)}>
        {onBeat.total === 0 ? 'no decision yet' : `${count(onBeat.late)} of ${count(onBeat.total)} late, none waited for`}
      </Figure>
      {end.p99 === null ? (
        <Figure name="End to end, p50" value={end.p50 === null ? '–' : plainMs(end.p50)} unit={`ms of ${budgetMs}`}>
          p99 needs 100 decisions in 2 min, has {count(end.count)}
        </Figure>
      ) : (
        <Figure name="End to end, p99" value={plainMs(end.p99)} unit={`ms of ${budgetMs}`}>
          p50 {end.p50 === null ? '–' : plainMs(end.p50)} · {end.p999 === null ? `p99.9 needs 1,000, has ${count(end.count)}` : `p99.9 ${plainMs(end.p999)}`}
        </Figure>
      )}
      <Figure name="Events" value={rate(now.eventsPerS)} unit="/s">
        {rate(now.foldOnlyPerS)} only fold features
      </Figure>
      <Figure name="Decisions" value={rate(now.decisionsPerS)} unit="/s">
        {byAct(now.actsPerS, rate) || `${rate(now.actsPerS.nothing)} came to nothing`}
      </Figure>
      <Figure name="Conversations open" value={count(Object.values(now.conversationsOpen).reduce((sum, part) => sum + part, 0))}>
        {byAct(now.conversationsOpen, count) || 'nobody is talking'}
      </Figure>
      <Figure name="Refused" value={rate(now.refused)} unit="/s">
        before anything was appended · loop stalled {duration(now.loopStallMs)}
      </Figure>
    </>
  )
}

function Figure({ name, value, unit, children }: { name: string; value: string; unit?: string; children: ComponentChildren }) {
  return (
    <div class="figure">
      <span class="dim small">{name}</span>
      <span class="figure-value">
        {value} {unit && <small>{unit}</small>}
      </span>
      <span class="faint small">{children}</span>
    </div>
  )
}

/** `23.4 bot · 11.7 agent`: who owns a conversation, and only who has a part in it. */
function byAct(parts: Readonly<Record<Act, number>>, write: (part: number) => string): string {
  return (['bot', 'agent', 'human'] as const)
    .filter((act) => (parts[act] ?? 0) > 0)
    .map((act) => `${write(parts[act])} ${actWords[act]}`)
    .join(' · ')
}
