/**
 * Latencies in beats of five seconds: one histogram a stage and beat, the last 24 beats kept.
 *
 * W1 p99 is given from 100 values on, p99.9 from 1,000 over the trailing two minutes; fewer give null, never a guess.
 * W2 A beat is unsteady when its p99 is over the stage's slice of the budget, or over 1.25 × the median of the hour's p99s and
 *    over a quarter of the slice: with a few hundred values a beat, jitter of microseconds would else be a steady alarm.
 */
import type { LiveBeat, Quantiles } from '../definition/index.ts'
import { LogHistogram } from '../sketch/index.ts'

export const beatMs = 5_000
export const beatsKept = 24
const p99CountMin = 100
const p999CountMin = 1_000
const unsteadyFactor = 1.25
/** Share of its slice below which a stage cannot endanger the beat. */
const unsteadyShareMin = 0.25
/** Beats in an hour: what a beat's p99 is held against. */
const hourBeats = 720
/** A median of fewer p99s than this is no yardstick. */
const medianCountMin = 6

interface Stage {
  readonly sliceMs: number
  readonly histograms: LogHistogram[]
  /** One for each beat of the last hour; null where too little happened to say. */
  readonly p99s: (number | null)[]
}

export class Beats {
  readonly #stages: readonly Stage[]
  readonly #trailing = new LogHistogram()
  readonly #history: LiveBeat[] = []
  #at = 0

  constructor(slicesMs: readonly number[]) {
    this.#stages = slicesMs.map((sliceMs) => ({ sliceMs, histograms: Array.from({ length: beatsKept }, () => new LogHistogram()), p99s: [] }))
  }

  record(stage: number, ms: number): void {
    this.#stages[stage]?.histograms[this.#at]?.record(ms)
  }

  /** Finished beats, oldest first. */
  get history(): readonly LiveBeat[] {
    return this.#history
  }

  /** Over the trailing two minutes, the running beat included. */
  trailing(stage: number): Quantiles {
    this.#trailing.reset()
    for (const histogram of this.#stages[stage]?.histograms ?? []) this.#trailing.merge(histogram)
    return quantiles(this.#trailing)
  }

  /** Ends the running beat. */
  end(at: number): LiveBeat {
    const stages = this.#stages.map((stage, index) => {
      const own = quantiles(stage.histograms[this.#at] as LogHistogram)
      const steady = own.p99 === null || !unsteady(own.p99, stage)
      stage.p99s.push(own.p99)
      if (stage.p99s.length > hourBeats) stage.p99s.shift()
      return { ...own, p999: this.trailing(index).p999, steady }
    })
    const beat: LiveBeat = { at, stages }
    this.#history.push(beat)
    if (this.#history.length > beatsKept) this.#history.shift()
    this.#at = (this.#at + 1) % beatsKept
    for (const stage of this.#stages) stage.histograms[this.#at]?.reset()
    return beat
  }
}

function unsteady(p99: number, stage: Stage): boolean {
  if (p99 > stage.sliceMs) return true
  if (p99 <= unsteadyShareMin * stage.sliceMs) return false
  const sorted = stage.p99s.filter((held) => held !== null).sort((a, b) => a - b)
  if (sorted.length < medianCountMin) return false
  return p99 > unsteadyFactor * (sorted[Math.floor(sorted.length / 2)] as number)
}

function quantiles(histogram: LogHistogram): Quantiles {
  const { count } = histogram
  const at = (q: number, countMin: number): number | null => (count >= countMin ? Math.round((histogram.quantile(q) ?? 0) * 1000) / 1000 : null)
  return { p50: at(0.5, 1), p99: at(0.99, p99CountMin), p999: at(0.999, p999CountMin), count }
}
