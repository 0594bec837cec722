/** How busy a bank's customers are over a day: two peaks, at lunch and after work, and a quiet night. */

interface Peak {
  readonly hour: number
  readonly widthHours: number
  readonly height: number
}
const nightLevel = 0.16
const peaks: readonly Peak[] = [
  { hour: 12.5, widthHours: 2.1, height: 1.15 },
  { hour: 18.5, widthHours: 2.4, height: 1.55 },
]

/** The unscaled curve at an hour: bells that wrap around midnight, above the night's level. */
function shape(hour: number): number {
  let level = nightLevel
  for (const peak of peaks) {
    const apart = Math.abs(((((hour - peak.hour) % 24) + 36) % 24) - 12)
    level += peak.height * Math.exp(-((apart / peak.widthHours) ** 2) / 2)
  }
  return level
}

const samplesPerDay = 24 * 60
const samples = Array.from({ length: samplesPerDay }, (_, minute) => shape((minute * 24) / samplesPerDay))
const mean = samples.reduce((sum, level) => sum + level, 0) / samplesPerDay

/**
 * The rate at an hour of the day, as a multiple of the day's mean.
 * @example
 * busyness(18.5) // about 2.2
 */
export function busyness(hour: number): number {
  return shape(hour) / mean
}

/** The curve's greatest value: what thinning divides by. */
export const busynessMax: number = Math.max(...samples) / mean + 0.01
