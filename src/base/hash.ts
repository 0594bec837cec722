/** Hashes: fast ones for tables and partitions (not secret), SHA-256 for versions and content. */
import { hash as digest } from 'node:crypto'
import { canonicalJson } from './canonical.ts'

/** 32-bit FNV-1a over UTF-16 code units' low and high bytes. Not for anything an attacker gains by colliding. */
export function fnv1a32(text: string, seed = 0x811c9dc5): number {
  let hash = seed | 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193)
    if (unit > 0xff) hash = Math.imul(hash ^ (unit >>> 8), 0x01000193)
  }
  return hash >>> 0
}

/** A 53-bit hash of `text` as an exact double, never 0: what the duplicate window keeps instead of the id. */
export function hash53(text: string): number {
  let h1 = 0xdeadbeef
  let h2 = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    h1 = Math.imul(h1 ^ unit, 0x9e3779b1)
    h2 = Math.imul(h2 ^ unit, 0x5f356495)
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 0x85ebca6b) ^ Math.imul(h2 ^ (h2 >>> 13), 0xc2b2ae35)
  h2 = Math.imul(h2 ^ (h2 >>> 16), 0x85ebca6b) ^ Math.imul(h1 ^ (h1 >>> 13), 0xc2b2ae35)
  const value = (h2 >>> 11) * 4294967296 + (h1 >>> 0)
  return value === 0 ? 1 : value
}

/** SHA-256 as lower-case hex. */
export function sha256(data: string | Uint8Array): string {
  return digest('sha256', data)
}

/** The version of a piece of plain data: the first 12 hex digits of SHA-256 over its canonical JSON. */
export function versionOf(value: unknown): string {
  return sha256(canonicalJson(value)).slice(0, 12)
}
