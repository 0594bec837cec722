/**
 * The one way out to addresses that somebody typed in. Owns: what may be called, and the connections. Does not own: what is said.
 *
 * E1 Called is only https on the public internet, unless the host is on the list of allowed hosts. Every address of a name is
 *    checked, and the connection goes to one that was: what the name resolves to a moment later changes nothing.
 * E2 No redirect is followed, no credentials in a URL are sent, and no more is read or waited for than the limits say.
 */
import { lookup as systemLookup } from 'node:dns/promises'
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import { BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { isPublicAddress } from './public-address.ts'

/** From asking for the address to the last header. */
export const requestMsMax = 15_000
/** Of an answer's body; more of it is not read, and its connection is let go. */
const answerBytesMax = 16 * 1024
const urlCharsMax = 2_048
const socketsPerHostMax = 16
/** A connection that nobody needs is kept this long. */
const idleMsMax = 30_000
/** Longer than this nobody is asked to wait. */
const retryAfterMsMax = 300_000

export interface Address {
  readonly address: string
  readonly family: number
}

export interface EgressParts {
  readonly world: World
  /** `host` or `host:port`: may be private, and plain http. */
  readonly allowedHosts: readonly string[]
  /** All addresses of a name; the system's resolver when absent. */
  readonly resolve?: (host: string) => Promise<readonly Address[]>
  readonly requestMsMax?: number
}

/** `status` is null when there was no answer; `failure` then says why. */
export interface Answer {
  readonly status: number | null
  readonly failure: string | null
  readonly retryAfterMs: number | null
}

export interface Egress {
  /** Throws WEBHOOK_REFUSED for an address that may not be called. */
  check(url: string): Promise<void>
  /** Says it once. Never throws: what may not be called is an answer too. */
  post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<Answer>
  /** Gives up what is under way, and lets go of all connections. */
  close(): void
}

interface Target {
  readonly url: URL
  readonly addresses: readonly Address[]
}

export function openEgress(parts: EgressParts): Egress {
  return new GuardedEgress(parts)
}

class GuardedEgress implements Egress {
  readonly #world: World
  readonly #allowed: ReadonlySet<string>
  readonly #resolve: (host: string) => Promise<readonly Address[]>
  readonly #msMax: number
  readonly #http = new HttpAgent({ keepAlive: true, maxSockets: socketsPerHostMax, timeout: idleMsMax })
  readonly #https = new HttpsAgent({ keepAlive: true, maxSockets: socketsPerHostMax, timeout: idleMsMax })
  readonly #underWay = new Set<AbortController>()

  constructor({ world, allowedHosts, resolve, requestMsMax: msMax = requestMsMax }: EgressParts) {
    this.#world = world
    this.#allowed = new Set(allowedHosts.map((host) => host.toLowerCase()))
    this.#resolve = resolve ?? ((host) => systemLookup(host, { all: true, verbatim: true }))
    this.#msMax = msMax
  }

  async check(url: string): Promise<void> {
    await this.#within((signal) => this.#target(url, signal))
  }

  async post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<Answer> {
    try {
      return await this.#within(async (signal) => {
        const target = await this.#target(url, signal)
        return this.#send(target, { method: 'POST', headers: { ...headers, 'content-length': Buffer.byteLength(body) }, signal }, body)
      })
    } catch (error) {
      return { status: null, failure: error instanceof Error ? error.message : String(error), retryAfterMs: null }
    }
  }

  close(): void {
    for (const controller of this.#underWay) controller.abort(new BattutaError('INTERNAL', 'the server is stopping'))
    this.#http.destroy()
    this.#https.destroy()
  }

  /** One deadline for all of it. */
  async #within<Result>(act: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const controller = new AbortController()
    const timer = this.#world.setTimer(this.#msMax, () => controller.abort(new BattutaError('WEBHOOK_REFUSED', `there was no answer within ${this.#msMax} ms`)))
    this.#underWay.add(controller)
    try {
      return await act(controller.signal)
    } catch (error) {
      throw controller.signal.aborted ? controller.signal.reason : error
    } finally {
      timer.cancel()
      this.#underWay.delete(controller)
    }
  }

  /** E1 */
  async #target(text: string, signal: AbortSignal): Promise<Target> {
    const url = text.length <= urlCharsMax ? URL.parse(text) : null
    if (url === null) throw refused(text, 'is no URL; give one like https://desk.example/battuta')
    const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
    const isAllowed = this.#allowed.has(host) || this.#allowed.has(url.host.toLowerCase())
    if (url.username !== '' || url.password !== '') throw refused(url.origin, 'carries credentials; take them out, calls are signed')
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isAllowed)) throw refused(url.origin, 'is not https')
    const family = isIP(host)
    const addresses = family === 0 ? await this.#addressesOf(host, signal) : [{ address: host, family }]
    const wrong = isAllowed ? undefined : addresses.find(({ address }) => !isPublicAddress(address))
    if (wrong) throw refused(url.origin, `leads to ${wrong.address}, which is not on the public internet; add ${host} to the allowed hosts if it is meant`)
    return { url, addresses }
  }

  async #addressesOf(host: string, signal: AbortSignal): Promise<readonly Address[]> {
    const given = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }))
    const found = await Promise.race([this.#resolve(host).catch(() => []), given])
    if (found.length === 0) throw refused(host, 'cannot be resolved')
    return found
  }

  async #send(target: Target, options: RequestOptions, body: string, isAgain = false): Promise<Answer> {
    const { url, addresses } = target
    const isSecure = url.protocol === 'https:'
    const pinned: RequestOptions = { ...options, lookup: pinnedTo(addresses), agent: isSecure ? this.#https : this.#http }
    const request = isSecure ? httpsRequest(url, pinned) : httpRequest(url, pinned)
    try {
      return await answerTo(request, body)
    } catch (error) {
      // The other side closed a kept connection just as it was used: nothing was said yet.
      if (!isAgain && request.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET') return this.#send(target, options, body, true)
      throw error
    }
  }
}

/** Gives the addresses that were checked, whatever the name resolves to by now. */
function pinnedTo(addresses: readonly Address[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses
    if (options.all) callback(null, [...addresses])
    else callback(null, first?.address ?? '', first?.family ?? 0)
  }
}

/** The answer counts from its headers on, whatever becomes of its body; but what is read of that is within the limits too. */
function answerTo(request: ClientRequest, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let isAnswered = false
    request.on('error', (error) => {
      if (!isAnswered) reject(error)
    })
    request.on('response', (response: IncomingMessage) => {
      isAnswered = true
      const { statusCode = 0, headers } = response
      const answered = (): void => resolve({ status: statusCode, failure: null, retryAfterMs: retryAfterIn(headers['retry-after']) })
      let bytes = 0
      response.on('error', answered)
      response.on('close', answered)
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > answerBytesMax) response.destroy()
      })
    })
    request.end(body)
  })
}

function retryAfterIn(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Math.min(Number(text) * 1_000, retryAfterMsMax) : null
}

function refused(url: string, why: string): BattutaError {
  return new BattutaError('WEBHOOK_REFUSED', `${JSON.stringify(url.slice(0, 200))} ${why}`)
}
