/**
 * What a customer's turn comes to: pure, computed at once, carried out when the turn is over. Until then a new message of the
 * same burst throws it away and the plan is made again for all of it: start at once, cancel on new input, commit once.
 *
 * H1 A bot hands over to a person only after the customer said something since a person last gave it back: no loops.
 */
import { memoryLimits, shortened, withFacts, withTold } from '../context/index.ts'
import type { ConversationMemory } from '../context/index.ts'
import type { AppDefinition, FlowDefinition, FlowReading, Outcome } from '../definition/index.ts'
import { advanceFlow, cancelFlow, startFlow } from '../flows/index.ts'
import type { FlowAdvance, FlowCall, FlowInput, FlowState } from '../flows/index.ts'

export interface HandOver {
  readonly queue: string
  readonly priority: number
  readonly because: string | null
  /** `bot`, or `bot unblockCard`. */
  readonly from: string
}

export interface PlannedCall extends FlowCall {
  readonly flow: string
}

export interface Plan {
  /** The decision it carries out; null for what follows a tool or a give-back. */
  readonly decision: string | null
  readonly says: readonly string[]
  /** The flow that says them, from this one on; absent where none does. */
  readonly flow?: { readonly name: string; readonly from: number }
  readonly calls: readonly PlannedCall[]
  readonly handOver: HandOver | null
  readonly memory: ConversationMemory
}

export interface PlanContext {
  readonly app: AppDefinition
  readonly customer: string
  readonly at: number
  /** Names a flow that begins here. */
  readonly flowId: string
  /** The customer's messages so far. */
  readonly messages: number
}

/** Said where a flow cannot go on and there is nobody to hand over to. */
const cannotGoOn = 'I cannot finish this here. Nothing was changed that I have not told you about.'
/** Said where a person just gave the conversation back and the bot is at its end again. */
const askAgainForPerson = 'I cannot go on with this alone. Say “a person, please” and a colleague takes over.'

export interface Decided {
  readonly decision: string
  readonly outcome: Outcome
  readonly held: string | null
  /** The answer's text. */
  readonly answer: string | null
  /** What the customer said in this turn. */
  readonly text: string
  readonly reading: FlowReading | null
}

/** What follows from a decision on the customer's words. */
export function planTurn(context: PlanContext, memory: ConversationMemory, decided: Decided): Plan {
  const { outcome, held, answer } = decided
  const begun: Plan = { decision: decided.decision, says: [], calls: [], handOver: null, memory }
  if (held !== null) return begun
  switch (outcome.word) {
    case 'human':
      return handedOver(context, begun, { queue: outcome.name ?? '', priority: outcome.priority ?? 0, because: outcome.because, from: byWhom(memory) })
    case 'answer':
      return askedAgain(context, { ...begun, says: answer === null ? [] : [answer] })
    case 'bot':
      return botActs(context, begun, outcome, decided.text)
    case 'flow':
      return advanced(context, begun, { kind: 'message', text: decided.text, reading: decided.reading ?? 'other' })
    case 'nothing':
      return decided.reading === 'unclear' ? advanced(context, begun, { kind: 'message', text: decided.text, reading: 'unclear' }) : begun
  }
}

/** A tool's result came. */
export function planResult(context: PlanContext, memory: ConversationMemory, call: string, result: FlowInput & { readonly kind: 'result' }): Plan {
  const index = memory.flows.findIndex((held) => call.startsWith(`${(held as FlowState).id}:`))
  const begun: Plan = { decision: null, says: [], calls: [], handOver: null, memory }
  return index < 0 ? begun : advanced(context, begun, result, index)
}

/** Somebody gave the conversation back to the bot, with what was agreed. */
export function planResume(
  context: PlanContext,
  memory: ConversationMemory,
  { flow, slots, agreed }: { readonly flow: string | null; readonly slots: Readonly<Record<string, unknown>>; readonly agreed: readonly string[] },
): Plan {
  const plan: Plan = { decision: null, says: [], calls: [], handOver: null, memory }
  const top = memory.flows.at(-1) as FlowState | undefined
  if (flow !== null && top?.flow !== flow) {
    const definition = context.app.flows[flow]
    return definition ? started(context, plan, definition, slots, null) : plan
  }
  if (top === undefined) return agreed.length === 0 ? plan : { ...plan, says: [`You agreed with my colleague: ${agreed.join(' · ')}`] }
  return advanced(context, plan, { kind: 'resume', agreed, slots })
}

function botActs(context: PlanContext, plan: Plan, outcome: Outcome, text: string): Plan {
  const definition = context.app.flows[outcome.name ?? '']
  if (!definition) return plan
  const top = plan.memory.flows.at(-1) as FlowState | undefined
  if (top?.flow === definition.name && top.closing === null) {
    // It waits for a person who never came: asked for again, it goes on without them.
    const waitsForPerson = top.asking === null && top.waitsFor === null
    return advanced(context, plan, waitsForPerson ? { kind: 'resume', agreed: [], slots: outcome.slots ?? {} } : { kind: 'askAgain' })
  }
  return started(context, plan, definition, outcome.slots ?? {}, text)
}

function started(context: PlanContext, plan: Plan, definition: FlowDefinition, slots: Readonly<Record<string, unknown>>, text: string | null): Plan {
  const advance = startFlow(definition, context.app.tools, context.flowId, { kind: 'start', slots, text }, context.at, context.customer)
  const { flows, calls } = withRoom(context, plan.memory.flows as readonly FlowState[])
  const memory = { ...plan.memory, flows, goal: shortened(`Wants to ${definition.goal}`) }
  return followed(context, { ...plan, calls: [...plan.calls, ...calls], memory }, definition, advance, flows.length)
}

/** Room for one more flow. What the oldest had begun is taken back; until it is, the flow is kept, as one that takes nothing but results. */
function withRoom({ app }: PlanContext, held: readonly FlowState[]): { readonly flows: readonly FlowState[]; readonly calls: readonly PlannedCall[] } {
  const running = held.filter((state) => state.closing === null)
  const fallen = new Set(running.slice(0, Math.max(0, running.length - memoryLimits.flows + 1)))
  const calls: PlannedCall[] = []
  const flows = held.flatMap((state) => {
    if (!fallen.has(state)) return [state]
    const definition = app.flows[state.flow]
    if (definition === undefined) return []
    const canceled = cancelFlow(definition, app.tools, state)
    calls.push(...canceled.calls.map((call) => ({ ...call, flow: state.flow })))
    return canceled.state === null ? [] : [canceled.state]
  })
  return { flows, calls }
}

/** The flow at `index` (the one on top) takes the input. */
function advanced(context: PlanContext, plan: Plan, input: FlowInput, index: number = plan.memory.flows.length - 1): Plan {
  const state = plan.memory.flows[index] as FlowState | undefined
  const definition = state === undefined ? undefined : context.app.flows[state.flow]
  if (state === undefined) return plan
  if (definition === undefined) return { ...plan, memory: { ...plan.memory, flows: plan.memory.flows.filter((held) => held !== state), question: null } }
  const held = input.kind === 'result' && input.hold === true
  return followed(context, plan, definition, advanceFlow(definition, context.app.tools, state, input, context.at, context.customer), index, held)
}

/** What a flow's step adds to the plan; the flow below goes on when it is over. `held`: the bot has not the word, so nothing more follows. */
function followed(context: PlanContext, plan: Plan, definition: FlowDefinition, advance: FlowAdvance, index: number, held: boolean = false): Plan {
  const { memory } = plan
  const below = memory.flows.slice(0, index)
  const above = memory.flows.slice(index + 1)
  const next: Plan = {
    ...plan,
    says: held ? plan.says : [...plan.says, ...advance.says],
    ...(held || advance.says.length === 0 || plan.flow !== undefined ? {} : { flow: { name: definition.name, from: plan.says.length } }),
    calls: [...plan.calls, ...advance.calls.map((call) => ({ ...call, flow: definition.name }))],
    memory: {
      ...memory,
      flows: [...below, ...(advance.state === null ? [] : [advance.state]), ...above],
      facts: withFacts(memory.facts, advance.facts),
      tried: withTold(memory.tried, advance.tried, context.at),
      promised: withTold(memory.promised, advance.promised, context.at),
      question: above.length === 0 ? advance.question : memory.question,
    },
  }
  if (held) return next
  const from = `bot ${definition.name}`
  if (advance.failure !== null) return handedOver(context, next, { queue: '', priority: 0, because: 'the assistant could not go on', from })
  if (advance.handOff !== null) {
    const { queue, priority, because, question } = advance.handOff
    return handedOver(context, { ...next, memory: { ...next.memory, question: question ?? next.memory.question } }, { queue, priority, because, from })
  }
  if (advance.state !== null || above.length > 0 || below.length === 0) return next
  return advanced(context, next, { kind: 'resume', agreed: [], slots: {} })
}

/** After an interruption, or words it did not understand, the flow asks its question again. */
function askedAgain(context: PlanContext, plan: Plan): Plan {
  return plan.memory.flows.length === 0 ? plan : advanced(context, plan, { kind: 'askAgain' })
}

/** H1 */
function handedOver(context: PlanContext, plan: Plan, handOver: HandOver): Plan {
  const queue = handOver.queue === '' ? context.app.personTo : handOver.queue
  if (queue === null) return { ...plan, says: [...plan.says, cannotGoOn] }
  const last = plan.memory.hands.at(-1)
  const justBack = last !== undefined && last.to.startsWith('bot') && !last.from.startsWith('bot') && last.messages === context.messages
  if (justBack) return { ...plan, says: [...plan.says, askAgainForPerson] }
  return { ...plan, handOver: { ...handOver, queue } }
}

function byWhom(memory: ConversationMemory): string {
  const top = memory.flows.at(-1) as FlowState | undefined
  return top === undefined ? 'bot' : `bot ${top.flow}`
}
