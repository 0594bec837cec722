import type { DecisionRecord } from '../../../src/client/index.ts'
import { age, duration } from '../../shared/format.ts'
import { FeatureState, FeatureValue } from '../feature-value.tsx'
import { Step } from './step.tsx'

export function FeaturesStep({ record, fromMs, tookMs }: { record: DecisionRecord; fromMs: number; tookMs: number }) {
  if (record.features.length === 0) {
    return (
      <Step fromMs={fromMs} title="Features" note={duration(tookMs)}>
        <p class="small dim">This policy names no features.</p>
      </Step>
    )
  }
  return (
    <Step fromMs={fromMs} title="Features" note={`as of this event · ${duration(tookMs)} · in bold: read by the rule`}>
      <div class="scroll-x" tabIndex={0} role="region" aria-label="Features">
        <table class="step-table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" class="num">
                Value
              </th>
              <th scope="col">Status</th>
              <th scope="col" class="num">
                Age
              </th>
              <th scope="col">Version</th>
            </tr>
          </thead>
          <tbody>
            {record.features.map((feature) => (
              <tr class={feature.read ? 'was-read' : ''}>
                <th scope="row" class="mono">
                  {feature.name}
                </th>
                <td class="num">
                  <FeatureValue value={feature.value} status={feature.status} read={feature.read} />
                </td>
                <td>
                  <FeatureState status={feature.status} />
                </td>
                <td class="num">{feature.ageMs === null ? <span class="faint">–</span> : age(feature.ageMs)}</td>
                <td class="mono faint">{feature.version.slice(0, 7)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Step>
  )
}
