/** Evaluates a model, or held-out scores, on labelled texts. */
import { measuredRows } from './corpus.ts'
import type { Corpus } from './corpus.ts'
import type { LinearHead } from './linear-format.ts'
import type { LinearModel } from './linear.ts'
import { applyHead } from './linear.ts'
import { bestThreshold, expectedCalibrationError, f1, macroF1, wilson } from './measure.ts'
import type { Interval } from './measure.ts'

export interface LabelFigures {
  readonly label: string
  readonly texts: number
  /** F1 at the threshold; for competing labels, of the top label. */
  readonly f1: number
  readonly threshold: number
}

export interface HeadEvaluation {
  readonly name: string
  readonly kind: 'softmax' | 'sigmoid'
  readonly texts: number
  /** Share of texts whose top label is right, with its 95 % interval; only where labels compete. */
  readonly accuracy?: Interval
  readonly macroF1: number
  /** Ten equal-width bins; of the top label (softmax), or the mean over labels (sigmoid). */
  readonly calibrationError: number
  readonly labels: readonly LabelFigures[]
}

export interface Evaluation {
  readonly texts: number
  readonly heads: readonly HeadEvaluation[]
}

/** Thresholds per label name; without them a sigmoid label's best threshold on these very texts is used. */
export type Thresholds = Readonly<Record<string, number>>

/** Evaluates uncalibrated scores under the given heads. */
export function evaluateScores(corpus: Corpus, scores: Float64Array, heads: readonly LinearHead[], thresholds?: Thresholds): Evaluation {
  const { labelCount } = corpus
  const rows = corpus.texts.length
  const probabilities = scores.slice()
  const tops = heads.map(() => new Int32Array(rows))
  for (let row = 0; row < rows; row++) {
    const values = probabilities.subarray(row * labelCount, (row + 1) * labelCount)
    let first = 0
    heads.forEach((head, h) => {
      tops[h]![row] = applyHead(values, first, head) - first
      first += head.labels.length
    })
  }
  let first = 0
  return {
    texts: rows,
    heads: heads.map((head, h) => {
      const at = first
      first += head.labels.length
      const known = measuredRows(corpus, at)
      const column = (values: ArrayLike<number>, c: number): Float64Array => Float64Array.from(known, (row) => values[row * labelCount + at + c]!)
      return head.kind === 'softmax'
        ? evaluateSoftmax(
            head,
            known.map((row) => tops[h]![row]!),
            (c) => column(corpus.targets, c),
            (c) => column(probabilities, c),
          )
        : evaluateSigmoid(
            head,
            known.length,
            (c) => column(corpus.targets, c),
            (c) => column(probabilities, c),
            thresholds,
          )
    }),
  }
}

type Column = (label: number) => Float64Array

function evaluateSoftmax(head: LinearHead, tops: readonly number[], targets: Column, probabilities: Column): HeadEvaluation {
  const truth = new Int32Array(tops.length)
  const confidences = new Float64Array(tops.length)
  const labels = head.labels.map((label, c): LabelFigures => {
    const own = targets(c)
    const stated = probabilities(c)
    let texts = 0
    let hits = 0
    let said = 0
    for (let i = 0; i < own.length; i++) {
      if (own[i] === 1) truth[i] = c
      texts += own[i]!
      if (tops[i] !== c) continue
      said++
      confidences[i] = stated[i]!
      if (own[i] === 1) hits++
    }
    return { label, texts, f1: f1(hits, said - hits, texts - hits), threshold: 0 }
  })
  const right = tops.map((top, i) => top === truth[i])
  return {
    name: head.name,
    kind: 'softmax',
    texts: tops.length,
    accuracy: wilson(right.filter(Boolean).length, tops.length),
    macroF1: macroF1(tops, truth, head.labels.length),
    calibrationError: expectedCalibrationError(confidences, right),
    labels,
  }
}

function evaluateSigmoid(head: LinearHead, texts: number, targets: Column, probabilities: Column, thresholds: Thresholds | undefined): HeadEvaluation {
  let error = 0
  const labels = head.labels.map((label, c): LabelFigures => {
    const truth = targets(c)
    const stated = probabilities(c)
    error += expectedCalibrationError(stated, truth) / head.labels.length
    const threshold = thresholds?.[label] ?? bestThreshold(stated, truth).threshold
    let hits = 0
    let said = 0
    let holds = 0
    for (let i = 0; i < truth.length; i++) {
      holds += truth[i]!
      if (stated[i]! < threshold) continue
      said++
      hits += truth[i]!
    }
    return { label, texts: holds, f1: f1(hits, said - hits, holds - hits), threshold }
  })
  return { name: head.name, kind: 'sigmoid', texts, macroF1: labels.reduce((sum, label) => sum + label.f1, 0) / labels.length, calibrationError: error, labels }
}

/** Evaluates a model on texts. The corpus must have the model's labels in the model's order. */
export function evaluate(model: LinearModel, corpus: Corpus, thresholds?: Thresholds): Evaluation {
  const labels = model.labels.length
  const scores = new Float64Array(corpus.texts.length * labels)
  corpus.texts.forEach((text, row) => model.rawScores(text, scores.subarray(row * labels, (row + 1) * labels)))
  return evaluateScores(corpus, scores, model.heads, thresholds)
}
