import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { BattutaError, seededChance } from '../base/index.ts'
import { importantColumns } from './compile.ts'
import { assignFolds, buildCorpus, readLabelled, selectRows } from './corpus.ts'
import type { Corpus } from './corpus.ts'
import { evaluate } from './evaluate.ts'
import { readLinearModel } from './linear.ts'
import { runTrain } from './run-train.ts'
import { fitDefaults, trainTextModel } from './train.ts'
import type { TrainOptions } from './train.ts'
import { buildVocabulary, sparseRows } from './vocabulary.ts'

const folder = mkdtempSync(join(tmpdir(), 'battuta-train-'))
after(() => rmSync(folder, { recursive: true }))

const openers = ['please', 'hello', 'hi there', 'can you help', 'quick question']
const intents: Record<string, string[]> = {
  card: ['my card is lost', 'where is my new card', 'the card does not work', 'card was swallowed by the machine'],
  rate: ['what is the exchange rate', 'rate for dollars today', 'is your rate good', 'which rate did you use'],
  close: ['close my account', 'i want to leave this bank', 'delete my account now', 'end my contract'],
}

/** Sentences of three intents; a fifth of them angry. */
function sentences(count: number, seed: string): { text: string; intent: string; mood: string[] }[] {
  const chance = seededChance(seed)
  return Array.from({ length: count }, () => {
    const intent = chance.pick(Object.keys(intents))
    const angry = chance.next() < 0.2
    return { text: `${chance.pick(openers)} ${chance.pick(intents[intent]!)}${angry ? ' this is ridiculous!!' : ''}`, intent, mood: angry ? ['angry'] : [] }
  })
}

const heads = [
  { name: 'intent', kind: 'softmax' as const },
  { name: 'mood', kind: 'sigmoid' as const, labels: ['angry'] },
]
const corpusOf = (count: number, seed: string): Corpus =>
  buildCorpus(
    sentences(count, seed).map(({ text, intent, mood }) => ({ text, labels: { intent: [intent], mood } })),
    heads,
  )
const options = (corpus: Corpus): TrainOptions => ({
  name: 'small',
  corpus,
  folds: 3,
  seed: '7',
  plan: { ...fitDefaults, epochs: 3, dfMin: { inside: 1, pair: 1 } },
  card: { summary: 's', source: 's', licence: 'l', attribution: 'a', metrics: {} },
})

test('a model learns both heads, and is calibrated on texts it had not seen', async () => {
  const { model, crossValidation } = await trainTextModel(options(corpusOf(150, 'train')))
  assert.deepEqual(model.labels, ['card', 'close', 'rate', 'angry'])
  assert.ok(crossValidation.mean > 0.95)
  const [intent, mood] = evaluate(model, corpusOf(100, 'test')).heads
  assert.ok(intent!.accuracy!.value > 0.95 && intent!.calibrationError < 0.1)
  assert.ok(mood!.macroF1 > 0.95 && mood!.calibrationError < 0.1)
  assert.equal(model.card.metrics.folds, 3)
})

test('equal options give equal bytes, another seed gives others', async () => {
  const corpus = corpusOf(60, 'train')
  const first = await trainTextModel(options(corpus))
  const second = await trainTextModel(options(corpus))
  assert.deepEqual(first.bytes, second.bytes)
  const other = await trainTextModel({ ...options(corpus), seed: '8' })
  assert.notEqual(other.model.version, first.model.version)
})

test('a model that would be too long keeps its most important rows and fits', async () => {
  const bytesMax = 24 * 1024 + 60 * 11
  const { bytes, model, crossValidation } = await trainTextModel({ ...options(corpusOf(150, 'train')), bytesMax })
  assert.ok(bytes.length <= bytesMax, `${bytes.length} bytes`)
  assert.ok(crossValidation.mean > 0.9)
  assert.ok(evaluate(model, corpusOf(100, 'test')).heads[0]!.accuracy!.value > 0.9)
})

test('importance is what the scores lose', () => {
  const rows = sparseRows(['a b', 'a'], buildVocabulary(['a b', 'a'], fitDefaults.form, { inside: 1, pair: 1 }))
  const weights = new Float32Array(rows.columnCount).fill(1)
  weights[1] = 0
  const kept = importantColumns({ labelCount: 1, weights, bias: new Float64Array(1) }, rows, rows.columnCount - 1)
  assert.ok(!kept.includes(1))
  assert.deepEqual(
    [...kept],
    [...kept].sort((a, b) => a - b),
  )
})

test('folds are dealt evenly and by seed', () => {
  const fold = assignFolds(103, 10, 'a')
  for (let f = 0; f < 10; f++) assert.ok([10, 11].includes(fold.filter((own) => own === f).length))
  assert.deepEqual(fold, assignFolds(103, 10, 'a'))
  assert.notDeepEqual(fold, assignFolds(103, 10, 'b'))
})

test('a head without a field is unknown in that source and teaches nothing there', () => {
  const corpus = buildCorpus(
    [
      { text: 'x', labels: { mood: ['angry'] } },
      { text: 'y', labels: { intent: ['card'], mood: [] } },
    ],
    heads,
  )
  assert.deepEqual([...corpus.targets], [-1, 1, 1, 0])
  assert.deepEqual(selectRows(corpus, [1]).texts, ['y'])
})

test('what is assumed teaches and is not measured', async () => {
  const rows = sentences(90, 'train').map(({ text, intent, mood }) => ({ text, labels: { intent: [intent], mood } }))
  const corpus = buildCorpus([...rows, ...Array.from({ length: 30 }, (_, i) => ({ text: `well well ${i % 3}`, labels: {}, assume: { angry: true } }))], heads)
  assert.deepEqual(corpus.targets.slice(-4), Float32Array.of(-1, -1, -1, 1))
  const { model, crossValidation } = await trainTextModel(options(corpus))
  assert.deepEqual(
    crossValidation.pooled.heads.map((head) => head.texts),
    [90, 90],
  )
  assert.ok(model.predict('well well').scores.angry! > 0.5)
})

test('a config trains to a model, a type and a card', async () => {
  const lines = (rows: object[]): string => `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`
  writeFileSync(join(folder, 'train.jsonl.gz'), gzipSync(lines(sentences(80, 'a'))))
  writeFileSync(join(folder, 'validation.jsonl'), lines(sentences(40, 'b')))
  const card = { summary: 'Small.', source: 'made', licence: 'none', attribution: 'none', split: 'by seed', use: 'Tests.', limits: ['Everything.'] }
  const model = {
    name: 'small',
    type: 'Small',
    seed: '1',
    folds: 2,
    heads,
    sources: [{ train: 'train.jsonl.gz', validation: 'validation.jsonl', text: 'text', fields: { intent: 'intent', mood: 'mood' } }],
    card,
  }
  const config = join(folder, 'train.json')
  writeFileSync(config, JSON.stringify({ out: 'models', models: [model] }))
  const out: string[] = []
  await runTrain({ config, data: folder }, (line) => out.push(line))
  assert.equal(readLinearModel(readFileSync(join(folder, 'models/small.model'))).name, 'small')
  assert.match(readFileSync(join(folder, 'models/labels.ts'), 'utf8'), /export type Small =\n  \| 'card'\n  \| 'close'\n  \| 'rate'\n/)
  const written = readFileSync(join(folder, 'models/small.card.md'), 'utf8')
  assert.equal(written.match(/^# /gm)!.length, 1)
  assert.match(written, /Validation, never tuned on/)
  assert.ok(!written.includes(folder), 'a card names no path of the machine that trained')
  assert.ok(out.some((line) => line.includes('fold 2 of 2')))
})

test('configs and rows that do not fit are refused by code, with the place', async () => {
  const refuses = async (config: unknown, code: string): Promise<void> => {
    const file = join(folder, 'wrong.json')
    writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config))
    await assert.rejects(
      runTrain({ config: file, data: folder }, () => {}),
      (error) => error instanceof BattutaError && error.code === code,
    )
  }
  await refuses('{', 'CONFIG_INVALID')
  await refuses({ models: [] }, 'CONFIG_INVALID')
  await refuses({ models: [{ name: '../x' }] }, 'CONFIG_INVALID')
  writeFileSync(join(folder, 'rows.jsonl'), '{"text":"a","intent":"b"}\n{"text":1}\n')
  assert.throws(() => readLabelled(join(folder, 'rows.jsonl'), { text: 'text', fields: { intent: 'intent' } }), /line 2/)
  assert.throws(
    () => readLabelled(join(folder, 'none.jsonl'), { text: 'text', fields: {} }),
    (error) => error instanceof BattutaError && error.code === 'FILE_INVALID',
  )
  assert.throws(() => buildCorpus([{ text: 'x', labels: { intent: [] } }], [{ name: 'intent', kind: 'softmax', labels: ['a'] }]), /0 labels/)
})
