/** The course of an emotion on its five lines. Pure, in the pixels of the plot. */
import type { EmotionPoint } from '../../../src/client/index.ts'
import { linear, px } from '../../shared/scale.ts'

/** Turns that are shown. */
export const turnsMax = 10
export const levels = [1, 0.75, 0.5, 0.25, 0] as const
const padPx = 8

export interface Course {
  readonly points: readonly { readonly x: number; readonly y: number }[]
  readonly lines: readonly number[]
  /** Where this person joined; null when it was before or never. */
  readonly joinedX: number | null
}

export function courseOf(emotion: readonly EmotionPoint[], joinedSeq: number | null, width: number, height: number): Course {
  const shown = emotion.slice(-turnsMax)
  const across = linear({ from: 0, to: Math.max(1, shown.length - 1) }, width - 2 * padPx)
  const up = linear({ from: 1, to: 0 }, height - 2 * padPx)
  const xOf = (index: number) => px(padPx + across(index))
  const after = joinedSeq === null ? -1 : shown.findIndex(({ seq }) => seq > joinedSeq)
  const joined = joinedSeq === null ? null : after === 0 ? null : after < 0 ? width - padPx / 2 : (xOf(after - 1) + xOf(after)) / 2
  return {
    points: shown.map(({ level }, index) => ({ x: shown.length === 1 ? px(width / 2) : xOf(index), y: px(padPx + up(Math.min(1, Math.max(0, level)))) })),
    lines: levels.map((level) => px(padPx + up(level))),
    joinedX: joined === null ? null : px(joined),
  }
}

/** `angry`, `worried`, `calm`, and what lies between. */
export function levelWords(level: number): string {
  return level >= 0.875
    ? 'angry'
    : level > 0.625
      ? 'between worried and angry'
      : level >= 0.375
        ? 'worried'
        : level > 0.125
          ? 'between calm and worried'
          : 'calm'
}
