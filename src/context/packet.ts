/**
 * The hand-off packet: what somebody who takes over must know, from what the conversation remembers and what its customer's
 * timeline holds. No language model, no transcript; the same inputs give the same packet.
 *
 * K1 It is never longer than `packetLimits`, whatever happened.
 * K2 Every fact says where it comes from; what only the customer said is `claimed`.
 */
import type { EventDefinition, Fact, HandoffPacket, LoggedEvent, OwnerKind } from '../definition/index.ts'
import { newest, shortened } from './memory.ts'
import type { ConversationMemory, HandRecord } from './memory.ts'

export const packetLimits = { facts: 8, told: 5, points: 10, goalChars: 140, timelineMs: 86_400_000 } as const

export interface PacketParts {
  readonly memory: ConversationMemory
  /** The customer's events before the hand-over, newest first. */
  readonly timeline: readonly LoggedEvent[]
  readonly events: Readonly<Record<string, EventDefinition>>
}

/** Null when the conversation was never handed over. */
export function handoffPacket({ memory, timeline, events }: PacketParts): HandoffPacket | null {
  const hand = memory.hands.at(-1)
  if (hand === undefined) return null
  const known = [...factsOf(timeline, events, hand.at), ...memory.facts].sort((left, right) => left.at - right.at)
  return {
    from: whoOf(hand.from),
    to: whoOf(hand.to),
    at: hand.at,
    goal: shortened(goalOf(memory), packetLimits.goalChars),
    facts: newest(known, packetLimits.facts),
    tried: newest(memory.tried, packetLimits.told),
    promised: newest(memory.promised, packetLimits.told),
    question: memory.question === null ? null : shortened(memory.question),
    emotion: newest(memory.emotion, packetLimits.points),
    because: hand.because,
    decision: decisionOf(memory.hands),
    agreed: newest(memory.agreed, packetLimits.told),
  }
}

/** What the conversation is about, in one line. */
export function goalOf(memory: ConversationMemory): string {
  return memory.goal ?? memory.first ?? 'Nothing said yet'
}

/** The newest decision that changed hands: later ones were people's. */
function decisionOf(hands: readonly HandRecord[]): string | null {
  return hands.findLast((hand) => hand.decision !== null)?.decision ?? null
}

function whoOf(name: string): HandoffPacket['from'] {
  const [kind = '', ...rest] = name.split(' ')
  const owner: OwnerKind = kind === 'bot' ? 'bot' : kind === 'agent' ? 'agent' : 'human'
  return { owner, name: owner === 'human' ? name : (rest[0] ?? null) }
}

/** Events of the last day that their definition puts in words; equal ones are told once, with their count. */
function factsOf(timeline: readonly LoggedEvent[], events: Readonly<Record<string, EventDefinition>>, before: number): Fact[] {
  const told = new Map<string, { fact: Fact; count: number }>()
  for (const event of timeline) {
    if (event.time > before || event.time < before - packetLimits.timelineMs) continue
    const text = events[event.type]?.fact?.(event.data as never) ?? null
    if (text === null) continue
    const same = told.get(text)
    if (same) same.count++
    else told.set(text, { fact: { text: shortened(text), status: 'verified', source: event.type, at: event.time }, count: 1 })
  }
  return [...told.values()].map(({ fact, count }) => (count === 1 ? fact : { ...fact, text: `${fact.text}, ${count} times` }))
}
