import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DecisionRecord, RuleSource } from '../../../src/client/index.ts'
import { annotated } from './source.ts'

const record = {
  features: [
    { name: 'spend30d', value: 2846.1, status: 'PRESENT', at: 1, ageMs: 60_000, version: 'a', read: true },
    { name: 'balance', value: null, status: 'OUTSIDE_MAX_AGE', at: 1, ageMs: 1, version: 'b', read: true },
  ],
  predictions: [
    {
      model: 'tone',
      version: 'c',
      tier: 'linear',
      status: 'on-time',
      label: 'anger',
      confidence: 0.871,
      scores: { anger: 0.871, 'very calm': 0.02 },
      latencyMs: 0.4,
      read: true,
    },
    { model: 'intent', version: 'd', tier: 'linear', status: 'late', label: null, confidence: null, scores: null, latencyMs: 220, read: true },
  ],
} as unknown as DecisionRecord

const source: RuleSource = {
  file: 'app.ts',
  firstLine: 41,
  line: 44,
  lines: [
    '    if (models.intent.label === "card_arrival") return answer("arrival")',
    "    if ((models.tone.scores?.anger ?? 0) > 0.8 && models.tone.scores['very calm'] < 1",
    '      && (features.spend30d.value ?? 0) > 2_000 && features.balance)',
    "      return answer('care', { because: 'an angry customer of value' })",
    '    return nothing()',
  ],
}
const text = (line: { pieces: readonly { text: string }[] } | undefined) => line?.pieces.map((piece) => piece.text).join('')

test('values stand beside what read them, up to the outcome and not after it', () => {
  const lines = annotated(source, record)
  assert.equal(text(lines[0]), '    if (models.intent.label /* late */ === "card_arrival") return answer("arrival")')
  assert.equal(text(lines[1]), "    if ((models.tone.scores?.anger /* 0.87 */ ?? 0) > 0.8 && models.tone.scores['very calm'] /* 0.02 */ < 1")
  assert.equal(text(lines[2]), '      && (features.spend30d.value /* 2,846.1 */ ?? 0) > 2_000 && features.balance /* OUTSIDE_MAX_AGE */)')
  assert.deepEqual(
    lines.map(({ after }) => after),
    [false, false, false, false, true],
  )
})

test('what a policy took apart in its parameters is known by its own name, and nothing else is', () => {
  const read = (line: string) => text(annotated({ ...source, firstLine: 44, lines: [line] }, record)[0])
  assert.equal(
    read("if (tone.label === 'anger' && (tone.scores?.anger ?? 0) > 0.5)"),
    "if (tone.label /* anger */ === 'anger' && (tone.scores?.anger /* 0.87 */ ?? 0) > 0.5)",
  )
  assert.equal(read('const spent = spend30d.value ?? 0'), 'const spent = spend30d.value /* 2,846.1 */ ?? 0')
  for (const line of ['event.tone.label', 'data.value', 'other.label', 'features.unknown.value', 'spend30d', 'toneless.label']) assert.equal(read(line), line)
})

test('the source itself is never changed: without the values it reads as it was', () => {
  for (const [index, line] of annotated(source, record).entries()) {
    assert.equal(
      line.pieces
        .filter(({ read }) => !read)
        .map((piece) => piece.text)
        .join(''),
      source.lines[index],
    )
  }
})

test('the rule that was taken is its outcome and the condition above it', () => {
  assert.deepEqual(
    annotated(source, record).flatMap(({ number, taken }) => (taken ? [number] : [])),
    [42, 43, 44],
  )
  const last = annotated({ ...source, line: 45 }, record)
  assert.deepEqual(
    last.flatMap(({ number, taken }) => (taken ? [number] : [])),
    [45],
  )
  const first = annotated({ ...source, line: 41 }, record)
  assert.deepEqual(
    first.flatMap(({ number, taken }) => (taken ? [number] : [])),
    [41],
  )
})
