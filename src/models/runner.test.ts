import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { BattutaError, realWorld } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { compileModel } from './compile.ts'
import { openModels } from './runner.ts'
import { buildVocabulary } from './vocabulary.ts'

const folder = mkdtempSync(join(tmpdir(), 'battuta-models-'))
after(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'small.model')
const vocabulary = buildVocabulary(['my card', 'my account'], { marks: '?', shout: false }, { inside: 1, pair: 1 })
writeFileSync(
  file,
  compileModel({ labelCount: 2, weights: new Float32Array(vocabulary.hashes.length * 2).fill(0.5), bias: Float64Array.of(1, 0) }, vocabulary, {
    name: 'small',
    heads: [{ name: 'intent', kind: 'softmax', labels: ['card', 'account'], slopes: [1], offsets: [0] }],
    trained: { texts: 2, seed: '1' },
    card: { summary: 's', source: 's', licence: 'l', attribution: 'a', metrics: {} },
  }),
)

/** A world whose monotonic clock moves by `stepMs` at every look. */
function steppedWorld(): World & { stepMs: number; deferred: number } {
  let at = 0
  const world = {
    ...realWorld(),
    stepMs: 0,
    deferred: 0,
    monotonicMs: () => (at += world.stepMs),
    defer: (callback: () => void) => {
      world.deferred++
      setImmediate(callback)
    },
  }
  return world
}

const code =
  (expected: string) =>
  (error: unknown): boolean =>
    error instanceof BattutaError && error.code === expected

test('a model answers on time with its name, version and tier', async () => {
  const models = await openModels(steppedWorld(), { intent: { file } })
  const prediction = models.run('intent', { text: 'my card' }, 100)
  assert.equal(prediction.status, 'on-time')
  assert.equal(prediction.model, 'intent')
  assert.equal(prediction.tier, 'linear')
  assert.equal(prediction.label, 'card')
  assert.equal(prediction.confidence, 0.7311)
  assert.deepEqual(prediction.scores, { card: 0.7311, account: 0.2689 })
  assert.equal(prediction.version, models.info('intent').version)
  assert.match(prediction.version, /^[0-9a-f]{12}$/)
  assert.deepEqual(models.info('intent').labels, ['card', 'account'])
  assert.deepEqual(JSON.parse(JSON.stringify(prediction)), prediction)
})

test('M5 a model that cannot be on time is not run and says late', async () => {
  const world = steppedWorld()
  const models = await openModels(world, { intent: { file } })
  world.stepMs = 10
  for (let i = 0; i < 50; i++) models.run('intent', { text: 'my card' }, 1_000)
  const looks = world.monotonicMs()
  const late = models.run('intent', { text: 'my card' }, 5)
  assert.equal(world.monotonicMs() - looks, 10, 'the clock was read: the model ran')
  assert.deepEqual(
    { ...late },
    { model: 'intent', version: late.version, tier: 'linear', status: 'late', label: null, confidence: null, scores: null, latencyMs: 0 },
  )
  assert.equal(models.run('intent', { text: 'my card' }, 0).status, 'late')
  assert.equal(models.run('intent', { text: 'my card' }, -3).status, 'late')
})

test('M5 an answer that took longer than was left is late', async () => {
  const world = steppedWorld()
  const models = await openModels(world, { intent: { file } })
  world.stepMs = 7
  const late = models.run('intent', { text: 'my card' }, 5)
  assert.equal(late.status, 'late')
  assert.equal(late.latencyMs, 7)
  assert.equal(late.label, null)
})

test('M5 a slow spell does not refuse for ever', async () => {
  const world = steppedWorld()
  const models = await openModels(world, { intent: { file } })
  world.stepMs = 1e6
  models.run('intent', { text: 'my card' }, 1e7)
  world.stepMs = 0
  let refused = 0
  while (models.run('intent', { text: 'my card' }, 1).status === 'late') assert.ok(++refused < 1_000)
})

test('M6 a model that throws never breaks its caller and says failed', async () => {
  const models = await openModels(steppedWorld(), { intent: { file } })
  const failed = models.run('intent', { text: null as unknown as string }, 100)
  assert.equal(failed.status, 'failed')
  assert.equal(failed.label, null)
  assert.equal(models.run('intent', { text: 'my card' }, 100).status, 'on-time')
})

test('M7 warming yields to the event loop', async () => {
  const world = steppedWorld()
  world.stepMs = 1
  await openModels(world, { intent: { file } })
  assert.ok(world.deferred > 100)
})

test('an unknown name, a missing file and a changed hash are refused by code', async () => {
  const models = await openModels(steppedWorld(), { intent: { file } })
  assert.throws(() => models.run('tone', { text: 'my card' }, 100), code('MODEL_UNKNOWN'))
  assert.throws(() => models.info('tone'), code('MODEL_UNKNOWN'))
  assert.equal(models.notAsked('intent').status, 'not-asked')
  models.close()
  assert.throws(() => models.run('intent', { text: 'my card' }, 100), code('MODEL_UNKNOWN'))
  await assert.rejects(openModels(realWorld(), { intent: { file: join(folder, 'none.model') } }), code('FILE_INVALID'))
  const bytes = readFileSync(file)
  bytes[20]! ^= 1
  writeFileSync(join(folder, 'changed.model'), bytes)
  await assert.rejects(openModels(realWorld(), { intent: { file: join(folder, 'changed.model') } }), code('MODEL_INVALID'))
})
