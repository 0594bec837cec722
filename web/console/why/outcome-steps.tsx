import type { DecisionRecord, OwnerRead, RecordedEffect } from '../../../src/client/index.ts'
import { Step } from './step.tsx'

export function OwnerStep({ record, fromMs }: { record: DecisionRecord; fromMs: number }) {
  const { before, after } = record.owner
  const same = before.owner === after.owner && before.epoch === after.epoch
  return (
    <Step fromMs={fromMs} title="Owner" note={same ? 'unchanged' : `${owned(before)} → ${owned(after)}`}>
      <p class="small dim">{sentence(before, after, same)}</p>
    </Step>
  )
}

function owned({ owner, epoch }: OwnerRead): string {
  return `${owner ?? 'nobody'}, epoch ${epoch}`
}

function sentence(before: OwnerRead, after: OwnerRead, same: boolean): string {
  if (same) return after.owner === null ? 'Nobody owns the conversation.' : `The ${after.owner} keeps the conversation, epoch ${after.epoch}.`
  if (after.owner === null)
    return `The ${before.owner ?? 'owner'} let go of the conversation; it waits in a queue. What carries an epoch below ${after.epoch} is refused.`
  return `The ${after.owner} owns the conversation from here on. What carries an epoch below ${after.epoch} is refused.`
}

export function OutboxStep({ record, fromMs }: { record: DecisionRecord; fromMs: number | null }) {
  const { effects, elapsedMs } = record
  const left = effects.length === 0 ? 'nothing to send' : `${effects.length} ${effects.length === 1 ? 'effect' : 'effects'}`
  return (
    <Step
      fromMs={fromMs}
      title="Outbox"
      note={elapsedMs === null ? `${left}, not known to be on disk yet` : effects.length === 0 ? 'committed, nothing to send' : `committed, then ${left} left`}
    >
      {effects.length === 0 && (
        <p class="small dim">{record.said === undefined ? 'The customer was sent nothing.' : 'The answer waits for the end of the customer’s turn.'}</p>
      )}
      {effects.map((effect) => (
        <div class="effect">
          <p class="small">{contentOf(effect)}</p>
          <p class="tiny faint mono wrap-anywhere">
            {effect.key} · {placeOf(effect)} · {effect.hash}
          </p>
        </div>
      ))}
    </Step>
  )
}

function contentOf(effect: RecordedEffect): preact.ComponentChildren {
  if (effect.kind === 'emit') {
    return (
      <>
        To {effect.lane}: <code>{effect.type}</code>
      </>
    )
  }
  if (effect.kind === 'call') {
    return (
      <>
        {effect.undoes ? 'Undoes' : 'Calls'} <code>{effect.tool}</code> for {effect.flow}
      </>
    )
  }
  return (
    <>
      {effect.author === 'system' ? 'Notice' : 'To the customer'}: <q>{effect.text}</q>
    </>
  )
}

function placeOf(effect: RecordedEffect): string {
  if (effect.kind === 'emit') return effect.lane
  return effect.kind === 'call'
    ? `${effect.conversation} · ${effect.call} · epoch ${effect.epoch}`
    : `${effect.conversation} · seq ${effect.seq} · epoch ${effect.epoch}`
}
