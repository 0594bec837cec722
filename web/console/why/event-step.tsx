import type { DecisionRecord } from '../../../src/client/index.ts'
import { age, count, duration } from '../../shared/format.ts'
import { Payload } from '../payload.tsx'
import { Step } from './step.tsx'

export function EventStep({ record, fromMs }: { record: DecisionRecord; fromMs: number }) {
  const { event, receivedAt, stages, offset, partition } = record
  const behind = receivedAt - event.time
  return (
    <Step
      fromMs={fromMs}
      title="Event"
      note={
        <>
          <code>{event.type}</code> from {event.source} · durable after {duration(stages.event)}
        </>
      }
    >
      <Payload data={event.data} />
      <p class="tiny faint mono wrap-anywhere">
        {event.id} · partition {partition} · offset {count(offset)}
        {behind > 0 && ` · received ${age(behind)} after its time`}
      </p>
    </Step>
  )
}
