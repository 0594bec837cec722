/** The last beats as the score draws them. Pure. */
import type { LiveBeat, Quantiles } from '../../../src/client/index.ts'

export type StageBeat = Quantiles & { readonly steady: boolean }

export interface PlacedBeat {
  /** From 0, oldest, to `shown - 1`, the newest beat; a missing beat leaves its place empty. */
  readonly place: number
  readonly at: number
  readonly beat: StageBeat
}

/** The beats of one stage in their places. Nothing is drawn where nothing was measured. */
export function placed(beats: readonly LiveBeat[], stage: number, beatMs: number, shown: number): PlacedBeat[] {
  const newest = beats.at(-1)?.at
  if (newest === undefined) return []
  return beats.flatMap(({ at, stages }) => {
    const place = shown - 1 - Math.round((newest - at) / beatMs)
    const beat = stages[stage]
    return place < 0 || !beat || beat.p50 === null ? [] : [{ place, at, beat }]
  })
}

export interface Steadiness {
  readonly steady: number
  readonly off: number
}

export function steadiness(beats: readonly PlacedBeat[]): Steadiness {
  const off = beats.filter(({ beat }) => !beat.steady).length
  return { steady: beats.length - off, off }
}

/** How long an axis keeps the range a peak gave it. */
const peakHeldMs = 600_000

export interface Peak {
  readonly ms: number
  readonly at: number
}

/** The highest value of the last ten minutes, near enough: a lower one takes over only when the peak has aged out. */
export function peakAfter(peak: Peak | null, beat: LiveBeat): Peak | null {
  const ms = Math.max(0, ...beat.stages.flatMap(({ p50, p99, p999 }) => [p50 ?? 0, p99 ?? 0, p999 ?? 0]))
  if (ms === 0) return peak
  return peak === null || ms >= peak.ms || beat.at - peak.at > peakHeldMs ? { ms, at: beat.at } : peak
}

/** The decades of the score's stave, in milliseconds: 10 µs … 100 ms, and more above when something was slower. */
export function decades(peakMs: number): number[] {
  const top = Math.max(2, Math.ceil(Math.log10(Math.max(peakMs, 1e-3)) - 1e-9) - 1)
  return Array.from({ length: top + 3 }, (_, index) => 10 ** (index - 2))
}
