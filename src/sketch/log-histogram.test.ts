import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LogHistogram } from './index.ts'

const latency = fc.double({ min: Math.log(0.001), max: Math.log(600_000), noNaN: true }).map(Math.exp)
const latencies = fc.array(latency, { minLength: 1, maxLength: 300 })
const quantiles = [0, 0.01, 0.5, 0.9, 0.99, 0.999, 1]

function filled(values: readonly number[]): LogHistogram {
  const histogram = new LogHistogram()
  for (const value of values) histogram.record(value)
  return histogram
}

/** Nearest rank on the sorted values. */
function exact(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] as number
}

test('H1 a quantile is within 1 % of the nearest-rank quantile', () => {
  fc.assert(
    fc.property(latencies, (values) => {
      const histogram = filled(values)
      assert.equal(histogram.count, values.length)
      for (const q of quantiles) {
        const want = exact(values, q)
        const got = histogram.quantile(q) as number
        assert.ok(Math.abs(got - want) <= want * 0.01, `q ${q}: ${got} is not within 1 % of ${want}`)
      }
    }),
  )
})

test('H1 values outside the range count as the nearer end, and an empty histogram has no quantile', () => {
  const histogram = new LogHistogram()
  assert.equal(histogram.quantile(0.5), null)
  assert.equal(histogram.max, null)
  for (const value of [-5, 0, 1e-9]) histogram.record(value)
  assert.equal(histogram.quantile(1), 0.001)
  histogram.record(1e12)
  assert.equal(histogram.quantile(1), 600_000)
  assert.equal(histogram.max, 600_000)
})

test('H2 merging equals recording everything in one', () => {
  fc.assert(
    fc.property(latencies, latencies, (left, right) => {
      const merged = filled(left)
      merged.merge(filled(right))
      const whole = filled([...right, ...left])
      for (const q of quantiles) assert.equal(merged.quantile(q), whole.quantile(q))
      assert.equal(merged.count, whole.count)
    }),
  )
})

test('reset leaves nothing behind', () => {
  const histogram = filled([1, 2, 3])
  histogram.reset()
  assert.equal(histogram.count, 0)
  assert.equal(histogram.quantile(0.5), null)
  histogram.record(7)
  assert.equal(histogram.quantile(0), 7)
})
