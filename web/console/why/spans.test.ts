import assert from 'node:assert/strict'
import { test } from 'node:test'
import { finishOf, spansOf, timeAxis } from './spans.ts'

const stages = { event: 1.9, features: 2, predictions: 14.4, decision: 14.46, owner: 14.5 }
const times = (spans: ReturnType<typeof spansOf>) => spans.map(({ stage, fromMs, toMs }) => `${stage} ${fromMs}–${toMs}`)

test('after a durable event the stages follow one another', () => {
  const expected = ['event 0–1.9', 'features 1.9–2', 'predictions 2–14.4', 'decision 14.4–14.46', 'owner 14.46–14.5', 'outbox 14.5–17.2']
  assert.deepEqual(times(spansOf({ stages, elapsedMs: 17.2 })), expected)
})

test('a step computed ahead runs beside the log, and the way out waits for both', () => {
  const ahead = { event: 3.7, features: 0.3, predictions: 0.5, decision: 0.7, owner: 0.8 }
  const expected = ['event 0–3.7', 'features 0–0.3', 'predictions 0.3–0.5', 'decision 0.5–0.7', 'owner 0.7–0.8', 'outbox 3.7–5.3']
  assert.deepEqual(times(spansOf({ stages: ahead, elapsedMs: 5.3 })), expected)
})

test('without a commit on disk there is no way out yet', () => {
  const spans = spansOf({ stages, elapsedMs: null })
  assert.equal(spans.at(-1)?.stage, 'owner')
  assert.equal(finishOf(spans), 14.5)
})

test('time is left out only when much of it would be empty', () => {
  assert.deepEqual(timeAxis(17.2, 300), { toMs: 20, caesura: true })
  assert.deepEqual(timeAxis(212, 300), { toMs: 300, caesura: false })
  assert.deepEqual(timeAxis(316, 300), { toMs: 316, caesura: false })
})
