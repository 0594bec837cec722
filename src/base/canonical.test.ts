import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AssertionError, canonicalJson } from './index.ts'

/** RFC 8785, section 3.2.2 and 3.2.4: the sample and its canonical form, which the RFC gives in bytes too. */
test('RFC 8785 section 3.2: the sample', () => {
  const sample =
    '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}'
  const expected = '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
  assert.equal(canonicalJson(JSON.parse(sample)), expected)
  const bytes =
    '7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e333333333333332c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d'
  assert.equal(Buffer.from(canonicalJson(JSON.parse(sample))).toString('hex'), bytes)
})

test('RFC 8785 section 3.2.3: keys are sorted by UTF-16 code units', () => {
  const sample = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    1: 'One',
    '\ud83d\ude00': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    '\u00f6': 'Latin Small Letter O With Diaeresis',
  }
  const order = [...canonicalJson(sample).matchAll(/:"([^"]+)"/g)].map(([, name]) => name)
  assert.deepEqual(order, [
    'Carriage Return',
    'One',
    'Control',
    'Latin Small Letter O With Diaeresis',
    'Euro Sign',
    'Emoji: Grinning Face',
    'Hebrew Letter Dalet With Dagesh',
  ])
})

/** RFC 8785, appendix B: IEEE 754 bits and their text. */
const numbers: readonly (readonly [string, string])[] = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
]

test('RFC 8785 appendix B: numbers', () => {
  for (const [bits, text] of numbers) assert.equal(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE()), text, bits)
  for (const bits of ['7fffffffffffffff', '7ff0000000000000', 'fff0000000000000'])
    assert.throws(() => canonicalJson([Buffer.from(bits, 'hex').readDoubleBE()]), AssertionError)
})

function shuffled(value: unknown, turn: (keys: string[]) => string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, turn))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(turn(Object.keys(value)).map((key) => [key, shuffled((value as Record<string, unknown>)[key], turn)]))
}

test('equal data gives equal text, and the text says all of it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value)
      assert.equal(canonicalJson(JSON.parse(text)), text, 'canonical text is its own canonical text')
      assert.equal(canonicalJson(shuffled(value, (keys) => keys.toReversed())), text, 'the order of keys does not count')
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('different data gives different text', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
      const areEqual = canonicalJson(left) === canonicalJson(right)
      let same = true
      try {
        assert.deepStrictEqual(JSON.parse(JSON.stringify(left)), JSON.parse(JSON.stringify(right)))
      } catch {
        same = false
      }
      assert.equal(areEqual, same)
    }),
  )
})

test('what JSON cannot hold is treated as JSON treats it', () => {
  const made = {
    absent: undefined,
    call() {},
    mark: Symbol('mark'),
    at: new Date(0),
    list: [undefined, () => {}, Symbol('mark')],
    // eslint-disable-next-line no-sparse-arrays
    holes: [, 1, ,],
  }
  assert.equal(canonicalJson(made), '{"at":"1970-01-01T00:00:00.000Z","holes":[null,1,null],"list":[null,null,null]}')
  assert.equal(canonicalJson(undefined), 'null')
  assert.equal(canonicalJson('\ud800'), '"\\ud800"')
})
