/**
 * A lane as bytes. A row describes itself: each aggregation stands under its version with its length, so an app that
 * declares others tomorrow keeps what matches and skips the rest. Only tiles that hold something are written.
 *
 * Row: format · featuresOffset · appliedOffset · decidedOffset · duplicate window · aggregations, each `key(6) length(2) body`; the body
 * of one that has folded nothing is empty.
 *
 * F6 A row that is written and read again gives the same reads, and the same row.
 */
import { BattutaError } from '../base/index.ts'
import { kmvCells } from '../sketch/index.ts'
import { ByteReader, ByteWriter } from './bytes.ts'
import { ringIndex } from './fold.ts'
import type { Lane } from './lane.ts'
import { clearAggregation, distinctHashes, headerCells, headMissing, headNone } from './layout.ts'
import type { Aggregation, Layout } from './layout.ts'

const rowFormat = 1
const keyBytes = 6
/** `hash53` fits seven. */
const hashBytes = 7

const writer = new ByteWriter()

export function encodeRow(lane: Lane, layout: Layout): Uint8Array {
  writer.fixed(rowFormat, 1)
  writer.whole(lane.featuresOffset + 1)
  writer.whole(lane.appliedOffset + 1)
  writer.whole(lane.decidedOffset + 1)
  encodeIds(lane)
  for (const aggregation of layout.aggregations) {
    // What was missing stays missing: it has not folded the lane's past.
    if (lane.block.cells[lane.block.base + aggregation.start] === headMissing) continue
    writer.fixed(aggregation.key, keyBytes)
    writer.sized(() => encodeAggregation(aggregation, lane))
  }
  return writer.finish()
}

/** Fills a fresh lane from its row. */
export function decodeRow(bytes: Uint8Array, lane: Lane, layout: Layout): void {
  const reader = new ByteReader(bytes)
  const format = reader.fixed(1)
  if (format !== rowFormat)
    throw new BattutaError(
      'STORAGE_FAILED',
      `the feature row of “${lane.entity}” has format ${format}, and this release reads ${rowFormat}: start the release that wrote it`,
    )
  lane.featuresOffset = reader.whole() - 1
  lane.appliedOffset = reader.whole() - 1
  lane.decidedOffset = reader.whole() - 1
  decodeIds(reader, lane)
  const { cells, base } = lane.block
  for (const aggregation of layout.aggregations) cells[base + aggregation.start] = headMissing
  let found = 0
  while (!reader.done) {
    const aggregation = layout.byKey.get(reader.fixed(keyBytes))
    const length = reader.fixed(2)
    const end = reader.position + length
    if (aggregation) {
      found++
      clearAggregation(aggregation, cells, base)
      if (length > 0) decodeAggregation(reader, aggregation, lane, end)
    }
    reader.skip(end - reader.position)
  }
  lane.incomplete = found < layout.aggregations.length
}

function encodeIds(lane: Lane): void {
  writer.whole(lane.ids.count)
  writer.number(lane.ids.droppedAt)
  let previous = 0
  lane.ids.each((hash, time) => {
    writer.fixed(hash, hashBytes)
    writer.number(time - previous)
    previous = time
  })
}

function decodeIds(reader: ByteReader, lane: Lane): void {
  const count = reader.whole()
  lane.ids.restore(reader.number())
  let time = 0
  for (let i = 0; i < count; i++) {
    const hash = reader.fixed(hashBytes)
    time += reader.number()
    lane.ids.add(hash, time)
  }
}

function encodeAggregation(aggregation: Aggregation, lane: Lane): void {
  const { cells, base } = lane.block
  const start = base + aggregation.start
  const head = cells[start] as number
  if (head === headNone) return
  writer.number(cells[start + 1] as number)
  if (aggregation.tiles === 0) {
    if (aggregation.text >= 0) writer.text(lane.texts[aggregation.text] ?? '')
    else for (let i = 0; i < aggregation.width; i++) writer.number(cells[start + headerCells + i] as number)
    return
  }
  writer.number(head)
  for (let back = 0; back < aggregation.tiles; back++) {
    const cell = start + headerCells + ringIndex(head - back, aggregation.tiles) * aggregation.width
    // The last cell of a tile is its emptiest: a mean's count, a sum of nothing.
    if (aggregation.operator === 'distinct' ? cells[cell] === 0 : cells[cell + aggregation.width - 1] === aggregation.empty) continue
    writer.whole(back)
    if (aggregation.operator === 'distinct') encodeHashes(cells, cell)
    else for (let i = 0; i < aggregation.width; i++) writer.number(cells[cell + i] as number)
  }
}

function decodeAggregation(reader: ByteReader, aggregation: Aggregation, lane: Lane, end: number): void {
  const { cells, base } = lane.block
  const start = base + aggregation.start
  cells[start] = 0
  cells[start + 1] = reader.number()
  if (aggregation.tiles === 0) {
    if (aggregation.text >= 0) lane.texts[aggregation.text] = reader.text()
    else for (let i = 0; i < aggregation.width; i++) cells[start + headerCells + i] = reader.number()
    return
  }
  const head = reader.number()
  cells[start] = head
  while (reader.position < end) {
    const cell = start + headerCells + ringIndex(head - reader.whole(), aggregation.tiles) * aggregation.width
    if (aggregation.operator === 'distinct') decodeHashes(reader, cells, cell)
    else for (let i = 0; i < aggregation.width; i++) cells[cell + i] = reader.number()
  }
}

function encodeHashes(cells: Float64Array, cell: number): void {
  const size = kmvCells(distinctHashes)
  let count = 0
  while (count < size && cells[cell + count] !== 0) count++
  writer.whole(count)
  for (let i = 0; i < count; i++) writer.fixed(cells[cell + i] as number, hashBytes)
}

function decodeHashes(reader: ByteReader, cells: Float64Array, cell: number): void {
  const count = reader.whole()
  for (let i = 0; i < count; i++) cells[cell + i] = reader.fixed(hashBytes)
}
