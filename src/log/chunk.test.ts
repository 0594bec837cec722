import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { checkedCount, chunkedBytesMax, chunkKey, chunkLimits, offsetOfKey, readRecords, writeChunks } from './chunk.ts'
import type { Chunk } from './chunk.ts'
import type { LogRecord } from './port.ts'

function written(partition: number, first: number, entries: Uint8Array[]): Chunk[] {
  const bytes = entries.reduce((sum, entry) => sum + entry.length, 0)
  const target = Buffer.alloc(chunkedBytesMax(entries.length, bytes))
  const chunks: Chunk[] = []
  const end = writeChunks(target, 0, partition, first, entries, chunks)
  assert.ok(end <= target.length, 'the room that was computed is enough')
  return chunks
}

describe('chunk', () => {
  test('any entries come back from any offset on, at any limit', () => {
    const lengths = fc.oneof(fc.array(fc.nat(40), { minLength: 1, maxLength: 600, size: 'max' }), fc.array(fc.nat(70_000), { minLength: 1, maxLength: 8 }))
    const entries = lengths.map((list) => list.map((length, i) => new Uint8Array(length).fill(i)))
    fc.assert(
      fc.property(
        entries,
        fc.nat(chunkLimits.offsetMax - 1_000),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 700 }),
        (list, first, share, limit) => {
          const from = Math.min(list.length - 1, Math.floor(share * list.length))
          const records: LogRecord[] = []
          let next = first
          for (const chunk of written(7, first, list)) {
            assert.equal(chunk.first, next)
            assert.equal(checkedCount(7, chunk), chunk.count)
            next += chunk.count
            const position = Math.max(first + from, chunk.first)
            if (position < next && records.length < limit) readRecords(chunk, chunk.count, position, limit - records.length, records)
          }
          assert.equal(next, first + list.length, 'every entry is in a chunk')
          const wanted = list.slice(from, from + limit)
          assert.equal(records.length, wanted.length)
          for (const [i, record] of records.entries()) {
            assert.equal(record.offset, first + from + i)
            assert.equal(Buffer.compare(record.bytes, wanted[i]!), 0)
          }
        },
      ),
      { numRuns: 40 },
    )
  })
  test('a chunk closes at its limits', () => {
    const small = written(
      0,
      0,
      Array.from({ length: 150 }, () => new Uint8Array(1)),
    )
    assert.deepEqual(
      small.map((chunk) => chunk.count),
      [chunkLimits.entriesMax, chunkLimits.entriesMax, 150 - 2 * chunkLimits.entriesMax],
    )
    const large = written(
      0,
      0,
      Array.from({ length: 5 }, () => new Uint8Array(chunkLimits.bytesMax / 2)),
    )
    assert.deepEqual(
      large.map((chunk) => chunk.count),
      [2, 2, 1],
    )
  })
  test('any flipped bit, a cut, and another key are refused with partition and offset', () => {
    const [chunk] = written(3, 120, [Buffer.from('some bytes'), Buffer.from('and more')])
    const refusal = { code: 'STORAGE_FAILED', message: /partition 3 at offset 120/, details: { partition: 3, offset: 120 } }
    for (let bit = 0; bit < chunk!.bytes.length * 8; bit++) {
      const bytes = new Uint8Array(chunk!.bytes)
      bytes[bit >> 3]! ^= 1 << (bit & 7)
      assert.throws(() => checkedCount(3, { first: 120, bytes }), refusal)
    }
    for (let length = 0; length < chunk!.bytes.length; length++) {
      assert.throws(() => checkedCount(3, { first: 120, bytes: chunk!.bytes.subarray(0, length) }), refusal)
    }
    assert.throws(() => checkedCount(3, { first: 121, bytes: chunk!.bytes }), { code: 'STORAGE_FAILED' })
    assert.throws(() => checkedCount(4, { first: 120, bytes: chunk!.bytes }), { code: 'STORAGE_FAILED' })
  })
  test('keys sort by partition, then by offset', () => {
    const place = fc.tuple(fc.nat(chunkLimits.partitionsMax - 1), fc.nat(chunkLimits.offsetMax))
    fc.assert(
      fc.property(place, place, (a, b) => {
        assert.equal(offsetOfKey(chunkKey(...a)), a[1])
        assert.equal(Math.sign(Buffer.compare(chunkKey(...a), chunkKey(...b))), Math.sign(a[0] - b[0] || a[1] - b[1]))
      }),
    )
  })
})
