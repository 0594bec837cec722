import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { newTokens, textUnitsMax, tokenFeatures, tokenFeaturesMax, tokenise, tokenUnitsMax, unitClasses } from './tokens.ts'
import type { TextForm } from './tokens.ts'

const form: TextForm = { marks: '?!$%€£', shout: true }
const words = (text: string, under: TextForm = form): string[] => {
  const tokens = newTokens()
  const count = tokenise(text, under, unitClasses(under), tokens)
  return Array.from({ length: count }, (_, at) => String.fromCharCode(...tokens.units.subarray(tokens.starts[at], tokens.starts[at + 1])))
}

test('tokens are words, numbers and marks, lower-cased', () => {
  assert.deepEqual(words('Why was I charged £10?? I don’t KNOW.'), ['why', 'was', 'i', 'charged', '£', '10', '?', '?', 'i', "don't", 'know'])
  assert.deepEqual(words('Où est ma CARTE 😡😡!'), ['où', 'est', 'ma', 'carte', '😡', '😡', '!'])
  assert.deepEqual(words(' \n\t--- '), [])
  assert.deepEqual(words('a-b', { marks: '-', shout: false }), ['a', '-', 'b'])
})

test('a run longer than a token is cut, and text beyond the limit is not read', () => {
  assert.deepEqual(
    words('x'.repeat(tokenUnitsMax + 3)).map((word) => word.length),
    [tokenUnitsMax, 3],
  )
  assert.equal(words('a '.repeat(textUnitsMax)).length, textUnitsMax / 2)
})

test('a shouted word shares every feature of the quiet one and has one more', () => {
  const features = (text: string): number[] => {
    const tokens = newTokens()
    tokenise(text, form, unitClasses(form), tokens)
    const out = new Int32Array(tokenFeaturesMax)
    return [...out.subarray(0, tokenFeatures(tokens, 0, out))]
  }
  const quiet = features('again')
  assert.equal(quiet.length, 1 + 5 + 4 + 3)
  assert.deepEqual(features('AGAIN').slice(0, -1), quiet)
  assert.equal(features('Again').length, quiet.length)
  assert.equal(features('!').length, 1)
})

test('any text is read within the buffers', () => {
  const tokens = newTokens()
  const classes = unitClasses(form)
  const out = new Int32Array(tokenFeaturesMax)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 200 }), (units) => {
      const text = String.fromCharCode(...units)
      const count = tokenise(text, form, classes, tokens)
      for (let at = 0; at < count; at++) {
        const length = tokens.starts[at + 1]! - tokens.starts[at]!
        assert.ok(length >= 1 && length <= tokenUnitsMax)
        const found = tokenFeatures(tokens, at, out)
        assert.ok(found >= 1 && found <= tokenFeaturesMax)
      }
    }),
  )
})
