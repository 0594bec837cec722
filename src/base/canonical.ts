/**
 * Canonical JSON (RFC 8785, JCS): keys sorted by UTF-16 code units, numbers as ECMAScript prints them.
 * Equal data gives equal text, so two records can be compared bit for bit.
 */
import { assert } from './errors.ts'

export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') {
    assert(typeof value !== 'number' || Number.isFinite(value), 'canonical JSON holds finite numbers only')
    return JSON.stringify(value) ?? 'null'
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item === undefined ? null : item)).join(',')}]`
  const object = value as Record<string, unknown>
  const parts: string[] = []
  for (const key of Object.keys(object).sort()) {
    if (object[key] !== undefined) parts.push(`${JSON.stringify(key)}:${canonicalJson(object[key])}`)
  }
  return `{${parts.join(',')}}`
}
