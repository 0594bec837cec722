/** A decision in one sentence: what was done, and because of what. */
import type { DecisionRecord } from '../../../src/client/index.ts'

export interface Sentence {
  readonly what: string
  /** What it was because of, with its full stop; null when the policy gave no reason. */
  readonly because: string | null
}

const done: Readonly<Record<DecisionRecord['outcome']['word'], (name: string) => string>> = {
  answer: (name) => `Answered with ${name}`,
  bot: (name) => `Began the flow ${name}`,
  flow: (name) => `Went on with the flow ${name}`,
  human: (name) => `Handed to a person in ${name}`,
  nothing: () => 'Nothing was done',
}

export function sentenceOf({ outcome, failure, held }: Pick<DecisionRecord, 'outcome' | 'failure' | 'held'>): Sentence {
  if (failure) return { what: 'Nothing was done,', because: 'because the policy or its answer failed.' }
  if (held !== undefined) return { what: 'Held:', because: `${held}, so nothing came of it.` }
  const what = done[outcome.word](outcome.name ?? 'no name')
  if (outcome.because === null) return { what: `${what}.`, because: null }
  // The reason is whatever half sentence the app's author wrote, so a colon is the only joint that always fits.
  return { what: `${what}:`, because: `${outcome.because.replace(/[.\s]+$/, '')}.` }
}
