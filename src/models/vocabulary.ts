/** The n-grams a model knows, and texts as sparse rows over them. Training only. */
import { newTokens, pairFeature, plainHash, tokenFeatures, tokenFeaturesMax, tokenise, unitClasses } from './tokens.ts'
import type { TextForm, Tokens } from './tokens.ts'

/** Inverse document frequencies are kept in steps of 1/24, so that a byte holds one exactly. */
export const idfSteps = 24

export interface Vocabulary {
  readonly form: TextForm
  /** Hash of each n-gram, those inside a token first. */
  readonly hashes: Int32Array
  /** How many of them stand inside a token; the rest are pairs. */
  readonly insideCount: number
  /** Inverse document frequency in steps of 1/24, at most 255. */
  readonly idf: Uint8Array
}

/** Texts as compressed sparse rows. A value is count · idf, divided by the norm of its block. */
export interface SparseRows {
  readonly count: number
  readonly starts: Int32Array
  readonly columns: Int32Array
  readonly values: Float32Array
  readonly columnCount: number
}

/** Calls `visit(hash, isPair)` for every occurrence of every n-gram of a text. */
export function visitFeatures(tokens: Tokens, scratch: Int32Array, visit: (hash: number, isPair: boolean) => void): void {
  for (let at = 0; at < tokens.count; at++) {
    const found = tokenFeatures(tokens, at, scratch)
    for (let i = 0; i < found; i++) visit(scratch[i]!, false)
    if (at > 0) visit(pairFeature(plainHash(tokens, at - 1), plainHash(tokens, at)), true)
  }
}

/** Counts documents per n-gram and keeps those in at least `dfMin` of them. */
export function buildVocabulary(texts: readonly string[], form: TextForm, dfMin: { inside: number; pair: number }): Vocabulary {
  const classes = unitClasses(form)
  const tokens = newTokens()
  const scratch = new Int32Array(tokenFeaturesMax)
  const seen = [new Map<number, number>(), new Map<number, number>()] as const
  const last = [new Map<number, number>(), new Map<number, number>()] as const
  texts.forEach((text, row) => {
    tokenise(text, form, classes, tokens)
    visitFeatures(tokens, scratch, (hash, isPair) => {
      const block = isPair ? 1 : 0
      if (last[block].get(hash) === row) return
      last[block].set(hash, row)
      seen[block].set(hash, (seen[block].get(hash) ?? 0) + 1)
    })
  })
  const keep = (block: 0 | 1, least: number): [number, number][] => [...seen[block]].filter(([, df]) => df >= least).sort((a, b) => (a[0] >>> 0) - (b[0] >>> 0))
  const inside = keep(0, dfMin.inside)
  const rows = [...inside, ...keep(1, dfMin.pair)]
  const hashes = Int32Array.from(rows, ([hash]) => hash)
  const idf = Uint8Array.from(rows, ([, df]) => Math.min(255, Math.round(idfSteps * (Math.log((1 + texts.length) / (1 + df)) + 1))))
  return { form, hashes, insideCount: inside.length, idf }
}

/** The vocabulary of the kept columns, in the same order. */
export function pruneVocabulary(vocabulary: Vocabulary, kept: Int32Array): Vocabulary {
  let insideCount = 0
  for (const column of kept) if (column < vocabulary.insideCount) insideCount++
  return {
    form: vocabulary.form,
    hashes: Int32Array.from(kept, (column) => vocabulary.hashes[column]!),
    idf: Uint8Array.from(kept, (column) => vocabulary.idf[column]!),
    insideCount,
  }
}

/** Texts as rows over a vocabulary. Each block is divided by √Σ idf² over its known occurrences. */
export function sparseRows(texts: readonly string[], vocabulary: Vocabulary): SparseRows {
  const { form, hashes, insideCount, idf } = vocabulary
  const inside = new Map<number, number>()
  const pairs = new Map<number, number>()
  hashes.forEach((hash, column) => (column < insideCount ? inside : pairs).set(hash, column))
  const classes = unitClasses(form)
  const tokens = newTokens()
  const scratch = new Int32Array(tokenFeaturesMax)
  const counts = new Int32Array(hashes.length)
  const starts = new Int32Array(texts.length + 1)
  const columns: number[] = []
  const values: number[] = []
  texts.forEach((text, row) => {
    const from = columns.length
    let insideSquares = 0
    let pairSquares = 0
    tokenise(text, form, classes, tokens)
    visitFeatures(tokens, scratch, (hash, isPair) => {
      const column = (isPair ? pairs : inside).get(hash)
      if (column === undefined) return
      if (counts[column]! === 0) columns.push(column)
      counts[column]!++
      const weight = idf[column]! / idfSteps
      if (isPair) pairSquares += weight * weight
      else insideSquares += weight * weight
    })
    for (let k = from; k < columns.length; k++) {
      const column = columns[k]!
      const norm = Math.sqrt(column < insideCount ? insideSquares : pairSquares)
      values.push((counts[column]! * (idf[column]! / idfSteps)) / norm)
      counts[column] = 0
    }
    starts[row + 1] = columns.length
  })
  return { count: texts.length, starts, columns: Int32Array.from(columns), values: Float32Array.from(values), columnCount: hashes.length }
}
