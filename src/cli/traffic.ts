/** Simulated customers: an app may have a folder `traffic` beside it whose `…Traffic` function gives an endless stream. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { BattutaError, newId } from '../base/index.ts'
import type { World } from '../base/index.ts'
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

/** After a pause of the machine longer than this the stream goes on from now, since nobody waits for made-up customers. */
const behindMsMax = 1_000
const itemsPerTurn = 64

/** The traffic beside an app file, or null. */
export async function findTraffic(appFile: string): Promise<Traffic | null> {
  const file = ['index.ts', 'index.js'].map((name) => join(dirname(appFile), 'traffic', name)).find((path) => existsSync(path))
  if (file === undefined) return null
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>
  const name = Object.keys(module).find((key) => key.endsWith('Traffic') && typeof module[key] === 'function')
  return name === undefined ? null : (module[name] as Traffic)
}

/** Starts the stream; returns what stops it. With a rate it is steady, without one it follows the hour of the day. */
export function runTraffic(world: World, runtime: Runtime, traffic: Traffic, ratePerS: number | null, ratePerSDefault: number): () => void {
  const run = newId(world, 'run')
  let stopped = false
  let told = false
  const failed = (error: unknown): void => {
    // A refusal under load is what real customers would meet; anything else is a mistake worth one line.
    if (stopped || told || (error instanceof BattutaError && (error.code === 'OVERLOADED' || error.code === 'NOT_READY'))) return
    told = true
    process.stderr.write(`traffic: ${error instanceof Error ? error.message : String(error)}\n`)
  }
  const send = (item: TrafficItem, id: string): Promise<unknown> =>
    item.kind === 'say'
      ? runtime.say({ customer: item.customer, conversation: null, id, text: item.text, channel: 'web' })
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
  return () => void (stopped = true)
}
