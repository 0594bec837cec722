import type { DecisionRecord } from '../../../src/client/index.ts'
import { duration } from '../../shared/format.ts'
import { actWords, Mark } from '../../shared/mark.tsx'
import { timingOf } from '../live/beat-line.tsx'
import { Panel } from '../panel.tsx'

const timingWords = { unknown: 'not on disk yet', steady: 'on the beat', strained: 'strained', late: 'late, not waited for' } as const

export function OutcomePanel({ record }: { record: DecisionRecord }) {
  const { outcome, overruled, talk, turn, elapsedMs, budgetMs, degraded, app, messages, conversation } = record
  const timing = timingOf(elapsedMs, budgetMs)
  return (
    <Panel title="Outcome" note={timing === 'strained' || timing === 'late' ? <Strained>{timingWords[timing]}</Strained> : timingWords[timing]}>
      <dl class="panel-body facts small">
        <Fact name="Who acts">
          <Mark of={outcome.act} /> {actWords[outcome.act]}
        </Fact>
        {outcome.name !== null && <Fact name="With">{outcome.name}</Fact>}
        {overruled && (
          <Fact name={overruled.rule === 'asksForPerson' ? 'The customer asked for a person, so not' : 'The flow goes on, so not'}>
            {overruled.word} {overruled.name}
          </Fact>
        )}
        {talk?.reading && <Fact name="The flow reads it as">{talk.reading}</Fact>}
        {turn && <Fact name="Turn of">{turn.length} messages, answered once</Fact>}
        <Fact name="Took">{elapsedMs === null ? 'not known yet' : `${duration(elapsedMs)} of ${budgetMs} ms`}</Fact>
        <Fact name="Degraded">{degraded.length === 0 ? 'nothing' : <Strained>{degraded.join(', ')}</Strained>}</Fact>
        {conversation !== null && (
          <Fact name="Conversation">
            <code>{conversation}</code>
          </Fact>
        )}
        {conversation !== null && <Fact name="Messages, this one included">{messages}</Fact>}
        <Fact name="App">
          {app.name} <code class="faint">{app.version.slice(0, 7)}</code>
        </Fact>
      </dl>
      {record.reconciled && (
        <div class="panel-body small">
          <Strained>made again after a restore</Strained>
          <p class="dim">
            {record.reconciled.reason} What had been sent already was not sent again; the second answer would have been{' '}
            {record.reconciled.redecided.length === 0
              ? 'silence'
              : record.reconciled.redecided.map((effect) => (effect.kind === 'deliver' ? `“${effect.text}”` : effect.kind)).join(', ')}
            .
          </p>
        </div>
      )}
    </Panel>
  )
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Strained({ children }: { children: preact.ComponentChildren }) {
  return (
    <span class="strained">
      <Mark of="strained" /> {children}
    </span>
  )
}
