/**
 * A piece of a lane's timeline: up to 256 ascending log offsets, as varint differences. Two thousand events of a lane
 * are eight keys, not two thousand.
 */
import { ByteReader, ByteWriter } from './bytes.ts'

export const chunkOffsetsMax = 256
/** Count (2 bytes), then the last offset (7 bytes), so that appending decodes nothing. */
const headBytes = 9

const writer = new ByteWriter()

export function newChunk(): Uint8Array {
  return new Uint8Array(headBytes)
}

export function chunkIsFull(chunk: Uint8Array): boolean {
  return countOf(chunk) >= chunkOffsetsMax
}

/** As many of the offsets as fit; `rest` is for the next chunk. */
export function appendToChunk(chunk: Uint8Array, offsets: readonly number[]): { readonly chunk: Uint8Array; readonly rest: readonly number[] } {
  const count = countOf(chunk)
  const taken = offsets.slice(0, chunkOffsetsMax - count)
  let last = new ByteReader(chunk.subarray(2)).fixed(7)
  writer.fixed(count + taken.length, 2)
  writer.fixed(taken.at(-1) ?? last, 7)
  writer.bytes(chunk.subarray(headBytes))
  for (const offset of taken) {
    writer.whole(offset - last)
    last = offset
  }
  return { chunk: writer.finish(), rest: offsets.slice(taken.length) }
}

export function chunkOffsets(chunk: Uint8Array): number[] {
  const offsets: number[] = []
  const reader = new ByteReader(chunk)
  reader.skip(headBytes)
  let offset = 0
  while (!reader.done) {
    offset += reader.whole()
    offsets.push(offset)
  }
  return offsets
}

function countOf(chunk: Uint8Array): number {
  return new ByteReader(chunk).fixed(2)
}
