import { age } from '../../shared/format.ts'
import { FeatureState, FeatureValue } from '../feature-value.tsx'
import { hello, now } from '../feed.ts'
import { BareStave, Panel, Refusal } from '../panel.tsx'
import { Spark } from './spark.tsx'
import { isCount } from './summary.ts'
import { useFeatures } from './use-features.ts'
import type { SeenFeature } from './use-features.ts'

/** What is known of a customer at this moment. */
export function KnownNow({ customer }: { customer: string }) {
  const declared = hello.value?.features ?? []
  const { features, error, readAt } = useFeatures(
    customer,
    declared.map(({ name }) => name),
  )
  if (error && !features) return <Refusal title="The features cannot be read" error={error} />
  const olderMs = Math.max(0, now.value - readAt)
  return (
    <Panel title="Known now" note={error && features ? `as of ${age(olderMs)} ago` : 'as of this moment'} class="known-now">
      {!features && (
        <div class="panel-body">
          <BareStave>Reading the features.</BareStave>
        </div>
      )}
      {features?.length === 0 && <p class="panel-body dim">This app declares no features.</p>}
      {features && (
        <ul>
          {features.map((feature) => (
            <Feature key={feature.name} feature={feature} operator={declared.find(({ name }) => name === feature.name)?.operator ?? ''} olderMs={olderMs} />
          ))}
        </ul>
      )}
    </Panel>
  )
}

function Feature({ feature, operator, olderMs }: { feature: SeenFeature; operator: string; olderMs: number }) {
  return (
    <li>
      <div class="known-line">
        <code>{feature.name}</code>
        <Spark values={feature.values} steps={isCount(operator)} />
        <span class="num">
          <FeatureValue value={feature.value} status={feature.status} read />
        </span>
      </div>
      <p class="tiny faint known-facts">
        <span>
          <FeatureState status={feature.status} />
        </span>
        {feature.ageMs !== null && <span>{age(feature.ageMs + olderMs)} old</span>}
        <span class="push mono">{feature.version.slice(0, 7)}</span>
      </p>
    </li>
  )
}
