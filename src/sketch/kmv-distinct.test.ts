import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hash53 } from '../base/index.ts'
import { kmvAdd, kmvCells, kmvEstimate, kmvMerge } from './index.ts'

const k = 8
const hash = fc.integer({ min: 1, max: 40 }).map((n) => hash53(`value ${n}`))
const hashes = fc.array(hash, { maxLength: 60 })

function filled(values: readonly number[], size = k): Float64Array {
  const cells = new Float64Array(kmvCells(size))
  for (const value of values) kmvAdd(cells, 0, size, value)
  return cells
}

test('K1 the cells are the smallest distinct hashes, whatever the order and repeats', () => {
  fc.assert(
    fc.property(hashes, (values) => {
      const smallest = [...new Set(values)].sort((a, b) => a - b).slice(0, k + 1)
      const want = new Float64Array(kmvCells(k))
      want.set(smallest)
      assert.deepEqual(filled(values), want)
    }),
  )
})

test('K1 the count is exact up to k', () => {
  fc.assert(
    fc.property(fc.uniqueArray(hash, { maxLength: k }), (values) => {
      assert.equal(kmvEstimate(filled([...values, ...values]), 0, k), values.length)
    }),
  )
})

test('K2 merging equals adding everything to one sketch, and leaves the neighbours in the array alone', () => {
  fc.assert(
    fc.property(hashes, hashes, (left, right) => {
      const cells = new Float64Array(kmvCells(k) + 2).fill(-1)
      cells.set(filled(left), 1)
      kmvMerge(cells, 1, k, filled(right), 0)
      assert.deepEqual(cells.slice(1, -1), filled([...left, ...right]))
      assert.equal(cells[0], -1)
      assert.equal(cells.at(-1), -1)
    }),
  )
})

test('beyond k the estimate is unbiased and spreads as 1/sqrt(k - 1) says', () => {
  const size = 32
  const distinct = 1_000
  const runs = 200
  let sum = 0
  let squares = 0
  for (let run = 0; run < runs; run++) {
    const cells = new Float64Array(kmvCells(size))
    for (let i = 0; i < distinct; i++) kmvAdd(cells, 0, size, hash53(`run ${run} customer-${i}`))
    const relative = kmvEstimate(cells, 0, size) / distinct - 1
    sum += relative
    squares += relative * relative
  }
  const expectedSpread = 1 / Math.sqrt(size - 1)
  // Four standard errors of the mean over the runs; the seedless hash makes this the same number every time.
  assert.ok(Math.abs(sum / runs) < (4 * expectedSpread) / Math.sqrt(runs), `mean error ${sum / runs}`)
  assert.ok(Math.sqrt(squares / runs) < expectedSpread * 1.25, `spread ${Math.sqrt(squares / runs)}`)
})
