/** The bytes of a row: whole numbers as varints (LEB128, zigzag when signed), everything else as the double it is. */
import { BattutaError, assert } from '../base/index.ts'

const bytesAtFirst = 4_096
const encoder = new TextEncoder()
const decoder = new TextDecoder()
/** Zigzag and one flag bit leave 51 bits. */
const wholeMax = 2 ** 50

export class ByteWriter {
  #bytes = new Uint8Array(bytesAtFirst)
  #view = new DataView(this.#bytes.buffer)
  #at = 0

  /** A whole number from 0 to 2^53 - 1. */
  whole(value: number): void {
    this.#room(8)
    let rest = value
    while (rest >= 128) {
      this.#bytes[this.#at++] = (rest % 128) + 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#at++] = rest
  }

  /** Any double: small whole numbers take a few bytes, others nine. */
  number(value: number): void {
    if (Number.isInteger(value) && Math.abs(value) < wholeMax && !Object.is(value, -0)) {
      this.whole(2 * (value < 0 ? -2 * value - 1 : 2 * value))
      return
    }
    this.#room(9)
    this.#bytes[this.#at++] = 1
    this.#view.setFloat64(this.#at, value)
    this.#at += 8
  }

  /** The low `width` bytes of a whole number, most significant first. */
  fixed(value: number, width: number): void {
    this.#room(width)
    let rest = value
    for (let i = width - 1; i >= 0; i--) {
      this.#bytes[this.#at + i] = rest % 256
      rest = Math.floor(rest / 256)
    }
    this.#at += width
  }

  text(value: string): void {
    const bytes = encoder.encode(value)
    this.whole(bytes.length)
    this.bytes(bytes)
  }

  bytes(value: Uint8Array): void {
    this.#room(value.length)
    this.#bytes.set(value, this.#at)
    this.#at += value.length
  }

  /** Writes the length of what `body` writes, as two bytes, before it. */
  sized(body: () => void): void {
    const at = this.#at
    this.fixed(0, 2)
    body()
    const length = this.#at - at - 2
    assert(length < 65_536, 'an aggregation takes less than 64 KiB of a row')
    this.#view.setUint16(at, length)
  }

  /** A copy of what was written; the writer starts anew. */
  finish(): Uint8Array {
    const bytes = this.#bytes.slice(0, this.#at)
    this.#at = 0
    return bytes
  }

  #room(more: number): void {
    if (this.#at + more <= this.#bytes.length) return
    const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + more))
    bytes.set(this.#bytes)
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  get position(): number {
    return this.#at
  }

  whole(): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.#byte()
      value += (byte & 127) * scale
      if (byte < 128) return value
      scale *= 128
    }
  }

  number(): number {
    const first = this.#bytes[this.#at]
    if (first === 1) {
      this.skip(9)
      return this.#view.getFloat64(this.#at - 8)
    }
    const zigzag = this.whole() / 2
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2
  }

  fixed(width: number): number {
    let value = 0
    for (let i = 0; i < width; i++) value = value * 256 + this.#byte()
    return value
  }

  text(): string {
    const length = this.whole()
    this.skip(length)
    return decoder.decode(this.#bytes.subarray(this.#at - length, this.#at))
  }

  skip(length: number): void {
    this.#at += length
    if (this.#at > this.#bytes.length) throw damaged()
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw damaged()
    return byte
  }
}

function damaged(): BattutaError {
  return new BattutaError(
    'STORAGE_FAILED',
    'a feature row ends before its content does: the store is damaged; delete the features folder and they are folded again from the log',
  )
}
