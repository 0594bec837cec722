/**
 * What a conversation remembers between its steps: plain JSON in its row, bounded, read by the hand-off packet and by flows.
 *
 * M1 It holds what was delivered and what is known, never a transcript, and stays under `memoryLimits` whatever is said.
 */
import type { EmotionDefinition, EmotionPoint, Fact, PredictionRead, Told } from '../definition/index.ts'

/** One change of hands. */
export interface HandRecord {
  readonly at: number
  /** `bot`, `bot unblockCard`, a person's id. */
  readonly from: string
  readonly to: string
  readonly because: string | null
  readonly decision: string | null
  /** The customer's messages by then: without a new one, a bot does not hand over again. */
  readonly messages: number
}

export interface ConversationMemory {
  /** The customer's first words, shortened. */
  readonly first: string | null
  readonly goal: string | null
  /** The flow on top is last: FlowState of the flows room, which knows how to read them. */
  readonly flows: readonly unknown[]
  readonly emotion: readonly EmotionPoint[]
  readonly facts: readonly Fact[]
  readonly tried: readonly Told[]
  readonly promised: readonly Told[]
  readonly question: string | null
  readonly agreed: readonly Told[]
  readonly hands: readonly HandRecord[]
  readonly waitingSince: number | null
  readonly priority: number
  /** A burst that is not answered yet. */
  readonly turn: Turn | null
}

/** A burst of messages that is one turn: answered once, when it is over. */
export interface Turn {
  readonly since: number
  readonly texts: readonly string[]
  /** The timer that ends it. */
  readonly timer: string
  /** What it comes to when nothing more is said (orchestrator/plan.ts). */
  readonly plan: unknown
}

export const memoryLimits = { points: 20, facts: 20, told: 10, hands: 10, flows: 3, textChars: 280, turnTexts: 20 } as const

export const emptyMemory: ConversationMemory = Object.freeze({
  first: null,
  goal: null,
  flows: [],
  emotion: [],
  facts: [],
  tried: [],
  promised: [],
  question: null,
  agreed: [],
  hands: [],
  waitingSince: null,
  priority: 0,
  turn: null,
})

/** The memory in a conversation's row. Rows of the first release have none. */
export function readMemory(json: string): ConversationMemory {
  return { ...emptyMemory, ...(JSON.parse(json) as Partial<ConversationMemory>) }
}

/** The newest `max` of them. */
export function newest<Item>(items: readonly Item[], max: number): readonly Item[] {
  return items.length > max ? items.slice(items.length - max) : items
}

/** At most `textChars` characters, cut at a word where there is one. */
export function shortened(text: string, max: number = memoryLimits.textChars): string {
  const plain = text.replace(/\s+/g, ' ').trim()
  if (plain.length <= max) return plain
  const cut = plain.slice(0, max - 1)
  const space = cut.lastIndexOf(' ')
  return `${(space > max / 2 ? cut.slice(0, space) : cut).replace(/[\ud800-\udbff]$/, '')}…`
}

/** Adds what is new, drops what is said already, keeps the newest. */
export function withTold(held: readonly Told[], texts: readonly string[], at: number): readonly Told[] {
  const added = texts.map((text) => shortened(text)).filter((text) => text !== '' && !held.some((told) => told.text === text))
  return added.length === 0 ? held : newest([...held, ...added.map((text) => ({ text, at }))], memoryLimits.told)
}

/** A fact said again is known as of now; one that is verified is never made a claim again. */
export function withFacts(held: readonly Fact[], facts: readonly Fact[]): readonly Fact[] {
  let all = held
  for (const fact of facts) {
    const text = shortened(fact.text)
    const same = all.find((known) => known.text === text)
    if (same?.status === 'verified' && fact.status === 'claimed') continue
    all = [...all.filter((known) => known !== same), { ...fact, text }]
  }
  return newest(all, memoryLimits.facts)
}

/** 0 calm, 0.5 worried, 1 angry: the expected level under the model's scores. Null when the model did not answer. */
export function emotionLevel(definition: EmotionDefinition, prediction: PredictionRead | undefined): number | null {
  if (!prediction || prediction.status !== 'on-time') return null
  const scores: Readonly<Partial<Record<string, number>>> = prediction.scores ?? {}
  const sum = (labels: readonly string[]): number => labels.reduce((total, label) => total + (scores[label] ?? 0), 0)
  return Math.round(Math.min(1, sum(definition.angry) + sum(definition.worried) / 2) * 1000) / 1000
}
