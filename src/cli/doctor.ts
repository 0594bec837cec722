/** `battuta doctor`: the effective settings and where each came from, and whether what they point to is in order. */
import { accessSync, constants, existsSync } from 'node:fs'
import { join } from 'node:path'
import { BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { loadApp } from '../decide/index.ts'
import { inspectKafkaLog } from '../log/index.ts'
import { openModels } from '../models/index.ts'
import { lookAtPostgres } from '../records/index.ts'
import { packageVersion } from '../server/index.ts'
import type { Config } from '../server/index.ts'
import { appFileOf } from './app-file.ts'
import type { CommandLine } from './commands.ts'
import { readConfiguration } from './env.ts'
import { isRunning, urlOf } from './running-server.ts'

const nodeMajorMin = 24

/** A line of the report; `wrong` makes the exit code 1. */
interface Finding {
  readonly name: string
  readonly says: string
  readonly wrong?: true
}

export async function doctor(world: World, { argument, flags }: CommandLine, out: (line: string) => void): Promise<number> {
  const { config, settings } = readConfiguration(flags)
  const width = Math.max(...settings.map(({ variable }) => variable.length))
  for (const { variable, shown, from } of settings) out(`${variable.padEnd(width)}  ${shown}  (${from})`)
  const findings = [node(), dataFolder(config), await log(world, config), await records(config), await server(config), await app(world, argument)]
  out('')
  for (const { name, says, wrong } of findings) out(`${wrong ? '✗' : '✓'} ${name}: ${says}`)
  return findings.some(({ wrong }) => wrong) ? 1 : 0
}

function node(): Finding {
  const { node: version } = process.versions
  const fits = Number(version.split('.')[0]) >= nodeMajorMin
  return {
    name: 'battuta',
    says: `${packageVersion} on Node ${version}${fits ? '' : `; it needs Node ${nodeMajorMin} or newer`}`,
    ...(fits ? {} : { wrong: true }),
  }
}

function dataFolder({ dataFolder: folder }: Config): Finding {
  if (!existsSync(folder)) return { name: 'data', says: `${folder} does not exist yet; the first start makes it` }
  try {
    accessSync(folder, constants.R_OK | constants.W_OK)
  } catch {
    return { name: 'data', says: `${folder} cannot be read and written by this user: change its owner, or set BATTUTA_DATA`, wrong: true }
  }
  return { name: 'data', says: `${folder} can be read and written` }
}

async function records({ recordsFile, recordsUrl }: Config): Promise<Finding> {
  if (recordsUrl === null) return { name: 'records', says: `SQLite in ${recordsFile}` }
  try {
    return { name: 'records', says: await lookAtPostgres(recordsUrl) }
  } catch (error) {
    if (!(error instanceof BattutaError)) throw error
    return { name: 'records', says: error.message, wrong: true }
  }
}

async function log(world: World, { logFolder, logUrl }: Config): Promise<Finding> {
  if (logUrl === null) return { name: 'log', says: `LMDB in ${logFolder}` }
  try {
    const found = await inspectKafkaLog(world, logUrl)
    if (found === null) return { name: 'log', says: 'Kafka answers; the topic does not exist yet, and the first start makes it' }
    const { topic, partitions, replicas, entries, holder } = found
    const kept = replicas > 1 ? '' : '. One replica: what is acknowledged is lost with its broker'
    return {
      name: 'log',
      says: `Kafka topic ${topic}: ${partitions} partitions, ${replicas === 1 ? '1 replica' : `${replicas} replicas`} each, ${entries} entries; ${holder ?? 'nobody'} holds it${kept}`,
    }
  } catch (error) {
    if (!(error instanceof BattutaError)) throw error
    return { name: 'log', says: error.message, wrong: true }
  }
}

async function server(config: Config): Promise<Finding> {
  try {
    return { name: 'server', says: (await isRunning(config)) ? `answers at ${urlOf(config)}` : `none answers at ${urlOf(config)}` }
  } catch (error) {
    return { name: 'server', says: (error as Error).message, wrong: true }
  }
}

async function app(world: World, argument: string | undefined): Promise<Finding> {
  try {
    const file = appFileOf(argument)
    const { definition, folder } = await loadApp(file)
    const files = Object.values(definition.models).map((model) => [model.name, { file: join(folder, 'models', `${model.file}.model`) }] as const)
    const models = await openModels(world, Object.fromEntries(files))
    models.close()
    const count = (things: object, noun: string): string => `${Object.keys(things).length} ${noun}`
    return {
      name: 'app',
      says: `${definition.name} in ${file}: ${[count(definition.events, 'events'), count(definition.features, 'features'), count(definition.models, 'models'), count(definition.answers, 'answers'), count(definition.policies, 'policies')].join(', ')}`,
    }
  } catch (error) {
    if (!(error instanceof BattutaError)) throw error
    // A doctor called without an app beside it has nothing wrong to tell.
    return argument === undefined && error.code === 'CONFIG_INVALID'
      ? { name: 'app', says: 'none named, and no app.ts in this folder' }
      : { name: 'app', says: error.message, wrong: true }
  }
}
