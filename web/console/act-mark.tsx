import type { DecisionBrief } from '../../src/client/index.ts'
import { actWords, Mark } from '../shared/mark.tsx'

/** Who acts by a decision, or that it failed: the mark and the word beside it. */
export function ActMark({ of: { act, name, status } }: { of: Pick<DecisionBrief, 'act' | 'name' | 'status'> }) {
  if (status !== 'failed') {
    return (
      <>
        <Mark of={act} /> {name ?? actWords[act]}
      </>
    )
  }
  return (
    <span class="strained">
      <Mark of="broken" /> failed
    </span>
  )
}
