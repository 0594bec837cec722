import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { EventDefinition } from '../definition/index.ts'
import { maskPersonal } from './index.ts'

function declared(pii: Readonly<Record<string, string | null>>): EventDefinition {
  const fields = Object.fromEntries(Object.entries(pii).map(([name, kind]) => [name, { type: 'string' as const, optional: true, pii: kind }]))
  return {
    kind: 'event',
    name: 'payment',
    from: 'service',
    fields,
    schema: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
    fact: null,
    version: 'v1',
  }
}

const payment = declared({ amount: null, iban: 'IBAN_CODE', owner: 'PERSON', constructor: 'NAME' })

test('personal fields are shown as their kind; everything else is as it was', () => {
  assert.deepEqual(maskPersonal({ amount: 3, iban: 'DE89', note: 'x' }, payment), { amount: 3, iban: { pii: 'IBAN_CODE' }, note: 'x' })
  assert.deepEqual(maskPersonal({ iban: null, owner: { first: 'a' } }, payment), { iban: { pii: 'IBAN_CODE' }, owner: { pii: 'PERSON' } })
})

test('no personal value is left, whatever it is, and nothing is changed in place', () => {
  const secret = 'DE89370400440532013000'
  fc.assert(
    fc.property(
      fc.record(
        { amount: fc.double(), iban: fc.constantFrom<unknown>(secret, [secret], { deep: secret }, null, 0), note: fc.string() },
        { requiredKeys: [], noNullPrototype: true },
      ),
      (data) => {
        const before = structuredClone(data)
        const masked = maskPersonal(Object.freeze(data), payment) as Record<string, unknown>
        assert.ok(!JSON.stringify(masked).includes(secret))
        assert.deepEqual(Object.keys(masked).sort(), Object.keys(before).sort(), 'a field that is absent does not appear')
        assert.deepEqual(data, before)
      },
    ),
  )
})

test('data without personal fields, of an unknown event, or that is no object is given as it is', () => {
  const plain = { amount: 3 }
  assert.equal(maskPersonal(plain, payment), plain)
  assert.equal(maskPersonal(plain, undefined), plain)
  for (const data of [null, undefined, 'text', 7]) assert.equal(maskPersonal(data, payment), data)
})
