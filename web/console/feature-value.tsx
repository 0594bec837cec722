import type { FeatureStatus } from '../../src/client/index.ts'
import { value } from '../shared/format.ts'
import { Mark } from '../shared/mark.tsx'

/** A feature's value, or what stands in its place: a value that is too old is never shown as if it were served. */
export function FeatureValue({ value: held, status, read }: { value: unknown; status: FeatureStatus; read: boolean }) {
  if (status === 'OUTSIDE_MAX_AGE') return <span class="faint">not served</span>
  if (status !== 'PRESENT') return <span class="faint">none</span>
  return read ? <b>{value(held)}</b> : <>{value(held)}</>
}

export function FeatureState({ status }: { status: FeatureStatus }) {
  if (status === 'PRESENT') return <>present</>
  if (status === 'NULL_VALUE') return <span class="dim">no value in the window</span>
  if (status === 'NOT_FOUND') return <span class="dim">not found</span>
  return (
    <span class="strained">
      <Mark of="strained" /> outside max age
    </span>
  )
}
