import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { kept, settled } from './settle.ts'

const ids = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'))

test('O1 while held, what is shown keeps its place, and everything wanted is there', () => {
  fc.assert(
    fc.property(ids, ids, (shown, wanted) => {
      const next = settled(shown, wanted, true)
      assert.deepEqual(next.slice(0, shown.length), shown)
      assert.ok(wanted.every((id) => next.includes(id)))
      assert.equal(new Set(next).size, next.length)
    }),
  )
})

test('O2 let go, the list is what it should be, and the same value when nothing changed', () => {
  fc.assert(fc.property(ids, ids, (shown, wanted) => assert.deepEqual(settled(shown, wanted, false), wanted)))
  const shown = ['a', 'b']
  assert.equal(settled(shown, ['a', 'b'], false), shown)
  assert.equal(settled(shown, ['b'], true), shown)
})

test('one’s own conversations never change places among themselves', () => {
  fc.assert(
    fc.property(ids, fc.array(ids, { maxLength: 12 }), (first, later) => {
      let shown: readonly string[] = kept([], first)
      for (const present of later) {
        const next = kept(shown, present)
        assert.deepEqual([...next].sort(), [...present].sort())
        const stayed = shown.filter((id) => (present as readonly string[]).includes(id))
        assert.deepEqual(
          next.filter((id) => stayed.includes(id)),
          stayed,
        )
        shown = next
      }
    }),
  )
  const shown = ['a']
  assert.equal(kept(shown, ['a']), shown)
})
