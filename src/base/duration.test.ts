import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BattutaError, durationMs } from './index.ts'

test('a duration is its number times its unit', () => {
  const known = {
    '250ms': 250,
    '20s': 20_000,
    '5m': 300_000,
    '1h': 3_600_000,
    '30d': 2_592_000_000,
    '1.5h': 5_400_000,
    '4.35s': 4_350,
    '2.05m': 123_000,
    '0ms': 0,
    '0.5ms': 0.5,
  }
  for (const [text, ms] of Object.entries(known)) assert.equal(durationMs(text), ms, text)
})

test('whole durations are whole milliseconds, and longer ones are longer', () => {
  const units = ['ms', 's', 'm', 'h', 'd']
  fc.assert(
    fc.property(fc.nat(999_999), fc.nat(999_999), fc.constantFrom(...units), (left, right, unit) => {
      const [a, b] = [durationMs(`${left}${unit}`), durationMs(`${right}${unit}`)]
      assert.ok(Number.isSafeInteger(a))
      assert.equal(Math.sign(a - b), Math.sign(left - right))
    }),
  )
})

test('what is no duration is refused with the value and the mend', () => {
  for (const text of ['', '5', 'm', '5 m', '-5m', '5M', '5min', '.5s', '1e3ms', '5m ', '٣s', '1_000ms', 'Infinityd', '9'.repeat(400) + 'd']) {
    assert.throws(
      () => durationMs(text),
      (error: unknown) =>
        error instanceof BattutaError && error.code === 'CONFIG_INVALID' && error.message.includes(`“${text}”`) && error.message.includes('such as 250ms'),
    )
  }
})
