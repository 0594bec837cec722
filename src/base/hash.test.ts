import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fnv1a32, hash53, sha256, versionOf } from './index.ts'

test('FNV-1a: the published vectors', () => {
  const vectors: readonly (readonly [string, number])[] = [
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['b', 0xe70c2de5],
    ['foobar', 0xbf9cf968],
    ['chongo was here!\n', 0xd49930d5],
  ]
  for (const [text, hash] of vectors) assert.equal(fnv1a32(text), hash, text)
})

test('customers spread evenly over partitions', () => {
  const customers = 8_000
  for (const partitions of [4, 12, 16, 64]) {
    for (const name of [
      (n: number) => `user:${n}`,
      (n: number) => `email:customer${n}@example.org`,
      (n: number) => `cookie:${sha256(String(n)).slice(0, 32)}`,
    ]) {
      const counts = Array.from({ length: partitions }, () => 0)
      for (let n = 0; n < customers; n++) counts[fnv1a32(name(n)) % partitions]!++
      const even = customers / partitions
      assert.ok(
        Math.max(...counts) < even * 1.5 && Math.min(...counts) > even * 0.5,
        `${name(0)} over ${partitions}: ${Math.min(...counts)} to ${Math.max(...counts)} of ${even}`,
      )
    }
  }
})

test('hash53 is a whole number from 1 to 2^53 - 1, the same for the same text', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0xffff)), (units) => {
      const text = String.fromCharCode(...units)
      const hash = hash53(text)
      assert.ok(Number.isSafeInteger(hash) && hash > 0)
      assert.equal(hash53(text), hash)
    }),
  )
  // Fixed on purpose: the duplicate window on disk holds these.
  assert.deepEqual([hash53(''), hash53('till\nevt_1'), hash53('🎻')], [2552495220886915, 8852084116961403, 6724494281481135])
})

test('hash53 of ids that differ little does not collide, and every bit of it is used', () => {
  const ids = 40_000
  const seen = new Set<number>()
  const ones = Array.from({ length: 53 }, () => 0)
  for (let n = 0; n < ids; n++) {
    const hash = hash53(`till\nevt_${n}`)
    seen.add(hash)
    const [low, high] = [hash >>> 0, Math.floor(hash / 2 ** 32)]
    for (let bit = 0; bit < 53; bit++) ones[bit]! += bit < 32 ? (low >>> bit) & 1 : (high >>> (bit - 32)) & 1
  }
  assert.equal(seen.size, ids)
  // Five standard deviations of an even coin.
  for (const [bit, count] of ones.entries()) assert.ok(Math.abs(count - ids / 2) < 2.5 * Math.sqrt(ids), `bit ${bit}: ${count} of ${ids}`)
})

test('SHA-256 and versions', () => {
  assert.equal(sha256('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  assert.equal(sha256(new Uint8Array()), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  assert.equal(versionOf({ b: 1, a: 2 }), versionOf({ a: 2, b: 1 }))
  assert.equal(versionOf({ a: 2 }), sha256('{"a":2}').slice(0, 12))
  assert.notEqual(versionOf({ a: 2 }), versionOf({ a: 3 }))
})
