import type { DecisionRecord, RecordedPrediction } from '../../../src/client/index.ts'
import { duration, limit, score } from '../../shared/format.ts'
import { Mark } from '../../shared/mark.tsx'
import { hello } from '../feed.ts'
import { Step } from './step.tsx'

/** How many answers after the first are shown of a model the rule read. */
const runnersUpMax = 2

export function PredictionsStep({ record, fromMs, tookMs }: { record: DecisionRecord; fromMs: number; tookMs: number }) {
  const sliceMs = hello.value?.stages.find(({ name }) => name === 'predictions')?.sliceMs
  const note = `${duration(tookMs)}${sliceMs === undefined ? '' : ` of a ${limit(sliceMs)} slice`}`
  if (record.predictions.length === 0) {
    return (
      <Step fromMs={fromMs} title="Predictions" note={note}>
        <p class="small dim">This policy asks no models.</p>
      </Step>
    )
  }
  return (
    <Step fromMs={fromMs} title="Predictions" note={note}>
      <div class="scroll-x" tabIndex={0} role="region" aria-label="Predictions">
        <table class="step-table">
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col">Answer</th>
              <th scope="col" class="num">
                Confidence
              </th>
              <th scope="col">Tier</th>
              <th scope="col" class="num">
                Took
              </th>
              <th scope="col">Status</th>
              <th scope="col">Version</th>
            </tr>
          </thead>
          <tbody>
            {record.predictions.map((prediction) => (
              <Prediction prediction={prediction} />
            ))}
          </tbody>
        </table>
      </div>
    </Step>
  )
}

function Prediction({ prediction }: { prediction: RecordedPrediction }) {
  const { model, label, confidence, tier, latencyMs, status, version, read, scores } = prediction
  const runnersUp = read
    ? Object.entries(scores ?? {})
        .filter(([name]) => name !== label)
        .toSorted((a, b) => b[1] - a[1])
        .slice(0, runnersUpMax)
    : []
  return (
    <>
      <tr class={read ? 'was-read' : ''}>
        <th scope="row" class="mono">
          {model}
        </th>
        <td>{label === null ? <span class="faint">none</span> : read ? <b>{label}</b> : label}</td>
        <td class="num">{confidence === null ? <span class="faint">–</span> : score(confidence)}</td>
        <td>{tier}</td>
        <td class="num">{duration(latencyMs)}</td>
        <td>
          {status === 'on-time' ? (
            'on time'
          ) : (
            <span class="strained">
              <Mark of={status === 'late' ? 'strained' : 'broken'} /> {status}
            </span>
          )}
        </td>
        <td class="mono faint">{version.slice(0, 7)}</td>
      </tr>
      {runnersUp.map(([name, held], index) => (
        <tr class="dim">
          <td class="mono faint">
            &nbsp;└ {index + 2}
            {index === 0 ? 'nd' : 'rd'}
          </td>
          <td>{name}</td>
          <td class="num">{score(held)}</td>
          <td colSpan={4} />
        </tr>
      ))}
    </>
  )
}
