/**
 * The portable linear model file, read and written. Browser-safe: no `node:` import.
 *
 *     0   'BTLM'                                4 bytes
 *     4   format version, 1                     u32 little endian, like all that follows
 *     8   SHA-256 of everything from byte 48    32 bytes; its first 12 hex digits are the model's version
 *     40  FNV-1a of everything from byte 48     u32, so that a browser notices damage without SHA-256
 *     44  length of the header                  u32
 *     48  header, JSON in UTF-8, padded with spaces to a multiple of 8
 *         hashes   u32 × rows                   those inside a token first, each block sorted
 *         scales   u16 × rows                   1 to 4095; a weight is unit · scale · byte
 *         idf      u8 × rows                    steps of 1/24
 *         weights  i8 × rows × labels
 *
 * Invariants (tests cite them):
 *   M1 a file that differs in any byte from what was written is refused with MODEL_INVALID
 *   M2 what was written is read back equal
 */
import { BattutaError } from '../base/errors.ts'
import type { TextForm } from './tokens.ts'

/** A group of labels that compete. The first head gives `label` and `confidence`. */
export interface LinearHead {
  readonly name: string
  /** `softmax`: exactly one label holds. `sigmoid`: each may hold by itself. */
  readonly kind: 'softmax' | 'sigmoid'
  readonly labels: readonly string[]
  /** A score becomes a probability through slope · score + offset; a softmax head has one slope and no offset. */
  readonly slopes: readonly number[]
  readonly offsets: readonly number[]
}

/** What a model is for, where it comes from and how good it is. Free-form beyond these. */
export interface ModelCard {
  readonly summary: string
  readonly source: string
  readonly licence: string
  readonly attribution: string
  readonly metrics: Readonly<Record<string, number>>
}

export interface LinearHeader {
  readonly name: string
  readonly form: TextForm
  readonly heads: readonly LinearHead[]
  readonly rows: { readonly inside: number; readonly pair: number }
  /** What the integer sum of scale · byte counts in. */
  readonly unit: number
  readonly bias: readonly number[]
  readonly trained: { readonly texts: number; readonly seed: string }
  readonly card: ModelCard
}

export interface LinearFile {
  readonly version: string
  readonly header: LinearHeader
  readonly hashes: Int32Array
  readonly scales: Uint16Array
  readonly idf: Uint8Array
  readonly weights: Int8Array
}

export const modelBytesMax = 3_000_000
export const labelsMax = 512
/** With this bound 16 tokens of 104 features never leave 32 bits: 16 · 104 · 127 · 4095 < 2^31. */
export const scaleMax = 4_095
/** Bytes of a row beside its weights. */
export const rowBytesBeside = 7
const headerBytesMax = 256 * 1024
/** Where the content begins that version and checksum speak of. */
export const contentAt = 48
const magic = 0x4d4c5442

function invalid(wrong: string, mend: string): BattutaError {
  return new BattutaError('MODEL_INVALID', `${wrong}; ${mend}`)
}

const trainAgain = 'copy the file again or write it anew with `battuta train`'

function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5 | 0
  for (let i = contentAt; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return hash >>> 0
}

export function labelsOf(header: { heads: readonly LinearHead[] }): string[] {
  return header.heads.flatMap((head) => head.labels)
}

/** Reads a model file; anything damaged is refused with MODEL_INVALID. */
export function decodeLinear(source: Uint8Array): LinearFile {
  if (source.length < contentAt) throw invalid(`a model file has at least ${contentAt} bytes, this has ${source.length}`, trainAgain)
  if (source.length > modelBytesMax)
    throw invalid(`a model file has at most ${modelBytesMax} bytes, this has ${source.length}`, 'train with fewer rows (`bytesMax`)')
  const bytes = new Uint8Array(source)
  const view = new DataView(bytes.buffer)
  if (view.getUint32(0, true) !== magic)
    throw invalid(`the file begins with 0x${view.getUint32(0, true).toString(16)}, not with "BTLM"`, 'name a file that `battuta train` wrote')
  const format = view.getUint32(4, true)
  if (format !== 1) throw invalid(`the file has format ${format}, this release reads format 1`, 'train the model again with this release')
  const stated = view.getUint32(40, true)
  const actual = checksum(bytes)
  if (stated !== actual) throw invalid(`the checksum says ${stated} but the content has ${actual}: the file is damaged`, trainAgain)
  const headerBytes = view.getUint32(44, true)
  const at = contentAt + headerBytes
  if (headerBytes > headerBytesMax || headerBytes % 8 !== 0 || at > bytes.length)
    throw invalid(`the header claims ${headerBytes} bytes of ${bytes.length}`, trainAgain)
  const header = parseHeader(bytes.subarray(contentAt, at))
  const rows = header.rows.inside + header.rows.pair
  const labels = labelsOf(header).length
  const expected = at + rows * (rowBytesBeside + labels)
  if (bytes.length !== expected) throw invalid(`${rows} rows of ${labels} labels need ${expected} bytes, the file has ${bytes.length}`, trainAgain)
  const file: LinearFile = {
    version: [...bytes.subarray(8, 14)].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
    header,
    hashes: new Int32Array(rows),
    scales: new Uint16Array(rows),
    idf: bytes.subarray(at + rows * 6, at + rows * 7),
    weights: new Int8Array(bytes.buffer, at + rows * 7, rows * labels),
  }
  for (let row = 0; row < rows; row++) {
    const scale = view.getUint16(at + rows * 4 + row * 2, true)
    if (scale > scaleMax) throw invalid(`row ${row} has the scale ${scale}, more than ${scaleMax}`, trainAgain)
    file.hashes[row] = view.getInt32(at + row * 4, true)
    file.scales[row] = scale
  }
  return file
}

function parseHeader(bytes: Uint8Array): LinearHeader {
  let header: LinearHeader
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as LinearHeader
  } catch (cause) {
    throw new BattutaError('MODEL_INVALID', `the header is not JSON; ${trainAgain}`, { cause })
  }
  const wrong = headerFault(header)
  if (wrong !== undefined) throw invalid(`the header's ${wrong}`, trainAgain)
  return header
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.length > 0
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const areNumbers = (value: unknown, length: number): boolean => Array.isArray(value) && value.length === length && value.every((item) => Number.isFinite(item))

/** The first thing wrong with a header, or undefined. */
function headerFault(header: LinearHeader): string | undefined {
  if (header === null || typeof header !== 'object') return `value is ${JSON.stringify(header)}, not an object`
  if (!isText(header.name)) return `name is ${JSON.stringify(header.name)}, not a text`
  if (typeof header.form?.marks !== 'string' || typeof header.form.shout !== 'boolean') return `form is ${JSON.stringify(header.form)}, not { marks, shout }`
  if (!isCount(header.rows?.inside) || !isCount(header.rows.pair)) return `rows are ${JSON.stringify(header.rows)}, not two counts`
  if (!Array.isArray(header.heads) || header.heads.length === 0) return 'heads are missing'
  for (const head of header.heads) {
    if (!isText(head?.name) || (head.kind !== 'softmax' && head.kind !== 'sigmoid')) return `head is ${JSON.stringify({ name: head?.name, kind: head?.kind })}`
    if (!Array.isArray(head.labels) || head.labels.length === 0 || !head.labels.every(isText)) return `head ${head.name} has no labels`
    const slopes = head.kind === 'softmax' ? 1 : head.labels.length
    if (!areNumbers(head.slopes, slopes) || !areNumbers(head.offsets, slopes)) return `head ${head.name} needs ${slopes} finite slopes and offsets`
  }
  const labels = labelsOf(header)
  if (labels.length > labelsMax || new Set(labels).size !== labels.length) return `${labels.length} labels are more than ${labelsMax} or not all different`
  if (!areNumbers(header.bias, labels.length)) return `bias must hold ${labels.length} finite numbers`
  if (!(header.unit > 0 && Number.isFinite(header.unit))) return `unit is ${JSON.stringify(header.unit)}, not a number above 0`
  if (header.card === null || typeof header.card !== 'object') return `card is ${JSON.stringify(header.card)}, not an object`
  return undefined
}

/** Lays a model out as its file. `digest` is SHA-256; the browser never writes, so it is passed in. */
export function encodeLinear(file: Omit<LinearFile, 'version'>, digest: (content: Uint8Array) => Uint8Array): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(file.header))
  const headerBytes = Math.ceil(json.length / 8) * 8
  const rows = file.hashes.length
  const at = contentAt + headerBytes
  const bytes = new Uint8Array(at + rows * rowBytesBeside + file.weights.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, magic, true)
  view.setUint32(4, 1, true)
  view.setUint32(44, headerBytes, true)
  bytes.fill(32, contentAt, at).set(json, contentAt)
  for (let i = 0; i < rows; i++) {
    view.setInt32(at + i * 4, file.hashes[i]!, true)
    view.setUint16(at + rows * 4 + i * 2, file.scales[i]!, true)
  }
  bytes.set(file.idf, at + rows * 6)
  bytes.set(new Uint8Array(file.weights.buffer, file.weights.byteOffset, file.weights.length), at + rows * 7)
  bytes.set(digest(bytes.subarray(contentAt)), 8)
  view.setUint32(40, checksum(bytes), true)
  return bytes
}
