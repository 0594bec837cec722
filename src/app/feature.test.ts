import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { windows } from '../definition/index.ts'
import type { Window } from '../definition/index.ts'
import { count, distinct, event, ewma, last, max, mean, min, sum } from './index.ts'

const sale = event({ amount: z.number(), shop: z.string(), gift: z.boolean(), size: z.enum(['s', 'm']) })

test('every window has the width it is named after and its own hop', () => {
  const hops = (Object.keys(windows) as Window[]).map((window) => {
    const { windowMs, hopMs } = count(sale).over(window)
    assert.equal(windowMs % hopMs, 0, 'a window is a whole number of hops')
    return [window, windowMs, hopMs]
  })
  assert.deepEqual(hops, [
    ['5m', 300_000, 25_000],
    ['1h', 3_600_000, 300_000],
    ['1d', 86_400_000, 3_600_000],
    ['30d', 2_592_000_000, 86_400_000],
  ])
})

test('every builder names its operator, its field and the type of its value', () => {
  const brief = [
    count(sale),
    sum(sale, 'amount'),
    mean(sale, 'amount'),
    min(sale, 'amount'),
    max(sale, 'amount'),
    ewma(sale, 'amount'),
    distinct(sale, 'shop'),
    last(sale, 'shop'),
    last(sale, 'amount'),
    last(sale, 'gift'),
    last(sale, 'size'),
  ].map((builder) => {
    const { operator, field, valueType } = builder.over('1h')
    return `${operator} ${field ?? '-'} ${valueType}`
  })
  assert.deepEqual(brief, [
    'count - number',
    'sum amount number',
    'mean amount number',
    'min amount number',
    'max amount number',
    'ewma amount number',
    'distinct shop number',
    'last shop string',
    'last amount number',
    'last gift boolean',
    'last size string',
  ])
})

test('a filter is a copy of names and values', () => {
  assert.equal(count(sale).over('5m').where, null)
  assert.deepEqual(count(sale, { where: { shop: 'Mill', gift: true } }).over('5m').where, { shop: 'Mill', gift: true })
})
