/** Labelled texts: JSON Lines, plain or gzipped, to texts and targets. Training only. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { BattutaError, seededChance } from '../base/index.ts'

/** A head as the training config names it. Labels are read from the data when none are given. */
export interface HeadPlan {
  readonly name: string
  readonly kind: 'softmax' | 'sigmoid'
  readonly labels?: readonly string[]
}

/** Where rows come from. `fields` says which field holds which head's label or labels; a head without one is unknown there. */
export interface SourcePlan {
  readonly train: string
  readonly validation?: string
  readonly text: string
  readonly fields: Readonly<Record<string, string>>
  /**
   * Labels taken to hold (or not) for every row of a source without labels of its own: plain questions as `neutral` and
   * not `surprise`, for instance. What is assumed teaches; it is never measured or calibrated on.
   */
  readonly assume?: Readonly<Record<string, boolean>>
  /** Take every n-th row only. */
  readonly every?: number
}

export interface HeadLabels {
  readonly name: string
  readonly kind: 'softmax' | 'sigmoid'
  readonly labels: readonly string[]
}

export interface Corpus {
  readonly heads: readonly HeadLabels[]
  readonly labelCount: number
  readonly texts: readonly string[]
  /** Row by row, label by label: 1 holds, 0 does not, -1 unknown. */
  readonly targets: Float32Array
  /** Rows whose labels are assumed: they teach and are not measured. */
  readonly assumed: Uint8Array
}

/** What a source says of one head for one row: labels, or undefined for unknown. */
export interface LabelledText {
  readonly text: string
  readonly labels: Readonly<Record<string, readonly string[]>>
  readonly assume?: Readonly<Record<string, boolean>>
}

/** Reads the rows of one file; a line that does not fit is refused by its number. */
export function readLabelled(file: string, plan: Omit<SourcePlan, 'train' | 'validation'>): LabelledText[] {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
    if (file.endsWith('.gz')) bytes = gunzipSync(bytes)
  } catch (cause) {
    throw new BattutaError('FILE_INVALID', `${file} cannot be read; check --data and the paths in the config`, { cause })
  }
  const rows: LabelledText[] = []
  bytes
    .toString('utf8')
    .split('\n')
    .forEach((line, index) => {
      if (line.trim() === '') return
      const refuse = (wrong: string): never => {
        throw new BattutaError('FILE_INVALID', `${file} line ${index + 1}: ${wrong}; mend the line or the config's field names`)
      }
      let row: Record<string, unknown>
      try {
        row = JSON.parse(line) as Record<string, unknown>
      } catch {
        return refuse('not JSON')
      }
      const text = row[plan.text]
      if (typeof text !== 'string') return refuse(`field "${plan.text}" is ${typeof text}, not a text`)
      const labels: Record<string, readonly string[]> = {}
      for (const [head, field] of Object.entries(plan.fields)) {
        const value = row[field]
        const list = Array.isArray(value) ? value : [value]
        if (!list.every((item) => typeof item === 'string')) return refuse(`field "${field}" holds no label`)
        labels[head] = list
      }
      rows.push(plan.assume === undefined ? { text, labels } : { text, labels, assume: plan.assume })
    })
  return plan.every === undefined ? rows : rows.filter((_, index) => index % plan.every! === 0)
}

/** Lines texts and targets up. `known` gives heads with their labels (to evaluate); otherwise labels are found and sorted. */
export function buildCorpus(rows: readonly LabelledText[], plans: readonly HeadPlan[]): Corpus {
  const heads = plans.map((plan) => ({
    name: plan.name,
    kind: plan.kind,
    labels: plan.labels ?? [...new Set(rows.flatMap((row) => row.labels[plan.name] ?? []))].sort(),
  }))
  const labelCount = heads.reduce((sum, head) => sum + head.labels.length, 0)
  const targets = new Float32Array(rows.length * labelCount)
  rows.forEach((row, index) => {
    let at = index * labelCount
    for (const head of heads) {
      const own = row.labels[head.name]
      head.labels.forEach((label, c) => {
        const holds = own === undefined ? row.assume?.[label] : own.includes(label)
        targets[at + c] = holds === undefined ? -1 : Number(holds)
      })
      const holds = own === undefined ? 1 : head.labels.filter((label) => own.includes(label)).length
      if (head.kind === 'softmax' && holds !== 1) {
        throw new BattutaError(
          'FILE_INVALID',
          `"${row.text.slice(0, 40)}" has ${holds} labels of head "${head.name}", not one; make the head a sigmoid or mend the row`,
        )
      }
      at += head.labels.length
    }
  })
  return { heads, labelCount, texts: rows.map((row) => row.text), targets, assumed: Uint8Array.from(rows, (row) => Number(row.assume !== undefined)) }
}

/** The rows whose labels of a head are known and not assumed; `at` is the head's first label. */
export function measuredRows(corpus: Corpus, at: number): number[] {
  return corpus.texts.map((_, row) => row).filter((row) => corpus.targets[row * corpus.labelCount + at]! >= 0 && corpus.assumed[row] === 0)
}

/** The rows of a corpus at the given indices. */
export function selectRows(corpus: Corpus, indices: readonly number[]): Corpus {
  const { labelCount } = corpus
  const targets = new Float32Array(indices.length * labelCount)
  indices.forEach((row, i) => targets.set(corpus.targets.subarray(row * labelCount, (row + 1) * labelCount), i * labelCount))
  return { ...corpus, texts: indices.map((row) => corpus.texts[row]!), targets, assumed: Uint8Array.from(indices, (row) => corpus.assumed[row]!) }
}

/** The fold of every row: a seeded shuffle dealt out in turn, so fold sizes differ by one at most. */
export function assignFolds(count: number, folds: number, seed: string): Int32Array {
  const chance = seededChance(`${seed}/folds`)
  const order = Int32Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const j = chance.below(i + 1)
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
  const fold = new Int32Array(count)
  order.forEach((row, i) => {
    fold[row] = i % folds
  })
  return fold
}
