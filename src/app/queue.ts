/** Queues: where a conversation waits for a person with the right skills. */
import type { Duration } from '../base/index.ts'
import type { QueueDraft } from './draft.ts'
import { deepFreeze } from './freeze.ts'
import { onlyKeys } from './keys.ts'
import { copied, millis } from './options.ts'

export interface QueueOptions {
  /** What a worker must be able to do; all of them. */
  readonly skills: readonly string[]
  /** What a customer reads: `Cards team`. Named after the queue when it is not said. */
  readonly team?: string
  /** The share that is to be answered within a time; 80 % within 20 s when it is not said. */
  readonly serviceLevel?: { readonly share: number; readonly within: Duration }
  /** How long one worker may think about an offer; `20s` when it is not said. */
  readonly offer?: Duration
  /** How long a customer waits before the bot goes on; without it, until somebody takes it. */
  readonly patience?: Duration | undefined
  /** How long a worker may note down after a conversation; `30s` when it is not said. */
  readonly wrapUp?: Duration
  /** How a conversation can have ended. */
  readonly wrapUpCodes?: readonly string[]
}

const wrapUpCodesDefault = ['solved', 'follow-up', 'not solved']

/**
 * A queue of people.
 * @example
 * queue({ skills: ['cards'], team: 'Cards team', serviceLevel: { share: 0.8, within: '20s' }, patience: '10m' })
 */
export function queue(options: QueueOptions): QueueDraft {
  onlyKeys('queue(…)', options ?? null, ['skills', 'team', 'serviceLevel', 'offer', 'patience', 'wrapUp', 'wrapUpCodes'])
  const { share, within } = options.serviceLevel ?? { share: 0.8, within: '20s' }
  return deepFreeze({
    kind: 'queue',
    skills: copied(options.skills),
    team: options.team ?? null,
    serviceLevel: { share, withinMs: millis('queue(…)', 'serviceLevel.within', within) },
    offerMs: millis('queue(…)', 'offer', options.offer ?? '20s'),
    patienceMs: options.patience === undefined ? null : millis('queue(…)', 'patience', options.patience),
    wrapUpMs: millis('queue(…)', 'wrapUp', options.wrapUp ?? '30s'),
    wrapUpCodes: copied(options.wrapUpCodes ?? wrapUpCodesDefault),
  })
}
