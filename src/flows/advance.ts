/**
 * One step of a flow: what comes in, and what the flow does about it. Pure: the same definition, state, input and time give the same
 * step, and the state is plain JSON. Every step runs the body from its beginning (replay.ts); tools run elsewhere and come back as input.
 *
 * Owns: the state's passage from step to step. Does not own: who may speak (the orchestrator holds back what a flow says while
 * somebody else has the conversation), or when tools run (tools.ts).
 *
 * FL1 Every call of a tool that changes something and that the final path comes by is made once; every other is undone once.
 * FL2 What a flow comes to is what its body, run at once with the final slots and results, comes to.
 * FL3 Nothing is asked whose slot is known, unless the body says that the value does not do (`again`).
 */
import { purely } from '../decide/index.ts'
import type { FlowDefinition, ToolDefinition } from '../definition/index.ts'
import { failureAt } from './failure.ts'
import { isUndo, leftBehind, resultOfLeft, undoneAll } from './left-calls.ts'
import { plainJson } from './plain.ts'
import type { CallEntry, FlowAdvance, FlowEnded, FlowInput, FlowState, SlotValue } from './port.ts'
import { replay, withResult } from './replay.ts'
import type { Before, Noted, Replayed } from './replay.ts'
import { sentences } from './sentences.ts'
import { givenSlot, readSlot, slotsInFirstText, validated, wanted } from './slot.ts'
import { understand } from './turn.ts'

type Tools = Readonly<Record<string, ToolDefinition>>
type InputOf<Kind extends FlowInput['kind']> = FlowInput & { readonly kind: Kind }

/** Answers that do not do before a person takes over: asking on would help nobody. */
export const triesMax = 3

/** Everything a step needs besides the state. */
interface Step {
  readonly definition: FlowDefinition
  readonly tools: Tools
  readonly at: number
  readonly customer: string
}

/** Begins a flow: it runs until it asks for what is not known, calls a tool, hands over or ends. `id` is unique in the conversation. */
export function startFlow(definition: FlowDefinition, tools: Tools, id: string, input: InputOf<'start'>, at: number, customer: string): FlowAdvance {
  const step: Step = { definition, tools, at, customer }
  return guarded(step, null, () => {
    const slots: Record<string, SlotValue> = {}
    for (const [name, value] of given(definition, input.slots)) slots[name] = { value, from: 'policy', at }
    if (input.text !== null) {
      for (const [name, value] of slotsInFirstText(definition, input.text)) slots[name] ??= { value: plainJson(value), from: 'customer', at }
    }
    const state: FlowState = {
      flow: definition.name,
      version: definition.version,
      id,
      startedAt: at,
      slots,
      journal: [],
      asking: null,
      waitsFor: null,
      calls: 0,
      agreed: [],
      left: [],
      tries: {},
      told: false,
      closing: null,
    }
    return ranOn(step, state, { says: [], counts: false })
  })
}

/** Goes on with what came. An input that the flow has no use for (a repeated result, say) leaves it as it is. */
export function advanceFlow(definition: FlowDefinition, tools: Tools, state: FlowState, input: FlowInput, at: number, customer: string): FlowAdvance {
  const step: Step = { definition, tools, at, customer }
  const known = input.kind === 'result' ? { ...state, journal: withResult(state.journal, input.call, input.result) } : state
  return guarded(step, known, () => {
    switch (input.kind) {
      case 'result':
        return resultCame(step, known, input)
      case 'message':
        return state.closing !== null ? quiet(state) : heard(step, state, input)
      case 'resume':
        return state.closing !== null ? quiet(state) : resumed(step, state, input)
      case 'start':
        return quiet(state)
      case 'askAgain':
        return { ...quiet(state), says: state.asking === null ? [] : [state.asking.prompt] }
    }
  })
}

/** Ends a flow that is not wanted any more: what it changed is undone, where its tools can. It says so; who calls may keep that back. */
export function cancelFlow(definition: FlowDefinition, tools: Tools, state: FlowState): FlowAdvance {
  if (state.closing !== null) return quiet(state)
  const undone = undoneAll(tools, leftBehind(callsOf(state), state.left))
  const canceled: FlowEnded = { resolved: false, canceled: true, summary: null }
  const undoing = undone.calls.length + undone.left.length > 0
  return {
    ...over({ ...state, version: definition.version, left: undone.left, asking: null, waitsFor: null }, canceled),
    says: [undoing ? sentences.canceledUndoing : undone.tried.length > 0 ? sentences.canceledDone : sentences.canceled],
    calls: undone.calls,
    tried: undone.tried,
  }
}

/** Under the guard of purity; whatever is thrown ends the flow, with the reason, and with what it had changed by then. */
function guarded({ definition, tools }: Step, state: FlowState | null, work: () => FlowAdvance): FlowAdvance {
  const place = `flow ${definition.name}`
  try {
    return purely(place, work)
  } catch (error) {
    const said = failureAt(place, error)
    const message = error instanceof Error && error.message.startsWith(place) ? error.message : said
    const done =
      state === null ? [] : leftBehind(callsOf(state), state.left).filter((entry) => entry.result?.ok !== false && tools[entry.tool]?.changes === true)
    const tried = done.map(({ tool, result }) => `${tool} was ${result === null ? 'begun' : 'done'} before the assistant failed`)
    return { ...empty, tried, failure: { code: 'FLOW_FAILED', message } }
  }
}

const empty: FlowAdvance = { state: null, says: [], calls: [], handOff: null, ended: null, facts: [], tried: [], promised: [], question: null, failure: null }

function quiet(state: FlowState): FlowAdvance {
  return { ...empty, state, question: state.asking?.prompt ?? null }
}

/** The flow is at its end; its state is kept while calls that have to be undone are still out. */
function over(state: FlowState, ended: FlowEnded): FlowAdvance {
  if (state.left.length === 0) return { ...empty, ended }
  return { ...empty, state: { ...state, closing: ended } }
}

function callsOf(state: FlowState): CallEntry[] {
  return state.journal.filter((entry) => entry.op === 'call')
}

function given(definition: FlowDefinition, slots: Readonly<Record<string, unknown>>): (readonly [string, unknown])[] {
  return Object.entries(slots).flatMap(([name, held]) => {
    const slot = Object.hasOwn(definition.slots, name) ? definition.slots[name] : undefined
    const value = slot === undefined || held === undefined ? undefined : givenSlot(slot, held)
    return value === undefined ? [] : [[name, value] as const]
  })
}

interface Manner {
  /** What is said before what the body says. */
  readonly says: readonly string[]
  /** Whether a value that does not do is one more try of the customer’s. */
  readonly counts: boolean
}

/** The body meets again what it met, and goes on from there. */
function ranOn(step: Step, state: FlowState, manner: Manner): FlowAdvance {
  const before: Before = { state, journal: state.journal, oldPath: [], left: state.left, handedBack: null }
  return settled(step, state, replay(step.definition, step.tools, before, step.customer), manner)
}

/** The body runs on a path of its own; calls of the old path are answered where it comes by them. */
function ranAnew(step: Step, state: FlowState, manner: Manner, handedBack: readonly string[] | null = null): FlowAdvance {
  const left = leftBehind(callsOf(state), state.left)
  const before: Before = { state, journal: [], oldPath: state.journal, left, handedBack }
  return settled(step, state, replay(step.definition, step.tools, before, step.customer), manner)
}

/** The state after a run. Until the flow comes to more than a tool, the calls that are left may still be on its path. */
function settled(step: Step, before: FlowState, run: Replayed, { says, counts }: Manner): FlowAdvance {
  const { stop } = run
  const undone = stop.kind === 'waits' ? { left: run.left, calls: [], tried: [] } : undoneAll(step.tools, run.left)
  const waitsFor = stop.kind === 'waits' ? stop.call : null
  const told = before.told && waitsFor === before.waitsFor
  const { version } = step.definition
  const state: FlowState = { ...before, version, journal: run.journal, left: undone.left, calls: run.callsMade, asking: null, waitsFor, told }
  const advance: FlowAdvance = {
    ...empty,
    state,
    says: [...says, ...run.says],
    calls: [...run.calls, ...undone.calls],
    facts: run.notes.filter(({ kind }) => kind === 'fact').map((note) => factOf(note, step.at)),
    tried: [...textsOf(run.notes, 'tried'), ...run.tried, ...undone.tried],
    promised: textsOf(run.notes, 'promised'),
    question: run.question,
  }
  switch (stop.kind) {
    case 'waits':
      return advance
    case 'handsOff': {
      const { queue, because, question, priority } = stop
      return { ...advance, handOff: { queue, because, question, priority }, question: question ?? run.question }
    }
    case 'ends': {
      const { state: kept, ended } = over(state, { ...stop.end, canceled: false })
      return { ...advance, state: kept, ended }
    }
    case 'asks': {
      const failed = stop.again && counts ? triesOf(state, stop.slot) + 1 : triesOf(state, stop.slot)
      return asked(advance, { ...state, tries: { ...state.tries, [stop.slot]: failed } }, stop.slot, stop.prompt)
    }
  }
}

function factOf({ text, source, verified }: Noted, at: number): FlowAdvance['facts'][number] {
  return { text, status: verified ? 'verified' : 'claimed', source: source ?? 'chat', at }
}

function textsOf(notes: readonly Noted[], kind: Noted['kind']): string[] {
  return notes.filter((note) => note.kind === kind).map(({ text }) => text)
}

function triesOf(state: FlowState, slot: string): number {
  return state.tries[slot] ?? 0
}

/** Asks, or gives the question to a person where the customer tried in vain often enough. */
function asked(advance: FlowAdvance, state: FlowState, slot: string, prompt: string): FlowAdvance {
  const failed = triesOf(state, slot)
  if (failed < triesMax) {
    const asking = { slot, prompt, times: failed + 1 }
    return { ...advance, state: { ...state, asking }, says: [...advance.says, prompt], question: prompt }
  }
  return {
    ...advance,
    state: { ...state, asking: { slot, prompt, times: 1 }, tries: { ...state.tries, [slot]: 0 } },
    says: [...advance.says, sentences.gaveUp],
    handOff: { queue: '', because: 'the assistant could not make out an answer', question: prompt, priority: 0 },
    question: prompt,
  }
}

/** The answer does not do: says what would, and asks again. */
function failedTry(state: FlowState, sentence: string): FlowAdvance {
  const { asking } = state
  if (asking === null) return quiet(state)
  const failed = triesOf(state, asking.slot) + 1
  const says = failed < triesMax ? [sentence] : []
  return asked({ ...empty, says }, { ...state, tries: { ...state.tries, [asking.slot]: failed } }, asking.slot, asking.prompt)
}

function heard(step: Step, state: FlowState, { text, reading }: InputOf<'message'>): FlowAdvance {
  const { definition } = step
  const { asking, waitsFor } = state
  // With a person: they answer.
  if (asking === null && waitsFor === null) return quiet(state)
  if (reading === 'cancellation') return cancelFlow(definition, step.tools, state)
  const understood = understand(definition, state, text)
  if (reading === 'correction' && understood.reading === 'correction') return corrected(step, state, understood.slot, understood.value)
  if (asking === null) return state.told ? quiet(state) : { ...quiet({ ...state, told: true }), says: [sentences.stillWorking] }
  if (reading === 'repetition') return { ...quiet(state), says: [asking.prompt] }
  const slot = definition.slots[asking.slot]
  if (slot === undefined) return quiet(state)
  const value = reading !== 'answer' ? undefined : understood.reading === 'answer' ? understood.value : readSlot(slot, text, asking.prompt)
  if (value === undefined) return failedTry(state, sentences.unclear(wanted(slot)))
  const wrong = validated(slot, value)
  if (wrong !== null) return failedTry(state, wrong)
  const known = Object.hasOwn(state.slots, slot.name)
  const next = withSlot(state, slot.name, { value: plainJson(value), from: 'customer', at: step.at })
  // A slot that was known is asked for because its value did not do: another value is another path.
  return (known ? ranAnew : ranOn)(step, next, { says: [], counts: true })
}

function withSlot(state: FlowState, slot: string, value: SlotValue): FlowState {
  return { ...state, slots: { ...state.slots, [slot]: value } }
}

function corrected(step: Step, state: FlowState, name: string, value: unknown): FlowAdvance {
  const slot = step.definition.slots[name]
  if (slot === undefined) return quiet(state)
  const again = state.asking === null ? [] : [state.asking.prompt]
  const wrong = validated(slot, value)
  if (wrong !== null) return { ...quiet(state), says: [wrong, ...again] }
  if (state.slots[name]?.value === value) return { ...quiet(state), says: [sentences.already(slot.label, value), ...again] }
  const next = withSlot(state, name, { value: plainJson(value), from: 'customer', at: step.at })
  return ranAnew(step, next, { says: [sentences.understood(slot.label, value)], counts: false })
}

/** The journal holds the result already, where the call is on the path. */
function resultCame(step: Step, state: FlowState, { call, result, hold }: InputOf<'result'>): FlowAdvance {
  if (call === state.waitsFor) return hold === true ? quiet(state) : ranOn(step, state, { says: [], counts: true })
  const undone = resultOfLeft(step.tools, state.left, call, result)
  if (undone !== null) {
    const next = { ...state, left: undone.left }
    const { calls, tried } = undone
    return { ...(state.closing === null ? quiet(next) : over(next, state.closing)), calls, tried }
  }
  const tried = isUndo(call) && !result.ok ? [`undoing ${call} failed: ${result.error}`] : []
  return { ...quiet(state), tried }
}

function resumed(step: Step, state: FlowState, { agreed, slots }: InputOf<'resume'>): FlowAdvance {
  const { definition, at } = step
  const withPerson = state.asking === null && state.waitsFor === null
  let next: FlowState = { ...state, agreed: [...state.agreed, ...agreed] }
  for (const [name, value] of given(definition, slots)) next = withSlot(next, name, { value, from: 'colleague', at })
  const advance = ranAnew(step, next, { says: [], counts: false }, withPerson ? agreed : null)
  if (advance.state?.asking === null || advance.state === null) return advance
  return { ...advance, says: [agreed.length > 0 ? sentences.backFromPerson : sentences.back, ...advance.says] }
}
