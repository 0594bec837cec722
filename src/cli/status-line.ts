/** What happens, in one quiet line: rewritten each second on a terminal, written now and then elsewhere. */
import type { World } from '../base/index.ts'
import type { LiveSecond } from '../definition/index.ts'
import type { Live } from '../watch/index.ts'

/** Elsewhere than on a terminal, a line this often is enough. */
const plainEveryMs = 30_000

export function showStatus(world: World, live: Live, stream: NodeJS.WriteStream = process.stdout): () => void {
  let plainAt = world.monotonicMs()
  const unsubscribe = live.subscribe((event, data) => {
    if (event !== 'second') return
    const line = statusOf(data as LiveSecond)
    if (stream.isTTY) {
      stream.write(`\r${line.slice(0, (stream.columns ?? 80) - 1)}\u001b[K`)
    } else if (world.monotonicMs() - plainAt >= plainEveryMs) {
      plainAt = world.monotonicMs()
      stream.write(`${line}\n`)
    }
  })
  return () => {
    unsubscribe()
    if (stream.isTTY) stream.write('\n')
  }
}

export function statusOf({ eventsPerS, decisionsPerS, endToEndMs, onBeat }: LiveSecond): string {
  const ms = (value: number | null): string => (value === null ? '–' : `${value.toFixed(1)} ms`)
  return `${eventsPerS} events/s · ${decisionsPerS} decisions/s · p50 ${ms(endToEndMs.p50)} · p99 ${ms(endToEndMs.p99)} · ${onBeat.late} of ${onBeat.total} late in 5 min`
}
