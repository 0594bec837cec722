import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { BattutaError, seededChance } from '../base/index.ts'
import { compileModel, quantise } from './compile.ts'
import type { LinearMap } from './fit.ts'
import { contentAt, decodeLinear, encodeLinear } from './linear-format.ts'
import type { LinearHead } from './linear-format.ts'
import { expNegative, readLinearModel } from './linear.ts'
import type { LinearModel } from './linear.ts'
import { buildVocabulary, idfSteps, sparseRows } from './vocabulary.ts'
import type { Vocabulary } from './vocabulary.ts'

const texts = [
  'Where is my card? It has NOT arrived',
  'my card is blocked',
  'I was charged twice for one payment!',
  'what is the exchange rate for euros?',
  'please close my account',
  'the exchange rate was wrong!!',
  'why was my payment declined',
  'cancel the transfer I made yesterday',
  'my transfer has not arrived',
  'CLOSE my account now!!',
]
const labels = ['card', 'payment', 'rate', 'account', 'transfer']
const head: LinearHead = { name: 'intent', kind: 'softmax', labels, slopes: [1.3], offsets: [0] }
const tone: LinearHead = { name: 'tone', kind: 'sigmoid', labels: ['angry', 'calm'], slopes: [0.7, -0.4], offsets: [-0.2, 0.1] }
const card = { summary: 's', source: 's', licence: 'l', attribution: 'a', metrics: {} }

const vocabulary = buildVocabulary(texts, { marks: '?!', shout: true }, { inside: 1, pair: 1 })

function randomMap(labelCount: number, seed: string): LinearMap {
  const chance = seededChance(seed)
  const draw = (): number => (chance.next() - 0.5) * 4 * chance.next() ** 3
  return {
    labelCount,
    weights: Float32Array.from({ length: vocabulary.hashes.length * labelCount }, draw),
    bias: Float64Array.from({ length: labelCount }, draw),
  }
}

const map = randomMap(7, 'map')
const bytes = compileModel(map, vocabulary, { name: 'test', heads: [head, tone], trained: { texts: 10, seed: '1' }, card })
const open = (): LinearModel => readLinearModel(bytes)

/** The naive form: the float weights over the sparse row that training sees. */
function oracle(text: string, weights: LinearMap, known: Vocabulary): Float64Array {
  const rows = sparseRows([text], known)
  const scores = weights.bias.slice()
  for (let k = 0; k < rows.columns.length; k++)
    for (let c = 0; c < scores.length; c++) scores[c]! += rows.values[k]! * weights.weights[rows.columns[k]! * scores.length + c]!
  return scores
}

/** Messages made of the training words, unknown words and anything else. */
const someWords = texts.flatMap((text) => text.split(' '))
const message = fc
  .array(fc.oneof(fc.constantFrom(...someWords), fc.constantFrom('zebra', 'AGAIN', '??', '😡', ''), fc.string({ maxLength: 8 })), { maxLength: 40 })
  .map((parts) => parts.join(' '))

test('scores equal the naive form with the weights that quantisation leaves', () => {
  const model = open()
  const { unit, scales, weights } = quantise(map, vocabulary.idf)
  const left: LinearMap = {
    ...map,
    weights: Float32Array.from(weights, (byte, i) => (byte * scales[Math.floor(i / 7)]! * unit * idfSteps) / vocabulary.idf[Math.floor(i / 7)]!),
  }
  const scores = new Float64Array(7)
  fc.assert(
    fc.property(message, (text) => {
      model.rawScores(text, scores)
      oracle(text, left, vocabulary).forEach((expected, c) =>
        assert.ok(Math.abs(scores[c]! - expected) < 2e-5 * (1 + Math.abs(expected)), `${scores[c]} is not ${expected}`),
      )
    }),
  )
})

test('a quantised weight is off by at most half a step, and a step by at most 1/127 of the row plus a unit', () => {
  fc.assert(
    fc.property(fc.string(), (seed) => {
      const drawn = randomMap(7, seed)
      const { unit, scales, weights } = quantise(drawn, vocabulary.idf)
      for (let row = 0; row < scales.length; row++) {
        const own = Array.from({ length: 7 }, (_, c) => (drawn.weights[row * 7 + c]! * vocabulary.idf[row]!) / idfSteps)
        assert.ok(scales[row]! * unit <= Math.max(...own.map(Math.abs)) / 127 + unit * (1 + 1e-9))
        own.forEach((weight, c) => assert.ok(Math.abs(weight - weights[row * 7 + c]! * scales[row]! * unit) <= (scales[row]! * unit) / 2 + 1e-12))
      }
    }),
    { numRuns: 20 },
  )
})

test('M3 equal text gives equal bits, whatever was asked before', () => {
  const warm = open()
  for (let i = 0; i < 9_000; i++) warm.predict(`word${i} card ${i % 7}`)
  fc.assert(
    fc.property(message, (text) => {
      assert.deepEqual(warm.predict(text), open().predict(text))
    }),
    { numRuns: 30 },
  )
})

test('M3 the sums stay exact in texts far longer than a 32-bit sum could hold', () => {
  const scores = new Float64Array(7)
  const one = new Float64Array(7)
  const model = open()
  model.rawScores('card', one)
  model.rawScores('card zebra '.repeat(700), scores)
  // 700 equal tokens: the sum grows by 700, the norm by √700; the bias stays.
  scores.forEach((score, c) => assert.ok(Math.abs(score - map.bias[c]! - Math.sqrt(700) * (one[c]! - map.bias[c]!)) < 1e-9))
})

test('M4 probabilities are rounded to 1e-4, a softmax head adds up, and the label is the top one of the first head', () => {
  const model = open()
  const dense = new Float64Array(7)
  fc.assert(
    fc.property(message, (text) => {
      const { label, confidence, scores } = model.predict(text)
      const top = model.probabilities(text, dense)
      assert.equal(model.labels[top], label)
      assert.deepEqual(Object.values(scores), [...dense])
      assert.deepEqual(Object.keys(scores), [...labels, 'angry', 'calm'])
      for (const value of dense) assert.equal(value, Math.round(value * 1e4) / 1e4)
      const competing = dense.slice(0, 5)
      assert.equal(confidence, Math.max(...competing))
      assert.ok(Math.abs(competing.reduce((sum, value) => sum + value) - 1) < 5 * 5e-5 + 1e-12)
    }),
  )
})

test('M4 scores copy, print and compare like a plain property', () => {
  const prediction = open().predict('where is my card')
  assert.deepEqual(structuredClone({ ...prediction }), prediction)
  assert.deepEqual(JSON.parse(JSON.stringify(prediction)), prediction)
  assert.equal(prediction.scores, prediction.scores)
})

test('exp is within 1e-13 of the platform and 0 far below', () => {
  fc.assert(
    fc.property(fc.double({ min: -690, max: 0, noNaN: true }), (x) => {
      assert.ok(Math.abs(expNegative(x) / Math.exp(x) - 1) < 1e-13)
    }),
  )
  assert.equal(expNegative(-1e9), 0)
  assert.equal(expNegative(0), 1)
})

const refused = (damaged: Uint8Array): void => {
  assert.throws(
    () => readLinearModel(damaged),
    (error) => error instanceof BattutaError && error.code === 'MODEL_INVALID' && /; /.test(error.message),
  )
}

test('M1 a file with any byte changed, cut or added is refused', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = bytes.slice()
      damaged[at]! ^= change
      // The SHA-256 itself is what a browser does not check; Node does (runner.test.ts).
      if (at < 8 || at >= 40) refused(damaged)
      refused(bytes.slice(0, at))
    }),
  )
  refused(new Uint8Array([...bytes, 0]))
  refused(new Uint8Array(3_000_001))
})

test('M1 a whole file with a header that makes no sense is refused', () => {
  const file = decodeLinear(bytes)
  const digest = (content: Uint8Array): Uint8Array => createHash('sha256').update(content).digest()
  const wrong: object[] = [
    { name: '' },
    { heads: [] },
    { heads: [{ ...head, labels: ['a', 'a', 'b', 'c', 'd'] }, tone] },
    { heads: [{ ...head, slopes: [] }, tone] },
    { heads: [{ ...head, kind: 'other' }, tone] },
    { bias: [1] },
    { bias: Array(7).fill(null) },
    { rows: { inside: -1, pair: 2 } },
    { rows: { inside: 1, pair: 2 } },
    { unit: 0 },
    { form: {} },
    { card: null },
  ]
  for (const change of wrong) refused(encodeLinear({ ...file, header: { ...file.header, ...change } }, digest))
})

test('M2 what was written is read back equal, and the version is the hash of the content', () => {
  const file = decodeLinear(bytes)
  assert.equal(file.version, createHash('sha256').update(bytes.subarray(contentAt)).digest('hex').slice(0, 12))
  assert.deepEqual(file.hashes, vocabulary.hashes)
  assert.deepEqual([...file.idf], [...vocabulary.idf])
  assert.deepEqual([...file.weights], [...quantise(map, vocabulary.idf).weights])
  assert.deepEqual(file.header.heads, [head, tone])
  assert.deepEqual(
    encodeLinear(file, () => bytes.subarray(8, 40)),
    bytes,
  )
})

test('an empty text is answered by the bias alone', () => {
  const scores = new Float64Array(7)
  open().rawScores('', scores)
  assert.deepEqual([...scores], [...map.bias])
})

test('nothing the reader imports needs Node', () => {
  const seen = new Set<string>()
  const visit = (url: URL): void => {
    if (seen.has(url.href)) return
    seen.add(url.href)
    for (const [, from] of readFileSync(url, 'utf8').matchAll(/^(?:import|export) .*from '([^']+)'/gm)) {
      assert.match(from!, /^\.\.?\//, `${url.pathname} imports ${from}`)
      visit(new URL(from!, url))
    }
  }
  visit(new URL('linear.ts', import.meta.url))
  assert.ok(seen.size >= 3)
})
