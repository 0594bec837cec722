import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { test } from 'node:test'
import { BattutaError } from '../base/index.ts'
import type { FeatureRead } from '../definition/index.ts'
import { evaluatorOf } from './evaluate.ts'
import { appVersion, loadApp } from './load-app.ts'
import type { Inputs } from './moment.ts'
import { placeOf, ruleAt, ruleSource } from './rules.ts'

function inFolder(files: Record<string, string>, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'battuta-app-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return work(folder).finally(() => rmSync(folder, { recursive: true }))
}

const app = (policy: string, before = ''): string => `import { answer, count, messageReceived, setup } from 'battuta'
${before}
const shop = setup({
  events: {},
  features: { messages1h: count(messageReceived).over('1h') },
  answers: { hello: answer('Hello'), again: answer('Again') },
})
export default shop.app({
  name: 'shop',
  policies: {
    inbound: shop.policy({ on: 'message.received', features: ['messages1h'] }, ${policy}),
  },
})
`

const present: FeatureRead = { value: 2, status: 'PRESENT', at: 1, ageMs: 0, version: 'v' }
const inputs: Inputs = {
  decisionId: 'dec_0_1',
  event: { id: 'e', type: 'message.received', source: 's', time: 1, data: { text: 'hi' } },
  customer: 'user:1',
  conversation: null,
  features: [present],
  predictions: [],
  now: 1,
  reading: null,
}

test('an app is loaded with its types stripped, its sources kept, and its rule found by call site', () =>
  inFolder(
    {
      'app.ts': app(`({ features, answer, nothing }) => {
      const messages: number = features.messages1h.value ?? 0
      if (messages > 1) return answer('again', { because: 'it is not the first' })
      if (messages < 0) return nothing()
      return answer('hello')
    }`),
    },
    async (folder) => {
      const loaded = await loadApp(join(folder, 'app.ts'))
      assert.deepEqual(Object.keys(loaded.sources), ['app.ts'])
      const policy = loaded.definition.policies['inbound']
      assert.ok(policy)
      const evaluation = evaluatorOf(policy, loaded.definition)(inputs, true)
      assert.equal(evaluation.failure, null)
      assert.equal(evaluation.outcome.name, 'again')
      assert.deepEqual(evaluation.reads.features, [true])
      const rule = ruleAt(evaluation.site, placeOf(policy, loaded.sources), pathToFileURL(join(folder, '/')).href)
      assert.deepEqual([rule?.file, rule?.index, rule?.count], ['app.ts', 1, 3])
      const shown = ruleSource(rule, loaded.sources)
      assert.match(shown?.lines[(shown?.line ?? 0) - (shown?.firstLine ?? 0)] ?? '', /answer\('again'/)
    },
  ))

test('I4 a policy that reads the clock, even by a reference kept at load, decides nothing and says so', () =>
  inFolder({ 'app.ts': app('({ answer }) => (kept() > 0 ? answer("hello") : answer("again"))', 'const kept = Date.now') }, async (folder) => {
    const { definition } = await loadApp(join(folder, 'app.ts'))
    const policy = definition.policies['inbound']
    assert.ok(policy)
    const evaluation = evaluatorOf(policy, definition)(inputs, false)
    assert.equal(evaluation.failure?.code, 'POLICY_IMPURE')
    assert.equal(evaluation.outcome.act, 'nothing')
    assert.equal(evaluation.text, null)
  }))

test('D1 a policy that keeps state is caught by evaluating it twice', () =>
  inFolder({ 'app.ts': app('({ answer }) => (calls++ % 2 ? answer("hello") : answer("again"))', 'let calls = 0') }, async (folder) => {
    const { definition } = await loadApp(join(folder, 'app.ts'))
    const policy = definition.policies['inbound']
    assert.ok(policy)
    const evaluate = evaluatorOf(policy, definition)
    assert.equal(evaluate(inputs, true).failure?.code, 'POLICY_IMPURE')
  }))

test('a policy that throws, returns something else, or a promise, decides nothing and says so', async () => {
  for (const [body, said] of [
    ['() => { throw new Error("on purpose") }', 'on purpose'],
    ['() => "hello"', 'returned hello'],
    ['({ nothing }) => Promise.resolve(nothing())', 'a promise'],
    ['({ answer }) => answer("helo")', 'helo'],
  ] as const) {
    await inFolder({ 'app.js': app(body) }, async (folder) => {
      const { definition } = await loadApp(join(folder, 'app.js'))
      const policy = definition.policies['inbound']
      assert.ok(policy)
      const { failure, outcome } = evaluatorOf(policy, definition)(inputs, false)
      assert.equal(failure?.code, 'POLICY_FAILED', body)
      assert.ok(failure?.message.includes(said), failure?.message)
      assert.equal(outcome.act, 'nothing')
    })
  }
})

test('a wrong app file is refused with the place and the mend', async () => {
  await assert.rejects(loadApp('/nowhere/app.ts'), (error: unknown) => error instanceof BattutaError && error.code === 'APP_INVALID')
  await inFolder({ 'app.ts': 'const x: number = (\n', 'none.ts': 'export const a = 1\n', 'throws.ts': '\nthrow new Error("at load")\n' }, async (folder) => {
    await assert.rejects(loadApp(join(folder, 'app.ts')), (error: unknown) => error instanceof BattutaError && error.code === 'APP_INVALID')
    await assert.rejects(
      loadApp(join(folder, 'none.ts')),
      (error: unknown) => error instanceof BattutaError && error.code === 'APP_INVALID' && /default/.test(error.message),
    )
    await assert.rejects(loadApp(join(folder, 'throws.ts')), (error: unknown) => error instanceof BattutaError && /throws\.ts:2/.test(error.message))
  })
})

test('an app version is the hash of its modules, models and runtime', () => {
  const one = appVersion({ 'app.ts': 'a' }, { intent: '1' }, 24)
  assert.equal(one, appVersion({ 'app.ts': 'a' }, { intent: '1' }, 24))
  assert.notEqual(one, appVersion({ 'app.ts': 'b' }, { intent: '1' }, 24))
  assert.notEqual(one, appVersion({ 'app.ts': 'a' }, { intent: '2' }, 24))
  assert.notEqual(one, appVersion({ 'app.ts': 'a' }, { intent: '1' }, 26))
})
