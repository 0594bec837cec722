/**
 * Who this browser speaks for.
 *
 * Owns the chat token: asks for one, renews it, shares it with the other tabs. Does not own the socket that uses it.
 *
 * S1 tabs that open at once end up with one token, and so in one conversation.
 * S2 a token is renewed with itself long before it ends, so that a conversation outlives it.
 * S3 without storage everything works for as long as the page is open.
 */
import { openRequester } from '../../src/client/index.ts'
import type { ChatSessionReply, Requester } from '../../src/client/index.ts'
import type { Kept, KeptToken } from './kept.ts'

/** A token with less left is renewed; one that nobody renewed is used for as long as it holds. */
const renewMsBefore = 86_400_000
const leftMsMin = 10_000

export class Session {
  readonly #server: string
  readonly #kept: Pick<Kept, 'token' | 'forget'>
  readonly #now: () => number
  /** The token as this page knows it: storage may be switched off. */
  #held: KeptToken | null = null
  #jwt: string | null = null

  constructor(server: string, kept: Pick<Kept, 'token' | 'forget'>, now: () => number) {
    this.#server = server
    this.#kept = kept
    this.#now = now
  }

  /** The token this page last used. */
  get used(): string | null {
    return this.#held?.token ?? null
  }

  /** @param invalid the one given last was refused */
  token(invalid: boolean): Promise<string> {
    return this.#alone(async () => {
      const known = this.#kept.token ?? this.#held
      const usable = known !== null && !(invalid && known.token === this.#held?.token) && known.expiresAt > this.#now() + leftMsMin ? known : null
      if (usable === null) return this.#take(await this.#ask(this.#jwt === null ? {} : { jwt: this.#jwt }), subjectOf(this.#jwt))
      if (usable.expiresAt > this.#now() + renewMsBefore) return this.#take(usable, usable.subject)
      const renewed = await this.#ask({}, usable.token).catch(() => usable)
      return this.#take(renewed, usable.subject)
    })
  }

  /**
   * Exchanges what the page's own backend signed for a token. False when this browser has a good one for the same customer.
   * Throws the server's refusal, and then nothing has changed.
   */
  identify(jwt: string): Promise<boolean> {
    return this.#alone(async () => {
      const known = this.#kept.token ?? this.#held
      const subject = subjectOf(jwt)
      if (subject === null || known?.subject !== subject || known.expiresAt < this.#now() + renewMsBefore) {
        this.#take(await this.#ask({ jwt }), subject)
        this.#jwt = jwt
        return true
      }
      this.#jwt = jwt
      this.#held = known
      return false
    })
  }

  /** The customer has signed out. */
  forget(): void {
    this.#jwt = null
    this.#held = null
    this.#kept.forget()
  }

  /** Asks as whoever this is. */
  async requester(): Promise<Requester> {
    return openRequester({ url: this.#server, key: await this.token(false) })
  }

  #take({ token, expiresAt }: { readonly token: string; readonly expiresAt: number }, subject: string | null): string {
    this.#held = { token, expiresAt, subject }
    if (this.#kept.token?.token !== token) this.#kept.token = this.#held
    return token
  }

  #ask(body: { readonly jwt?: string }, key?: string): Promise<ChatSessionReply> {
    return openRequester({ url: this.#server, ...(key === undefined ? {} : { key }) }).json<ChatSessionReply>('POST', '/v1/chat/sessions', { body })
  }

  /** S1; where a page has no locks (plain HTTP) tabs hardly ever open in one instant. */
  #alone<Value>(run: () => Promise<Value>): Promise<Value> {
    return 'locks' in navigator ? navigator.locks.request(`battuta ${this.#server}`, run) : run()
  }
}

/** The customer a JWT names, unchecked: the server checks. */
function subjectOf(jwt: string | null): string | null {
  try {
    const body = atob((jwt?.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))
    const { sub } = JSON.parse(body) as { sub?: unknown }
    return typeof sub === 'string' ? sub : null
  } catch {
    return null
  }
}
