/**
 * How many texts a second the shipped intent model classifies in process, on one thread.
 *
 *     node bench/models-linear.ts [TEXTS.jsonl.gz]
 *
 * Measures: reading the text, scores of 77 labels, calibration, rounding; with `predict` also the prediction object
 * (its `scores` unread), in CPU seconds. Latency is of single `predict` calls in a closed loop. The baseline in the same
 * run is the plain form: the same n-grams looked up and added one by one, nothing kept per token.
 * Does not measure: the runner, the event loop, how right the answers are. Without a file of texts (`text` fields) it
 * makes messages from the model's own label words, which are shorter and repeat more.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { seededChance } from '../src/base/index.ts'
import { decodeLinear } from '../src/models/linear-format.ts'
import { readLinearModel } from '../src/models/linear.ts'
import { newTokens, pairFeature, plainHash, tokenFeatures, tokenFeaturesMax, tokenise, unitClasses } from '../src/models/tokens.ts'

const passes = 5
const bytes = readFileSync(new URL('../examples/harbour-bank/models/intent.model', import.meta.url))
const model = readLinearModel(bytes)
const file = process.argv[2]
const texts = file === undefined ? madeTexts() : readTexts(file)
const dense = new Float64Array(model.labels.length)

function readTexts(path: string): string[] {
  const data = readFileSync(path)
  const lines = (path.endsWith('.gz') ? gunzipSync(data) : data).toString('utf8').trim().split('\n')
  return lines.map((line) => (JSON.parse(line) as { text: string }).text)
}

function madeTexts(): string[] {
  const chance = seededChance('models-linear')
  const words = model.labels.flatMap((label) => label.split('_'))
  return Array.from({ length: 9_000 }, () => `${Array.from({ length: 6 + chance.below(12) }, () => chance.pick(words)).join(' ')}?`)
}

/** The plain form of the same model, without the token table, integer sums or calibration. */
function plainForm(): (text: string) => void {
  const { header, hashes, scales, idf, weights } = decodeLinear(bytes)
  const rows = new Map<number, number>(Array.from(hashes, (hash, row) => [hash, row]))
  const classes = unitClasses(header.form)
  const tokens = newTokens()
  const found = new Int32Array(tokenFeaturesMax)
  const sums = [new Float64Array(dense.length), new Float64Array(dense.length)] as const
  let squares = 0
  const add = (hash: number, sum: Float64Array): void => {
    const row = rows.get(hash)
    if (row === undefined) return
    squares += idf[row]! ** 2
    for (let c = 0; c < sum.length; c++) sum[c]! += scales[row]! * weights[row * sum.length + c]!
  }
  return (text) => {
    tokenise(text, header.form, classes, tokens)
    for (let at = 0; at < tokens.count; at++) {
      const count = tokenFeatures(tokens, at, found)
      for (let i = 0; i < count; i++) add(found[i]!, sums[0])
      if (at > 0) add(pairFeature(plainHash(tokens, at - 1), plainHash(tokens, at)), sums[1])
    }
    for (const sum of sums) for (let c = 0; c < sum.length; c++) sum[c]! /= Math.sqrt(squares + 1)
  }
}

function perCpuSecond(run: (text: string) => void): number {
  for (const text of texts) run(text)
  const before = process.cpuUsage()
  for (let pass = 0; pass < passes; pass++) for (const text of texts) run(text)
  const spent = process.cpuUsage(before)
  return Math.round((passes * texts.length) / ((spent.user + spent.system) / 1e6))
}

const denseRate = perCpuSecond((text) => model.probabilities(text, dense))
const predictRate = perCpuSecond((text) => model.predict(text))
const plainRate = perCpuSecond(plainForm())
const latencies = Float64Array.from(texts, (text) => {
  const from = performance.now()
  model.predict(text)
  return (performance.now() - from) * 1000
}).sort()
const at = (share: number): number => Math.round(latencies[Math.floor(share * (latencies.length - 1))]! * 10) / 10

console.log(
  JSON.stringify({
    bench: 'models-linear',
    labels: model.labels.length,
    texts: texts.length,
    source: file === undefined ? 'made' : 'file',
    textsPerCpuSecond: predictRate,
    denseTextsPerCpuSecond: denseRate,
    plainFormTextsPerCpuSecond: plainRate,
    p50Us: at(0.5),
    p99Us: at(0.99),
    node: process.version,
  }),
)
