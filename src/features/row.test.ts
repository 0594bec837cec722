import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hash53 } from '../base/index.ts'
import { BlockPool } from './blocks.ts'
import { ByteReader, ByteWriter } from './bytes.ts'
import { foldInto } from './fold.ts'
import { definitionOf, eventStream, everyDefinition } from './generators.ts'
import { IdBlocks } from './id-window.ts'
import { Lane } from './lane.ts'
import { layoutOf } from './layout.ts'
import type { Layout } from './layout.ts'
import { decodeRow, encodeRow } from './row.ts'

function laneOf(layout: Layout): Lane {
  return new Lane('user:1', 0, layout, new BlockPool(layout.cells), new IdBlocks())
}

test('numbers survive to the bit, small whole ones in few bytes', () => {
  const edges = fc.constantFrom(0, -0, 1, -1, 2 ** 50, 2 ** 50 - 1, -(2 ** 50), 2 ** 53 - 1, Number.MAX_VALUE, Number.MIN_VALUE, Infinity, -Infinity)
  fc.assert(
    fc.property(
      fc.array(fc.oneof(edges, fc.double({ noNaN: true }), fc.maxSafeInteger()), { minLength: 1 }),
      fc.string({ unit: 'grapheme' }),
      (numbers, text) => {
        const writer = new ByteWriter()
        writer.text(text)
        for (const number of numbers) writer.number(number)
        const reader = new ByteReader(writer.finish())
        assert.equal(reader.text(), text)
        for (const number of numbers) assert.ok(Object.is(reader.number(), number), String(number))
        assert.ok(reader.done)
      },
    ),
  )
})

test('F6 a row that is read and written again is the same row', () => {
  const layout = layoutOf(everyDefinition)
  fc.assert(
    fc.property(eventStream, fc.integer({ min: -1, max: 2 ** 40 }), (events, offset) => {
      const lane = laneOf(layout)
      lane.featuresOffset = offset
      for (const event of events) {
        lane.ids.add(hash53(event.id), event.time)
        for (const aggregation of layout.byEvent.get(event.type) ?? [])
          foldInto(aggregation, lane.block.cells, lane.block.base, lane.texts, event.time, event.data as never)
      }
      const bytes = encodeRow(lane, layout)
      const again = laneOf(layout)
      decodeRow(bytes, again, layout)
      assert.deepEqual(encodeRow(again, layout), bytes)
      assert.equal(again.featuresOffset, offset)
      assert.equal(again.incomplete, false)
    }),
    { numRuns: 40 },
  )
})

test('a damaged row, or one of a later format, is refused', () => {
  const layout = layoutOf([definitionOf('events', { operator: 'count', window: '1h' })])
  const bytes = encodeRow(laneOf(layout), layout)
  assert.throws(() => decodeRow(bytes.subarray(0, bytes.length - 1), laneOf(layout), layout), { code: 'STORAGE_FAILED' })
  assert.throws(() => decodeRow(Uint8Array.of(9), laneOf(layout), layout), { code: 'STORAGE_FAILED', message: /format 9/ })
})

test('a lane with ten features and forty events takes less than a kilobyte', () => {
  const definitions = (['5m', '1h', '1d', '30d'] as const).flatMap((window) => [
    definitionOf(`count ${window}`, { operator: 'count', window }),
    definitionOf(`sum ${window}`, { operator: 'sum', window }),
  ])
  const layout = layoutOf([
    ...definitions,
    definitionOf('mean', { operator: 'mean', window: '1h' }),
    definitionOf('last', { operator: 'last', window: '30d', field: 'merchant', valueType: 'string' }),
  ])
  assert.equal(layout.aggregations.length, 10)
  const lane = laneOf(layout)
  for (let i = 0; i < 40; i++) {
    const time = 1_800_000_000_000 + i * 2_000_000
    lane.ids.add(hash53(`event ${i}`), time)
    for (const aggregation of layout.aggregations)
      foldInto(aggregation, lane.block.cells, lane.block.base, lane.texts, time, { amount: 10 + i, merchant: 'the bakery at the harbour' })
  }
  const { length } = encodeRow(lane, layout)
  assert.ok(length < 1_024, `${length} bytes`)
})
