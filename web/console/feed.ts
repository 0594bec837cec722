/**
 * What the console knows of the running server, as it happens.
 *
 * Owns the live feed and the last two minutes of beats. Does not own drawing.
 *
 * F1 nothing is made up: before the first frame every signal is null, and a lost feed leaves the last values standing.
 */
import { computed, signal } from '@preact/signals'
import type { LiveBeat, LiveHello, LiveSecond, LiveState } from '../../src/client/index.ts'
import { door } from './door.ts'
import { endSession } from './session.ts'
import { peakAfter } from './live/beats.ts'
import type { Peak } from './live/beats.ts'
import { emptyStream, paused, taken } from './stream.ts'

export const beatsShown = 24

export const feedState = signal<LiveState>({ kind: 'connecting', lastAt: null })
export const hello = signal<LiveHello | null>(null)
export const second = signal<LiveSecond | null>(null)
/** The second before: what arrived in it may still be on its way. */
export const secondBefore = signal<LiveSecond | null>(null)
export const beats = signal<readonly LiveBeat[]>([])
/** The highest latency of the last ten minutes, for the range of axes. */
export const peak = signal<Peak | null>(null)
export const stream = signal(emptyStream)
/** Decisions made since this page opened, shown or not. */
export const decisionsSeen = signal(0)
/** The reader’s clock in whole seconds, for countdowns and ages. */
export const now = signal(Date.now())

/** Since when (the server’s clock) nothing has come; null while all is well or nothing came yet. */
export const notLiveSince = computed(() => {
  const live = feedState.value.kind === 'open'
  return live || hello.value === null ? null : (second.value?.at ?? hello.value.at)
})

export function startFeed(): () => void {
  const feed = door.live({
    state: (state) => {
      feedState.value = state
      if (state.kind === 'refused') endSession()
    },
    hello: (frame) => {
      hello.value = frame
      beats.value = frame.beats.slice(-beatsShown)
      peak.value = frame.beats.reduce(peakAfter, peak.value)
      stream.value = taken(stream.value, { rows: frame.decisions, notShown: 0 })
    },
    second: (frame) => {
      secondBefore.value = second.value
      second.value = frame
    },
    beat: (frame) => {
      beats.value = [...beats.value, frame].slice(-beatsShown)
      peak.value = peakAfter(peak.value, frame)
    },
    decisions: (frame) => {
      decisionsSeen.value += frame.rows.length + frame.notShown
      stream.value = taken(stream.value, frame)
    },
  })
  retry = feed.retryNow
  const tick = setInterval(() => (now.value = Date.now()), 1_000)
  return () => {
    clearInterval(tick)
    feed.close()
  }
}

let retry = () => {}

export function retryNow(): void {
  retry()
}

export function pauseStream(pause: boolean): void {
  stream.value = paused(stream.value, pause)
}
