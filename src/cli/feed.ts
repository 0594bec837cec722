/**
 * `--feed`: says the lines of a file to the running app, open loop, and measures what came of each.
 *
 * Latency runs from the time a message was meant to be sent, so a stall is charged to every message it delayed
 * (coordinated omission, Tene 2015). Lost is what got no decision.
 */
import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { BattutaError, limits, newId, seededChance } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { wilson } from '../models/index.ts'
import type { Runtime } from '../orchestrator/index.ts'
import { turn, until } from './pace.ts'

export interface FeedResult {
  readonly messages: number
  readonly decisions: number
  readonly lost: number
  /** Why, by code, for those that were. */
  readonly refusals: Readonly<Record<string, number>>
  /** Sorted, milliseconds. */
  readonly latenciesMs: Float64Array
  /** Lines that said their intent, and how many of those the model named. */
  readonly labelled: number
  readonly right: number
}

interface Line {
  readonly text: string
  readonly intent: string | null
}

const sendsPerTurn = 16

/** Reads the feed; every line is a customer of its own. Ends early when `stopping` resolves. */
export async function runFeed(world: World, runtime: Runtime, file: string, ratePerS: number, stopping: Promise<void>): Promise<FeedResult> {
  const chance = seededChance('feed')
  const run = newId(world, 'run')
  const refusals: Record<string, number> = {}
  const latencies: number[] = []
  const waiting = new Set<Promise<void>>()
  let stopped = false
  let messages = 0
  let decisions = 0
  let labelled = 0
  let right = 0
  void stopping.then(() => (stopped = true))

  const say = async (line: Line, index: number, intendedMono: number): Promise<void> => {
    try {
      const { decision } = await runtime.say({ customer: `feed:${index}`, conversation: null, id: `${run}-${index}`, text: line.text, channel: 'feed' })
      latencies.push(world.monotonicMs() - intendedMono)
      if (decision === null) return
      decisions++
      if (line.intent === null) return
      labelled++
      if (decision.predictions.some((prediction) => prediction.model === 'intent' && prediction.label === line.intent)) right++
    } catch (error) {
      const code = error instanceof BattutaError ? error.code : 'INTERNAL'
      refusals[code] = (refusals[code] ?? 0) + 1
    }
  }

  let intendedMono = world.monotonicMs()
  for await (const line of readFeed(file)) {
    // Poisson arrivals: what a crowd of customers who do not know of each other makes.
    intendedMono += (-Math.log(1 - chance.next()) / ratePerS) * 1_000
    await until(world, intendedMono)
    if (stopped) break
    const said = say(line, ++messages, intendedMono)
    waiting.add(said)
    void said.then(() => waiting.delete(said))
    if (messages % sendsPerTurn === 0) await turn(world)
  }
  await Promise.all(waiting)
  return { messages, decisions, lost: messages - decisions, refusals, latenciesMs: Float64Array.from(latencies).sort(), labelled, right }
}

/** The lines of a feed; one that does not fit is refused by its number. */
export async function* readFeed(file: string): AsyncGenerator<Line> {
  if (!existsSync(file)) throw new BattutaError('FILE_INVALID', `there is no feed at ${file}: give a .jsonl or .jsonl.gz file`)
  const stream = createReadStream(file)
  const lines = createInterface({ input: file.endsWith('.gz') ? stream.pipe(createGunzip()) : stream, crlfDelay: Number.POSITIVE_INFINITY })
  let number = 0
  try {
    for await (const text of lines) {
      number++
      if (text.trim() !== '') yield readLine(text, `${file} line ${number}`)
    }
  } catch (error) {
    if (error instanceof BattutaError) throw error
    throw new BattutaError('FILE_INVALID', `${file} cannot be read beyond line ${number}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  } finally {
    stream.destroy()
  }
}

function readLine(json: string, place: string): Line {
  let line: Record<string, unknown>
  try {
    line = JSON.parse(json) as Record<string, unknown>
  } catch {
    throw new BattutaError('FILE_INVALID', `${place} is not JSON`)
  }
  const { text, intent } = line
  if (typeof text !== 'string' || text.trim() === '' || text.length > limits.messageCharsMax) {
    throw new BattutaError('FILE_INVALID', `${place}: text must be a string of 1 to ${limits.messageCharsMax} characters`)
  }
  return { text, intent: typeof intent === 'string' ? intent : null }
}

/** The value that a share of the sorted values does not exceed (nearest rank). */
export function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

export function feedReport({ messages, decisions, lost, refusals, latenciesMs, labelled, right }: FeedResult): string[] {
  const ms = (value: number): string => `${value.toFixed(1)} ms`
  const lines = [`feed      ${messages} messages, ${decisions} decisions, ${lost} lost`]
  for (const [code, count] of Object.entries(refusals)) lines.push(`          ${count} refused with ${code}`)
  if (latenciesMs.length > 0) {
    const [p50, p99, p999] = [0.5, 0.99, 0.999].map((share) => quantile(latenciesMs, share)) as [number, number, number]
    lines.push(`latency   p50 ${ms(p50)}, p99 ${ms(p99)}, p99.9 ${ms(p999)}, max ${ms(latenciesMs.at(-1) as number)}, from the intended send time to committed`)
  }
  if (labelled > 0) {
    const { value, low, high } = wilson(right, labelled)
    lines.push(`intent    ${(100 * value).toFixed(2)} % right, ${right} of ${labelled} (95 %: ${(100 * low).toFixed(2)} to ${(100 * high).toFixed(2)})`)
  }
  return lines
}
