/**
 * The outbox: what a commit decided leaves here, in the order of its lane, once its mark is on disk.
 *
 * Owns: marks and the order of leaving. Does not own: delivery sequences (records), sockets (channels) or what tools do (flows).
 *
 * X1 Nothing leaves before its commit is synced and its mark is durable in the log (I1): after any crash or restore, what
 *    left is on record.
 * X2 What leaves of one lane leaves in the order of its sequence.
 * X3 An event for another lane has left once it is durable there; a tool's call, once its result is.
 */
import type { Delivery } from '../channels/index.ts'
import type { CallEffect, EmitEffect, RecordedEffect } from '../definition/index.ts'
import { deliveryOf } from './delivery.ts'
import type { Lane } from './lane.ts'
import type { Mark } from './marks.ts'

export interface OutboxParts {
  /** Appends the marks to the lane's partition; resolves once durable. */
  readonly mark: (lane: Lane, marks: readonly Mark[]) => Promise<unknown>
  readonly deliver: (delivery: Delivery) => void
  /** Appends the event to its lane; resolves once durable. */
  readonly emit: (effect: EmitEffect) => Promise<unknown>
  /** Runs the tool and appends its result; resolves once that is durable, or with false when it was cut off and is to be run again. */
  readonly call: (effect: CallEffect, lane: Lane) => Promise<boolean>
  readonly fatal: (error: unknown) => void
}

/** What one step sends: the customer's own message to their other pages, then the effects. */
export interface Leaving {
  readonly own: Delivery | null
  readonly at: number
  /** To be marked, then sent. */
  readonly effects: readonly Mark[]
  /** Marked before the last restart and perhaps not sent. */
  readonly again: readonly RecordedEffect[]
  /** Called in order, once what the customer sees has left. */
  readonly told: () => void
  /** Called once all of it left, with what did. */
  readonly left: (released: readonly string[]) => void
}

export interface Outbox {
  leave(lane: Lane, leaving: Leaving): void
}

export function openOutbox({ mark, deliver, emit, call, fatal }: OutboxParts): Outbox {
  const send = (lane: Lane, { own, at, effects, again, told, left }: Leaving): void => {
    if (own) deliver(own)
    const all = [...again, ...effects.map((held) => held.effect)]
    const released: string[] = []
    const under: Promise<unknown>[] = []
    for (const effect of all) {
      if (effect.kind === 'deliver') deliver(deliveryOf(effect, at))
      if (effect.kind === 'call') under.push(call(effect, lane).then((done) => void (done && released.push(effect.key))))
      else released.push(effect.key)
      if (effect.kind === 'emit') under.push(emit(effect))
    }
    told()
    if (under.length === 0) left(released)
    else void Promise.all(under).then(() => left(released), fatal)
  }
  return {
    leave(lane, leaving) {
      const marked = leaving.effects.length === 0 ? null : mark(lane, leaving.effects)
      const go = (): void => {
        lane.leaving--
        send(lane, leaving)
        if (lane.inFlight === 0 && lane.leaving === 0) for (const wake of lane.waiters.splice(0)) wake()
      }
      lane.leaving++
      if (marked === null && lane.leaving === 1) go()
      else
        lane.tail = lane.tail
          .then(() => marked)
          .then(go)
          .catch(fatal)
    },
  }
}
