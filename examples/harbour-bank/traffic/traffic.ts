/**
 * Simulated customers of Harbour Bank: an endless, ordered stream of events and messages. Pure: one seed, one stream.
 *
 * Journeys begin as a Poisson process whose rate follows the hour (thinning: Lewis and Shedler, 1979); their steps are
 * merged by time.
 */
import { seededChance } from '../../../src/base/index.ts'
import type { Chance } from '../../../src/base/index.ts'
import { busyness, busynessMax } from './curve.ts'
import { anyCustomer } from './customers.ts'
import { anyJourneyName, journey } from './journeys.ts'

export type TrafficItem =
  | { readonly atMs: number; readonly customer: string; readonly kind: 'event'; readonly type: string; readonly data: Readonly<Record<string, unknown>> }
  | { readonly atMs: number; readonly customer: string; readonly kind: 'say'; readonly text: string }

export interface TrafficOptions {
  readonly seed: string
  /** Events and messages a second, as the mean of a whole day; the hour makes it 0.2 to 2.2 times that. */
  readonly ratePerS: number
  /** Hour of the day at which the stream begins, 0 to 24; 12 when it is not said. */
  readonly startHour?: number
  /** `flat` keeps the rate at `ratePerS` the whole day. */
  readonly curve?: 'day' | 'flat'
}

const hourMs = 3_600_000
const journeysMeasured = 4_000

/**
 * The stream. `atMs` counts from its beginning and never falls.
 * @example
 * const traffic = harbourTraffic({ seed: 'demo', ratePerS: 20, startHour: 17 })
 * traffic.next().value // { atMs: 38, customer: 'user:current-4821', kind: 'event', type: 'appOpened', data: { screen: 'home' } }
 */
export function* harbourTraffic({ seed, ratePerS, startHour = 12, curve = 'day' }: TrafficOptions): Generator<TrafficItem, never, undefined> {
  if (!(ratePerS > 0)) throw new RangeError(`ratePerS is ${ratePerS}: the rate of the traffic must be above 0`)
  const chance = seededChance(`harbour-traffic:${seed}`)
  const levelMax = curve === 'flat' ? 1 : busynessMax
  const journeysPerMs = ratePerS / 1_000 / stepsPerJourney()
  const waiting = new Waiting()
  let nowMs = 0
  for (;;) {
    nowMs += -Math.log(1 - chance.next()) / (journeysPerMs * levelMax)
    while ((waiting.firstMs() ?? Number.POSITIVE_INFINITY) <= nowMs) yield waiting.take()
    const level = curve === 'flat' ? 1 : busyness((startHour + nowMs / hourMs) % 24)
    if (chance.next() * levelMax < level) begin(Math.round(nowMs), chance, waiting)
  }
}

function begin(startMs: number, chance: Chance, waiting: Waiting): void {
  const customer = anyCustomer(chance)
  for (const { afterMs, ...step } of journey(anyJourneyName(chance), customer, chance)) waiting.put({ atMs: startMs + afterMs, customer: customer.id, ...step })
}

let measured: number | undefined

/** Steps of a journey on average, measured on journeys of a fixed seed. */
function stepsPerJourney(): number {
  if (measured !== undefined) return measured
  const chance = seededChance('harbour-traffic-measure')
  let steps = 0
  for (let i = 0; i < journeysMeasured; i++) steps += journey(anyJourneyName(chance), anyCustomer(chance), chance).length
  measured = steps / journeysMeasured
  return measured
}

interface Held {
  readonly order: number
  readonly item: TrafficItem
}

/** Items that wait for their time: a binary heap by time, and by arrival among equals. */
class Waiting {
  readonly #heap: Held[] = []
  #count = 0

  firstMs(): number | undefined {
    return this.#heap[0]?.item.atMs
  }

  put(item: TrafficItem): void {
    const heap = this.#heap
    const held: Held = { order: this.#count++, item }
    let at = heap.push(held) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as Held
      if (!isBefore(held, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = held
  }

  /** The first item; there must be one. */
  take(): TrafficItem {
    const heap = this.#heap
    const first = heap[0] as Held
    const moved = heap.pop() as Held
    if (heap.length === 0) return first.item
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Held, heap[child] as Held)) child++
      if (child >= heap.length || !isBefore(heap[child] as Held, moved)) break
      heap[at] = heap[child] as Held
      at = child
    }
    heap[at] = moved
    return first.item
  }
}

function isBefore(one: Held, other: Held): boolean {
  return one.item.atMs < other.item.atMs || (one.item.atMs === other.item.atMs && one.order < other.order)
}
