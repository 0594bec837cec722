/**
 * Opens everything behind the doors, in the order in which each stands on the one before, and lets go of it in the
 * opposite order. What fails to open closes what was opened.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { openWebChat } from '../channels/index.ts'
import type { Delivery, WebChat } from '../channels/index.ts'
import { appVersion, loadApp } from '../decide/index.ts'
import type { LoadedApp } from '../decide/index.ts'
import { openFeatureEngine, openLmdbFeatureStore } from '../features/index.ts'
import type { FeatureEngine } from '../features/index.ts'
import { openLmdbLog } from '../log/index.ts'
import { openModels } from '../models/index.ts'
import type { Models } from '../models/index.ts'
import { openOrchestrator } from '../orchestrator/index.ts'
import type { Runtime } from '../orchestrator/index.ts'
import { openSqliteRecords } from '../records/index.ts'
import type { Records } from '../records/index.ts'
import { openWatch } from '../watch/index.ts'
import type { Watcher } from '../watch/index.ts'
import { readChatToken } from './chat-token.ts'
import type { Config } from './config.ts'
import { openBuckets } from './token-bucket.ts'
import { openVault } from './vault.ts'
import type { Vault } from './vault.ts'

export interface Engine {
  readonly app: LoadedApp
  readonly version: string
  readonly records: Records
  readonly models: Models
  readonly runtime: Runtime & { readonly ready: Promise<void> }
  readonly chat: WebChat
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
}

/** Messages of one conversation: faster than anybody types, slower than a script. */
const messages = { burst: 100, perS: 10, of: 'messages in one conversation' }
/** Entries of a conversation read at once for a page that reconnects. */
const historyStep = 200
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

async function openInOrder({ world, config, appFile, onFatal }: EngineOptions, opened: (() => void | Promise<void>)[]): Promise<Engine> {
  const app = await loadApp(appFile)
  const { definition, folder, sources } = app
  const models = await openModels(world, modelFiles(app))
  opened.push(() => models.close())
  const version = appVersion(sources, Object.fromEntries(models.names.map((name) => [name, models.info(name).version])), runtimeMajor)

  const log = await openLmdbLog(world, { folder: config.logFolder })
  opened.push(() => log.close())
  const records = await openSqliteRecords(world, { file: config.recordsFile, onFailure: onFatal })
  opened.push(() => records.close())
  const vault = await openVault(world, records, config.dataFolder, config.key)
  await records.registerApp({ version, name: definition.name, registeredAt: world.now(), sources: JSON.stringify(sources) })
  const store = openLmdbFeatureStore(world, { folder: config.featuresFolder })
  opened.push(() => store.close())
  const features = openFeatureEngine({ world, definitions: Object.values(definition.features), store, durableEnd: (partition) => log.end(partition) })
  opened.push(() => features.close())

  // The chat and the path each need the other; the chat is asked nothing before the doors open.
  const chat = openChat(world, vault, records, () => runtime)
  const watch = openWatch({
    world,
    app: { name: definition.name, version },
    deployment: 'embedded, one node',
    ...described(app, models),
    ...measured(records, features, opened),
  })
  opened.push(() => watch.close())
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
    channel: chat,
    onFatal,
  })
  opened.push(() => runtime.close())
  return { app, version, records, models, runtime, chat, watch, vault, close: () => closeAll(opened) }
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
    acts: Object.keys(definition.answers).length > 0 ? ['bot', 'nothing'] : ['nothing'],
    features: Object.values(definition.features).map(({ name, operator, event, window, version }) => ({ name, operator, event, window, version })),
  }
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

function openChat(world: World, vault: Vault, records: Records, runtime: () => Engine['runtime']): WebChat {
  const take = openBuckets(world, messages)
  return openWebChat({
    session: (token) => readChatToken(world, vault.secret, token),
    say({ customer, conversation }, id, text) {
      take(conversation)
      return runtime().say({ customer, conversation, id, text, channel: 'web' })
    },
    history: (conversation, after) => history(records, conversation, after, runtime()),
  })
}

/**
 * What a page missed. Records hold what is committed, which may not have left yet: a page that was told of it before its mark
 * could be contradicted by a restore (X1). And until recovery is over they may lack what has left.
 */
async function history(
  records: Records,
  conversation: string,
  after: number,
  runtime: Engine['runtime'],
): ReturnType<Parameters<typeof openWebChat>[0]['history']> {
  await runtime.ready
  const row = await records.conversation(conversation)
  if (row === undefined) return { items: [], seq: 0, epoch: 0, owner: null }
  if (after > row.seq) throw new BattutaError('MESSAGE_INVALID', `hello: after is ${after}, but the conversation ends at ${row.seq}`)
  const items: Delivery[] = []
  for (let from = after; ;) {
    const page = await records.deliveries(conversation, from, historyStep)
    for (const { seq, epoch, author, text, messageId } of page) items.push({ conversation, seq, epoch, from: author, text, id: messageId })
    const last = page.at(-1)
    if (last === undefined || page.length < historyStep) break
    from = last.seq
  }
  await runtime.left(row.customer)
  return { items, seq: row.seq, epoch: row.epoch, owner: row.owner }
}
