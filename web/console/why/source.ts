/** The rule as it stands in the app's source, with the values it read written beside what read them. Pure. */
import type { DecisionRecord, RuleSource } from '../../../src/client/index.ts'
import { score, value } from '../../shared/format.ts'

export interface Piece {
  readonly text: string
  /** A value that was read here, not a part of the source. */
  readonly read: boolean
}

export interface SourceLine {
  readonly number: number
  readonly pieces: readonly Piece[]
  /** Part of the rule that was taken: its condition and its outcome. */
  readonly taken: boolean
  /** After the outcome, so it was not reached. */
  readonly after: boolean
}

type Reads = Pick<DecisionRecord, 'features' | 'predictions'>

/** How far above its outcome a rule's condition may begin. */
const conditionLinesMax = 6

export function annotated(source: RuleSource, record: Reads): SourceLine[] {
  const taken = source.line - source.firstLine
  const from = conditionStart(source.lines, taken)
  return source.lines.map((line, index) => ({
    number: source.firstLine + index,
    pieces: index > taken ? [{ text: line, read: false }] : pieces(line, record),
    taken: index >= from && index <= taken,
    after: index > taken,
  }))
}

/** The outcome's own line, or the line of the `if` above it that it belongs to: the nearest one that is indented less. */
function conditionStart(lines: readonly string[], taken: number): number {
  const line = lines[taken] ?? ''
  if (/\b(if|case|default)\b|\?/.test(line)) return taken
  const depth = indent(line)
  for (let index = taken - 1; index >= Math.max(0, taken - conditionLinesMax); index--) {
    const above = lines[index] ?? ''
    if (above.trim() === '' || /[;}]\s*$/.test(above)) return taken
    if (indent(above) < depth) return /\b(if|else|case|default)\b/.test(above) ? index : taken
  }
  return taken
}

function indent(line: string): number {
  return line.length - line.trimStart().length
}

// features.x · features.x.value · models.y.label · models.y.scores?.z · models.y.scores['z'], and without their first
// word where a policy took them apart in its parameters: `({ features, models: { tone } }) => tone.label`.
const feature = /(?<![\w$.])(?:features\??\.(?<whole>\w+)(?!\w|\??\.)|(?:features\??\.)?(?<feature>\w+)\??\.(?<part>value|status|ageMs|at)\b)/
const model =
  /(?<![\w$.])(?:models\??\.)?(?<model>\w+)\??\.(?<field>label|confidence|status|scores(?:\??\.(?<label>\w+)|(?:\?\.)?\[['"](?<quoted>[^'"]+)['"]\]))/

function pieces(line: string, record: Reads): Piece[] {
  const found: Piece[] = []
  let at = 0
  const reads = [feature, model]
    .flatMap((kind) => [...line.matchAll(new RegExp(kind, 'g'))])
    .map((match) => ({ match, held: heldAt(match.groups ?? {}, record) }))
    .sort((a, b) => a.match.index - b.match.index)
  for (const { match, held } of reads) {
    if (held === null || match.index < at) continue
    const end = match.index + match[0].length
    found.push({ text: line.slice(at, end), read: false }, { text: ` /* ${held} */`, read: true })
    at = end
  }
  if (at < line.length || found.length === 0) found.push({ text: line.slice(at), read: false })
  return found
}

/** What the record holds of an expression; null when it holds nothing of it. */
function heldAt(groups: Readonly<Record<string, string | undefined>>, { features, predictions }: Reads): string | null {
  const read = features.find(({ name }) => name === (groups['whole'] ?? groups['feature']))
  if (read) {
    if (groups['part'] === 'status') return read.status
    if (groups['part'] === 'ageMs') return value(read.ageMs)
    if (groups['part'] === 'at') return value(read.at)
    return read.status === 'PRESENT' ? value(read.value) : read.status
  }
  const prediction = predictions.find(({ model }) => model === groups['model'])
  if (!prediction) return null
  if (groups['field'] === 'label') return prediction.label ?? prediction.status
  if (groups['field'] === 'status') return prediction.status
  if (groups['field'] === 'confidence') return prediction.confidence === null ? prediction.status : score(prediction.confidence)
  const held = prediction.scores?.[groups['label'] ?? groups['quoted'] ?? '']
  return held === undefined ? (prediction.scores === null ? prediction.status : null) : score(held)
}
