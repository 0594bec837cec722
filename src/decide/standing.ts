/**
 * Standing rules: what holds whatever a policy says. They are part of the decision, on record and replayed with it.
 *
 * T1 Nobody talks over a person: while one has the conversation, or it waits for one, what the policy decides is recorded and held.
 * T2 Whoever asks for a person gets one, in the same turn.
 * T3 What answers a flow's question goes to the flow; only a person comes before it.
 */
import type { Asks, FlowReading, Outcome, RecordedOutcome } from '../definition/index.ts'
import type { Inputs, Words } from './moment.ts'

export interface Overruled extends RecordedOutcome {
  readonly rule: 'asksForPerson' | 'flowGoesOn'
}

export interface Standing {
  readonly outcome: Outcome
  readonly overruled: Overruled | null
  readonly held: string | null
}

/** Readings that a flow takes for itself, with the reason as people read it. */
const understood: Readonly<Partial<Record<FlowReading, string>>> = {
  answer: 'it answers what the assistant asked',
  correction: 'the customer corrects what was said',
  cancellation: 'the customer no longer wants it',
  repetition: 'the customer asks again what was asked',
  waiting: 'the assistant is still at work on it',
}

export function standingRules({ event, conversation, reading }: Inputs, said: Outcome, asks: Asks, { personTo }: Words): Standing {
  if (conversation === null || event.type !== 'message.received') return { outcome: said, overruled: null, held: heldBy(conversation) }
  const held = heldBy(conversation)
  if (held !== null) return { outcome: said, overruled: null, held }
  if (said.word === 'human') return { outcome: said, overruled: null, held: null }
  if (asks.person && personTo !== null) {
    const outcome: Outcome = { kind: 'outcome', word: 'human', act: 'human', name: personTo, because: 'the customer asked for a person', priority: 0 }
    return { outcome: Object.freeze(outcome), overruled: { ...recordedOutcome(said), rule: 'asksForPerson' }, held: null }
  }
  const because = reading === null ? undefined : understood[reading]
  if (because === undefined || conversation.flow === null) return { outcome: said, overruled: null, held: null }
  const outcome: Outcome = { kind: 'outcome', word: 'flow', act: 'bot', name: conversation.flow, because }
  return { outcome: Object.freeze(outcome), overruled: { ...recordedOutcome(said), rule: 'flowGoesOn' }, held: null }
}

function heldBy(conversation: Inputs['conversation']): string | null {
  if (conversation === null) return null
  if (conversation.owner === 'human') return 'a person has the conversation'
  return conversation.waitsIn === null ? null : `it waits for a person in ${conversation.waitsIn}`
}

/** An outcome as a record keeps it: what it does not say is left out. */
export function recordedOutcome({ word, act, name, because, priority, slots }: Outcome | RecordedOutcome): RecordedOutcome {
  return { word, act, name, because, ...(priority === undefined || priority === 0 ? {} : { priority }), ...(slots === undefined ? {} : { slots }) }
}
