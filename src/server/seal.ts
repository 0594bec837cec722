/** Signed values that go to browsers and come back: HMAC-SHA256, one purpose never stands in for another. */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** `payload` and its signature, both base64url. */
export function seal(secret: Uint8Array, purpose: string, payload: unknown): string {
  const body = Buffer.from(JSON.stringify(payload)).toString('base64url')
  return `${body}.${sign(secret, `${purpose}.${body}`).toString('base64url')}`
}

/** The payload, or null when the seal is not ours, or was made for another purpose. */
export function unseal(secret: Uint8Array, purpose: string, sealed: string): unknown {
  const dot = sealed.indexOf('.')
  if (dot <= 0) return null
  const body = sealed.slice(0, dot)
  if (!equalBytes(Buffer.from(sealed.slice(dot + 1), 'base64url'), sign(secret, `${purpose}.${body}`))) return null
  return JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as unknown
}

export function sign(secret: Uint8Array, text: string): Buffer {
  return createHmac('sha256', secret).update(text).digest()
}

/** In a time that does not depend on where they differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
