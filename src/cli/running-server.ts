/** Commands that talk to a server that is running here already. */
import { existsSync } from 'node:fs'
import { BattutaError, errorCodes } from '../base/index.ts'
import type { ErrorCode } from '../base/index.ts'
import { keyFile, readAdminKey } from '../server/index.ts'
import type { Config } from '../server/index.ts'

/** Where the configured server answers. */
export function urlOf({ host, port }: Config): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}

/** The admin's key: BATTUTA_KEY, or the file in the data folder; null when there is neither. */
export function adminKeyOf(config: Config): string | null {
  return config.key ?? (existsSync(keyFile(config.dataFolder, 'admin')) ? readAdminKey(config.dataFolder) : null)
}

const answerMsMax = 5_000

/** One request to it. Throws NOT_READY when nothing answers, and what the server refuses with. */
export async function ask<Reply>(config: Config, method: 'GET' | 'POST', path: string, body?: unknown): Promise<Reply> {
  const url = urlOf(config)
  const key = adminKeyOf(config)
  const headers = { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
  const reply = await fetch(url + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(answerMsMax),
  }).catch((cause: unknown) => {
    throw new BattutaError('NOT_READY', `no server answers at ${url}: start one with battuta start, or name its port with --port`, { cause })
  })
  const value = (await reply.json()) as Reply & { detail?: string; code?: string }
  if (reply.ok) return value
  const code = value.code !== undefined && value.code in errorCodes ? (value.code as ErrorCode) : 'INTERNAL'
  const mend = code === 'UNAUTHENTICATED' ? '; is --data the folder it was started with?' : ''
  throw new BattutaError(code, `the server at ${url} refused: ${value.detail ?? reply.statusText}${mend}`)
}

/** Whether a server answers there and takes our key. */
export async function isRunning(config: Config): Promise<boolean> {
  return ask(config, 'GET', '/v1/session').then(
    () => true,
    (error: unknown) => {
      if (error instanceof BattutaError && error.code === 'NOT_READY' && error.cause !== undefined) return false
      throw error
    },
  )
}
