/**
 * One run of a flow's body, from its beginning to where it waits or ends. What the journal holds is answered from it; what it does
 * not is new. After a correction the journal begins anew, and calls of the old path are answered where the new path comes by them.
 *
 * Owns: the answers to the body's operations. Does not own: what was understood (turn.ts), what becomes of the calls that are left
 * (left-calls.ts), the state between runs (advance.ts).
 *
 * FL4 The body meets what the journal says it met before, in the same order, or the run fails: nothing is half-applied.
 * FL5 What was said and noted once is not said and noted again; after a correction it is, once a new call has been made.
 */
import { canonicalJson, sha256 } from '../base/index.ts'
import { purely } from '../decide/index.ts'
import type { FlowDefinition, FlowEnd, FlowOp, ToolDefinition } from '../definition/index.ts'
import { failureAt, flowFailed } from './failure.ts'
import { displaced } from './left-calls.ts'
import { plainJson, shortened } from './plain.ts'
import type { CallEntry, CallResult, FlowCall, FlowState, JournalEntry, LeftCall } from './port.ts'

/** Operations of one run: a body that needs more does not end. */
export const opsMax = 1_000

/** Where the body waits, or that it is over. */
export type Stop =
  | { readonly kind: 'asks'; readonly slot: string; readonly prompt: string; readonly again: boolean }
  | { readonly kind: 'waits'; readonly call: string }
  | (FlowOp & { readonly op: 'handOff' } & { readonly kind: 'handsOff' })
  | { readonly kind: 'ends'; readonly end: FlowEnd }

export interface Noted {
  readonly kind: (FlowOp & { op: 'note' })['kind']
  readonly text: string
  readonly source: string | null
  /** It names a tool that has answered. */
  readonly verified: boolean
}

export interface Before {
  readonly state: FlowState
  /** What the body must meet again; empty after a correction. */
  readonly journal: readonly JournalEntry[]
  /** The path that a correction left: what was said on it, and what people agreed. */
  readonly oldPath: readonly JournalEntry[]
  readonly left: readonly LeftCall[]
  /** What a person who has just given the conversation back agreed, where the body waits for one. */
  readonly handedBack: readonly string[] | null
}

export interface Replayed {
  readonly stop: Stop
  readonly journal: readonly JournalEntry[]
  readonly left: readonly LeftCall[]
  readonly says: readonly string[]
  readonly calls: readonly FlowCall[]
  readonly callsMade: number
  readonly notes: readonly Noted[]
  readonly tried: readonly string[]
  /** What the path last noted to be open. */
  readonly question: string | null
}

type Answer = { readonly value: unknown } | { readonly stop: Stop }

/** Runs the body. Throws FLOW_FAILED with the flow, the operation and the reason. */
export function replay(definition: FlowDefinition, tools: Readonly<Record<string, ToolDefinition>>, before: Before, customer: string): Replayed {
  const run = new Run(definition, tools, before)
  let op = 0
  let doing = 'its beginning'
  try {
    return purely(`flow ${definition.name}`, () => {
      const { startedAt, agreed } = before.state
      const body = definition.run(Object.freeze({ customer, startedAt, agreed: Object.freeze([...agreed]) }))
      let turn = body.next()
      while (turn.done !== true) {
        op++
        doing = `operation ${op} (${describe(turn.value)})`
        if (op > opsMax) throw flowFailed(`it did not come to a question or its end within ${opsMax.toLocaleString('en')} operations`)
        const answer = run.answer(turn.value)
        if ('stop' in answer) return run.stopped(answer.stop)
        turn = body.next(answer.value as never)
      }
      doing = 'its end'
      return run.stopped({ kind: 'ends', end: endOf(turn.value) })
    })
  } catch (error) {
    throw flowFailed(failureAt(`flow ${definition.name}, ${doing}`, error), error)
  }
}

function describe(op: unknown): string {
  const { op: kind, slot, tool, queue } = (op ?? {}) as Record<string, unknown>
  return [kind, slot ?? tool ?? queue].filter((word) => typeof word === 'string').join(' ') || 'no operation'
}

function endOf(end: unknown): FlowEnd {
  const { resolved, summary } = (end ?? {}) as Partial<FlowEnd>
  if (typeof resolved !== 'boolean') throw flowFailed('it returned no { resolved, summary }: say with resolved whether the customer’s matter is done')
  if (summary !== null && summary !== undefined && typeof summary !== 'string') throw flowFailed('its summary is no text')
  return { resolved, summary: summary === null || summary === undefined ? null : shortened(summary) }
}

class Run {
  readonly #definition: FlowDefinition
  readonly #tools: Readonly<Record<string, ToolDefinition>>
  readonly #state: FlowState
  readonly #past: readonly JournalEntry[]
  readonly #journal: JournalEntry[] = []
  /** Hashes of what the old path said and noted, and the hand-offs it came back from. */
  readonly #before: string[]
  readonly #handOffs: { readonly queue: string | null; readonly agreed: readonly string[] }[]
  readonly #says: string[] = []
  readonly #calls: FlowCall[] = []
  readonly #notes: Noted[] = []
  readonly #tried: string[] = []
  #left: readonly LeftCall[]
  #callsMade: number
  #newCall = false
  #question: string | null = null

  constructor(definition: FlowDefinition, tools: Readonly<Record<string, ToolDefinition>>, { state, journal, oldPath, left, handedBack }: Before) {
    this.#definition = definition
    this.#tools = tools
    this.#state = state
    this.#past = journal
    this.#before = oldPath.flatMap((entry) => (entry.op === 'say' || entry.op === 'note' ? [`${entry.op} ${entry.hash}`] : []))
    this.#handOffs = oldPath.flatMap((entry) => (entry.op === 'handOff' ? [entry] : []))
    if (handedBack !== null) this.#handOffs.push({ queue: null, agreed: handedBack })
    this.#left = left
    this.#callsMade = state.calls
  }

  answer(op: FlowOp): Answer {
    switch (op?.op) {
      case 'ask':
        return this.#ask(op)
      case 'say':
        return this.#say(textOf(op.text, 'what it says'))
      case 'note':
        return this.#note(op)
      case 'call':
        return this.#call(op)
      case 'handOff':
        return this.#handOff(op)
      default:
        throw flowFailed('it yielded no operation: use yield* with the words that the body is given')
    }
  }

  stopped(stop: Stop): Replayed {
    const missing = this.#past[this.#journal.length]
    if (missing !== undefined)
      throw flowFailed(`it stopped before ${entryName(missing)}, which it had met before: its body depends on something that is not in the journal`)
    const question = stop.kind === 'ends' && stop.end.resolved ? null : this.#question
    return {
      stop,
      journal: this.#journal,
      left: this.#left,
      says: this.#says,
      calls: this.#calls,
      callsMade: this.#callsMade,
      notes: this.#notes,
      tried: this.#tried,
      question,
    }
  }

  /** The entry that the journal holds here, which must be of this kind; undefined past its end. */
  #known<Op extends JournalEntry['op']>(op: Op): (JournalEntry & { op: Op }) | undefined {
    const entry = this.#past[this.#journal.length]
    if (entry === undefined) return undefined
    if (entry.op !== op) throw this.#differs(entry)
    return entry as JournalEntry & { op: Op }
  }

  #differs(entry: JournalEntry): Error {
    const why = this.#sameVersion() ? 'its body depends on something that is not in the journal' : 'the flow has changed since this one began'
    return flowFailed(`the journal holds ${entryName(entry)} here: ${why}`)
  }

  #sameVersion(): boolean {
    return this.#state.version === this.#definition.version
  }

  #ask({ slot, prompt, again }: FlowOp & { op: 'ask' }): Answer {
    if (!Object.hasOwn(this.#definition.slots, slot)) throw flowFailed(`it asks for the slot “${slot}”, which it does not declare`)
    const known = this.#state.slots[slot]
    if (known === undefined || again === true) {
      return { stop: { kind: 'asks', slot, prompt: textOf(prompt, `what it asks for ${slot}`), again: known !== undefined } }
    }
    const entry = this.#known('ask')
    if (entry !== undefined && entry.slot !== slot) throw this.#differs(entry)
    this.#journal.push({ op: 'ask', slot })
    return { value: plainJson(known.value) }
  }

  #say(text: string): Answer {
    const hash = hashOf(text)
    const entry = this.#known('say')
    if (entry !== undefined && entry.hash !== hash && this.#sameVersion()) throw this.#differs(entry)
    this.#journal.push({ op: 'say', hash })
    if (entry === undefined && (this.#newCall || !this.#wasBefore(`say ${hash}`))) this.#says.push(text)
    return { value: undefined }
  }

  #note({ kind, text: given, source }: FlowOp & { op: 'note' }): Answer {
    if (!['fact', 'tried', 'promised', 'question'].includes(kind)) throw flowFailed(`it notes a “${kind}”: fact, tried, promised and question are known`)
    const text = textOf(given, `the ${kind} it notes`)
    const hash = hashOf(`${kind} ${source ?? ''} ${text}`)
    const entry = this.#known('note')
    if (entry !== undefined && entry.hash !== hash && this.#sameVersion()) throw this.#differs(entry)
    this.#journal.push({ op: 'note', hash })
    if (kind === 'question') this.#question = text
    if (entry === undefined && !this.#wasBefore(`note ${hash}`)) this.#notes.push({ kind, text, source, verified: this.#hasAnswered(source) })
    return { value: undefined }
  }

  #wasBefore(hash: string): boolean {
    const at = this.#before.indexOf(hash)
    if (at >= 0) this.#before.splice(at, 1)
    return at >= 0
  }

  #hasAnswered(tool: string | null): boolean {
    return this.#journal.some((entry) => entry.op === 'call' && entry.tool === tool && entry.result?.ok === true)
  }

  #call({ tool: name, input: given }: FlowOp & { op: 'call' }): Answer {
    const tool = Object.hasOwn(this.#tools, name) && this.#definition.tools.includes(name) ? this.#tools[name] : undefined
    if (tool === undefined) throw flowFailed(`it calls the tool “${name}”, which it does not declare`)
    const input = plainJson(given)
    const inputHash = hashOf(canonicalJson(input))
    const known = this.#known('call')
    if (known !== undefined && (known.tool !== name || known.inputHash !== inputHash)) throw this.#differs(known)
    const entry = known ?? this.#fromLeft(name, inputHash) ?? this.#made(tool, input, inputHash)
    this.#journal.push(entry)
    return entry.result === null ? { stop: { kind: 'waits', call: entry.call } } : { value: plainJson(entry.result) }
  }

  /** A call of the path that a correction left, which the new path comes by: it is not made again. */
  #fromLeft(tool: string, inputHash: string): CallEntry | undefined {
    const found = this.#left.find((entry) => entry.tool === tool && entry.inputHash === inputHash)
    if (found === undefined) return undefined
    this.#left = this.#left.filter((entry) => entry !== found)
    const { doomed: _, ...entry } = found
    return entry
  }

  #made(tool: ToolDefinition, input: unknown, inputHash: string): CallEntry {
    checkInput(tool, input)
    const undone = displaced(tool, this.#left)
    this.#left = undone.left
    this.#calls.push(...undone.calls)
    this.#tried.push(...undone.tried)
    const call = `${this.#state.id}:${++this.#callsMade}`
    this.#calls.push({ call, tool: tool.name, input })
    this.#newCall = true
    return { op: 'call', tool: tool.name, call, inputHash, input, result: null }
  }

  #handOff({ queue, because, question, priority }: FlowOp & { op: 'handOff' }): Answer {
    if (typeof queue !== 'string') throw flowFailed('it hands over to no queue: name one')
    const known = this.#known('handOff')
    if (known !== undefined && known.queue !== queue) throw this.#differs(known)
    const back = known ?? this.#backFrom(queue)
    if (back !== undefined) {
      this.#journal.push({ op: 'handOff', queue, agreed: back.agreed })
      return { value: Object.freeze([...back.agreed]) }
    }
    const stop = { kind: 'handsOff', op: 'handOff', queue, because: textOf(because, 'why it hands over'), question, priority } as const
    return { stop: { ...stop, question: question === null ? null : textOf(question, 'the question it hands over'), priority: priorityOf(priority) } }
  }

  #backFrom(queue: string): { readonly agreed: readonly string[] } | undefined {
    const at = this.#handOffs.findIndex((held) => held.queue === queue || held.queue === null)
    return at < 0 ? undefined : this.#handOffs.splice(at, 1)[0]
  }
}

function checkInput(tool: ToolDefinition, input: unknown): void {
  const checked = tool.input['~standard'].validate(input)
  if (checked instanceof Promise) throw flowFailed(`the input schema of ${tool.name} has to wait: a call’s input is checked at once`)
  const issue = checked.issues?.[0]
  if (issue === undefined) return
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  throw flowFailed(`${tool.name} was given what does not fit its input${path === '' ? '' : `, at ${path}`}: ${issue.message}`)
}

function textOf(text: unknown, what: string): string {
  if (typeof text !== 'string' || text.trim() === '') throw flowFailed(`${what} is ${typeof text === 'string' ? 'empty' : `no text but ${String(text)}`}`)
  return shortened(text)
}

function priorityOf(priority: unknown): number {
  if (typeof priority !== 'number' || !(priority >= 0 && priority <= 10)) throw flowFailed(`its priority is ${String(priority)}: it is from 0 to 10`)
  return priority
}

function hashOf(text: string): string {
  return sha256(text).slice(0, 16)
}

function entryName(entry: JournalEntry): string {
  switch (entry.op) {
    case 'ask':
      return `the question for ${entry.slot}`
    case 'call':
      return `the call of ${entry.tool} (${entry.call})`
    case 'handOff':
      return `the hand-over to ${entry.queue}`
    case 'say':
      return 'something said'
    case 'note':
      return 'something noted'
  }
}

/** The result of the awaited call, put into the journal; the journal as it is where the call is not in it, or has one. */
export function withResult(journal: readonly JournalEntry[], call: string, result: CallResult): readonly JournalEntry[] {
  return journal.map((entry) => (entry.op === 'call' && entry.call === call && entry.result === null ? { ...entry, result } : entry))
}
