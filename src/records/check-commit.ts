/** What a commit's maker must get right before any disk is asked. A breach is a programmer error. */
import { assert } from '../base/index.ts'
import type { LaneCommit } from './port.ts'

export function checkCommit({ partition, lane, previousOffset, offset, decision, outbox, extra }: LaneCommit): void {
  assert(previousOffset >= -1 && offset > previousOffset, `a commit moves its lane forward, and ${lane} would go from ${previousOffset} to ${offset}`)
  assert(
    decision === null || (decision.partition === partition && decision.offset === offset),
    `the decision committed by ${lane} at ${partition}:${offset} belongs to that event`,
  )
  for (const { key } of outbox) assert(key.startsWith(`${partition}:${offset}:`), `the effect key “${key}” starts with ${partition}:${offset}:`)
  for (const { id, partition: of } of extra?.timers?.set ?? [])
    assert(of === partition, `a timer set by ${lane} is of its partition ${partition}, and “${id}” is of ${of}`)
}
