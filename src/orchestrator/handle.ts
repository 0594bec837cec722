/** Which event does what in a customer's lane. Gives the decision, where the event asked for one. */
import { withFacts } from '../context/index.ts'
import type { CallResult } from '../flows/index.ts'
import type { Conductor } from './conductor.ts'
import { decide, decisionId } from './decision.ts'
import type { Decision } from './decision.ts'
import type { Draft } from './draft.ts'
import { assigned, carryOut, composed, contextOf, endTurn, handed, resolved, unassigned } from './hands.ts'
import type { Lane } from './lane.ts'
import { messageReceived, turnOver } from './message.ts'
import { planResult, planTurn } from './plan.ts'

export function handOn(conductor: Conductor, lane: Lane, draft: Draft): Decision | null {
  const { app } = conductor
  const { event } = draft.arrival
  const asked = conductor.asked(event)
  if (event.type === 'message.received') return messageReceived(conductor, lane, draft, asked)
  if (asked !== null) return otherEvent(conductor, lane, draft, asked)
  if (needsRow.has(event.type) && draft.row === null) {
    draft.refuse('CONVERSATION_UNKNOWN', `there is no conversation “${String((event.data as { conversation?: unknown }).conversation)}” here`)
    return null
  }
  // Each was checked against its schema when it was made.
  const data = event.data as never
  switch (event.type) {
    case 'message.composed':
      composed(app, draft, data)
      break
    case 'note.added':
      note(draft, data)
      break
    case 'conversation.handed':
      handed(app, draft, data)
      break
    case 'conversation.resolved':
      resolved(app, draft, data)
      break
    case 'conversation.assigned':
      assigned(app, draft, data)
      break
    case 'conversation.unassigned':
      unassigned(app, draft, data)
      break
    case 'tool.finished':
      toolFinished(conductor, draft, data)
      break
    case 'timer.due':
      timerDue(conductor, draft, data)
      break
  }
  return null
}

const needsRow: ReadonlySet<string> = new Set(['message.composed', 'note.added', 'conversation.handed', 'conversation.resolved'])

/** An event of the app's own, or a decision on demand. What it says goes to the open conversation, where there is one. */
function otherEvent(conductor: Conductor, lane: Lane, draft: Draft, asked: Parameters<typeof decide>[3]['asked']): Decision {
  const onDemand = draft.arrival.event.type === 'decision.requested'
  if (onDemand || draft.row?.status !== 'open') draft.row = null
  const top = draft.memory.flows.at(-1) as { flow: string } | undefined
  const decision = decide(conductor, lane, draft.arrival, {
    asked,
    conversation: draft.row,
    flow: draft.row === null ? null : (top?.flow ?? null),
    reading: null,
    texts: [],
  })
  if (draft.row === null) return decision
  const { outcome, held, text } = decision.evaluation
  if (held === null && outcome.word !== 'nothing') {
    endTurn(conductor.app, draft, 'answered')
    const decided = { decision: decisionId(draft.arrival.partition, draft.arrival.offset), outcome, held, answer: text, text: '', reading: null }
    carryOut(conductor.app, draft, planTurn(contextOf(conductor.app, draft), draft.memory, decided))
  }
  return decision
}

function note(draft: Draft, { text, worker }: { text: string; worker: string }): void {
  draft.notes.push({ id: draft.arrival.event.id, conversation: draft.open.id, afterSeq: draft.open.seq, at: draft.at, worker, text })
}

interface Finished {
  readonly flow: string
  readonly call: string
  readonly tool: string
  readonly ok: boolean
  readonly output?: unknown
  readonly error?: string
}

/** The bot goes on with a tool's result; while a person has the conversation the flow only takes it in, and the person is told. */
function toolFinished({ app }: Conductor, draft: Draft, finished: Finished): void {
  if (draft.row === null) return
  const { call, tool, ok } = finished
  const result: CallResult = ok ? { ok, output: finished.output ?? null } : { ok, error: finished.error ?? 'it failed' }
  if (draft.row.owner === 'bot') endTurn(app, draft, 'answered')
  const hold = draft.open.owner !== 'bot'
  carryOut(app, draft, planResult(contextOf(app, draft), draft.memory, call, { kind: 'result', call, result, ...(hold ? { hold } : {}) }))
  if (hold) {
    const text = `${tool}: ${ok ? 'done' : `failed, ${finished.error ?? 'for no reason given'}`}`
    draft.memory = { ...draft.memory, facts: withFacts(draft.memory.facts, [{ text, status: 'verified', source: tool, at: draft.at }]) }
  }
  draft.row = { ...draft.open, updatedAt: draft.at }
}

function timerDue(conductor: Conductor, draft: Draft, { timer, kind }: { timer: string; kind: string }): void {
  draft.clearTimer(timer)
  if (kind === 'turn') turnOver(conductor, draft, timer)
}
