/**
 * Trains a linear text model: cross-validates the very file that ships (pruned, a byte a weight), fits the calibration
 * on those out-of-fold scores, then fits once more on all texts. Equal options and seed give equal bytes.
 */
import { realWorld, seededChance } from '../base/index.ts'
import { fitPlatt, fitTemperature } from './calibrate.ts'
import { compileModel, importantColumns, rowBytes } from './compile.ts'
import { assignFolds, measuredRows, selectRows } from './corpus.ts'
import type { Corpus } from './corpus.ts'
import { evaluateScores } from './evaluate.ts'
import type { Evaluation } from './evaluate.ts'
import { blend, fitDescent, fitMargins } from './fit.ts'
import type { LinearMap } from './fit.ts'
import { modelBytesMax } from './linear-format.ts'
import type { LinearHead, ModelCard } from './linear-format.ts'
import { readLinearModel } from './linear.ts'
import type { LinearModel } from './linear.ts'
import type { TextForm } from './tokens.ts'
import { buildVocabulary, pruneVocabulary, sparseRows } from './vocabulary.ts'
import type { Vocabulary } from './vocabulary.ts'

export interface Progress {
  readonly stage: 'read' | 'fold' | 'fit' | 'calibrate' | 'write'
  readonly done: number
  readonly total: number
  readonly message: string
}

/** How to fit. The defaults were chosen by cross-validation on BANKING77's training texts. */
export interface FitPlan {
  readonly form: TextForm
  /** An n-gram is known if at least this many texts have it. */
  readonly dfMin: { readonly inside: number; readonly pair: number }
  /** Cost of the squared hinge. */
  readonly hingeCost: number
  /** Share of the hinge and of the cross-entropy map in the blend; 0 leaves one out. */
  readonly hingeShare: number
  readonly entropyShare: number
  readonly epochs: number
  readonly rate: number
  readonly dropout: number
  readonly smoothing: number
}

export const fitDefaults: FitPlan = {
  form: { marks: '?!$%€£', shout: false },
  dfMin: { inside: 2, pair: 2 },
  hingeCost: 1,
  hingeShare: 4.6,
  entropyShare: 3.4,
  epochs: 12,
  rate: 0.15,
  dropout: 0.4,
  smoothing: 0.1,
}

export interface TrainOptions {
  readonly name: string
  readonly corpus: Corpus
  readonly plan: FitPlan
  readonly folds: number
  readonly seed: string
  readonly bytesMax?: number
  readonly card: ModelCard
  readonly progress?: (progress: Progress) => void
}

export interface CrossValidation {
  readonly folds: readonly Evaluation[]
  /** Mean over folds of the first head's accuracy (softmax) or macro-F1 (sigmoid). */
  readonly mean: number
  /** Uncalibrated scores of every row by the model that had not seen it. */
  readonly scores: Float64Array
  /** Heads with the calibration those scores call for. */
  readonly heads: readonly LinearHead[]
  /** The evaluation of all rows together, after that calibration. */
  readonly pooled: Evaluation
}

export interface TrainedModel {
  readonly bytes: Uint8Array
  readonly model: LinearModel
  readonly crossValidation: CrossValidation
}

type Fitted = { map: LinearMap; vocabulary: Vocabulary }

function fitMap(
  corpus: Corpus,
  vocabulary: Vocabulary,
  plan: FitPlan,
  seed: string,
  report: (message: string) => void,
): LinearMap & { rows: ReturnType<typeof sparseRows> } {
  const rows = sparseRows(corpus.texts, vocabulary)
  const heads = corpus.heads.map((head) => ({ kind: head.kind, labels: head.labels.length }))
  const { labelCount, targets } = corpus
  const hinge = (): LinearMap =>
    fitMargins(rows, targets, labelCount, { cost: plan.hingeCost, passesMax: 30, tolerance: 0.1 }, seededChance(`${seed}/hinge`), (done) =>
      report(`hinge, label ${done} of ${labelCount}`),
    )
  const entropy = (): LinearMap =>
    fitDescent(rows, targets, labelCount, { ...plan, heads }, seededChance(`${seed}/entropy`), (done) =>
      report(`cross-entropy, epoch ${done} of ${plan.epochs}`),
    )
  if (plan.hingeShare === 0) return { ...entropy(), rows }
  if (plan.entropyShare === 0) return { ...hinge(), rows }
  return { ...blend(hinge(), plan.hingeShare, entropy(), plan.entropyShare), rows }
}

/** Fits, and if the file would be too long keeps the most important rows and fits those again. */
function fitCorpus(corpus: Corpus, plan: FitPlan, seed: string, bytesMax: number, report: (message: string) => void): Fitted {
  const all = buildVocabulary(corpus.texts, plan.form, plan.dfMin)
  const first = fitMap(corpus, all, plan, seed, report)
  const rowsMax = Math.floor((bytesMax - headerBytesReserved) / rowBytes(corpus.labelCount))
  if (all.hashes.length <= rowsMax) return { map: first, vocabulary: all }
  report(`keeping ${rowsMax} of ${all.hashes.length} n-grams`)
  const vocabulary = pruneVocabulary(all, importantColumns(first, first.rows, rowsMax))
  return { map: fitMap(corpus, vocabulary, plan, seed, report), vocabulary }
}

const headerBytesReserved = 24 * 1024

function uncalibrated(corpus: Corpus): LinearHead[] {
  return corpus.heads.map((head) => {
    const length = head.kind === 'softmax' ? 1 : head.labels.length
    return { ...head, slopes: Array.from({ length }, () => 1), offsets: Array.from({ length }, () => 0) }
  })
}

/** Heads with the calibration that held-out scores call for; unknown targets are left out. */
export function calibrateHeads(corpus: Corpus, scores: Float64Array): LinearHead[] {
  const { labelCount, targets } = corpus
  let first = 0
  return corpus.heads.map((head) => {
    const at = first
    first += head.labels.length
    const rows = measuredRows(corpus, at)
    const pick = (values: ArrayLike<number>, c: number): Float64Array => Float64Array.from(rows, (row) => values[row * labelCount + at + c]!)
    if (head.kind === 'sigmoid') {
      const fits = head.labels.map((_, c) => fitPlatt(pick(scores, c), pick(targets, c)))
      return { ...head, slopes: fits.map((fit) => fit.slope), offsets: fits.map((fit) => fit.offset) }
    }
    const own = new Float64Array(rows.length * head.labels.length)
    const truth = new Int32Array(rows.length)
    rows.forEach((row, i) => {
      for (let c = 0; c < head.labels.length; c++) {
        own[i * head.labels.length + c] = scores[row * labelCount + at + c]!
        if (targets[row * labelCount + at + c] === 1) truth[i] = c
      }
    })
    return { ...head, slopes: [fitTemperature(own, truth, head.labels.length)], offsets: [0] }
  })
}

/** Fits `folds` times, each time leaving a part out and scoring it with the file as it would ship. */
export async function crossValidate(options: TrainOptions): Promise<CrossValidation> {
  const { corpus, folds, seed } = options
  const fold = assignFolds(corpus.texts.length, folds, seed)
  const scores = new Float64Array(corpus.texts.length * corpus.labelCount)
  for (let f = 0; f < folds; f++) {
    const indices = [...fold.keys()]
    const model = fitFile(
      options,
      selectRows(
        corpus,
        indices.filter((row) => fold[row] !== f),
      ),
      `${seed}/fold-${f}`,
      uncalibrated(corpus),
      (message) => options.progress?.({ stage: 'fold', done: f, total: folds, message: `fold ${f + 1} of ${folds}: ${message}` }),
    )
    for (const row of indices)
      if (fold[row] === f) model.model.rawScores(corpus.texts[row]!, scores.subarray(row * corpus.labelCount, (row + 1) * corpus.labelCount))
    await new Promise<void>((resume) => realWorld().defer(resume))
  }
  const heads = calibrateHeads(corpus, scores)
  const pooled = evaluateScores(corpus, scores, heads)
  const thresholds = Object.fromEntries(pooled.heads.flatMap((head) => head.labels.map((label) => [label.label, label.threshold])))
  const parts = Array.from({ length: folds }, (_, f) => {
    const rows = [...fold.keys()].filter((row) => fold[row] === f)
    const part = new Float64Array(rows.length * corpus.labelCount)
    rows.forEach((row, i) => part.set(scores.subarray(row * corpus.labelCount, (row + 1) * corpus.labelCount), i * corpus.labelCount))
    return evaluateScores(selectRows(corpus, rows), part, heads, thresholds)
  })
  const figure = (evaluation: Evaluation): number => evaluation.heads[0]!.accuracy?.value ?? evaluation.heads[0]!.macroF1
  const mean = parts.reduce((sum, part) => sum + figure(part), 0) / folds
  options.progress?.({ stage: 'fold', done: folds, total: folds, message: `mean of ${folds} folds: ${(100 * mean).toFixed(2)} %` })
  return { folds: parts, mean, scores, heads, pooled }
}

function fitFile(
  options: TrainOptions,
  corpus: Corpus,
  seed: string,
  heads: readonly LinearHead[],
  report: (message: string) => void,
): { bytes: Uint8Array; model: LinearModel } {
  const fitted = fitCorpus(corpus, options.plan, seed, Math.min(options.bytesMax ?? modelBytesMax, modelBytesMax), report)
  const bytes = compileModel(fitted.map, fitted.vocabulary, {
    name: options.name,
    heads,
    trained: { texts: corpus.texts.length, seed: options.seed },
    card: options.card,
  })
  return { bytes, model: readLinearModel(bytes) }
}

/**
 * Cross-validates, calibrates and fits a model. The card gains the cross-validated figures.
 *
 * @example
 * const trained = await trainTextModel({ name: 'intent', corpus, plan: fitDefaults, folds: 10, seed: '1', card })
 * trained.crossValidation.mean // the mean of the folds' accuracy
 */
export async function trainTextModel(options: TrainOptions): Promise<TrainedModel> {
  const crossValidation = await crossValidate(options)
  const metrics = { ...options.card.metrics, crossValidatedMean: Math.round(crossValidation.mean * 1e4) / 1e4, folds: options.folds }
  const fitted = fitFile({ ...options, card: { ...options.card, metrics } }, options.corpus, `${options.seed}/all`, crossValidation.heads, (message) =>
    options.progress?.({ stage: 'fit', done: 0, total: 1, message: `all texts: ${message}` }),
  )
  options.progress?.({ stage: 'fit', done: 1, total: 1, message: `${fitted.bytes.length} bytes, version ${fitted.model.version}` })
  return { ...fitted, crossValidation }
}
