import type { DecisionRecord, RuleSource } from '../../../src/client/index.ts'
import { duration } from '../../shared/format.ts'
import { Mark } from '../../shared/mark.tsx'
import { annotated } from './source.ts'
import { Step } from './step.tsx'

export function DecisionStep({ record, source, fromMs, tookMs }: { record: DecisionRecord; source: RuleSource | null; fromMs: number; tookMs: number }) {
  const { rule, policy, failure } = record
  const place = rule && rule.count > 0 ? `rule ${rule.index} of ${rule.count} in ` : 'in '
  return (
    <Step
      fromMs={fromMs}
      title="Decision"
      note={
        <>
          {place}
          <code>{policy}</code> · {duration(tookMs)}
        </>
      }
    >
      {failure && (
        <p class="small">
          <span class="strained nowrap">
            <Mark of="broken" /> {failure.code}
          </span>{' '}
          {failure.message}
        </p>
      )}
      {source ? (
        <Source source={source} record={record} />
      ) : (
        !failure && (
          <p class="small dim">
            The source of this app version is not here, so the rule cannot be shown{rule ? `; it stands at ${rule.file}:${rule.line}` : ''}.
          </p>
        )
      )}
    </Step>
  )
}

function Source({ source, record }: { source: RuleSource; record: DecisionRecord }) {
  const lines = annotated(source, record)
  const shift = Math.min(...lines.filter(({ pieces }) => pieces.some(({ text }) => text.trim() !== '')).map(({ pieces }) => leading(pieces[0]?.text ?? '')))
  return (
    <figure class="source">
      <div class="scroll-x" tabIndex={0} role="region" aria-label={`Source, ${source.file}`}>
        <pre>
          {lines.map(({ number, pieces, taken, after }) => (
            <span class={`source-line ${taken ? 'taken' : ''} ${after ? 'after' : ''}`}>
              <span class="source-number">{number}</span>
              {pieces.map(({ text, read }, index) => (read ? <b>{text}</b> : index === 0 ? text.slice(shift) : text))}
              {'\n'}
            </span>
          ))}
        </pre>
      </div>
      <figcaption class="tiny faint mono">
        {source.file}:{source.line}
      </figcaption>
    </figure>
  )
}

function leading(text: string): number {
  return text.length - text.trimStart().length
}
