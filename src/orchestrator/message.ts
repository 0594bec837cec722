/** A customer said something: its place in the conversation, the burst it belongs to, and what it comes to. */
import { conversationIdAt, emotionLevel, memoryLimits, newest, openConversation, shortened, withMessage } from '../context/index.ts'
import type { Attachment, FlowReading } from '../definition/index.ts'
import { readTurn } from '../flows/index.ts'
import type { FlowState } from '../flows/index.ts'
import type { ConversationRow } from '../records/index.ts'
import { firstOwner, giveTo } from '../route/index.ts'
import type { Arrival } from './arrival.ts'
import type { Asked, Conductor } from './conductor.ts'
import { decide, decisionId } from './decision.ts'
import type { Decision } from './decision.ts'
import type { Draft } from './draft.ts'
import { carryOut, contextOf, endTurn } from './hands.ts'
import type { Lane } from './lane.ts'
import { planTurn } from './plan.ts'
import type { Plan } from './plan.ts'

/** Messages over this channel come one by one from a program: each is answered at once. */
const channelOfPrograms = 'api'

/** The conversation an event belongs to, as the lane's memory holds it; null when the event has none. */
export function conversationOf(lane: Lane, arrival: Arrival): string | null {
  const { event } = arrival
  const named = (event.data as { conversation?: unknown } | null)?.conversation
  if (typeof named === 'string' && (event.from === 'battuta' || event.type === 'message.received')) return named
  return lane.state?.conversation ?? (event.type === 'message.received' ? conversationIdAt(arrival.partition, arrival.offset) : null)
}

export function messageReceived(conductor: Conductor, lane: Lane, draft: Draft, asked: Asked | null): Decision | null {
  const { app } = conductor
  const { arrival } = draft
  const { text, attachments } = arrival.event.data as { text: string; attachments?: readonly Attachment[] }
  const before = conversationFor(lane, draft)
  const { row, entry } = withMessage(before, arrival.event, text, attachments ?? [])
  draft.row = row
  draft.undecided = row
  draft.entry = entry
  draft.memory = { ...draft.memory, first: draft.memory.first ?? (text.trim() === '' ? null : shortened(text, 140)) }
  if (asked === null) return null

  const { turn } = draft.memory
  const texts = [...(turn?.texts ?? []), text]
  const whole = texts.join('\n')
  const top = draft.memory.flows.at(-1) as FlowState | undefined
  const reading = readingOf(conductor, top, whole)
  const data = texts.length === 1 ? asked.data : { ...(asked.data as object), text: whole }
  const decision = decide(conductor, lane, arrival, { asked: { ...asked, data, text: whole }, conversation: row, flow: top?.flow ?? null, reading, texts })
  feel(conductor, draft, decision)
  const { evaluation } = decision
  const plan = planTurn(
    contextOf(app, draft),
    { ...draft.memory, turn: null },
    {
      decision: decisionId(arrival.partition, arrival.offset),
      outcome: evaluation.outcome,
      held: evaluation.held,
      answer: evaluation.text,
      text: whole,
      reading,
    },
  )
  endTurn(app, draft, 'dropped')
  if (!waitsForMore(conductor, row, plan)) {
    carryOut(app, draft, plan)
    return decision
  }
  const since = turn?.since ?? draft.at
  const dueAt = Math.min(draft.at + app.turn.settleMs, since + app.turn.longestMs)
  const timer = draft.timer('turn', dueAt, { conversation: row.id, longestAt: since + app.turn.longestMs })
  draft.memory = { ...draft.memory, turn: { since, texts: newest(texts, memoryLimits.turnTexts), timer, plan } }
  return { ...decision, waits: true }
}

/** `timer.due` of a burst: nothing more was said, so it is answered. */
export function turnOver(conductor: Conductor, draft: Draft, timer: string): void {
  const { turn } = draft.memory
  if (draft.row === null || turn === null || turn.timer !== timer) return
  endTurn(conductor.app, draft, draft.row.owner === 'bot' ? 'answered' : 'dropped')
}

/** The open conversation, opened or opened again; a new one where the named one is another customer's. */
function conversationFor(lane: Lane, draft: Draft): ConversationRow {
  const { arrival } = draft
  const held = draft.row
  if (held !== null) return held.status === 'open' ? held : giveTo(held, 'bot')
  const { channel } = arrival.event.data as { channel?: string }
  const named = conversationOf(lane, arrival)
  const id = named === null || lane.conversations.has(named) ? conversationIdAt(arrival.partition, arrival.offset) : named
  return openConversation(id, arrival.event, channel ?? channelOfPrograms, firstOwner)
}

function readingOf(conductor: Conductor, top: FlowState | undefined, text: string): FlowReading | null {
  const definition = top === undefined ? undefined : conductor.app.flows[top.flow]
  return top === undefined || definition === undefined ? null : readTurn(definition, top, text)
}

/** The course of the customer's emotion, where the app says how to read it. */
function feel(conductor: Conductor, draft: Draft, decision: Decision): void {
  const { emotion } = conductor.app
  if (emotion === null) return
  const level = emotionLevel(
    emotion,
    decision.predictions.find((prediction) => prediction.model === emotion.model),
  )
  if (level === null) return
  const point = { seq: draft.open.seq, at: draft.at, level }
  draft.memory = { ...draft.memory, emotion: newest([...draft.memory.emotion, point], memoryLimits.points) }
}

/** A burst is one turn. Whoever asks for a person is not kept waiting, and a program's messages are no burst. */
function waitsForMore({ app }: Conductor, row: ConversationRow, plan: Plan): boolean {
  if (app.turn.settleMs === 0 || row.channel === channelOfPrograms || plan.handOver !== null) return false
  return plan.says.length > 0 || plan.calls.length > 0
}
