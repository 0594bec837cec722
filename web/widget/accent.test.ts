import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { accentOf, accentOnDark, contrast, isPale, luminance, readColor, textContrastMin } from './accent.ts'

const color = fc.integer({ min: 0, max: 0xffffff }).map((number) => `#${number.toString(16).padStart(6, '0')}`)
const lightOf = (text: string): number => luminance(readColor(text) as number)
const ratio = (one: string, other: string): number => contrast(lightOf(one), lightOf(other))

test('text on an accent can be read, whatever the accent, on light pages and on dark ones', () => {
  fc.assert(
    fc.property(color, (given) => {
      for (const { fill, text } of [accentOf(given), accentOnDark(given)]) assert.ok(ratio(fill, text) >= textContrastMin, `${given} → ${fill} under ${text}`)
    }),
    { numRuns: 2_000 },
  )
})

test('an accent that passes is left as it is, and one that was mended is not mended again', () => {
  fc.assert(
    fc.property(color, (given) => {
      const { fill, text } = accentOf(given)
      if (ratio(given, '#ffffff') >= textContrastMin) assert.equal(fill, given)
      assert.deepEqual(accentOf(fill), { fill, text })
      assert.ok(lightOf(fill) <= lightOf(given), 'an accent is never lightened')
    }),
    { numRuns: 2_000 },
  )
})

test('a darkened accent is no darker than it must be: three steps lighter in every channel, and white would fail', () => {
  fc.assert(
    fc.property(color, (given) => {
      const { fill } = accentOf(given)
      if (fill === given) return
      const bytes = (text: string) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16))
      const lighter = bytes(fill).map((byte, index) => Math.min(byte + 3, bytes(given)[index] as number))
      const lighterHex = `#${lighter.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
      assert.ok(lighterHex === given || ratio(lighterHex, '#ffffff') < textContrastMin, `${given} → ${fill}, and ${lighterHex} would do`)
    }),
  )
})

test('on dark paper no accent sinks away', () => {
  fc.assert(fc.property(color, (given) => assert.ok(ratio(accentOnDark(given).fill, '#14191c') >= 1.89, given)))
})

test('an accent is read from three or six digits, and what is no colour becomes ink', () => {
  assert.equal(accentOf('#12304d').fill, '#12304d')
  assert.equal(accentOf('036').fill, '#003366')
  assert.deepEqual(accentOf('#ffd400'), { fill: '#ffd400', text: '#000000' })
  for (const wrong of ['', 'red', '#12', 'url(x)', '#12304d80']) assert.equal(accentOf(wrong).fill, '#12181a')
})

test('an accent that white paper would swallow gets an edge', () => {
  assert.deepEqual(
    ['#ffffff', '#fff3b0', '#ffd400', '#ff6a00', '#12304d'].map((given) => isPale(accentOf(given))),
    [true, true, true, false, false],
  )
})
