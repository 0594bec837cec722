import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { jsonErrorPosition } from './json-position.ts'

test('what JSON.parse takes, the scan passes to its end', () => {
  fc.assert(
    fc.property(fc.json(), fc.integer({ min: 0, max: 4 }), (text, indent) => {
      const pretty = JSON.stringify(JSON.parse(text), null, indent)
      assert.equal(jsonErrorPosition(pretty), pretty.length)
    }),
  )
})

/** Whether some text can follow so that the whole is JSON: closing what is open, in the ways that a cut can need. */
function canGoOn(prefix: string): boolean {
  const closers = [
    '',
    '"',
    '0',
    '1',
    'e1',
    '"":1',
    '":1',
    ':1',
    'rue',
    'ue',
    'e',
    'alse',
    'lse',
    'se',
    'ull',
    'll',
    'l',
    'n"',
    '0000"',
    '000"',
    '00"',
    '0"',
    '.1',
  ]
  const open = prefix
    .replace(/"(?:[^"\\]|\\.)*("|\\?$)/gs, '')
    .split('')
    .reduce<string[]>((stack, char) => {
      if (char === '{' || char === '[') stack.push(char === '{' ? '}' : ']')
      if (char === '}' || char === ']') stack.pop()
      return stack
    }, [])
  const end = open.reverse().join('')
  return closers.some((middle) =>
    [`${middle}${end}`, `${middle}":1${end}`, `${middle}:1${end}`].some((tail) => {
      try {
        JSON.parse(prefix + tail)
        return true
      } catch {
        return false
      }
    }),
  )
}

test('one broken character is found where it stands or where it is first impossible: all before it can still become JSON', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom('}', ']', ',', ':', 'x', '"', '\\', '\n', '-', '0'), (text, at, char) => {
      const index = at % (text.length + 1)
      const broken = text.slice(0, index) + char + text.slice(index + 1)
      try {
        JSON.parse(broken)
        return
      } catch {
        const position = jsonErrorPosition(broken)
        assert(position <= broken.length)
        assert(canGoOn(broken.slice(0, position)), `${JSON.stringify(broken)} at ${position}`)
      }
    }),
    { numRuns: 500 },
  )
})

test('known places', () => {
  assert.equal(jsonErrorPosition(''), 0)
  assert.equal(jsonErrorPosition('{"a":1,}'), 7)
  assert.equal(jsonErrorPosition('[1,2'), 4)
  assert.equal(jsonErrorPosition('{"a" 1}'), 5)
  assert.equal(jsonErrorPosition('{"a":1} x'), 8)
  assert.equal(jsonErrorPosition('{"a":"line\nbreak"}'), 10)
  assert.equal(jsonErrorPosition('nul'), 0)
})

test('deep nesting is scanned without a deep stack', () => {
  assert.equal(jsonErrorPosition(`${'['.repeat(1_000_000)}x`), 1_000_000)
})
