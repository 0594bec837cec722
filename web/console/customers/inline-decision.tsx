import { duration, score } from '../../shared/format.ts'
import { door } from '../door.ts'
import { FeatureState, FeatureValue } from '../feature-value.tsx'
import { BeatLine } from '../live/beat-line.tsx'
import { useLoaded } from '../loaded.ts'
import { BareStave, Refusal } from '../panel.tsx'
import { addressOf, noFilters } from '../route.ts'
import { sentenceOf } from '../why/sentence.ts'

/** A decision opened between the lines of a timeline: its sentence and what its rule read. */
export function InlineDecision({ id, at }: { id: string; at: string }) {
  const { value: reply, error } = useLoaded(id, () => door.decisions.get(id))
  if (error) return <Refusal title="This decision cannot be shown" error={error} />
  if (!reply) {
    return (
      <div class="inline-decision">
        <BareStave>Reading the decision of {at}.</BareStave>
      </div>
    )
  }
  const { decision } = reply
  const { what, because } = sentenceOf(decision)
  const features = decision.features.filter(({ read }) => read)
  const predictions = decision.predictions.filter(({ read }) => read)
  return (
    <div class="inline-decision">
      <p>
        <b>{what}</b> <span class="dim">{because}</span>
      </p>
      <p class="row small dim">
        <BeatLine elapsedMs={decision.elapsedMs} budgetMs={decision.budgetMs} />
        {decision.elapsedMs === null ? 'not on disk yet' : `${duration(decision.elapsedMs)} of ${decision.budgetMs} ms`}
      </p>
      <dl class="inline-reads small">
        {features.map(({ name, value, status }) => (
          <div>
            <dt class="mono">{name}</dt>
            <dd>
              <FeatureValue value={value} status={status} read />{' '}
              {status !== 'PRESENT' && (
                <span class="dim">
                  <FeatureState status={status} />
                </span>
              )}
            </dd>
          </div>
        ))}
        {predictions.map(({ model, label, confidence, status }) => (
          <div>
            <dt class="mono">{model}</dt>
            <dd>
              <b>{label ?? status}</b> {confidence !== null && score(confidence)}
            </dd>
          </div>
        ))}
        {features.length + predictions.length === 0 && <div class="dim">The rule read no feature and no prediction.</div>}
      </dl>
      <p>
        <a class="small" href={addressOf({ page: 'decisions', id, filters: noFilters })}>
          Why, step by step
        </a>
      </p>
    </div>
  )
}
