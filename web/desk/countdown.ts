/** The twenty beats of an offer, as plain figures. One goes out a second, scaled to the offer's length. Pure. */

export const beats = 20
/** With this much left, what is left is in the alarm hue. */
export const hurryMs = 4_000
/** Seconds left at which an offer is announced again. */
export const announcedAtS = [10, 5] as const

export interface Countdown {
  readonly secondsLeft: number
  readonly beatsLeft: number
  readonly hurry: boolean
  readonly over: boolean
}

export function countdownOf({ offeredAt, expiresAt }: { readonly offeredAt: number; readonly expiresAt: number }, at: number): Countdown {
  const leftMs = Math.max(0, expiresAt - at)
  const lengthMs = Math.max(1, expiresAt - offeredAt)
  return {
    secondsLeft: Math.ceil(leftMs / 1_000),
    beatsLeft: Math.min(beats, Math.ceil((leftMs / lengthMs) * beats)),
    hurry: leftMs <= hurryMs,
    over: leftMs === 0,
  }
}

/** The announcement that became due between two moments: `null` for none. */
export function announcementBetween(expiresAt: number, before: number, after: number): number | null {
  return announcedAtS.findLast((seconds) => before < expiresAt - seconds * 1_000 && after >= expiresAt - seconds * 1_000) ?? null
}
