/**
 * The outbox: what a commit decided leaves here, in the order of its lane, once its mark is on disk.
 *
 * Owns: marks and the order of leaving. Does not own: delivery sequences (records) or sockets (channels).
 *
 * X1 Nothing leaves before its commit is synced and its mark is durable in the log (I1): after any crash or restore, what
 *    left is on record.
 * X2 What leaves of one lane leaves in the order of its sequence.
 */
import type { World } from '../base/index.ts'
import type { Delivery } from '../channels/index.ts'
import type { RecordedEffect } from '../definition/index.ts'
import type { Lane } from './lane.ts'
import type { Mark } from './marks.ts'

export interface OutboxParts {
  readonly world: World
  /** Appends the marks to the lane's partition; resolves once durable. */
  readonly mark: (lane: Lane, marks: readonly Mark[]) => Promise<unknown>
  readonly deliver: (delivery: Delivery) => void
  readonly fatal: (error: unknown) => void
}

/** What one step sends: the customer's own message to their other pages, then the effects. */
export interface Leaving {
  readonly own: Delivery | null
  readonly effects: readonly RecordedEffect[]
  /** Called once all of it left. */
  readonly left: () => void
}

export interface Outbox {
  leave(lane: Lane, leaving: Leaving): void
}

export function openOutbox({ mark, deliver, fatal }: OutboxParts): Outbox {
  return {
    leave(lane, { own, effects, left }) {
      const marked = effects.length === 0 ? null : mark(lane, effects.map(markFor))
      const go = (): void => {
        lane.leaving--
        if (own) deliver(own)
        for (const effect of effects)
          deliver({ conversation: effect.conversation, seq: effect.seq, epoch: effect.epoch, from: 'bot', text: effect.text, id: null })
        left()
        if (lane.inFlight === 0 && lane.leaving === 0) for (const wake of lane.waiters.splice(0)) wake()
      }
      if (marked === null && lane.leaving === 0) {
        lane.leaving++
        go()
        return
      }
      lane.leaving++
      lane.tail = lane.tail
        .then(() => marked)
        .then(go)
        .catch(fatal)
    },
  }
}

function markFor(effect: RecordedEffect): Mark {
  const { key, hash, conversation, seq, epoch, text } = effect
  return { key, hash, conversation, seq, epoch, author: 'bot', text }
}
