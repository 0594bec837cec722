/**
 * Text to tokens to hashed n-grams, shared by training and prediction so that both see the same features.
 * Browser-safe: imports nothing. Works in caller-owned typed arrays and allocates nothing for ASCII text.
 *
 * A token is a run of letters, digits and apostrophes, lower-cased, or one mark (`?`, `!`, an emoji …). Every
 * feature but the pair is inside one token, so a token's features are the same wherever it stands.
 */

/** How a model reads text; stored in its file, because another form gives other features. */
export interface TextForm {
  /** Punctuation that counts as a token of its own; all other punctuation separates. */
  readonly marks: string
  /** Whether a word in capitals carries one more feature. */
  readonly shout: boolean
}

/** Code units of a text that are read; what follows is ignored. */
export const textUnitsMax = 8_192
/** Code units of one token; a longer run is cut into several tokens. */
export const tokenUnitsMax = 32
/** The token itself, its character 3-, 4- and 5-grams with both edges, and the mark of shouting. */
export const tokenFeaturesMax: number = 2 + 3 * (tokenUnitsMax + 2)

const separator = 0
const letter = 1
const capital = 2
const mark = 3

/** Buffers of one tokenisation; reuse them. */
export interface Tokens {
  count: number
  readonly units: Uint16Array
  readonly starts: Int32Array
  /** FNV-1a of the token, with its shout folded in. */
  readonly hashes: Int32Array
  readonly shouts: Uint8Array
  readonly marks: Uint8Array
}

export function newTokens(): Tokens {
  return {
    count: 0,
    units: new Uint16Array(textUnitsMax),
    starts: new Int32Array(textUnitsMax + 1),
    hashes: new Int32Array(textUnitsMax),
    shouts: new Uint8Array(textUnitsMax),
    marks: new Uint8Array(textUnitsMax),
  }
}

/** The class of every ASCII code unit under a form. */
export function unitClasses(form: TextForm): Uint8Array {
  const classes = new Uint8Array(128)
  for (let unit = 0; unit < 128; unit++) {
    const small = unit >= 97 && unit <= 122
    const digit = unit >= 48 && unit <= 57
    if (small || digit || unit === 39) classes[unit] = letter
    else if (unit >= 65 && unit <= 90) classes[unit] = capital
  }
  for (const char of form.marks) if (char.charCodeAt(0) < 128) classes[char.charCodeAt(0)] = mark
  return classes
}

/** Beyond ASCII: typographic apostrophes become plain, letters lower case, symbols and emoji marks. */
function foldUnit(unit: number): number {
  if (unit === 0x2019 || unit === 0x2018 || unit === 0xb4) return 39
  if (unit < 0xc0 || unit >= 0x2000) return unit
  return String.fromCharCode(unit).toLowerCase().charCodeAt(0)
}

function classBeyondAscii(unit: number, form: TextForm): number {
  if (unit >= 0xd800 && unit <= 0xdfff) return mark
  if (unit >= 0x2600 && unit <= 0x27bf) return mark
  if (unit < 0xc0 || (unit >= 0x2000 && unit < 0x2c00) || (unit >= 0x3000 && unit < 0x3040) || unit >= 0xfe00) {
    return form.marks.includes(String.fromCharCode(unit)) ? mark : separator
  }
  return letter
}

const hashStart = 0x811c9dc5 | 0
const hashPrime = 0x01000193
const gramStart = 0x2f0b4c47
const shoutFold = 0x5bd1e995
const shoutFeature = 0x3c6ef372
const pairFold = 0x2545f491

const mixUnit = (hash: number, unit: number): number => {
  const low = Math.imul(hash ^ (unit & 0xff), hashPrime)
  return unit > 0xff ? Math.imul(low ^ (unit >>> 8), hashPrime) : low
}

/** Fills `tokens` with the tokens of `text` and returns how many there are. */
export function tokenise(text: string, form: TextForm, classes: Uint8Array, tokens: Tokens): number {
  const { units, starts, hashes, shouts, marks } = tokens
  const length = text.length < textUnitsMax ? text.length : textUnitsMax
  let count = 0
  let write = 0
  let open = false
  let hash = hashStart
  let capitals = 0
  let smalls = 0
  for (let i = 0; i <= length; i++) {
    let unit = i < length ? text.charCodeAt(i) : 32
    let kind = unit < 128 ? classes[unit]! : separator
    if (unit >= 128) {
      unit = foldUnit(unit)
      kind = unit < 128 ? classes[unit]! : classBeyondAscii(unit, form)
    }
    if (open && (kind === separator || kind === mark || write - starts[count]! === tokenUnitsMax)) {
      const shout = form.shout && capitals > 1 && smalls === 0
      shouts[count] = shout ? 1 : 0
      hashes[count] = shout ? hash ^ shoutFold : hash
      marks[count++] = 0
      open = false
    }
    if (kind === separator) continue
    if (!open) {
      starts[count] = write
      hash = hashStart
      capitals = smalls = 0
      open = true
    }
    if (kind === capital) {
      unit |= 32
      capitals++
    } else if (unit >= 97) smalls++
    units[write++] = unit
    hash = mixUnit(hash, unit)
    if (kind !== mark) continue
    if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < length) {
      const low = text.charCodeAt(++i)
      units[write++] = low
      hash = mixUnit(hash, low)
    }
    shouts[count] = 0
    hashes[count] = hash
    marks[count++] = 1
    open = false
  }
  starts[count] = write
  tokens.count = count
  return count
}

/**
 * Writes the feature hashes inside one token to `out` and returns how many: the token, then its character
 * 3-5-grams with a space at both edges (words only), then the mark of shouting.
 */
export function tokenFeatures(tokens: Tokens, at: number, out: Int32Array): number {
  const { units, starts } = tokens
  const start = starts[at]!
  const end = starts[at + 1]!
  const shout = tokens.shouts[at] === 1
  let count = 0
  out[count++] = shout ? tokens.hashes[at]! ^ shoutFold : tokens.hashes[at]!
  if (tokens.marks[at] === 1) return count
  for (let from = start - 1; from <= end - 2; from++) {
    let hash = gramStart
    for (let n = 1; n <= 5 && from + n <= end + 1; n++) {
      const index = from + n - 1
      hash = mixUnit(hash, index < start || index >= end ? 32 : units[index]!)
      if (n >= 3) out[count++] = hash
    }
  }
  if (shout) out[count++] = shoutFeature
  return count
}

/** The feature of two neighbouring tokens, by their plain hashes. */
export function pairFeature(left: number, right: number): number {
  return Math.imul(left, 0x9e3779b1 | 0) ^ right ^ pairFold
}

/** The hash of a token as pairs see it: whether it was shouted does not matter there. */
export function plainHash(tokens: Tokens, at: number): number {
  return tokens.shouts[at] === 1 ? tokens.hashes[at]! ^ shoutFold : tokens.hashes[at]!
}
