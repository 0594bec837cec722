/** An idle process that measures its own event loop: what the machine itself adds to every stall. */
import { monitorEventLoopDelay } from 'node:perf_hooks'

const loop = monitorEventLoopDelay({ resolution: 1 })
loop.enable()
process.on('disconnect', () => process.exit(0))
process.on('message', () => process.send?.(loop.max / 1e6, () => process.exit(0)))
process.send?.('up')
