/** Open loop: things happen at the times they were meant to, whether or not what came before is done. */
import type { World } from '../base/index.ts'

/** Waits until the monotonic clock reads `atMono`; at once when it has. */
export function until(world: World, atMono: number): Promise<void> {
  const waitMs = atMono - world.monotonicMs()
  return waitMs <= 0 ? Promise.resolve() : new Promise((resolve) => world.setTimer(waitMs, resolve))
}

/** One turn of the event loop, so that a burst does not starve what it set going. */
export function turn(world: World): Promise<void> {
  return new Promise((resolve) => world.defer(resolve))
}
