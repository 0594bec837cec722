/** Runs an app on memory drivers, so that a test sends events and looks at decisions: no server, no disk, its own clock. */
import { assert, newId, realWorld, versionOf } from '../base/index.ts'
import type { World } from '../base/index.ts'
import type { Channel, Delivery } from '../channels/index.ts'
import type { AppDefinition, DecisionRecord, FeatureReply } from '../definition/index.ts'
import { validateApp } from '../definition/index.ts'
import { openFeatureEngine, openMemoryFeatureStore } from '../features/index.ts'
import { openMemoryLog } from '../log/index.ts'
import { openToolRunner } from '../flows/index.ts'
import { openModels } from '../models/index.ts'
import { openOrchestrator } from '../orchestrator/index.ts'
import type { Runtime } from '../orchestrator/index.ts'
import { openMemoryRecords } from '../records/index.ts'

export interface TestAppOptions {
  /** Folder of the model files, with a slash at its end. */
  readonly models?: URL
}

export interface SendOptions {
  /** Who the event is about, such as `user:42`. */
  readonly customer: string
  /** Event time, RFC 3339; now when absent. */
  readonly at?: string
  /** Event id; a new one when absent. */
  readonly id?: string
}

export interface TestApp {
  /** Sends one event; resolves once it is folded. */
  send(type: string, data: unknown, options: SendOptions): Promise<void>
  /** A customer says something; resolves with the decision. */
  say(customer: string, text: string): Promise<DecisionRecord>
  features(customer: string, ...names: string[]): Promise<Readonly<Record<string, FeatureReply>>>
  /** Everything that was sent to customers, in order. */
  readonly deliveries: readonly Delivery[]
  readonly runtime: Runtime
  close(): Promise<void>
}

/**
 * @example
 * const bank = await testApp(app, { models: new URL('./models/', import.meta.url) })
 * await bank.send('cardDeclined', { merchant: 'Corner shop', amount: 12, reason: 'limit' }, { customer: 'user:1' })
 * const decision = await bank.say('user:1', 'My card does not work')
 * await bank.close()
 */
export async function testApp(app: AppDefinition, options: TestAppOptions = {}): Promise<TestApp> {
  const world = realWorld()
  // A test waits for what comes of each message, so each is a turn of its own.
  const definition = { ...validateApp(app), turn: { settleMs: 0, longestMs: 0 } }
  const deliveries: Delivery[] = []
  const nothing = (): void => undefined
  const { runtime, close } = await openOnMemory(world, definition, options.models, {
    deliver: (delivery) => void deliveries.push(delivery),
    owner: nothing,
    changed: nothing,
    note: nothing,
    routed: nothing,
    thinking: nothing,
  })
  return {
    deliveries,
    runtime,
    close,
    async send(type, data, { customer, at, id }) {
      await runtime.accept(
        [{ specversion: '1.0', id: id ?? newId(world, 'evt'), source: 'test', type, subject: customer, ...(at === undefined ? {} : { time: at }), data }],
        { role: 'service' },
      )
    },
    async say(customer, text) {
      const { decision } = await runtime.say({ customer, conversation: null, id: newId(world, 'msg'), text, channel: 'test' })
      assert(decision, 'the app has no policy on message.received, so nothing was decided')
      return decision
    },
    features: (customer, ...names) => runtime.features(customer, names.length === 0 ? null : names),
  }
}

async function openOnMemory(
  world: World,
  app: AppDefinition,
  folder: URL | undefined,
  channel: Channel,
): Promise<{ runtime: Runtime; close: () => Promise<void> }> {
  const files = Object.values(app.models).map(
    (model) => [model.name, { file: decodeURIComponent(new URL(`${model.file}.model`, folder ?? 'file:///').pathname) }] as const,
  )
  const models = await openModels(world, Object.fromEntries(files))
  const log = openMemoryLog(world, { partitions: 4 })
  const records = await openMemoryRecords(world)
  const store = openMemoryFeatureStore(world)
  const features = openFeatureEngine({ world, definitions: Object.values(app.features), store, durableEnd: (partition) => log.end(partition) })
  const tools = openToolRunner({ world, tools: app.tools })
  const runtime = await openOrchestrator({
    world,
    app,
    appVersion: versionOf(app.name),
    sources: {},
    folderUrl: '',
    log,
    records,
    store,
    features,
    models,
    tools,
    channel,
    onFatal: (error) => {
      throw error
    },
  })
  await runtime.ready
  return {
    runtime,
    async close() {
      await runtime.close()
      await features.close()
      await Promise.all([records.close(), log.close(), store.close()])
      models.close()
    },
  }
}
