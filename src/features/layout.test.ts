import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { FeatureOperator } from '../definition/index.ts'
import { definitionOf, everyDefinition, windowNames } from './generators.ts'
import { cellsOf, layoutOf } from './layout.ts'

test('aggregations lie one behind the other and fill the slot', () => {
  const layout = layoutOf(everyDefinition)
  let next = 0
  for (const aggregation of layout.aggregations) {
    assert.equal(aggregation.start, next)
    next += cellsOf(aggregation.operator, aggregation.windowMs / aggregation.hopMs)
  }
  assert.equal(layout.cells, next)
  assert.equal(layout.template.length, next)
})

test('the guide states the bytes and tiles that the layout takes', () => {
  const guide = readFileSync(new URL('../../docs/guide/features.md', import.meta.url), 'utf8')
  const rows = guide.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
  for (const operator of ['count', 'sum', 'mean', 'min', 'max', 'distinct', 'last', 'ewma'] satisfies FeatureOperator[]) {
    const row = rows.find((cells) => cells[1] === `\`${operator}\``)
    assert.deepEqual(
      row?.slice(3, 6).map(Number),
      [12, 24, 30].map((hops) => 8 * cellsOf(operator, hops)),
      operator,
    )
  }
  for (const window of windowNames) {
    const { windowMs, hopMs } = definitionOf(window, { operator: 'count', window })
    const row = rows.find((cells) => cells[1] === `\`${window}\``)
    assert.equal(Number(row?.[3]), windowMs / hopMs + 1, window)
    assert.equal(Number.parseFloat(row?.[4] ?? ''), Number(((100 * hopMs) / windowMs).toFixed(1)), window)
  }
})
