import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { newId, realWorld, seededChance } from './index.ts'
import type { World } from './index.ts'

function worldAt(now: number, chance = seededChance('ids')): World {
  return { ...realWorld(), now: () => now, randomBytes: (length) => Uint8Array.from({ length }, () => chance.below(256)) }
}

test('an id is its prefix, 10 digits of time and 16 of chance, in Crockford base 32', () => {
  for (const prefix of ['conv', 'evt']) assert.match(newId(realWorld(), prefix), new RegExp(`^${prefix}_[0-9A-HJKMNP-TV-Z]{26}$`))
  assert.match(newId(worldAt(1_469_918_176_385), 'x'), /^x_01ARYZ6S41/, 'the time of the ULID specification')
})

test('a later id sorts after an earlier one', () => {
  const instant = fc.nat(2 ** 48 - 1)
  fc.assert(
    fc.property(instant, instant, (left, right) => {
      fc.pre(left !== right)
      assert.equal(newId(worldAt(left), 'x') < newId(worldAt(right), 'x'), left < right)
    }),
  )
})

test('ids of one millisecond differ, in every digit of chance', () => {
  const world = worldAt(1_700_000_000_000)
  const ids = Array.from({ length: 5_000 }, () => newId(world, 'x'))
  assert.equal(new Set(ids).size, ids.length)
  for (let digit = 12; digit < 28; digit++) assert.equal(new Set(ids.map((id) => id[digit])).size, 32, `digit ${digit}`)
})
