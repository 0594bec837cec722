/**
 * What a feature's value is by definition, computed from all raw events by brute force: the engine is tested against it.
 * Distinct counts are exact here; the engine's are up to `distinctHashes` a tile.
 */
import type { FeatureDefinition, FeatureRead, FeatureStatus } from '../definition/index.ts'
import type { FoldEvent } from './engine.ts'
import { ewmaHalfLivesMax } from './read.ts'

/** Events in the order of the log. */
export function oracleRead(definition: FeatureDefinition, events: readonly FoldEvent[], asOf: number): FeatureRead {
  const { version, operator } = definition
  const kept = keptBy(definition, distinctIds(events))
  if (kept.length === 0) return { value: null, status: 'NOT_FOUND', at: null, ageMs: null, version }
  const at = Math.max(...kept.map((event) => event.time))
  const ageMs = Math.max(0, asOf - at)
  const read = (value: unknown, status: FeatureStatus): FeatureRead => ({ value, status, at, ageMs, version })
  if (operator === 'last')
    return ageMs > definition.windowMs
      ? read(null, 'OUTSIDE_MAX_AGE')
      : read(valueOf(definition, kept.findLast((event) => event.time === at) as FoldEvent), 'PRESENT')
  if (operator === 'ewma')
    return ageMs > ewmaHalfLivesMax * definition.windowMs ? read(null, 'OUTSIDE_MAX_AGE') : read(weightedMean(definition, kept, at), 'PRESENT')
  const value = tiledValue(definition, kept, at, asOf)
  return value === null ? read(null, 'NULL_VALUE') : read(value, 'PRESENT')
}

function distinctIds(events: readonly FoldEvent[]): FoldEvent[] {
  const known = new Set<string>()
  return events.filter((event) => {
    const id = `${event.source}\n${event.id}`
    return !known.has(id) && known.add(id)
  })
}

/** Events of its type that pass its filter and have a value, without those older than the ring when they came. */
function keptBy(definition: FeatureDefinition, events: readonly FoldEvent[]): FoldEvent[] {
  let head = -Infinity
  return events.filter((event) => {
    if (event.type !== definition.event) return false
    const data = event.data as Record<string, unknown>
    for (const [field, value] of Object.entries(definition.where ?? {})) if (data[field] !== value) return false
    if (definition.operator !== 'count' && valueOf(definition, event) === undefined) return false
    const tile = Math.floor(event.time / definition.hopMs)
    const tiled = definition.operator !== 'last' && definition.operator !== 'ewma'
    if (tiled && tile < head - definition.windowMs / definition.hopMs) return false
    head = Math.max(head, tile)
    return true
  })
}

function valueOf(definition: FeatureDefinition, event: FoldEvent): unknown {
  return (event.data as Record<string, unknown>)[definition.field as string]
}

function weightedMean(definition: FeatureDefinition, events: readonly FoldEvent[], newest: number): number {
  let sum = 0
  let weights = 0
  for (const event of events) {
    const weight = 2 ** ((event.time - newest) / definition.windowMs)
    sum += weight * (valueOf(definition, event) as number)
    weights += weight
  }
  return sum / weights
}

function tiledValue(definition: FeatureDefinition, events: readonly FoldEvent[], newest: number, asOf: number): number | null {
  const { operator, windowMs, hopMs } = definition
  const oldestKept = Math.floor(newest / hopMs) - windowMs / hopMs
  const from = Math.max(oldestKept, Math.floor((asOf - windowMs) / hopMs)) * hopMs
  const end = (Math.floor(asOf / hopMs) + 1) * hopMs
  const inside = events.filter((event) => event.time >= from && event.time < end)
  if (operator === 'count') return inside.length
  const values = inside.map((event) => valueOf(definition, event))
  if (operator === 'distinct') return new Set(values).size
  const numbers = values as number[]
  const sum = numbers.reduce((total, value) => total + value, 0)
  if (operator === 'sum') return sum
  if (numbers.length === 0) return null
  return operator === 'mean' ? sum / numbers.length : operator === 'min' ? Math.min(...numbers) : Math.max(...numbers)
}
