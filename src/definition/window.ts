/** The windows a feature may look back over, and the hop each advances by: the tail of a window is exact to one hop. */

export const windows = {
  '5m': { windowMs: 300_000, hopMs: 25_000 },
  '1h': { windowMs: 3_600_000, hopMs: 300_000 },
  '1d': { windowMs: 86_400_000, hopMs: 3_600_000 },
  '30d': { windowMs: 2_592_000_000, hopMs: 86_400_000 },
} as const

export type Window = keyof typeof windows
