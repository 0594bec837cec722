/** What is written beside a model file: its labels as a type, and its card in Markdown. Training only. */
import type { Evaluation, HeadEvaluation } from './evaluate.ts'
import type { LinearModel } from './linear.ts'
import type { Interval } from './measure.ts'
import type { CrossValidation } from './train.ts'

/** A TypeScript file with one union type per entry; a misspelt label then does not compile. */
export function labelsFile(types: readonly { readonly name: string; readonly labels: readonly string[] }[]): string {
  const text = (label: string): string => `'${label.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const blocks = types.map(({ name, labels }) => `export type ${name} =\n${labels.map((label) => `  | ${text(label)}`).join('\n')}\n`)
  return `// Written by \`battuta train\`. Do not edit: train again.\n\n${blocks.join('\n')}`
}

export interface CardFacts {
  readonly source: string
  readonly licence: string
  readonly attribution: string
  readonly split: string
  readonly use: string
  readonly limits: readonly string[]
  readonly command: string
}

export interface CardFigures {
  readonly model: LinearModel
  readonly bytes: number
  readonly texts: number
  readonly folds: number
  readonly seed: string
  readonly crossValidation: CrossValidation
  /** On texts that nothing was tuned on. */
  readonly validation: Evaluation | undefined
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`
const interval = (value: Interval): string => `${percent(value.value)} [${percent(value.low)}, ${percent(value.high)}]`

function headRows(head: HeadEvaluation): string[] {
  const rows = [`| texts | ${head.texts} |`]
  if (head.accuracy !== undefined) rows.push(`| accuracy [95 % interval, Wilson] | ${interval(head.accuracy)} |`)
  rows.push(`| macro-F1 | ${percent(head.macroF1)} |`)
  rows.push(`| expected calibration error, 10 bins${head.kind === 'sigmoid' ? ', mean over labels' : ''} | ${head.calibrationError.toFixed(4)} |`)
  return rows
}

function section(title: string, evaluation: Evaluation): string[] {
  return evaluation.heads.flatMap((head) => [
    '',
    `## ${title}: ${head.name}`,
    '',
    '| figure | value |',
    '| --- | --- |',
    ...headRows(head),
    ...labelTable(head),
  ])
}

function labelTable(head: HeadEvaluation): string[] {
  if (head.kind === 'softmax') return []
  const rows = head.labels.map((label) => `| ${label.label} | ${label.texts} | ${percent(label.f1)} | ${label.threshold} |`)
  return ['', '| label | texts | F1 | threshold |', '| --- | --- | --- | --- |', ...rows]
}

/** The model card: what it is, what it learned from, how good it is, what it is not for. */
export function cardMarkdown(facts: CardFacts, figures: CardFigures): string {
  const { model, crossValidation } = figures
  const first = crossValidation.folds.map((fold) => fold.heads[0]!.accuracy?.value ?? fold.heads[0]!.macroF1)
  const kind = crossValidation.pooled.heads[0]!.kind === 'softmax' ? 'accuracy' : 'macro-F1'
  const lines = [
    `# Model card: ${model.name}`,
    '',
    model.card.summary,
    '',
    '| | |',
    '| --- | --- |',
    `| version | \`${model.version}\` |`,
    `| file | ${figures.bytes} bytes, ${model.labels.length} labels |`,
    `| trained on | ${figures.texts} texts, seed \`${figures.seed}\` |`,
    `| made by | \`${facts.command}\` |`,
    `| source | ${facts.source} |`,
    `| licence of the data | ${facts.licence} |`,
    `| attribution | ${facts.attribution} |`,
    `| split | ${facts.split} |`,
    '',
    '## Cross-validation',
    '',
    `Mean ${kind} of ${figures.folds} folds of the training texts, each measured with a file as it ships (at most 3 MB, a byte a weight):`,
    `**${percent(crossValidation.mean)}** (lowest fold ${percent(Math.min(...first))}, highest ${percent(Math.max(...first))}).`,
    ...section('Out-of-fold figures', crossValidation.pooled),
  ]
  if (figures.validation !== undefined) lines.push(...section('Validation, never tuned on', figures.validation))
  lines.push('', '## Use', '', facts.use, '', '## Limits', '', ...facts.limits.map((limit) => `- ${limit}`), '')
  return lines.join('\n')
}
