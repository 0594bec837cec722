/** A hand-over as it is being filled in. */
import type { HandoffTarget } from '../../../src/client/index.ts'

export interface Handing {
  readonly kind: HandoffTarget['kind']
  readonly queue: string | null
  readonly worker: string | null
  readonly flow: boolean
  readonly slots: Readonly<Record<string, unknown>>
  readonly agreed: string
  readonly because: string
}
