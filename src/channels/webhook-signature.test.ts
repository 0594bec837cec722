import assert from 'node:assert/strict'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { simulatedWorld } from '../testing/simulated-world.ts'
import { newWebhookSecret, signWebhook, toleranceS, verifyWebhook } from './webhook-signature.ts'

/** The example of the specification, and what its reference implementations make of it. */
const example = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestampS: 1_614_265_330,
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}

test('the published example is signed and verified as published', () => {
  const { id, timestampS, body, secret, signature } = example
  const headers = signWebhook({ id, timestampS, body, secrets: [secret] })
  assert.deepEqual(headers, { 'webhook-id': id, 'webhook-timestamp': '1614265330', 'webhook-signature': signature })
  assert.equal(verifyWebhook({ headers, body, secrets: [secret], nowMs: timestampS * 1_000 }), id)
})

/** What the guide tells a receiver to write (docs/guide/webhooks.md). */
function isFromBattuta(headers: Record<string, string>, body: string, secret: string): boolean {
  const { 'webhook-id': id = '', 'webhook-timestamp': timestamp = '', 'webhook-signature': signatures = '' } = headers
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest()
  return signatures.split(' ').some((signature) => {
    const given = Buffer.from(signature.replace('v1,', ''), 'base64')
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}

test('what the guide tells a receiver to write accepts what is signed here, and nothing else', () => {
  const secret = newWebhookSecret(simulatedWorld('guide'))
  const timestampS = Math.floor(Date.now() / 1_000)
  const signed = (at: number): Record<string, string> => signWebhook({ id: 'a:1', timestampS: at, body: '{"é":1}', secrets: [secret] })
  assert.ok(isFromBattuta(signed(timestampS), '{"é":1}', secret))
  assert.ok(!isFromBattuta(signed(timestampS), '{"e":1}', secret))
  assert.ok(!isFromBattuta(signed(timestampS - 1_000), '{"é":1}', secret))
  assert.ok(!isFromBattuta({}, '{"é":1}', secret))
})

test('a secret is 32 bytes, and no two are alike', () => {
  const world = simulatedWorld('secrets')
  const secrets = Array.from({ length: 100 }, () => newWebhookSecret(world))
  for (const secret of secrets) assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
  assert.equal(new Set(secrets).size, 100)
})

test('what was signed is verified; with any bit of body, id, time, signature or secret changed it is not', () => {
  const secrets = [newWebhookSecret(simulatedWorld('a')), newWebhookSecret(simulatedWorld('b'))]
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), fc.stringMatching(/^[\w:]{1,40}$/), fc.nat(4_000_000_000), fc.nat(), (body, id, timestampS, place) => {
      const headers = signWebhook({ id, timestampS, body, secrets })
      const call = { headers, body, nowMs: timestampS * 1_000 }
      for (const secret of secrets) assert.equal(verifyWebhook({ ...call, secrets: [secret] }), id)
      const other = Uint8Array.from(body)
      other[place % other.length]! ^= 1 << (place % 8)
      const wrong = [
        { ...call, secrets, body: other },
        { ...call, secrets: [newWebhookSecret(simulatedWorld('c'))] },
        { ...call, secrets, headers: { ...headers, 'webhook-id': `${id}x` } },
        { ...call, secrets, headers: { ...headers, 'webhook-timestamp': String(timestampS + 1) } },
        { ...call, secrets, headers: { ...headers, 'webhook-signature': headers['webhook-signature']!.replaceAll('v1,', 'v2,') } },
        { ...call, secrets, headers: { ...headers, 'webhook-signature': 'v1,' } },
      ]
      for (const each of wrong) assert.throws(() => verifyWebhook(each), { code: 'WEBHOOK_INVALID' })
    }),
  )
})

test('of several signatures one is enough, and only the first ten are looked at', () => {
  const { id, timestampS, body, secret, signature } = example
  const verify = (text: string): string =>
    verifyWebhook({
      headers: { 'webhook-id': id, 'webhook-timestamp': String(timestampS), 'webhook-signature': text },
      body,
      secrets: [secret],
      nowMs: timestampS * 1_000,
    })
  assert.equal(verify(`v1,AAAA v1a,BBBB ${signature}`), id)
  assert.throws(() => verify(`${'v1,AAAA '.repeat(10)}${signature}`), { code: 'WEBHOOK_INVALID' })
})

test('a call is good for five minutes, either way', () => {
  const { id, timestampS, body, secret } = example
  const headers = signWebhook({ id, timestampS, body, secrets: [secret] })
  const at = (apartS: number) => (): string => verifyWebhook({ headers, body, secrets: [secret], nowMs: (timestampS + apartS) * 1_000 })
  for (const apartS of [-toleranceS, 0, toleranceS]) assert.equal(at(apartS)(), id)
  for (const apartS of [-toleranceS - 1, toleranceS + 1, 1e6]) assert.throws(at(apartS), /s from now; at most 300 s/)
})

test('a call without its headers, or with two of one, is refused', () => {
  const { id, timestampS, body, secret, signature } = example
  const whole = { 'webhook-id': id, 'webhook-timestamp': String(timestampS), 'webhook-signature': signature }
  const wrong = [
    {},
    { ...whole, 'webhook-id': undefined },
    { ...whole, 'webhook-id': [id, id] },
    { ...whole, 'webhook-id': '' },
    { ...whole, 'webhook-timestamp': 'now' },
  ]
  for (const headers of wrong) assert.throws(() => verifyWebhook({ headers, body, secrets: [secret], nowMs: timestampS * 1_000 }), { code: 'WEBHOOK_INVALID' })
})
