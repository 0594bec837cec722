/**
 * Flows: durable conversational steps, written as a generator function. The body runs from its beginning at every step and is
 * answered from a journal, so it must come to the same words each time: it reads no clock and no chance, and acts through tools.
 */
import { BattutaError, versionOf } from '../base/index.ts'
import type { FlowEnd, FlowOp, FlowStart } from '../definition/index.ts'
import type { FlowDraft, InputOf, OutputOf, SlotDraft, ToolDraft, ValueOf } from './draft.ts'
import { fieldsOf, isZod } from './fields.ts'
import { deepFreeze } from './freeze.ts'
import { onlyKeys } from './keys.ts'

/** One operation of a flow's body, to be used with `yield*`. */
export type Step<Value> = Generator<FlowOp, Value, unknown>

/** What came of a call. A tool that failed for good does not stop the flow: the flow decides what to do about it. */
export type ToolResult<Output> = { readonly ok: true; readonly output: Output } | { readonly ok: false; readonly error: string }

/** The slot's name, or a sentence. */
export type SlotName<Slots, Name extends string> = Name extends keyof Slots
  ? Name
  : Name extends ''
    ? keyof Slots
    : `This flow has no slot “${Name}”: add it to its slots.`

/** The tool's name, or a sentence. */
export type ToolName<Tools, Name extends string> = Name extends keyof Tools
  ? Name
  : Name extends ''
    ? keyof Tools
    : `This flow has no tool “${Name}”: add it to its tools.`

export interface HandOffOptions {
  /** Why, as half a sentence that a customer could read. */
  readonly because: string
  /** What the colleague has to answer next. */
  readonly question?: string
  /** Higher goes first, 0 to 10. */
  readonly priority?: number
}

/** What a flow's body is given. */
export interface FlowWords<Slots, Tools> extends FlowStart {
  /** Asks for a slot, unless it is known. Gives its value. */
  readonly ask: <const Name extends string>(slot: SlotName<Slots, Name>, prompt: string) => Step<Name extends keyof Slots ? ValueOf<Slots[Name]> : never>
  /**
   * Asks for a slot whose value turned out not to do: `again('last4', 'I find no such card. Which one is it?')`. The answer is taken
   * as a correction, so the body runs from its beginning with it and does not come back here; nothing follows this step.
   */
  readonly again: <const Name extends string>(slot: SlotName<Slots, Name>, prompt: string) => Step<never>
  /** Says something, and goes on. */
  readonly say: (text: string) => Step<void>
  /** Calls a tool and waits for what comes of it. */
  readonly call: <const Name extends string>(
    tool: ToolName<Tools, Name>,
    input: Name extends keyof Tools ? InputOf<Tools[Name]> : never,
  ) => Step<ToolResult<Name extends keyof Tools ? OutputOf<Tools[Name]> : never>>
  /** Notes a fact for whoever takes over; verified when it comes from a tool that has answered, claimed otherwise. */
  readonly fact: (text: string, source?: keyof Tools & string) => Step<void>
  /** Notes what was tried. */
  readonly tried: (text: string) => Step<void>
  /** Notes what the customer was promised. */
  readonly promise: (text: string) => Step<void>
  /** Notes what has to be answered next. */
  readonly question: (text: string) => Step<void>
  /** Hands the conversation to the people of a queue, and goes on when they give it back: with what they agreed. */
  readonly handOff: (queue: string, options: HandOffOptions) => Step<readonly string[]>
}

export interface FlowOptions<Slots, Tools> {
  /** What the customer gets by it, as half a sentence: `use the card again`. */
  readonly goal: string
  readonly slots?: Slots
  readonly tools?: Tools
}

/** What a body returns. */
export interface FlowReturn {
  /** Whether the customer's matter is done. */
  readonly resolved: boolean
  readonly summary?: string | null
}

/**
 * A flow.
 * @example
 * flow({ goal: 'use the card again', slots: { last4: slot.digits(4, { label: 'card number' }) }, tools: { unblock } },
 *   function* ({ ask, call, say }) {
 *     const last4 = yield* ask('last4', 'Which card is it? Its last four digits, please.')
 *     const done = yield* call('unblock', { last4 })
 *     yield* say(done.ok ? 'It works again.' : 'It did not work.')
 *     return { resolved: done.ok }
 *   })
 */
export function flow<const Slots extends Readonly<Record<string, SlotDraft>> = {}, const Tools extends Readonly<Record<string, ToolDraft>> = {}>(
  options: FlowOptions<Slots, Tools>,
  body: (words: FlowWords<Slots, Tools>) => Generator<FlowOp, FlowReturn, unknown>,
): FlowDraft<{ readonly [Name in keyof Slots]: ValueOf<Slots[Name]> }> {
  onlyKeys('flow(…)', options ?? null, ['goal', 'slots', 'tools'])
  if (Object.prototype.toString.call(body) !== '[object GeneratorFunction]')
    throw new BattutaError('APP_INVALID', 'flow(…) needs a generator function as its second argument: function* ({ ask, say }) { … }')
  const { goal, slots = {}, tools = {} }: LooseOptions = options
  return deepFreeze({
    kind: 'flow',
    goal,
    slots: { ...slots },
    tools: { ...tools },
    run: (start: FlowStart) => run(body as LooseBody, start),
    version: versionOf({ slots: Object.entries(slots).map(sketchOfSlot), tools: Object.entries(tools).map(sketchOfTool), body: String(body) }),
  })
}

type LooseBody = (words: unknown) => Generator<FlowOp, FlowReturn, unknown>
type LooseOptions = FlowOptions<Readonly<Record<string, SlotDraft>>, Readonly<Record<string, ToolDraft>>>

function* run(body: LooseBody, start: FlowStart): Generator<FlowOp, FlowEnd, unknown> {
  const end = yield* body({ ...words, ...start })
  // What is returned is checked by the engine; only the summary may be left out.
  return typeof end === 'object' && end !== null ? { ...end, summary: end.summary ?? null } : end
}

function* note(kind: 'fact' | 'tried' | 'promised' | 'question', text: string, source: string | null = null): Step<void> {
  yield { op: 'note', kind, text, source }
}

const words = Object.freeze({
  *ask(slot: string, prompt: string): Step<unknown> {
    return yield { op: 'ask', slot, prompt }
  },
  *again(slot: string, prompt: string): Step<unknown> {
    return yield { op: 'ask', slot, prompt, again: true }
  },
  *say(text: string): Step<void> {
    yield { op: 'say', text }
  },
  *call(tool: string, input: unknown): Step<unknown> {
    return yield { op: 'call', tool, input }
  },
  fact: (text: string, source?: string) => note('fact', text, source),
  tried: (text: string) => note('tried', text),
  promise: (text: string) => note('promised', text),
  question: (text: string) => note('question', text),
  *handOff(queue: string, { because, question, priority }: HandOffOptions): Step<unknown> {
    return yield { op: 'handOff', queue, because, question: question ?? null, priority: priority ?? 0 }
  },
})

/** What a slot is, for the flow's version: functions by their source. */
function sketchOfSlot([name, given]: [string, SlotDraft]): unknown {
  return { ...given, name, length: String(given?.length), read: String(given?.read), validate: String(given?.validate) }
}

/** What a tool is to the body: its schemas and whether it changes something. What its functions do is not the flow's. */
function sketchOfTool([name, given]: [string, ToolDraft]): unknown {
  return { name, input: fieldsOfSchema(given?.input), output: fieldsOfSchema(given?.output), changes: given?.changes, compensates: Boolean(given?.compensate) }
}

function fieldsOfSchema(schema: ToolDraft['input'] | undefined): unknown {
  return isZod(schema) ? (fieldsOf(schema) ?? schema._zod.def.type) : (schema?.['~standard']?.vendor ?? null)
}
