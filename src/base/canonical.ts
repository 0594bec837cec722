/**
 * Canonical JSON (RFC 8785, JCS): keys sorted by UTF-16 code units, numbers and text as ECMAScript prints them.
 * Equal data gives equal text, so two records can be compared bit for bit. One thing is let through that the RFC refuses:
 * half of a surrogate pair, which customers can type, is written as its escape.
 */
import { assert } from './errors.ts'

/**
 * The text of plain data. What JSON leaves out is left out here: `undefined`, functions and symbols in an object; in a
 * list, and alone, they are `null`. NaN and the infinities are a mistake of ours.
 * @example
 * canonicalJson({ b: 1, a: [1e21, 'ö'] }) // {"a":[1e+21,"ö"],"b":1}
 */
export function canonicalJson(value: unknown): string {
  return textOf(value) ?? 'null'
}

function textOf(value: unknown): string | undefined {
  if (value === null || typeof value !== 'object') {
    assert(typeof value !== 'number' || Number.isFinite(value), 'canonical JSON holds finite numbers only')
    return JSON.stringify(value)
  }
  const { toJSON } = value as { toJSON?: unknown }
  if (typeof toJSON === 'function') return textOf(toJSON.call(value, ''))
  // Array.from, not map: a hole is `null` too.
  if (Array.isArray(value)) return `[${Array.from(value, (item) => textOf(item) ?? 'null').join(',')}]`
  const object = value as Record<string, unknown>
  const parts: string[] = []
  for (const key of Object.keys(object).sort()) {
    const text = textOf(object[key])
    if (text !== undefined) parts.push(`${JSON.stringify(key)}:${text}`)
  }
  return `{${parts.join(',')}}`
}
