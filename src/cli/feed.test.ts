import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { BattutaError, realWorld } from '../base/index.ts'
import type { World } from '../base/index.ts'
import type { DecisionRecord } from '../definition/index.ts'
import type { Runtime } from '../orchestrator/index.ts'
import { feedReport, quantile, readFeed, runFeed } from './feed.ts'

let folder: string
before(() => void (folder = mkdtempSync(join(tmpdir(), 'battuta-feed-'))))
after(() => rmSync(folder, { recursive: true }))

/** Files are read in real time; the clock moves only when somebody waits for it. */
function waitingWorld(): World {
  let at = 0
  return {
    ...realWorld(),
    monotonicMs: () => at,
    setTimer: (delayMs, callback) => {
      setImmediate(() => {
        at += delayMs
        callback()
      })
      return { cancel: () => {} }
    },
  }
}

const never = new Promise<void>(() => {})
const write = (name: string, lines: readonly unknown[], packed = false): string => {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
  writeFileSync(join(folder, name), packed ? gzipSync(text) : text)
  return join(folder, name)
}
const saying = (say: Runtime['say']): Runtime => ({ say }) as unknown as Runtime
const decisionOf = (label: string): DecisionRecord => ({ predictions: [{ model: 'intent', label }] }) as unknown as DecisionRecord

test('every line is said once, by a customer of its own, plain or gzipped', async () => {
  for (const packed of [false, true]) {
    const world = waitingWorld()
    const said: [string, string][] = []
    const file = write(packed ? 'a.jsonl.gz' : 'a.jsonl', [{ text: 'one', intent: 'x' }, '', { text: 'two', intent: 'y' }, { text: 'three' }], packed)
    const runtime = saying(async ({ customer, text }) => {
      said.push([customer, text])
      return { seq: 1, conversation: 'c', duplicate: false, decision: decisionOf('x') }
    })
    const result = await runFeed(world, runtime, file, 100, never)
    assert.deepEqual(said, [
      ['feed:1', 'one'],
      ['feed:2', 'two'],
      ['feed:3', 'three'],
    ])
    assert.deepEqual([result.messages, result.decisions, result.lost, result.labelled, result.right], [3, 3, 0, 2, 1])
    assert(feedReport(result).some((line) => line.includes('50.00 % right, 1 of 2 (95 %: 9.45 to 90.55)')))
  }
})

test('latency counts from the time a message was meant to be sent, and a refused one is lost', async () => {
  const world = waitingWorld()
  const file = write('b.jsonl', [{ text: 'slow' }, { text: 'refused' }, { text: 'undecided' }])
  const runtime = saying(async ({ text }) => {
    if (text === 'refused') throw new BattutaError('OVERLOADED', 'full', { retryAfterMs: 1 })
    if (text === 'slow') await new Promise<void>((resolve) => world.setTimer(250, resolve))
    return { seq: 1, conversation: 'c', duplicate: false, decision: text === 'slow' ? decisionOf('x') : null }
  })
  const result = await runFeed(world, runtime, file, 1_000, never)
  assert.equal(result.lost, 2)
  assert.deepEqual(result.refusals, { OVERLOADED: 1 })
  assert((result.latenciesMs.at(-1) ?? 0) >= 250)
})

test('a line that does not fit is refused by its number', async () => {
  const read = async (file: string): Promise<void> => {
    for await (const line of readFeed(file)) void line
  }
  await assert.rejects(read(write('c.jsonl', [{ text: 'good' }, '{oops'])), /c\.jsonl line 2 is not JSON/)
  await assert.rejects(read(write('d.jsonl', [{ words: 'none' }])), /line 1: text must be a string/)
  await assert.rejects(read(join(folder, 'none.jsonl')), /there is no feed/)
  writeFileSync(join(folder, 'e.jsonl.gz'), 'not gzip')
  await assert.rejects(read(join(folder, 'e.jsonl.gz')), /cannot be read/)
})

test('quantiles are values that occurred, at their rank', () => {
  const values = Float64Array.from({ length: 1_000 }, (_, index) => index + 1)
  assert.deepEqual(
    [0.5, 0.99, 0.999, 1].map((share) => quantile(values, share)),
    [500, 990, 999, 1_000],
  )
  assert.equal(quantile(Float64Array.of(7), 0.5), 7)
})
