/**
 * Opens everything behind the doors, in the order in which each stands on the one before, and lets go of it in the
 * opposite order. What fails to open closes what was opened.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { World } from '../base/index.ts'
import type { Delivery, DeskHub, WebChat, Webhooks } from '../channels/index.ts'
import { appVersion, loadApp } from '../decide/index.ts'
import type { LoadedApp } from '../decide/index.ts'
import type { Act } from '../definition/index.ts'
import { openFeatureEngine, openLmdbFeatureStore } from '../features/index.ts'
import type { FeatureEngine } from '../features/index.ts'
import { openToolRunner } from '../flows/index.ts'
import { openKafkaLog, openLmdbLog } from '../log/index.ts'
import { openModels } from '../models/index.ts'
import type { Models } from '../models/index.ts'
import { openOrchestrator } from '../orchestrator/index.ts'
import type { Runtime } from '../orchestrator/index.ts'
import { openPostgresRecords, openSqliteRecords } from '../records/index.ts'
import type { Records } from '../records/index.ts'
import { openWatch } from '../watch/index.ts'
import type { Watcher } from '../watch/index.ts'
import { openAttachments } from './attachments.ts'
import type { Attachments } from './attachments.ts'
import { openChannels } from './channels.ts'
import type { Config } from './config.ts'
import { openPasswords } from './passwords.ts'
import { openPeople } from './people.ts'
import type { People } from './people.ts'
import { openVault } from './vault.ts'
import type { Vault } from './vault.ts'

export interface Engine {
  readonly app: LoadedApp
  readonly version: string
  readonly records: Records
  readonly models: Models
  readonly runtime: Runtime & { readonly ready: Promise<void> }
  readonly chat: WebChat
  readonly desk: DeskHub
  readonly webhooks: Webhooks
  readonly people: People
  readonly attachments: Attachments
  readonly watch: Watcher
  readonly vault: Vault
  close(): Promise<void>
}

export interface EngineOptions {
  readonly world: World
  readonly config: Config
  /** Absolute path of the module whose default export is the app. */
  readonly appFile: string
  /** A broken invariant or a failed disk. The process must stop; recovery makes it whole. */
  readonly onFatal: (error: unknown) => void
  /** Told of everything that left for a customer, beside the channels: simulated customers listen here. */
  readonly heard?: (delivery: Delivery) => void
}

const loopResolutionMs = 10

export async function openEngine(options: EngineOptions): Promise<Engine> {
  const opened: (() => void | Promise<void>)[] = []
  try {
    return await openInOrder(options, opened)
  } catch (error) {
    await closeAll(opened)
    throw error
  }
}

async function openInOrder({ world, config, appFile, onFatal, heard }: EngineOptions, opened: (() => void | Promise<void>)[]): Promise<Engine> {
  const app = await loadApp(appFile)
  const { definition, folder, sources } = app
  const models = await openModels(world, modelFiles(app))
  opened.push(() => models.close())
  const version = appVersion(sources, Object.fromEntries(models.names.map((name) => [name, models.info(name).version])), runtimeMajor)

  const log = config.logUrl === null ? await openLmdbLog(world, { folder: config.logFolder }) : await openKafkaLog(world, { url: config.logUrl })
  opened.push(() => log.close())
  const records = await openRecords(world, config, onFatal)
  opened.push(() => records.close())
  const vault = await openVault(world, records, config.dataFolder, config.key)
  await records.registerApp({ version, name: definition.name, registeredAt: world.now(), sources: JSON.stringify(sources) })
  const store = openLmdbFeatureStore(world, { folder: config.featuresFolder })
  opened.push(() => store.close())
  const features = openFeatureEngine({ world, definitions: Object.values(definition.features), store, durableEnd: (partition) => log.end(partition) })
  opened.push(() => features.close())

  const people = await openPeople(world, records.directory, openPasswords(world))
  const attachments = openAttachments(world, records.directory, config.dataFolder)
  // The channels and the path each need the other; the channels are asked nothing before the doors open.
  const channels = await openChannels({ world, config, app: definition, vault, records, people, attachments, runtime: () => runtime, heard: heard ?? null })
  opened.push(() => channels.close())
  const watch = openWatch({
    world,
    app: { name: definition.name, version },
    deployment: deploymentOf(config),
    ...described(app, models),
    ...measured(records, features, opened),
  })
  opened.push(() => watch.close())
  const tools = openToolRunner({ world, tools: definition.tools })
  const runtime = await openOrchestrator({
    world,
    app: definition,
    appVersion: version,
    sources,
    folderUrl: pathToFileURL(join(folder, '/')).href,
    log,
    records,
    store,
    features,
    models,
    tools,
    channel: channels.all,
    onFatal,
  })
  opened.push(() => runtime.close())
  runtime.ready.then(() => channels.start()).catch(onFatal)
  const { chat, desk, webhooks } = channels
  return { app, version, records, models, runtime, chat, desk, webhooks, people, attachments, watch, vault, close: () => closeAll(opened) }
}

function openRecords(world: World, { recordsFile, recordsUrl }: Config, onFailure: (error: unknown) => void): Promise<Records> {
  return recordsUrl === null ? openSqliteRecords(world, { file: recordsFile, onFailure }) : openPostgresRecords(world, { url: recordsUrl, onFailure })
}

const runtimeMajor = Number(process.versions.node.split('.')[0])

async function closeAll(opened: (() => void | Promise<void>)[]): Promise<void> {
  for (let close = opened.pop(); close !== undefined; close = opened.pop()) await close()
}

/** Model files lie beside the app file, in `models`. */
function modelFiles({ definition, folder }: LoadedApp): Record<string, { file: string }> {
  return Object.fromEntries(Object.values(definition.models).map((model) => [model.name, { file: join(folder, 'models', `${model.file}.model`) }]))
}

function described({ definition }: LoadedApp, models: Models): Pick<Parameters<typeof openWatch>[0], 'models' | 'features' | 'acts'> {
  return {
    models: models.names.map((name) => ({ name, version: models.info(name).version, labels: models.info(name).labels.length })),
    acts: actsOf(definition),
    features: Object.values(definition.features).map(({ name, operator, event, window, version }) => ({ name, operator, event, window, version })),
  }
}

/** Where this node keeps what it knows, as the console says it. */
function deploymentOf({ logUrl, recordsUrl }: Config): string {
  const away = [...(logUrl === null ? [] : ['its log in Kafka']), ...(recordsUrl === null ? [] : ['records in Postgres'])]
  return away.length === 0 ? 'embedded, one node' : `one node, ${away.join(', ')}`
}

/** Who can act in this app, in the order in which they are shown. */
function actsOf({ answers, flows, queues }: LoadedApp['definition']): readonly Act[] {
  const bot = Object.keys(answers).length + Object.keys(flows).length > 0
  return [...(bot ? ['bot' as const] : []), ...(Object.keys(queues).length > 0 ? ['human' as const] : []), 'nothing']
}

function measured(
  records: Records,
  features: FeatureEngine,
  opened: (() => void)[],
): Pick<Parameters<typeof openWatch>[0], 'conversationsOpen' | 'beyondWindow' | 'loopStallMs'> {
  const loop = monitorEventLoopDelay({ resolution: loopResolutionMs })
  loop.enable()
  opened.push(() => void loop.disable())
  return {
    conversationsOpen: () => records.openConversations(),
    beyondWindow: () => features.stats().beyondWindow,
    loopStallMs() {
      // The histogram holds whole intervals; what is beyond the resolution was a stall.
      const longest = loop.max / 1e6 - loopResolutionMs
      loop.reset()
      return Math.max(0, longest)
    },
  }
}
