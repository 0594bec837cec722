/** Chat tokens: who a page speaks for, and in which conversation. Signed, so nothing is stored and restarts do not matter. */
import { BattutaError, limits, newId } from '../base/index.ts'
import type { World } from '../base/index.ts'
import type { ChatSession } from '../channels/index.ts'
import { equalBytes, seal, sign, unseal } from './seal.ts'

/** How long a token opens sockets; a page renews it with itself. */
export const chatTokenMsMax: number = 7 * 86_400_000
/** How far a backend's clock may be ahead of ours. */
const clockSkewMsMax = 60_000
const prefix = 'chat_'

interface ChatClaims extends ChatSession {
  readonly expiresAt: number
}

/** Whether a bearer token claims to be a chat token. */
export function looksLikeChatToken(token: string): boolean {
  return token.startsWith(prefix)
}

export function issueChatToken(world: World, secret: Uint8Array, session: ChatSession): { readonly token: string; readonly expiresAt: number } {
  const claims: ChatClaims = { customer: session.customer, conversation: session.conversation, expiresAt: world.now() + chatTokenMsMax }
  return { token: prefix + seal(secret, 'chat', claims), expiresAt: claims.expiresAt }
}

/** Throws CHAT_TOKEN_INVALID. */
export function readChatToken(world: World, secret: Uint8Array, token: string): ChatSession {
  const claims = looksLikeChatToken(token) ? (unseal(secret, 'chat', token.slice(prefix.length)) as ChatClaims | null) : null
  if (claims === null) throw new BattutaError('CHAT_TOKEN_INVALID', 'this chat token was not issued here; ask POST /v1/chat/sessions for one')
  if (claims.expiresAt <= world.now()) throw new BattutaError('CHAT_TOKEN_INVALID', 'this chat token has expired; ask POST /v1/chat/sessions for a new one')
  return { customer: claims.customer, conversation: claims.conversation }
}

/** Somebody nobody knows yet, in a conversation of their own. */
export function anonymousSession(world: World): ChatSession {
  return { customer: newId(world, 'cookie').replace('_', ':'), conversation: newId(world, 'conv') }
}

/** A conversation's id for a customer who has none open. */
export function newConversation(world: World): string {
  return newId(world, 'conv')
}

/**
 * The customer whom the company's backend vouches for: the `sub` of a JWT, HS256 (RFC 7519). A `sub` without a kind is a
 * user's: `42` is `user:42`. Throws CHAT_TOKEN_INVALID.
 */
export function customerOfJwt(world: World, secret: string | null, jwt: string): string {
  const refuse = (why: string): never => {
    throw new BattutaError('CHAT_TOKEN_INVALID', `the jwt ${why}`)
  }
  if (secret === null) return refuse('cannot be checked: set BATTUTA_CHAT_SECRET to the secret your backend signs with')
  const [head = '', body = '', signature = '', ...more] = jwt.split('.')
  const header = readPart(head)
  if (header === null || more.length > 0) return refuse('is not a JWT of three parts')
  if (header['alg'] !== 'HS256') return refuse(`is signed with ${JSON.stringify(header['alg'])}; sign it with HS256`)
  if (!equalBytes(Buffer.from(signature, 'base64url'), sign(Buffer.from(secret), `${head}.${body}`)))
    return refuse('is signed with another secret than BATTUTA_CHAT_SECRET')
  const claims = readPart(body)
  if (claims === null) return refuse('holds no claims')
  const { sub, exp, nbf } = claims
  if (exp !== undefined && (typeof exp !== 'number' || exp * 1000 <= world.now())) return refuse('has expired (`exp`)')
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf * 1000 > world.now() + clockSkewMsMax)) return refuse('is not valid yet (`nbf`)')
  if (typeof sub !== 'string' || sub === '' || sub.length > limits.idCharsMax)
    return refuse(`must name the customer in \`sub\`, in 1 to ${limits.idCharsMax} characters`)
  return sub.includes(':') ? sub : `user:${sub}`
}

function readPart(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
