import { useContext, useEffect, useState } from 'preact/hooks'
import { BattutaClientError } from '../../../src/client/index.ts'
import type { DecisionReply } from '../../../src/client/index.ts'
import { clockMs, moment } from '../../shared/format.ts'
import { Icon } from '../../shared/icon.tsx'
import { Mark } from '../../shared/mark.tsx'
import { door } from '../door.ts'
import { now } from '../feed.ts'
import { useLoaded } from '../loaded.ts'
import { BareStave, Refusal } from '../panel.tsx'
import { addressOf } from '../route.ts'
import { copyText } from './copy.ts'
import { DecisionStep } from './decision-step.tsx'
import { EventStep } from './event-step.tsx'
import { FeaturesStep } from './features-step.tsx'
import { OutboxStep, OwnerStep } from './outcome-steps.tsx'
import { OutcomePanel } from './outcome-panel.tsx'
import { PredictionsStep } from './predictions-step.tsx'
import { ReplayPanel } from './replay-panel.tsx'
import type { Replay } from './replay-panel.tsx'
import { sentenceOf } from './sentence.ts'
import { spansOf } from './spans.ts'
import { InDialog } from './step.tsx'
import { TimeLine } from './time-line.tsx'
import './why.css'

/** Why a decision came out as it did: the sentence first, then the path of its event, downwards. */
export function Why({ id }: { id: string }) {
  const { value, error, again } = useLoaded(id, () => door.decisions.get(id))
  if (error) {
    return (
      <Refusal
        title="This decision cannot be shown"
        error={error}
        action={
          <button class="dense" onClick={again}>
            Try again
          </button>
        }
      />
    )
  }
  if (!value) return <BareStave>Reading the record of {id}.</BareStave>
  return <Explained key={id} reply={value} />
}

function Explained({ reply }: { reply: DecisionReply }) {
  const { decision: record, source } = reply
  const [replay, setReplay] = useState<Replay>({ kind: 'none' })
  const run = async () => {
    setReplay({ kind: 'running' })
    try {
      setReplay({ kind: 'done', reply: await door.decisions.replay(record.id) })
    } catch (error) {
      if (!(error instanceof BattutaClientError)) throw error
      setReplay({ kind: 'failed', error })
    }
  }
  const spans = spansOf(record)
  const from = (index: number) => spans[index]?.fromMs ?? 0
  const took = (index: number) => (spans[index]?.toMs ?? 0) - from(index)
  return (
    <article class="why">
      <div class="why-facts small dim">
        <code class="wrap-anywhere">{record.id}</code>
        <span>
          policy <code>{record.policy}</code>
        </span>
        <time title={new Date(record.receivedAt).toISOString()}>
          {moment(record.receivedAt, now.value).replace(/\d\d:\d\d:\d\d$/, clockMs(record.receivedAt))}
        </time>
        <a href={addressOf({ page: 'customers', id: record.customer, open: null })}>{record.customer}</a>
        <span class="push row">
          <CopyButton reply={reply} />
          <button class="dense" onClick={run} disabled={replay.kind === 'running'}>
            <Icon name="replay" />
            Replay
          </button>
        </span>
      </div>
      <Headline reply={reply} />
      <TimeLine record={record} />
      <div class="why-grid">
        <ol class="steps">
          <EventStep record={record} fromMs={from(0)} />
          <FeaturesStep record={record} fromMs={from(1)} tookMs={took(1)} />
          <PredictionsStep record={record} fromMs={from(2)} tookMs={took(2)} />
          <DecisionStep record={record} source={source} fromMs={from(3)} tookMs={took(3)} />
          <OwnerStep record={record} fromMs={from(4)} />
          <OutboxStep record={record} fromMs={record.elapsedMs} />
        </ol>
        <aside class="why-aside" aria-label="Outcome and replay">
          <OutcomePanel record={record} />
          <ReplayPanel replay={replay} run={run} />
        </aside>
      </div>
    </article>
  )
}

function Headline({ reply: { decision } }: { reply: DecisionReply }) {
  const { what, because } = sentenceOf(decision)
  const words = (
    <>
      <Mark of={decision.failure ? 'broken' : decision.outcome.act} /> {what} {because !== null && <span class="why-because">{because}</span>}
    </>
  )
  const tone = decision.failure ? 'why-headline why-failed' : 'why-headline'
  return useContext(InDialog) ? <h2 class={tone}>{words}</h2> : <h1 class={tone}>{words}</h1>
}

const copiedMs = 2_000

function CopyButton({ reply }: { reply: DecisionReply }) {
  const [word, setWord] = useState('Copy as JSON')
  useEffect(() => {
    if (word === 'Copy as JSON') return
    const timer = setTimeout(() => setWord('Copy as JSON'), copiedMs)
    return () => clearTimeout(timer)
  }, [word])
  const copy = async () => setWord((await copyText(JSON.stringify(reply.decision, null, 2))) ? 'Copied' : 'Not copied')
  return (
    <button class="quiet dense" onClick={copy}>
      <span role="status">{word}</span>
    </button>
  )
}
