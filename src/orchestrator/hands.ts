/**
 * Changes of hands, as steps of the customer's lane: into a queue, to whoever accepted, back to the bot, closed. Each is one draft:
 * ledger, notice, packet's memory and what the routing lane must know leave together or not at all.
 *
 * O2 and O3 are held here (route/ownership.ts); H2 every task that begins is released or withdrawn, once.
 */
import { memoryLimits, newest, shortened, withTold, goalOf } from '../context/index.ts'
import type { HandRecord } from '../context/index.ts'
import type { AppDefinition, Attachment, HandoffTarget, Notice } from '../definition/index.ts'
import type { FlowState } from '../flows/index.ts'
import { assignTo, closeConversation, giveTo, putInQueue, refusalOf, routingLane } from '../route/index.ts'
import type { Draft } from './draft.ts'
import { planResume } from './plan.ts'
import type { HandOver, Plan, PlanContext } from './plan.ts'

/** Who a service key acts as. */
export const keyWorker = 'service'
/** A customer who was let down once waits no longer than need be. */
const lostPriority = 8

export function contextOf(app: AppDefinition, draft: Draft): PlanContext {
  return { app, customer: draft.arrival.event.customer, at: draft.at, flowId: draft.id('flow'), messages: draft.open.messages }
}

/** Carries out what a turn came to. */
export function carryOut(app: AppDefinition, draft: Draft, plan: Plan): void {
  draft.memory = { ...plan.memory, turn: null }
  for (const [index, text] of plan.says.entries()) draft.deliver(text, 'bot', plan.flow !== undefined && index >= plan.flow.from ? { by: plan.flow.name } : {})
  for (const call of plan.calls) draft.call(call)
  if (plan.handOver !== null) toQueue(app, draft, plan.handOver, { notice: 'waiting', decision: plan.decision })
}

/** Ends a burst that is not answered yet: by its plan, or by somebody else taking over. */
export function endTurn(app: AppDefinition, draft: Draft, how: 'answered' | 'dropped'): void {
  const { turn } = draft.memory
  if (turn === null) return
  draft.clearTimer(turn.timer)
  if (how === 'answered') carryOut(app, draft, turn.plan as Plan)
  else draft.memory = { ...draft.memory, turn: null }
}

interface Into {
  readonly notice: Notice['kind']
  readonly decision?: string | null
  readonly onlyWorker?: string
  readonly exceptWorker?: string
}

function toQueue(app: AppDefinition, draft: Draft, { queue, priority, because, from }: HandOver, into: Into): void {
  const team = app.queues[queue]?.team ?? null
  const task = draft.id('task')
  draft.row = putInQueue(draft.open, queue, task)
  const hand = handOf(draft, from, queue, because, into.decision ?? null)
  draft.memory = {
    ...draft.memory,
    hands: newest([...draft.memory.hands, hand], memoryLimits.hands),
    waitingSince: draft.at,
    priority,
    promised: withTold(draft.memory.promised, [`An answer from a person${team === null ? '' : `, ${team}`}`], draft.at),
  }
  draft.notice(into.notice, team, from.startsWith('bot') ? undefined : from)
  const { id, customer, channel } = draft.open
  draft.emit(routingLane, 'task.queued', {
    task,
    conversation: id,
    customer,
    channel,
    queue,
    priority,
    goal: goalOf(draft.memory),
    because,
    worker: into.onlyWorker,
    except: into.exceptWorker,
  })
}

function handOf(draft: Draft, from: string, to: string, because: string | null, decision: string | null): HandRecord {
  return { at: draft.at, from, to, because: because === null ? null : shortened(because), decision, messages: draft.open.messages }
}

/** Lets go of the task: of its worker, or of its place in the queue. */
function leaveTask(draft: Draft, outcome: 'resolved' | 'returned' | 'transferred', wrapUpCode: string | null): void {
  const { task, owner } = draft.open
  if (task === null) return
  if (owner === 'human') draft.emit(routingLane, 'task.released', { task, outcome, wrapUpCode })
  else draft.emit(routingLane, 'task.withdrawn', { task, reason: outcome })
}

interface Handed {
  readonly epoch: number
  readonly to: HandoffTarget
  readonly worker: string
  readonly because?: string
  readonly agreed?: readonly string[]
  readonly force?: boolean
}

/** `conversation.handed`: the owner, or a supervisor, hands over. */
export function handed(app: AppDefinition, draft: Draft, data: Handed): void {
  const row = draft.open
  if (!mayAct(draft, data)) return
  const by = row.owner === 'bot' ? 'bot' : data.worker
  const agreed = (data.agreed ?? []).map((text) => shortened(text)).filter((text) => text !== '')
  // The bot that gets what it has goes on with what it was about to say.
  if (data.to.kind !== 'bot' || row.owner !== 'bot') endTurn(app, draft, 'dropped')
  draft.memory = { ...draft.memory, agreed: withTold(draft.memory.agreed, agreed, draft.at) }
  if (data.to.kind === 'bot') return backToBot(app, draft, data.to, by, data.because ?? null, agreed)
  const queue = data.to.kind === 'queue' ? data.to.queue : (row.queue ?? app.personTo ?? '')
  if (!app.queues[queue])
    return draft.refuse('QUEUE_UNKNOWN', `there is no queue “${queue}” in ${app.name}; it has ${Object.keys(app.queues).join(', ') || 'none'}`)
  leaveTask(draft, 'transferred', null)
  const handOver = { queue, priority: Math.max(draft.memory.priority, row.owner === 'human' ? 1 : 0), because: data.because ?? null, from: by }
  toQueue(app, draft, handOver, {
    notice: row.owner === 'human' ? 'transferred' : 'waiting',
    ...(data.to.kind === 'worker' ? { onlyWorker: data.to.worker } : row.worker === null ? {} : { exceptWorker: row.worker }),
  })
}

function backToBot(app: AppDefinition, draft: Draft, to: HandoffTarget & { kind: 'bot' }, by: string, because: string | null, agreed: readonly string[]): void {
  if (to.flow !== undefined && !app.flows[to.flow])
    return draft.refuse('FLOW_UNKNOWN', `there is no flow “${to.flow}” in ${app.name}; it has ${Object.keys(app.flows).join(', ') || 'none'}`)
  if (draft.open.owner === 'bot') return
  leaveTask(draft, 'returned', null)
  draft.row = giveTo(draft.open, 'bot')
  const hand = handOf(draft, by, to.flow === undefined ? 'bot' : `bot ${to.flow}`, because, null)
  draft.memory = { ...draft.memory, waitingSince: null, priority: 0, hands: newest([...draft.memory.hands, hand], memoryLimits.hands) }
  draft.notice('returned', null, by === 'bot' ? undefined : by)
  const plan = planResume(contextOf(app, draft), draft.memory, { flow: to.flow ?? null, slots: to.slots ?? {}, agreed })
  carryOut(app, draft, plan)
}

/** `conversation.resolved` */
export function resolved(app: AppDefinition, draft: Draft, data: { epoch: number; worker: string; wrapUpCode: string; force?: boolean }): void {
  if (!mayAct(draft, data)) return
  endTurn(app, draft, 'dropped')
  leaveTask(draft, 'resolved', data.wrapUpCode)
  draft.row = closeConversation(draft.open)
  // A flow that is still taking something back is not forgotten before it has.
  const flows = draft.memory.flows.filter((flow) => (flow as FlowState).closing)
  draft.memory = { ...draft.memory, flows, question: null, waitingSince: null, priority: 0 }
  draft.notice('resolved', null, data.worker)
}

/** `conversation.assigned`: whoever accepted has it now, unless it waits for them no longer. */
export function assigned(app: AppDefinition, draft: Draft, data: { task: string; reservation: string; worker: string; queue: string }): void {
  const held = draft.row
  // It came before: whoever has it keeps it, and their task with it.
  if (held?.owner === 'human' && held.task === data.task) {
    draft.assigned = { reservation: data.reservation, epoch: held.worker === data.worker ? held.epoch : null }
    return
  }
  const row = held === null ? null : assignTo(held, data.task, data.worker)
  if (row === null) {
    draft.emit(routingLane, 'task.withdrawn', { task: data.task, reason: 'it waits no longer' })
    draft.assigned = { reservation: data.reservation, epoch: null }
    return
  }
  draft.row = row
  const last = draft.memory.hands.at(-1)
  const hands = last === undefined ? [] : [...draft.memory.hands.slice(0, -1), { ...last, to: data.worker }]
  draft.memory = { ...draft.memory, waitingSince: null, hands }
  draft.notice('joined', app.queues[data.queue]?.team ?? null, data.worker)
  draft.assigned = { reservation: data.reservation, epoch: row.epoch }
}

/** `conversation.unassigned`: the routing lane could not keep it. Another task means another wait, which is not its business. */
export function unassigned(app: AppDefinition, draft: Draft, data: { task: string; reason: string }): void {
  const row = draft.row
  if (row === null || row.status !== 'open' || row.task !== data.task) return
  if (data.reason === 'lost' && row.owner === 'human') {
    const from = row.worker ?? 'a colleague'
    toQueue(
      app,
      draft,
      { queue: row.queue ?? '', priority: Math.max(lostPriority, draft.memory.priority), because: 'a colleague lost the connection', from },
      { notice: 'lost' },
    )
    return
  }
  if (row.owner !== null) return
  const team = app.queues[row.queue ?? '']?.team ?? null
  draft.row = giveTo(row, 'bot')
  const hand = handOf(draft, row.queue ?? 'a queue', 'bot', 'nobody could take over in time', null)
  draft.memory = { ...draft.memory, waitingSince: null, priority: 0, hands: newest([...draft.memory.hands, hand], memoryLimits.hands) }
  draft.notice('unanswered', team)
}

/** `message.composed`: the owner says something. */
export function composed(
  app: AppDefinition,
  draft: Draft,
  data: { epoch: number; text: string; role: 'human' | 'bot'; worker: string; attachments?: readonly Attachment[] },
): void {
  const refusal = refusalOf(draft.open, data)
  if (refusal !== null) return draft.refuse(refusal.code, refusal.message)
  if (data.role === 'bot') endTurn(app, draft, 'dropped')
  const attachments = data.attachments === undefined || data.attachments.length === 0 ? {} : { attachments: data.attachments }
  draft.deliver(data.text, data.role, { id: draft.arrival.event.id, by: data.worker, ...attachments })
}

/** Whether the event's sender may change hands; says why not. A key speaks for the bot, a person for themselves, a supervisor for all. */
function mayAct(draft: Draft, { epoch, worker, force = false }: { epoch: number; worker: string; force?: boolean }): boolean {
  const row = draft.open
  if (row.status !== 'open') {
    draft.refuse('STALE_EPOCH', `conversation ${row.id} is closed since epoch ${row.epoch}; nothing was changed`)
    return false
  }
  if (force && epoch === row.epoch) return true
  const refusal = refusalOf(row, { epoch, role: worker === keyWorker ? 'bot' : 'human', worker })
  if (refusal !== null) draft.refuse(refusal.code, refusal.message)
  return refusal === null
}
