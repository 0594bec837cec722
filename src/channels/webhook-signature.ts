/**
 * Signatures of the Standard Webhooks specification (standardwebhooks.com, 1.0): HMAC-SHA256 over `id.timestamp.body`, sent as
 * `webhook-signature: v1,BASE64`, several of them apart by a space while a secret is being changed.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'

/** How far a timestamp may lie from now, either way: an older call may be one that somebody recorded. */
export const toleranceS = 300
const secretBytes = 32
const secretPrefix = 'whsec_'
/** Signatures of one call that are compared. */
const signaturesMax = 10
const idCharsMax = 256

export type WebhookHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** A secret as both sides keep it: `whsec_` and 32 bytes in base64. */
export function newWebhookSecret(world: World): string {
  return secretPrefix + Buffer.from(world.randomBytes(secretBytes)).toString('base64')
}

/** The headers of a signed call, one signature for each secret. */
export function signWebhook(call: {
  readonly id: string
  readonly timestampS: number
  readonly body: string | Uint8Array
  readonly secrets: readonly string[]
}): Record<string, string> {
  const signatures = call.secrets.map((secret) => `v1,${macOf(secret, call.id, String(call.timestampS), call.body).toString('base64')}`)
  return { 'webhook-id': call.id, 'webhook-timestamp': String(call.timestampS), 'webhook-signature': signatures.join(' ') }
}

/** The id of a call that any of the secrets signed just now. Throws WEBHOOK_INVALID, which never says which check failed the signature. */
export function verifyWebhook(call: {
  readonly headers: WebhookHeaders
  readonly body: string | Uint8Array
  readonly secrets: readonly string[]
  readonly nowMs: number
}): string {
  const [id, timestamp, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headerIn(call.headers, name))
  if (id === undefined || timestamp === undefined || signature === undefined)
    throw refused('is not signed: send webhook-id, webhook-timestamp and webhook-signature')
  if (id === '' || id.length > idCharsMax || !/^\d{1,12}$/.test(timestamp)) throw refused('has a webhook-id or webhook-timestamp that is none')
  const apartS = Math.abs(call.nowMs / 1_000 - Number(timestamp))
  if (apartS > toleranceS) throw refused(`was signed ${Math.round(apartS)} s from now; at most ${toleranceS} s are let pass, so check both clocks`)
  const given = signature.split(' ').slice(0, signaturesMax)
  const expected = call.secrets.map((secret) => macOf(secret, id, timestamp, call.body))
  let matches = false
  // Every pair is compared, so that the time it takes says nothing.
  for (const text of given) for (const mac of expected) matches = isMac(text, mac) || matches
  if (!matches) throw refused('is not signed with the secret of this webhook, or its body was changed on the way: sign the body as it is sent')
  return id
}

function isMac(text: string, mac: Buffer): boolean {
  if (!text.startsWith('v1,')) return false
  const given = Buffer.from(text.slice(3), 'base64')
  return given.length === mac.length && timingSafeEqual(given, mac)
}

function macOf(secret: string, id: string, timestamp: string, body: string | Uint8Array): Buffer {
  const key = Buffer.from(secret.startsWith(secretPrefix) ? secret.slice(secretPrefix.length) : secret, 'base64')
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
}

function headerIn(headers: WebhookHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

function refused(what: string): BattutaError {
  return new BattutaError('WEBHOOK_INVALID', `the call ${what}`)
}
