/** Rules are named by where they stand: finds a policy's outcomes in the app's source, to number them and to show them. */
import type { PolicyDefinition, RecordedRule, RuleSource } from '../definition/index.ts'
import type { Site } from './moment.ts'

/** Lines shown around a rule. */
const linesBefore = 5
const linesAfter = 2

interface Place {
  readonly file: string
  /** Positions of the policy's outcomes, in order: [line, column], both from 1. */
  readonly outcomes: readonly (readonly [number, number])[]
}

/** Where a policy stands in the sources; null when its text is not found as it runs. */
export function placeOf(policy: PolicyDefinition, sources: Readonly<Record<string, string>>): Place | null {
  const text = policy.decide.toString()
  for (const [file, source] of Object.entries(sources)) {
    const start = startOf(text, source)
    if (start < 0) continue
    const outcomes: [number, number][] = []
    for (const match of text.matchAll(/(?<![.\w])(?:answer|bot|human|nothing)\s*\(/g)) outcomes.push(positionAt(source, start + match.index))
    return { file, outcomes }
  }
  return null
}

export function ruleAt(site: Site | null, place: Place | null, folderUrl: string): RecordedRule | null {
  if (!site) return null
  const file = site.file.startsWith(folderUrl) ? (site.file.slice(folderUrl.length).split('?')[0] ?? site.file) : site.file
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

// Types are stripped to blanks before the code runs, so a function's own text is as long as its source and differs from it
// only where it is blank.
function startOf(text: string, source: string): number {
  for (let start = source.indexOf(text.charAt(0)); start >= 0; start = source.indexOf(text.charAt(0), start + 1)) {
    let at = 0
    while (at < text.length && (text.charCodeAt(at) === source.charCodeAt(start + at) || text.charCodeAt(at) === 32)) at++
    if (at === text.length) return start
  }
  return -1
}

function positionAt(source: string, index: number): [number, number] {
  const before = source.slice(0, index)
  return [before.split('\n').length, index - before.lastIndexOf('\n')]
}
