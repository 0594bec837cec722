/** Where requests may come from and be addressed to: Host against DNS rebinding, Origin against other people's pages. */
import type { IncomingHttpHeaders } from 'node:http'
import { BattutaError } from '../base/index.ts'
import type { Config } from './config.ts'
import { loopbackHosts } from './config.ts'

export interface Places {
  /** Throws HOST_REFUSED. */
  checkHost(host: string | undefined): void
  /** Our own page, or no page at all. Throws ORIGIN_REFUSED. */
  checkSameOrigin(headers: IncomingHttpHeaders): void
  /** Our own page, an allow-listed one, or no page at all. Throws ORIGIN_REFUSED. */
  checkChatOrigin(headers: IncomingHttpHeaders): void
  isListed(origin: string): boolean
}

/** Host headers that were found good; more than these is an attack or a mistake, and is simply checked again. */
const rememberedMax = 64

export function openPlaces(config: Config): Places {
  const names = new Set([...loopbackHosts, ...config.hosts].map((name) => name.toLowerCase()))
  if (config.host !== '0.0.0.0' && config.host !== '::') names.add(config.host.toLowerCase())
  const listed = new Set(config.origins)
  const good = new Set<string>()

  const refuse = (origin: string, variable: string): never => {
    throw new BattutaError('ORIGIN_REFUSED', `pages of ${origin} may not do this; ${variable}`, { details: { origin } })
  }
  const isOwn = (headers: IncomingHttpHeaders): boolean => {
    const { origin, host } = headers
    if (origin === undefined)
      return headers['sec-fetch-site'] === undefined || headers['sec-fetch-site'] === 'same-origin' || headers['sec-fetch-site'] === 'none'
    return origin === `http://${host}` || origin === `https://${host}`
  }
  return {
    isListed: (origin) => listed.has(origin),
    checkHost(host) {
      if (host !== undefined && good.has(host)) return
      const name = (host ?? '').replace(/:\d+$/, '').toLowerCase()
      if (!names.has(name)) {
        throw new BattutaError(
          'HOST_REFUSED',
          `the Host header names ${JSON.stringify(host ?? '')}; this server answers to ${[...names].join(', ')}: add the name to BATTUTA_HOSTS`,
        )
      }
      if (host !== undefined && good.size < rememberedMax) good.add(host)
    },
    checkSameOrigin(headers) {
      if (!isOwn(headers)) refuse(headers.origin ?? 'another site', 'only this server’s own pages may')
    },
    checkChatOrigin(headers) {
      if (!isOwn(headers) && !(headers.origin !== undefined && listed.has(headers.origin)))
        refuse(headers.origin ?? 'another site', 'add the origin to BATTUTA_ORIGINS')
    },
  }
}
