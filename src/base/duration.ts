/** Durations as people write them: `250ms`, `20s`, `5m`, `1h`, `30d`. Days are 24 hours. */
import { BattutaError } from './errors.ts'

export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/**
 * Milliseconds of a duration, to the microsecond. Throws CONFIG_INVALID.
 * @example
 * durationMs('5m') // 300000
 */
export function durationMs(text: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h|d)$/.exec(text)
  if (!match) throw new BattutaError('CONFIG_INVALID', `“${text}” is not a duration: write a number and a unit, such as 250ms, 20s, 5m, 1h or 30d`)
  // In doubles 4.35 s are 4349.999… ms.
  return Math.round(Number(match[1]) * unitMs[match[2] as keyof typeof unitMs] * 1_000) / 1_000
}
