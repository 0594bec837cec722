/** A decision in one sentence: what was done, and because of what. */
import type { DecisionRecord } from '../../../src/client/index.ts'

export interface Sentence {
  readonly what: string
  /** What it was because of, with its full stop; null when the policy gave no reason. */
  readonly because: string | null
}

export function sentenceOf({ outcome, failure }: Pick<DecisionRecord, 'outcome' | 'failure'>): Sentence {
  if (failure) return { what: 'Nothing was done,', because: 'because the policy or its answer failed.' }
  const what = outcome.word === 'answer' ? `Answered with ${outcome.name ?? 'no name'}` : 'Nothing was done'
  if (outcome.because === null) return { what: `${what}.`, because: null }
  // The reason is whatever half sentence the app's author wrote, so a colon is the only joint that always fits.
  return { what: `${what}:`, because: `${outcome.because.replace(/[.\s]+$/, '')}.` }
}
