/** Rules are named by where they stand: finds a policy's outcomes in the app's source, to number them and to show them. */
import type { PolicyDefinition, RecordedRule, RuleSource } from '../definition/index.ts'
import type { Site } from './moment.ts'

/** Lines shown around a rule. */
const linesBefore = 4
const linesAfter = 5

interface Place {
  readonly file: string
  /** Positions of the policy's outcomes, in order: [line, column], both from 1. */
  readonly outcomes: readonly (readonly [number, number])[]
}

/** Where a policy stands in the sources; null when its text is not found as it runs. */
export function placeOf(policy: PolicyDefinition, sources: Readonly<Record<string, string>>): Place | null {
  const shape = bare(policy.decide.toString())
  for (const [file, source] of Object.entries(sources)) {
    const start = indexOfShape(source, shape)
    if (start < 0) continue
    const end = endOfShape(source, start, shape.length)
    const outcomes: [number, number][] = []
    for (const match of source.slice(start, end).matchAll(/(?<![.\w])(?:answer|nothing)\s*\(/g)) outcomes.push(positionAt(source, start + match.index))
    return { file, outcomes }
  }
  return null
}

export function ruleAt(site: Site | null, place: Place | null, folderUrl: string): RecordedRule | null {
  if (!site) return null
  const file = site.file.startsWith(folderUrl) ? site.file.slice(folderUrl.length).split('?')[0] ?? site.file : site.file
  const index = place?.outcomes.findIndex(([line, column]) => line === site.line && Math.abs(column - site.column) <= (line === 1 ? 1e6 : 0)) ?? -1
  return { file, line: site.line, column: site.column, index: index + 1, count: index < 0 ? 0 : (place?.outcomes.length ?? 0) }
}

export function ruleSource(rule: RecordedRule | null, sources: Readonly<Record<string, string>>): RuleSource | null {
  const source = rule ? sources[rule.file] : undefined
  if (!rule || source === undefined) return null
  const all = source.split('\n')
  const firstLine = Math.max(1, rule.line - linesBefore)
  return { file: rule.file, firstLine, lines: all.slice(firstLine - 1, rule.line + linesAfter), line: rule.line }
}

// Types are stripped to blanks before the code runs, so a function's own text differs from the source in white space
// and erased types only; without white space its text is found where it begins.
function bare(text: string): string {
  return text.replace(/\s+/g, '')
}

/** Start of the place in `source` whose text without white space begins with the head of `shape`. */
function indexOfShape(source: string, shape: string): number {
  const head = shape.slice(0, 120)
  const positions: number[] = []
  let squeezed = ''
  for (let i = 0; i < source.length; i++) {
    if (/\s/.test(source.charAt(i))) continue
    positions.push(i)
    squeezed += source.charAt(i)
  }
  const at = squeezed.indexOf(head)
  return at < 0 ? -1 : (positions[at] ?? -1)
}

function endOfShape(source: string, start: number, length: number): number {
  let left = length
  let i = start
  for (; i < source.length && left > 0; i++) if (!/\s/.test(source.charAt(i))) left--
  return i
}

function positionAt(source: string, index: number): [number, number] {
  const before = source.slice(0, index)
  return [before.split('\n').length, index - before.lastIndexOf('\n')]
}
