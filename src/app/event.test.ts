import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { BattutaError } from '../base/index.ts'
import { event, pii } from './index.ts'

test('the fields of a zod shape are known by type, presence and kind of personal data', () => {
  const seen = event({
    text: z.string(),
    mail: z.email(),
    count: z.int(),
    ok: z.boolean(),
    size: z.enum(['s', 'm']),
    one: z.literal(1),
    mixed: z.literal(['a', 1]),
    either: z.union([z.literal('a'), z.string()]),
    maybe: z.number().optional(),
    empty: z.string().nullable(),
    filled: z.string().default('x'),
    list: z.array(z.string()),
    length: z
      .string()
      .transform((text) => text.length)
      .pipe(z.number()),
    iban: pii(z.string().optional(), 'IBAN_CODE'),
    phone: pii(z.string(), 'PHONE_NUMBER').optional(),
  })
  const brief = Object.fromEntries(
    Object.entries(seen.fields).map(([name, { type, optional, pii: kind }]) => [name, `${type}${optional ? '?' : ''}${kind === null ? '' : ` ${kind}`}`]),
  )
  assert.deepEqual(brief, {
    text: 'string',
    mail: 'string',
    count: 'number',
    ok: 'boolean',
    size: 'string',
    one: 'number',
    mixed: 'other',
    either: 'string',
    maybe: 'number?',
    empty: 'string?',
    filled: 'string',
    list: 'other',
    length: 'number',
    iban: 'string? IBAN_CODE',
    phone: 'string? PHONE_NUMBER',
  })
})

test('pii marks the field it was called for and no other that shares the schema', () => {
  const text = z.string()
  const { fields } = event({ name: pii(text, 'PERSON'), city: text })
  assert.equal(fields['name']?.pii, 'PERSON')
  assert.equal(fields['city']?.pii, null)
})

test('a shape, an object and a refined object declare the same event', () => {
  const shape = { amount: z.number(), currency: z.string() }
  const [fromShape, fromObject, refined] = [event(shape), event(z.object(shape)), event(z.object(shape).refine(({ amount }) => amount > 0))]
  assert.deepEqual(fromObject.fields, fromShape.fields)
  assert.deepEqual([fromObject.version, refined.version], [fromShape.version, fromShape.version])
  assert.notEqual(event({ ...shape, more: z.string() }).version, fromShape.version)
})

test('the schema validates through Standard Schema alone', async () => {
  const { validate } = event({ amount: z.number() }).schema['~standard']
  assert.deepEqual(await validate({ amount: 5 }), { value: { amount: 5 } })
  assert.deepEqual((await validate({ amount: 'five' })).issues?.[0]?.path, ['amount'])
})

test('services send an event unless it says customer', () => {
  assert.equal(event({ amount: z.number() }).from, 'service')
  assert.equal(event({ screen: z.string() }, { from: 'customer' }).from, 'customer')
})

const foreign = { '~standard': { version: 1, vendor: 'other', validate: (value: unknown) => ({ value: value as { amount: number } }) } } as const

test('a schema of another library brings its fields along', () => {
  assert.deepEqual(event(foreign, { fields: { amount: { type: 'number' } } }).fields, { amount: { type: 'number', optional: false, pii: null } })
})

test('a schema whose fields nobody knows is refused with the mend', () => {
  const refused = (build: () => unknown): RegExp | string => {
    try {
      build()
      return 'not refused'
    } catch (error) {
      assert.ok(error instanceof BattutaError && error.code === 'APP_INVALID')
      return error.message
    }
  }
  assert.match(String(refused(() => event(foreign as never))), /a schema of other, which does not say its fields: add them/)
  assert.match(String(refused(() => event(z.string() as never))), /a zod string: an event's payload is an object/)
  assert.match(String(refused(() => event({ amount: z.number() }, { form: 'customer' } as never))), /no option “form”; did you mean “from”/)
})
