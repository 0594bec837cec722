/** Where a value stands on an axis. Pure, in the pixels of the plot. */

export interface Axis {
  readonly from: number
  readonly to: number
}

/** Linear from `axis.from` at 0 to `axis.to` at `length`, not clamped. */
export function linear(axis: Axis, length: number): (value: number) => number {
  return (value) => ((value - axis.from) / (axis.to - axis.from)) * length
}

/** Logarithmic, clamped: `axis.from` at 0, `axis.to` at `length`; both must be above zero. */
export function logarithmic(axis: Axis, length: number): (value: number) => number {
  const low = Math.log10(axis.from)
  const span = Math.log10(axis.to) - low
  return (value) => {
    const clamped = Math.min(axis.to, Math.max(axis.from, value))
    return ((Math.log10(clamped) - low) / span) * length
  }
}

/** The smallest of 1, 2, 5 times a power of ten that leaves an eighth of room above `value`. */
export function roundAbove(value: number): number {
  const needed = Math.max(value, 1e-6) * 1.125
  const power = 10 ** Math.floor(Math.log10(needed))
  const step = [1, 2, 5, 10].find((multiple) => multiple * power >= needed) ?? 10
  return Number((step * power).toPrecision(6))
}

/** Four or five round places on an axis from zero: their values, zero and the end included. */
export function ticks(to: number): number[] {
  const lead = Number(to.toExponential()[0])
  const count = lead === 2 ? 4 : 5
  return Array.from({ length: count + 1 }, (_, index) => Number(((to / count) * index).toPrecision(6)))
}

/** One decimal is a tenth of a pixel: enough for any screen, and short markup. */
export function px(value: number): number {
  return Math.round(value * 10) / 10
}
