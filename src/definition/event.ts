/** The envelope of an event: as CloudEvents 1.0.2 name it on the wire, and as the log keeps it. */
import type { Sender } from './types.ts'

/** One CloudEvent as it arrives. */
export interface CloudEvent {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject: string
  /** RFC 3339. Receipt time when absent. */
  readonly time?: string
  readonly data?: unknown
}

/** What the log holds, as JSON: `id`, `source` and `customer` decide duplicates and lane. */
export interface LoggedEvent {
  readonly id: string
  readonly source: string
  readonly type: string
  /** The lane: the customer's own identity, aliases resolved. */
  readonly customer: string
  /** The identity the sender used, when it is not the lane's own. */
  readonly subject?: string
  /** Event time, milliseconds since the epoch. */
  readonly time: number
  /** Receipt, milliseconds since the epoch: the moment's clock. */
  readonly received: number
  readonly from: Sender
  readonly data: unknown
}
