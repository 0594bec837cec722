/**
 * A service that dies and is started again, in virtual time on memory disks: the real rooms, their real recovery.
 *
 * Owns: the disks that outlive a life, what callers were told, what left. The tests hold these against each other.
 */
import assert from 'node:assert/strict'
import { z } from 'zod'
import { answer, count, event, messageReceived, setup, sum } from '../../src/app/index.ts'
import type { AppDefinition } from '../../src/app/index.ts'
import { seededChance } from '../../src/base/index.ts'
import type { Chance } from '../../src/base/index.ts'
import type { Channel, Delivery } from '../../src/channels/index.ts'
import { MemoryFeatureDisk, openFeatureEngine, openMemoryFeatureStore } from '../../src/features/index.ts'
import { openToolRunner } from '../../src/flows/index.ts'
import type { ToolRunner } from '../../src/flows/index.ts'
import { MemoryDisk, openMemoryLog } from '../../src/log/index.ts'
import type { Log } from '../../src/log/index.ts'
import { openModels } from '../../src/models/index.ts'
import { openOrchestrator } from '../../src/orchestrator/index.ts'
import type { Runtime } from '../../src/orchestrator/index.ts'
import { memoryDisk, openMemoryRecords } from '../../src/records/index.ts'
import type { Records } from '../../src/records/index.ts'
import { simulatedWorld } from '../../src/testing/index.ts'
import type { SimulatedWorld } from '../../src/testing/index.ts'

const payment = event({ amount: z.number() })

/** The app; `says` makes one version's answers differ from another's, in what it says and in when it says nothing. */
export function shop(says: string): AppDefinition {
  const silentAt = says === 'one' ? '0' : '1'
  const vocabulary = setup({
    events: { payment },
    features: { paid: sum(payment, 'amount').over('1d'), payments: count(payment).over('1d'), messages: count(messageReceived).over('1h') },
    answers: {
      told: answer(
        ({ features, event: asked }) =>
          `${says}: ${(asked.data as { text: string }).text} ${String(features['payments']?.value)} ${String(features['paid']?.value)} ${String(features['messages']?.value)}`,
      ),
    },
  })
  return vocabulary.app({
    name: 'shop',
    turn: { settle: '0ms', longest: '1s' },
    policies: {
      inbound: vocabulary.policy({ on: 'message.received', features: ['paid', 'payments', 'messages'] }, ({ event: asked, answer: tell, nothing }) =>
        asked.data.text.endsWith(silentAt) ? nothing({ because: 'it ends in a digit this version is silent about' }) : tell('told'),
      ),
    },
  })
}

export interface Life {
  readonly runtime: Runtime & { readonly ready: Promise<void> }
  readonly log: Log
  readonly records: Records
  readonly tools: ToolRunner
}

/** A channel that hears and says nothing. */
export const silent: Channel = {
  deliver: () => undefined,
  owner: () => undefined,
  changed: () => undefined,
  note: () => undefined,
  routed: () => undefined,
  thinking: () => undefined,
}

export const partitions = 4

export class Lives {
  readonly world: SimulatedWorld
  readonly chance: Chance
  readonly logDisk = new MemoryDisk()
  recordsDisk = memoryDisk()
  readonly featureDisk = new MemoryFeatureDisk()
  /** Everything that left, over all lives. */
  readonly left: Delivery[] = []
  life: Life | null = null
  lives = 0
  says = 'one'
  /** Whether another version ever decided. */
  switched = false

  /** When the log tells an append's offset: at once, or when it is durable, as a broker does. */
  readonly #offsets: 'at once' | 'when durable'

  constructor(seed: string, offsets: 'at once' | 'when durable' = 'at once') {
    this.#offsets = offsets
    this.world = simulatedWorld(seed)
    this.chance = seededChance(`${seed} faults`)
    const slow = (msMax: number) => (): number => (this.chance.next() < 0.1 ? this.chance.next() * msMax * 10 : this.chance.next() * msMax)
    this.logDisk.flushMs = slow(2)
    this.featureDisk.flushMs = slow(20)
  }

  /** `whole`: waits until recovery is over. */
  async start(whole = true): Promise<Life> {
    const { world } = this
    this.lives++
    const own = this.lives
    const log = openMemoryLog(world, { partitions, disk: this.logDisk, offsets: this.#offsets })
    const records = await openMemoryRecords(world, { disk: this.recordsDisk, writeMs: () => this.chance.next() * 3 })
    const store = openMemoryFeatureStore(world, { disk: this.featureDisk })
    const app = this.app()
    const tools = openToolRunner({ world, tools: app.tools })
    const features = openFeatureEngine({ world, definitions: Object.values(app.features), store, durableEnd: (partition) => log.end(partition) })
    const models = await openModels(world, {})
    const runtime = await world.settle(
      openOrchestrator({
        world,
        app,
        appVersion: this.says,
        sources: {},
        folderUrl: '',
        log,
        records,
        store,
        features,
        models,
        tools,
        channel: this.channel(own),
        onFatal: (error) => assert.fail(`life ${own} ended by itself: ${String(error instanceof Error ? error.stack : error)}`),
      }),
    )
    if (whole) await world.settle(runtime.ready)
    this.life = { runtime, log, records, tools }
    return this.life
  }

  app(): AppDefinition {
    return shop(this.says)
  }

  channel(own: number): Channel {
    return { ...silent, deliver: (delivery) => void (own === this.lives && this.left.push(delivery)) }
  }

  switchVersion(): void {
    this.says = this.says === 'one' ? 'two' : 'one'
    this.switched = true
  }

  /** The process dies between two instructions. */
  crash(): void {
    this.world.crash()
    this.logDisk.crash(this.chance.next() < 0.5 ? 'lost' : 'kept')
    this.recordsDisk.crash(this.chance.next)
    this.featureDisk.crash(this.chance.next() < 0.5 ? 'lost' : 'kept')
    this.life = null
  }
}
