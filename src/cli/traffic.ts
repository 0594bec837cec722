/**
 * Simulated customers: an app may have a folder `traffic` beside it whose `…Traffic` function gives an endless stream, and whose
 * `…Replies` function, if there is one, says how they go on once they are answered.
 */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { BattutaError, newId } from '../base/index.ts'
import type { World } from '../base/index.ts'
import type { Delivery } from '../channels/index.ts'
import type { Runtime } from '../orchestrator/index.ts'
import { turn, until } from './pace.ts'

/** What happens `atMs` after the beginning. */
type TrafficItem =
  | { readonly atMs: number; readonly customer: string; readonly kind: 'event'; readonly type: string; readonly data: unknown }
  | { readonly atMs: number; readonly customer: string; readonly kind: 'say'; readonly text: string }

export type Traffic = (options: {
  readonly seed: string
  readonly ratePerS: number
  readonly startHour?: number
  readonly curve?: 'day' | 'flat'
}) => Iterable<TrafficItem>

/** What a customer says to what they are told, after a while; null: nothing. */
export type Replies = (
  seed: string,
) => (heard: {
  readonly customer: string
  readonly conversation: string
  readonly from: Delivery['from']
  readonly text: string
}) => { readonly afterMs: number; readonly text: string } | null

export interface Crowd {
  readonly traffic: Traffic
  readonly replies: Replies | null
}

/** Conversations of simulated customers that are listened to; the oldest is forgotten first. */
const talksMax = 2_000
/** After a pause of the machine longer than this the stream goes on from now, since nobody waits for made-up customers. */
const behindMsMax = 1_000
const itemsPerTurn = 64

/** The traffic beside an app file, or null. */
export async function findTraffic(appFile: string): Promise<Crowd | null> {
  const file = ['index.ts', 'index.js'].map((name) => join(dirname(appFile), 'traffic', name)).find((path) => existsSync(path))
  if (file === undefined) return null
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>
  const named = (ending: string): unknown => Object.entries(module).find(([key, value]) => key.endsWith(ending) && typeof value === 'function')?.[1]
  const traffic = named('Traffic') as Traffic | undefined
  return traffic === undefined ? null : { traffic, replies: (named('Replies') as Replies | undefined) ?? null }
}

export interface RunningTraffic {
  /** Something left for a customer: theirs may have an answer to it. */
  heard(delivery: Delivery): void
  stop(): void
}

/** Starts the stream. With a rate it is steady, without one it follows the hour of the day. */
export function runTraffic(world: World, runtime: Runtime, { traffic, replies }: Crowd, ratePerS: number | null, ratePerSDefault: number): RunningTraffic {
  const run = newId(world, 'run')
  let stopped = false
  let told = false
  const failed = (error: unknown): void => {
    // A refusal under load is what real customers would meet; anything else is a mistake worth one line.
    if (stopped || told || (error instanceof BattutaError && (error.code === 'OVERLOADED' || error.code === 'NOT_READY'))) return
    told = true
    process.stderr.write(`traffic: ${error instanceof Error ? error.message : String(error)}\n`)
  }
  const hear = replies?.(run) ?? null
  const talks = new Map<string, string>()
  const say = async (customer: string, conversation: string | null, id: string, text: string): Promise<void> => {
    const said = await runtime.say({ customer, conversation, id, text, channel: 'web' })
    if (hear === null || talks.has(said.conversation)) return
    if (talks.size >= talksMax) talks.delete(talks.keys().next().value as string)
    talks.set(said.conversation, customer)
  }
  const send = (item: TrafficItem, id: string): Promise<unknown> =>
    item.kind === 'say'
      ? say(item.customer, null, id, item.text)
      : runtime.accept([{ specversion: '1.0', id, source: 'simulated-traffic', type: item.type, subject: item.customer, data: item.data }], { role: 'service' })

  const flow = async (): Promise<void> => {
    const startHour = new Date(world.now()).getHours()
    let startMono = world.monotonicMs()
    let count = 0
    for (const item of traffic({ seed: run, ratePerS: ratePerS ?? ratePerSDefault, startHour, curve: ratePerS === null ? 'day' : 'flat' })) {
      await until(world, startMono + item.atMs)
      if (stopped) return
      startMono += Math.max(0, world.monotonicMs() - startMono - item.atMs - behindMsMax)
      send(item, `${run}-${count++}`).catch(failed)
      if (count % itemsPerTurn === 0) await turn(world)
    }
  }
  flow().catch(failed)
  return {
    heard({ conversation, seq, from, text }) {
      const customer = talks.get(conversation)
      const reply = customer === undefined || stopped ? null : (hear?.({ customer, conversation, from, text }) ?? null)
      if (customer === undefined || reply === null) return
      world.setTimer(reply.afterMs, () => {
        if (!stopped) say(customer, conversation, `${run}-${conversation}-${seq}`, reply.text).catch(failed)
      })
    },
    stop: () => void (stopped = true),
  }
}
