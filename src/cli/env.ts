/**
 * The one place that reads the environment. Flags come before it, defaults after; the result is one frozen object whose
 * values remember where they came from.
 */
import { resolve } from 'node:path'
import { BattutaError } from '../base/index.ts'
import { kafkaAddress } from '../log/index.ts'
import { isPostgresUrl } from '../records/index.ts'
import { loopbackHosts } from '../server/index.ts'
import type { Config } from '../server/index.ts'

export interface Setting {
  readonly variable: string
  readonly flag: string | null
  /** As it was written; secrets only say that they are set. */
  readonly shown: string
  readonly from: 'flag' | 'environment' | 'default'
}

export interface Configuration {
  readonly config: Config
  /** For `battuta doctor`. */
  readonly settings: readonly Setting[]
}

export type Environment = Readonly<Record<string, string | undefined>>
/** Values of command-line flags by name, without dashes. */
export type Flags = Readonly<Record<string, string | undefined>>

interface Variable {
  readonly flag: string | null
  readonly fallback: string
  readonly secret?: true
}

const variables = {
  BATTUTA_PORT: { flag: 'port', fallback: '4321' },
  BATTUTA_HOST: { flag: 'host', fallback: '127.0.0.1' },
  BATTUTA_DATA: { flag: 'data', fallback: './data' },
  BATTUTA_KEY: { flag: null, fallback: '', secret: true },
  BATTUTA_LOG: { flag: null, fallback: 'lmdb:' },
  BATTUTA_RECORDS: { flag: null, fallback: 'sqlite:' },
  BATTUTA_FEATURES: { flag: null, fallback: 'lmdb:' },
  BATTUTA_ORIGINS: { flag: null, fallback: '' },
  BATTUTA_HOSTS: { flag: null, fallback: '' },
  BATTUTA_CHAT_SECRET: { flag: null, fallback: '', secret: true },
  BATTUTA_WEBHOOK_HOSTS: { flag: null, fallback: '' },
} as const satisfies Record<string, Variable>

type Name = keyof typeof variables

/** Shorter secrets can be guessed from outside. */
const keyCharsMin = 16
const portMax = 65_535

/** An app's tools run in this process and may keep files of their own beside ours: `--data` reaches them, too. */
export function shareDataFolder({ dataFolder }: Pick<Config, 'dataFolder'>): void {
  process.env['BATTUTA_DATA'] = dataFolder
}

/** Throws CONFIG_INVALID with the variable, its value and the mend. */
export function readConfiguration(flags: Flags, environment: Environment = process.env): Configuration {
  const values = {} as Record<Name, string>
  const settings: Setting[] = []
  for (const [name, { flag, fallback, ...rest }] of Object.entries(variables) as [Name, Variable][]) {
    const byFlag = flag === null ? undefined : flags[flag]
    const byEnvironment = environment[name] === '' ? undefined : environment[name]
    values[name] = (byFlag ?? byEnvironment ?? fallback).trim()
    const from = byFlag !== undefined ? 'flag' : byEnvironment !== undefined ? 'environment' : 'default'
    const shown = rest.secret ? (values[name] === '' ? '(not set)' : '(set)') : values[name] === '' ? '(none)' : withoutSecrets(values[name])
    settings.push({ variable: name, flag, shown, from })
  }
  return Object.freeze({ config: configOf(values), settings: Object.freeze(settings) })
}

function configOf(values: Readonly<Record<Name, string>>): Config {
  const dataFolder = resolve(values.BATTUTA_DATA)
  const logUrl = kafkaUrlOf(values.BATTUTA_LOG)
  const config: Config = {
    port: portOf(values.BATTUTA_PORT),
    host: values.BATTUTA_HOST,
    dataFolder,
    key: values.BATTUTA_KEY === '' ? null : values.BATTUTA_KEY,
    logFolder: (logUrl === null ? embedded('BATTUTA_LOG', values.BATTUTA_LOG, 'lmdb') : undefined) ?? dataFolder,
    logUrl,
    ...recordsOf(values.BATTUTA_RECORDS, dataFolder),
    featuresFolder: embedded('BATTUTA_FEATURES', values.BATTUTA_FEATURES, 'lmdb') ?? dataFolder,
    origins: Object.freeze(listOf(values.BATTUTA_ORIGINS).map(originOf)),
    hosts: Object.freeze(listOf(values.BATTUTA_HOSTS).map(hostOf)),
    chatSecret: values.BATTUTA_CHAT_SECRET === '' ? null : values.BATTUTA_CHAT_SECRET,
    webhookHosts: Object.freeze(listOf(values.BATTUTA_WEBHOOK_HOSTS).map(webhookHostOf)),
  }
  if (loopbackHosts.includes(config.host)) return Object.freeze(config)
  if (config.key === null) {
    throw wrong(
      'BATTUTA_HOST',
      config.host,
      'others could reach this server, so its key must be set on purpose: set BATTUTA_KEY as well, or listen on 127.0.0.1',
    )
  }
  if (config.key.length < keyCharsMin) {
    throw new BattutaError(
      'CONFIG_INVALID',
      `BATTUTA_KEY has ${config.key.length} characters: where others can reach this server it needs at least ${keyCharsMin}`,
    )
  }
  return Object.freeze(config)
}

function wrong(variable: Name, value: string, mend: string): BattutaError {
  const { flag } = variables[variable]
  const shown = withoutSecrets(value)
  return new BattutaError('CONFIG_INVALID', `${variable}${flag === null ? '' : ` (--${flag})`} is “${shown}”: ${mend}`, { details: { variable } })
}

/** A URL's user, password and parameters may be secret. */
function withoutSecrets(value: string): string {
  return value.replace(/:\/\/.*@/, '://…@').replace(/(:\/\/[^?]*\?).*/, '$1…')
}

function portOf(text: string): number {
  const port = Number(text)
  if (text === '' || !Number.isInteger(port) || port < 0 || port > portMax)
    throw wrong('BATTUTA_PORT', text, `give a port from 1 to ${portMax}, or 0 for any that is free`)
  return port
}

/** The URL of a log in Kafka; null when it names another driver. */
function kafkaUrlOf(url: string): string | null {
  if (!url.startsWith('kafka:')) return null
  try {
    kafkaAddress(url)
  } catch (cause) {
    throw new BattutaError('CONFIG_INVALID', `BATTUTA_LOG: ${(cause as Error).message}`, { cause, details: { variable: 'BATTUTA_LOG' } })
  }
  return url
}

/** The path of an embedded driver's URL; undefined where the data folder decides. Drivers of other releases are refused. */
function embedded(variable: Name, url: string, kind: 'lmdb' | 'sqlite'): string | undefined {
  const match = /^([a-z+]+):(.*)$/.exec(url)
  if (match?.[1] !== kind)
    throw wrong(
      variable,
      url,
      variable === 'BATTUTA_LOG'
        ? 'this release keeps the log in lmdb or in Kafka; write lmdb:, lmdb:./path or kafka://host:9092/topic-prefix'
        : `this release stores with ${kind} only; write ${kind}: or ${kind}:./path, and watch for a release with drivers for a cluster`,
    )
  return match[2] === '' || match[2] === undefined ? undefined : resolve(match[2])
}

function recordsOf(url: string, dataFolder: string): Pick<Config, 'recordsFile' | 'recordsUrl'> {
  const recordsFile = resolve(dataFolder, 'records.db')
  if (isPostgresUrl(url)) return { recordsFile, recordsUrl: url }
  if (!url.startsWith('sqlite:')) throw wrong('BATTUTA_RECORDS', url, 'write sqlite:, sqlite:./path/records.db, or postgres://user:password@host:5432/database')
  return { recordsFile: embedded('BATTUTA_RECORDS', url, 'sqlite') ?? recordsFile, recordsUrl: null }
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.origin !== text.replace(/\/$/, '')) {
    throw wrong('BATTUTA_ORIGINS', text, 'write origins as https://shop.example, with commas between them and no path')
  }
  return url.origin
}

function webhookHostOf(text: string): string {
  if (!/^[a-z0-9.:[\]-]+$/i.test(text) || text.includes('://'))
    throw wrong('BATTUTA_WEBHOOK_HOSTS', text, 'write hosts as crm.internal or crm.internal:8080, with commas between them')
  return text.toLowerCase()
}

function hostOf(text: string): string {
  if (!/^[a-z0-9.:[\]-]+$/i.test(text) || text.includes('://'))
    throw wrong('BATTUTA_HOSTS', text, 'write host names as battuta.shop.example, with commas between them and no port')
  return text.replace(/:\d+$/, '').toLowerCase()
}
