/**
 * Calls that a correction or a cancellation took off a flow's path. What only read is forgotten; what changed something is undone,
 * once, as soon as it is certain that the path does not come by it again:
 *
 * - when a new call of the same tool is made in its place, before that call;
 * - when the flow comes to a question, a hand-over or its end, the newest change first;
 * - when the call is still out, as soon as it comes back having acted.
 */
import type { ToolDefinition } from '../definition/index.ts'
import type { CallEntry, CallResult, FlowCall, LeftCall } from './port.ts'

export interface Undone {
  readonly left: readonly LeftCall[]
  readonly calls: readonly FlowCall[]
  /** What cannot be undone, for whoever takes over. */
  readonly tried: readonly string[]
}

type Tools = Readonly<Record<string, ToolDefinition>>

const nothing: Undone = { left: [], calls: [], tried: [] }

export function undoOf(call: string): string {
  return `${call}:undo`
}

/** Whether a result is that of an undoing. */
export function isUndo(call: string): boolean {
  return call.endsWith(':undo')
}

/** A new call of a tool that changes something takes the place of the first one that was left. */
export function displaced(tool: ToolDefinition, left: readonly LeftCall[]): Undone {
  const first = tool.changes ? left.find((entry) => entry.tool === tool.name && !entry.doomed) : undefined
  if (first === undefined) return { ...nothing, left }
  const undone = undo(tool, first)
  return { ...undone, left: left.flatMap((entry) => (entry === first ? undone.left : [entry])) }
}

/** Undoes everything that is left. */
export function undoneAll(tools: Tools, left: readonly LeftCall[]): Undone {
  return left.toReversed().reduce<Undone>((sum, entry) => {
    const tool = tools[entry.tool]
    const { left: kept, calls, tried } = entry.doomed || tool === undefined ? { ...nothing, left: entry.doomed ? [entry] : [] } : undo(tool, entry)
    return { left: [...kept, ...sum.left], calls: [...sum.calls, ...calls], tried: [...sum.tried, ...tried] }
  }, nothing)
}

/** What is done about one call that is off the path. */
function undo(tool: ToolDefinition, entry: LeftCall): Undone {
  if (!tool.changes || entry.result?.ok === false) return nothing
  if (entry.result === null) return { ...nothing, left: [{ ...entry, doomed: true }] }
  if (tool.compensate === null) return { ...nothing, tried: [`${tool.name} was done, is no longer wanted, and cannot be undone`] }
  return { ...nothing, calls: [{ call: undoOf(entry.call), tool: tool.name, input: entry.input, undoes: { output: entry.result.output } }] }
}

/** The result of a call that is off the path: kept while the path may come by it again, else what it did is undone. */
export function resultOfLeft(tools: Tools, left: readonly LeftCall[], call: string, result: CallResult): Undone | null {
  const entry = left.find((held) => held.call === call && held.result === null)
  if (entry === undefined) return null
  const known: LeftCall = { ...entry, result, doomed: false }
  const tool = tools[entry.tool]
  const undone = entry.doomed ? (tool === undefined ? nothing : undo(tool, known)) : { ...nothing, left: [known] }
  return { ...undone, left: left.flatMap((held) => (held === entry ? undone.left : [held])) }
}

/** The calls of a path that is left. */
export function leftBehind(calls: readonly CallEntry[], left: readonly LeftCall[]): LeftCall[] {
  return [...calls.map((entry) => ({ ...entry, doomed: false })), ...left]
}
